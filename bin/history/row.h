/*
 * row: lines of TAB-separated columns, for metric rows and verdicts.
 *
 *	row_read(src, HEADER, fn, arg)    fn for each line; -1: one is bad
 *	row_split(text, col, n)           how many there are, n kept at most
 *
 * A line that begins as the header does is no row, wherever it stands.
 */
#ifndef EV_HISTORY_ROW_H
#define EV_HISTORY_ROW_H

#include <stddef.h>

#include "base/slice.h"
#include "base/source.h"

/* No date is called so: what begins with it is a header. */
#define ROW_HEADER "ds\t"

/* NULL, or why it is no row. */
typedef const char *row_fn(void *arg, struct slice text);

/* header NULL: there is none.  0, or -1 (reported, with the line). */
int row_read(struct source *src, const char *header, row_fn *fn, void *arg);
/* Columns of text; those past the first n are counted, not kept. */
size_t row_split(struct slice text, struct slice *col, size_t n);
/* A finite decimal, "-0.5e-3" too, strictly; 0 or -1. */
int row_decimal(struct slice s, double *out);
/* The same, or "\\N", which is NaN. */
int row_number(struct slice s, double *out);

#endif
