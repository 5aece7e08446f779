/*
 * format: nginx's log_format language, taken apart.
 *
 *	struct format f;
 *	struct strbuf why = STRBUF_INIT;
 *	if (format_parse(&f, "$remote_addr [$time_local]", &why) == -1)
 *		... why.buf says what is wrong, and where ...
 *	f.part[0..n)         literals and variables, in order
 *	format_release(&f);
 *
 * A text is a known name (format_knowns) or the string of a log_format
 * directive.  The string may begin with "escape=default ", "escape=json "
 * or "escape=none ", as the directive has it.  Backslash sequences are those
 * of nginx's configuration reader (ngx_conf_read_token): \" \' \\ \t \r \n;
 * any other backslash stands for itself.  Variables are $name and ${name},
 * names of letters, digits and '_' (ngx_http_log_compile_format).
 */
#ifndef EV_CONF_FORMAT_H
#define EV_CONF_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "base/strbuf.h"

enum format_escape { FORMAT_DEFAULT, FORMAT_JSON, FORMAT_NONE };

struct format_part {
	struct slice text; /* the literal's bytes, or the variable's name */
	bool variable;
};

struct format {
	enum format_escape escape;
	struct format_part *part; /* no two literals in a row, none empty */
	size_t n;
	char *memory; /* what the parts point into */
};

struct format_known {
	const char *name;
	const char *format;
	const char *help;
};

/* Ends with a name of NULL; the first is the default. */
extern const struct format_known format_knowns[];

/* 0, or -1 and the reason is appended to why. */
int format_parse(struct format *f, const char *text, struct strbuf *why);
void format_release(struct format *f);

#endif
