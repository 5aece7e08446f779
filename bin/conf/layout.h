/*
 * layout: a log format compiled to the steps that split a line without doubt.
 *
 *	if (layout_compile(&l, &format, &why) == -1)
 *		... why.buf: which two variables, and which literal ...
 *	split_line(&l, line, fields)            parse/split.h runs it
 *	layout_release(&l);
 *
 * Each variable has a type, and so a set of bytes that it can write under
 * the format's escape ($status digits, $host no blank, $request anything
 * that escape=default lets through, which a '"' never is).  A variable ends
 * where a byte of the literal behind it comes that the variable cannot hold.
 * Where there is none (a $remote_user may hold " ["), the variables up to
 * the next sure byte form a group: all but the first are taken from its
 * right end, by their fixed width or by a byte that they cannot hold, and
 * the first is what remains.  A list of upstreams is also told by its grammar,
 * in which no value holds a blank or ',', and by the number of its values, the
 * same for all lists of a line (ngx_http_upstream.c).  A format that this does
 * not settle could be read in two ways, and is refused.
 *
 * The sets are those of nginx 1.22: ngx_http_variables.c, ngx_http_log_module.c
 * and the modules that add variables.  A variable that is not known here may
 * hold anything that its escape lets through.
 */
#ifndef EV_CONF_LAYOUT_H
#define EV_CONF_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "conf/format.h"

/* More variables than anybody logs; it bounds what a line needs. */
#define LAYOUT_FIELDS 128

enum layout_type {
	LAYOUT_FREE,	   /* any byte that the escape lets through */
	LAYOUT_TOKEN,	   /* no blank, no control */
	LAYOUT_NAME,	   /* letters, digits, '-', '.', '_' */
	LAYOUT_LIST,	   /* printable ASCII: upstream names, "a, b : c" */
	LAYOUT_NUMBERS,	   /* such a list of numbers */
	LAYOUT_ADDRESS,	   /* IPv4, IPv6 or "unix:" */
	LAYOUT_DIGITS,	   /* an unsigned integer */
	LAYOUT_DECIMAL,	   /* digits with one '.' */
	LAYOUT_HEX,	   /* hex digits */
	LAYOUT_METHOD,	   /* what nginx takes for a method */
	LAYOUT_PROTOCOL,   /* HTTP/1.1 */
	LAYOUT_STATUS,	   /* three digits */
	LAYOUT_BYTES,	   /* an unsigned integer; Apache writes - for 0 */
	LAYOUT_TIME_LOCAL, /* 22/Nov/2026:23:28:52 +0000 */
	LAYOUT_TIME_ISO,   /* 2026-11-22T23:28:52+00:00 */
	LAYOUT_MSEC,	   /* 1795390132.216 */
	LAYOUT_TYPES
};

struct layout_field {
	const char *name; /* of the variable */
	enum layout_type type;
};

/*
 * The steps.  pos is where the rest of the line begins, end where it ends,
 * or, in a group, where the group's rest does.
 */
enum layout_step {
	LAYOUT_LITERAL,	    /* lit must be at pos */
	LAYOUT_FIND,	    /* field ends back bytes before the next byte */
	LAYOUT_FIND_QUOTE,  /* the same for a '"' that no '\' precedes */
	LAYOUT_COUNT,	    /* field is a list of upstreams, before lit */
	LAYOUT_WIDTH,	    /* field has width bytes */
	LAYOUT_REST,	    /* field is [pos, end) */
	LAYOUT_GROUP,	    /* end is back bytes before the next byte */
	LAYOUT_GROUP_QUOTE, /* the same for a '"' that no '\' precedes */
	LAYOUT_TAIL,	    /* the line ends in lit, the group before it */
	LAYOUT_RIGHT_WIDTH, /* field is the last width bytes before end */
	LAYOUT_RIGHT_FIND,  /* field begins behind the last byte */
	LAYOUT_GROUP_REST   /* field is what remains of the group */
};

struct layout_op {
	enum layout_step step;
	unsigned char byte; /* what is looked for */
	unsigned field;	    /* which is filled */
	/* Distance from the literal's begin to byte, or the width. */
	size_t back;
	/* Behind the field (from the right: before it); may be empty. */
	struct slice lit;
	bool quote; /* a failure here is one of quoting */
	bool time;  /* a failure here is one of the time */
};

struct layout {
	enum format_escape escape;
	struct layout_field *field;
	unsigned nfields;
	struct layout_op *op;
	size_t nops;
	char *memory;
};

int layout_compile(
    struct layout *l, const struct format *f, struct strbuf *why);
void layout_release(struct layout *l);

/* The type of that variable. */
enum layout_type layout_type(struct slice name);
/* May it be "-" for missing, under escape=default? */
bool layout_may_miss(enum layout_type type);

/* The field of that name, or -1. */
int layout_find(const struct layout *l, const char *name);

#endif
