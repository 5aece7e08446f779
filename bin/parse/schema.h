/*
 * schema: the format of the logs of a run, and who says so.
 *
 *	struct schema s;
 *	if (schema_choose(&s, nginx_conf, format, files) == -1)
 *		...                       reported: exit 2
 *	plan_new(conf, s.format, &why)
 *	schema_release(&s);
 *
 * Without a nginx.conf it is --format, else the config's, else combined.
 * With one it is the format of the access_log that wrote the files, which
 * must be the same for all: one run has one format, so that one hash of its
 * settings says what shaped its events.  --format then names one of its
 * formats.
 */
#ifndef EV_PARSE_SCHEMA_H
#define EV_PARSE_SCHEMA_H

#include "conf/nginx.h"

struct schema {
	const char *format; /* for plan_new() */
	const char *option; /* --format, or NULL */
	/* Of the nginx.conf; NULL without one, or where --format says. */
	const struct nginx_format *named;
	const struct nginx_log *log;
	struct nginx nginx;
};

/* files ends with NULL; none: stdin. */
int schema_choose(struct schema *s, const char *nginx_conf, const char *format,
    char *const *files);
void schema_release(struct schema *s);

#endif
