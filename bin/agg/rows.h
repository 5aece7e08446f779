/*
 * rows: what ev-agg prints, one run's bytes whatever the order of its input.
 *
 *	rows_init(&r, &plan, memory);
 *	rows_add(&r, ds, metric, dims, ROW_VALUE, text);    in any order
 *	rows_put(&r, &out, format, header, wide);           0, or -1 (reported)
 *	rows_release(&r);
 *
 * A row is ds, metric, dimensions, value, numerator and denominator.  Rows
 * are in bytewise order of the first three, which is that of the lines: no
 * field holds a byte below TAB.  They are sorted in bounded memory.
 *
 * What is known of a row comes in parts.  One with a denominator, and any of
 * a ratio, is a rate: its value is numerator over denominator, NULL over
 * zero.  Of others numerator and denominator are NULL.  A part that lacks is
 * 0, but that of a least, greatest or quantile number is NULL.
 */
#ifndef EV_AGG_ROWS_H
#define EV_AGG_ROWS_H

#include <stdbool.h>

#include "agg/plan.h"
#include "agg/sorter.h"
#include "base/out.h"

enum row_part {
	ROW_VALUE = '0', /* the value; of a rate its numerator */
	ROW_DEN = '1',
	ROW_ZERO = '2', /* the row is there, whatever is known of it */
	ROW_ZERO_RATE = '3'
};

struct rows {
	const struct plan *plan;
	struct sorter sorter;
	struct strbuf key;
};

struct row_format;

/* The format of that name, or NULL. */
const struct row_format *row_format_find(const char *name);

void rows_init(struct rows *r, const struct plan *p, size_t memory);
void rows_release(struct rows *r);
/* dims are a key part (key.h); text is a number, or empty: NULL. */
void rows_add(struct rows *r, struct slice ds, const struct plan_metric *m,
    struct slice dims, enum row_part part, struct slice text);
/* wide: dimensions are columns, those of the only metric. */
int rows_put(struct rows *r, struct out *o, const struct row_format *format,
    bool header, bool wide);

#endif
