/* Which access_log wrote a file: by its name, and what rotation made of it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "conf/nginx.h"
#include "conf/read.h"

/* How sure a file's name makes of an access_log; more is better. */
enum match {
	MATCH_NONE,
	MATCH_BASE_GLOB, /* the last component, with variables in the path */
	MATCH_BASE,	 /* the last component */
	MATCH_GLOB,	 /* the path, with variables in it */
	MATCH_PATH	 /* the path */
};

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* A path with its variables as '*'; to be freed. */
static char *
as_glob(const char *path)
{
	char *glob = xmemdup(path, strlen(path)), *d = glob;

	while (*path != '\0') {
		if (*path != '$') {
			*d++ = *path++;
			continue;
		}
		*d++ = '*';
		path++;
		if (*path == '{') {
			path += strcspn(path, "}");
			path += *path == '}';
		} else {
			while (name_byte(*path))
				path++;
		}
	}
	*d = '\0';
	return glob;
}

/* Is path, relative to a prefix that is not known, the name's end? */
static bool
ends_in(const char *name, const char *path)
{
	size_t n = strlen(name), m = strlen(path);

	return *path != '/' && n > m && name[n - m - 1] == '/' &&
	       strcmp(name + n - m, path) == 0;
}

static enum match
match(const char *path, const char *name)
{
	bool variables = strchr(path, '$') != NULL;
	enum match found = MATCH_NONE;
	char *glob;

	if (!variables) {
		if (strcmp(path, name) == 0 || ends_in(name, path))
			return MATCH_PATH;
		return strcmp(base_of(path), base_of(name)) == 0 ? MATCH_BASE
								 : MATCH_NONE;
	}
	glob = as_glob(path);
	if (conf_glob_match(glob, slice_str(name)))
		found = MATCH_GLOB;
	else if (conf_glob_match(base_of(glob), slice_str(base_of(name))))
		found = MATCH_BASE_GLOB;
	free(glob);
	return found;
}

/* Takes a suffix off; false when it is not there. */
static bool
take_suffix(char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	if (n <= m || strcmp(name + n - m, suffix) != 0)
		return false;
	name[n - m] = '\0';
	return true;
}

/* ".1", "-20261121", "-2026-11-21", ".2026112114": a number or a date. */
static bool
take_number(char *name)
{
	static const char digits[] = "0123456789";
	char *base = name + (base_of(name) - name), *p;
	size_t n = strlen(base);

	while (n > 0 && strchr("0123456789-_", base[n - 1]) != NULL)
		n--;
	p = base + n;
	if (n > 0 && *p != '\0' && p[-1] == '.' && strspn(p, digits) > 0) {
		p[-1] = '\0';
		return n > 1;
	}
	if (n > 0 && (*p == '-' || *p == '_') && strspn(p + 1, digits) >= 4) {
		*p = '\0';
		return true;
	}
	return false;
}

/* The next name with less of what rotation appended; false at the end. */
static bool
unrotate(char *name)
{
	static const char *const compressed[] = { ".gz", ".zst", ".bz2",
		".xz" };
	size_t i;

	for (i = 0; i < sizeof(compressed) / sizeof(compressed[0]); i++)
		if (take_suffix(name, compressed[i]))
			return true;
	if (take_number(name))
		return true;
	/* logrotate's extension: access-20261121.log, access.1.log. */
	if (take_suffix(name, ".log") && take_number(name)) {
		strcat(name, ".log");
		return true;
	}
	return false;
}

struct pick {
	enum match best;
	const struct nginx_log *log;
	const struct nginx_log *other; /* as good, of another format */
};

static void
try_name(const struct nginx *ng, const char *name, struct pick *pick)
{
	enum match m;
	size_t i;

	for (i = 0; i < ng->nlogs; i++) {
		m = match(ng->log[i].path, name);
		if (m > pick->best) {
			*pick = (struct pick){ m, &ng->log[i], NULL };
		} else if (m == pick->best && m != MATCH_NONE &&
			   strcmp(ng->log[i].format, pick->log->format) != 0 &&
			   pick->other == NULL) {
			pick->other = &ng->log[i];
		}
	}
}

/* Any log, as long as all of them have one format. */
static void
try_any(const struct nginx *ng, struct pick *pick)
{
	size_t i;

	for (i = 0; i < ng->nlogs; i++) {
		if (pick->log == NULL)
			pick->log = &ng->log[i];
		else if (pick->other == NULL &&
			 strcmp(pick->log->format, ng->log[i].format) != 0)
			pick->other = &ng->log[i];
	}
}

static void
list_formats(const struct nginx *ng, struct strbuf *why)
{
	size_t i;

	strbuf_adds(why, "; --format NAME says which of");
	for (i = 0; i < ng->nformats; i++)
		strbuf_addf(why, "%s %s", i > 0 ? "," : "", ng->format[i].name);
}

static void
explain(const struct nginx *ng, const struct pick *pick, struct strbuf *why)
{
	const struct nginx_log *a = pick->log, *b = pick->other;

	if (a == NULL)
		strbuf_adds(why, "no access_log writes a file of that name");
	else
		strbuf_addf(why, "may be of format %s (%s:%u) or %s (%s:%u)",
		    a->format, a->file, a->line, b->format, b->file, b->line);
	list_formats(ng, why);
}

const struct nginx_log *
nginx_find_log(const struct nginx *ng, const char *path, struct strbuf *why)
{
	struct pick pick = { 0 };
	char *name, *real;

	if (path == NULL || strcmp(path, "-") == 0) {
		try_any(ng, &pick);
	} else {
		real = realpath(path, NULL);
		name = xstrdup(path);
		try_name(ng, name, &pick);
		while (unrotate(name))
			try_name(ng, name, &pick);
		free(name);
		name = real;
		if (real != NULL)
			do
				try_name(ng, name, &pick);
			while (unrotate(name));
		free(real);
	}
	if (pick.log != NULL && pick.other == NULL)
		return pick.log;
	explain(ng, &pick, why);
	return NULL;
}
