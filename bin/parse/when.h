/*
 * when: nginx's three ways to write a time, and its UTC text.
 *
 *	when_init(&w);
 *	if (when_set(&w, type, field) == -1) ...    no such time
 *	w.text[0..w.n)   "2026-11-22 23:28:52" or with ".216"
 *	w.text[0..10)    the day, ds
 *
 * Most lines of a log share their second with the line before, so the bytes
 * of the last time are kept and a repeated one costs a comparison.
 */
#ifndef EV_PARSE_WHEN_H
#define EV_PARSE_WHEN_H

#include <stddef.h>

#include "base/slice.h"
#include "base/utc.h"
#include "conf/layout.h"

struct when {
	char last[32]; /* bytes of the last time, as logged */
	size_t last_n;
	char text[32];
	size_t n;
};

void when_init(struct when *w);
/* type is LAYOUT_TIME_LOCAL, LAYOUT_TIME_ISO or LAYOUT_MSEC; 0 or -1. */
int when_set(struct when *w, enum layout_type type, struct slice field);

#endif
