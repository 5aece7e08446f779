/*
 * nginx: what nginx.conf says about its access logs.
 *
 *	struct nginx ng;
 *	if (nginx_load(&ng, "/etc/nginx/nginx.conf") == -1)
 *		...                                   reported
 *	log = nginx_find_log(&ng, "access.log.2.gz", &why);
 *	format = nginx_find_format(&ng, log->format);
 *	nginx_release(&ng);
 *
 * include is followed, with its globs, relative to the directory of the first
 * file, as nginx does; an included file that is not there is a warning, for a
 * nginx.conf may be read on another machine than its nginx runs on.  Taken
 * are log_format and access_log of http and every server, location, if and
 * limit_except in it; those of stream and mail are of other logs.  A file
 * that is only included somewhere may stand alone.
 *
 * Without any access_log nginx writes combined into access.log.
 */
#ifndef EV_CONF_NGINX_H
#define EV_CONF_NGINX_H

#include <stddef.h>

#include "base/strbuf.h"

struct nginx_format {
	char *name;
	char *text; /* for format_parse(): escape=, and the string */
	char *file; /* where it stands; NULL: built into nginx */
	unsigned line;
};

struct nginx_log {
	char *path;	 /* as written; variables may be in it */
	char *format;	 /* the name of its format */
	char *condition; /* of if=, or NULL */
	char *buffer;	 /* of buffer=, or NULL */
	char *where;	 /* "http", "server a.test", "location /x" */
	char *file;	 /* NULL: what nginx does without an access_log */
	unsigned line;
};

struct nginx {
	struct nginx_format *format;
	size_t nformats;
	struct nginx_log *log;
	size_t nlogs;
	size_t off; /* how many access_log off */
};

/* 0, or -1 (reported). */
int nginx_load(struct nginx *ng, const char *path);
void nginx_release(struct nginx *ng);

/* The format of that name, or NULL. */
const struct nginx_format *nginx_find_format(
    const struct nginx *ng, const char *name);

/*
 * The access_log that wrote a file: by its path, else by its last component,
 * without what rotation appends (.1, .2.gz, -20261121.gz).  Several will do
 * when their format is the same.  NULL with a reason when there is none, or
 * more than one; path NULL is a stream of unknown name.
 */
const struct nginx_log *nginx_find_log(
    const struct nginx *ng, const char *path, struct strbuf *why);

#endif
