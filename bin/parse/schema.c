#include "config.h"

#include "parse/schema.h"

#include <string.h>

#include "base/msg.h"

static const struct nginx_log *
log_of(const struct schema *s, const char *file)
{
	struct strbuf why = STRBUF_INIT;
	const struct nginx_log *log = nginx_find_log(&s->nginx, file, &why);

	if (log == NULL)
		msg_error("%s: %s", file == NULL ? "stdin" : file, why.buf);
	strbuf_release(&why);
	return log;
}

/* Looks each file up; they must agree. */
static int
choose_by_files(struct schema *s, char *const *files)
{
	const struct nginx_log *log;
	char *const *file = files;

	s->log = log_of(s, *file);
	if (s->log == NULL)
		return -1;
	for (; *file != NULL; file++) {
		if ((log = log_of(s, *file)) == NULL)
			return -1;
		if (strcmp(log->format, s->log->format) == 0)
			continue;
		msg_error("%s is of format %s and %s of %s: one run reads one "
			  "format",
		    *files, s->log->format, *file, log->format);
		return -1;
	}
	s->named = nginx_find_format(&s->nginx, s->log->format);
	if (s->named != NULL)
		return 0;
	msg_error("%s:%u: access_log: log_format '%s' is not defined",
	    s->log->file, s->log->line, s->log->format);
	return -1;
}

int
schema_choose(struct schema *s, const char *nginx_conf, const char *format,
    char *const *files)
{
	*s = (struct schema){ .format = format, .option = format };
	if (nginx_conf == NULL)
		return 0;
	if (nginx_load(&s->nginx, nginx_conf) == -1)
		return -1;
	if (format != NULL)
		s->named = nginx_find_format(&s->nginx, format);
	else if (choose_by_files(s, files) == -1) {
		schema_release(s);
		return -1;
	}
	if (s->named != NULL)
		s->format = s->named->text;
	return 0;
}

void
schema_release(struct schema *s)
{
	nginx_release(&s->nginx);
}
