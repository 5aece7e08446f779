/*
 * when: nginx's three ways to write a time, and its UTC text.
 *
 *	when_init(&w);
 *	if (when_set(&w, type, field) == -1) ...    no such time
 *	w.text[0..w.n)   "2026-11-22 23:28:52" or with ".216"
 *	w.text[0..10)    the day, ds
 *
 * Most lines of a log share their second with the line before, so the bytes
 * of the last time are kept and a repeated one costs a comparison; nearly all
 * share its day, so that another second of it costs two, and its digits.
 * SCAN_PAD bytes behind the field may be read, and sizeof(w.text) of the
 * text.
 */
#ifndef EV_PARSE_WHEN_H
#define EV_PARSE_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "conf/layout.h"

struct when {
	char last[32]; /* bytes of the last time, as logged */
	size_t last_n;
	char text[32];
	size_t n;
	int64_t day; /* the first second of the text's day */

	/* Of the last $time_local or $time_iso8601. */
	char date[16], zone[16];
	bool dated;
	int64_t midnight; /* that date at 00:00:00 in that zone */
};

void when_init(struct when *w);
/* type is LAYOUT_TIME_LOCAL, LAYOUT_TIME_ISO or LAYOUT_MSEC; 0 or -1. */
int when_set(struct when *w, enum layout_type type, struct slice field);

#endif
