/*
 * quick: the common line, from the read buffer into values.
 *
 *	struct quick *q = quick_new(plan, scan);   NULL: not this format
 *	quick_restart(q);                          for each source
 *	n = quick_line(q, rest, offset, val, &request);
 *	quick_free(q);
 *
 * Works in two stages, as simdjson does.  The first finds every '"' and every
 * byte that a common line has not (a control, DEL, what is not ASCII, a
 * backslash) in many lines at once.  Of a common line it finds the quotes of
 * the format and the LF, so that the second knows where each quoted field
 * ends, and the line, before it has looked at the fields before it: looking
 * for one field's end after the other is a chain of latencies which took half
 * of the time.  What is not as expected is for lines.h and split.h, the exact
 * way, which gives the same values.
 *
 * A line longer than SCAN_INDEX goes the exact way.  Without vectors
 * (-DSCAN_PLAIN) all lines do: it is the reference.
 */
#ifndef EV_PARSE_QUICK_H
#define EV_PARSE_QUICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "parse/plan.h"
#include "parse/scan.h"

struct quick;

struct quick *quick_new(const struct plan *plan, const struct scan *scan);
void quick_free(struct quick *q);
/* Is what quick_line() gives for that field known to hold its type? */
bool quick_checks(const struct quick *q, unsigned field);

/* Forgets the source so far. */
void quick_restart(struct quick *q);
/*
 * The bytes of the line that begins rest, its LF included; 0 when it is not
 * common or not whole.  rest begins at that offset of the source; SCAN_PAD
 * bytes behind it may be read.  val[i] is as split_line() sets it, but
 * undefined where 0 is returned; *request: what comes from $request, PLAN_ODD
 * included, is set, too.
 */
size_t quick_line(struct quick *q, struct slice rest, uint64_t offset,
    struct slice *val, bool *request);

#endif
