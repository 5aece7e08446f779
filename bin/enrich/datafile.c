#include "config.h"

#include "enrich/datafile.h"

#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "base/source.h"

char *
datafile_path(const char *name)
{
	struct strbuf sb = STRBUF_INIT;
	const char *dir = getenv("EV_DATADIR");

	if (dir == NULL || *dir == '\0')
		dir = EV_DATADIR;
	strbuf_addf(&sb, "%s/%s", dir, name);
	return strbuf_detach(&sb);
}

int
datafile_read(struct strbuf *text, const char *path)
{
	struct source *src = source_open(path);
	char buf[16384];
	ssize_t n;

	if (src == NULL)
		return -1;
	while ((n = source_read(src, buf, sizeof(buf))) > 0) {
		strbuf_add(text, buf, (size_t)n);
		if (text->len > DATAFILE_MAX) {
			msg_error(
			    "%s: larger than %zu bytes", path, DATAFILE_MAX);
			n = -1;
			break;
		}
	}
	source_close(src);
	return n == -1 ? -1 : 0;
}

void
datafile_start(struct datafile *d, const char *path, struct slice text)
{
	*d = (struct datafile){ .path = path, .rest = text };
}

static struct slice
cut(struct slice *rest, char at)
{
	const char *p = memchr(rest->p, at, rest->n);
	size_t n = p == NULL ? rest->n : (size_t)(p - rest->p);
	struct slice s = slice_of(rest->p, n);

	rest->p += p == NULL ? n : n + 1;
	rest->n -= p == NULL ? n : n + 1;
	return s;
}

int
datafile_next(struct datafile *d, struct slice *field, unsigned n)
{
	struct slice line;
	const char *p;
	unsigned i, tabs = 0;

	do {
		if (d->rest.n == 0)
			return 0;
		line = cut(&d->rest, '\n');
		d->line++;
	} while (line.n == 0 || line.p[0] == '#');
	for (p = line.p; p < line.p + line.n; p++)
		if (*p == '\t')
			tabs++;
	if (tabs + 1 != n) {
		msg_error(
		    "%s:%u: %u fields, not %u", d->path, d->line, tabs + 1, n);
		return -1;
	}
	for (i = 0; i < n; i++)
		field[i] = cut(&line, '\t');
	return 1;
}
