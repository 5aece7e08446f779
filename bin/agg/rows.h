/*
 * rows: what ev-agg prints, one run's bytes whatever the order of its input.
 *
 *	rows_put_header(&out);
 *	rows_put(&out, &tally);
 *
 * A row is ds, metric, dimensions, value, numerator and denominator.  Rows
 * are in bytewise order of the first three, which is that of the lines:
 * no field holds a byte below TAB.  Numerator and denominator are \N but
 * for ratios, whose value is \N over a zero denominator.
 *
 * Totals have a row for each day with an event, zero too.  Groups have one
 * where an event fulfilled the where; for ratios, either's.
 */
#ifndef EV_AGG_ROWS_H
#define EV_AGG_ROWS_H

#include "agg/tally.h"
#include "base/out.h"

void rows_put_header(struct out *o);
void rows_put(struct out *o, const struct tally *t);

#endif
