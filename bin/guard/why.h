/*
 * why: what the drop of one day is made of.
 *
 *	why_explain(&j, i, out);     out NULL: the reason alone
 *
 * For each dimension of split.h the drop, expected less value, is divided
 * among the dimension's values, after Kitagawa ("Components of a Difference
 * Between Two Rates", JASA 50, 1955).  Of a ratio with the shares s of the
 * exposure and the rates r, before (0) and now (1),
 *
 *	rate_v = (s0 + s1) / 2 * (r0 - r1)
 *	mix_v  = (s0 - s1) * ((r0 + r1) / 2 - (R0 + R1) / 2)
 *
 * where R is the rate of all: the shares' changes sum to nothing, so R may
 * be taken off, and then a value that goes counts for what it differs from
 * the others.  A value without exposure on one side has the rate of the
 * other; events without any exposure are a rate's doing.  A count has
 * amounts alone.  What was expected of each value is its part of the days
 * that the verdict was judged by, those of the same weekday, each weighing
 * half as much as one WHY_HALF days later; all rates are raised by the one
 * factor that makes their sum the verdict's expectation.
 *
 * Sums are exact: the drop is the difference of the two decimals that the
 * verdict's row has, the parts are rounded to their last place or to six
 * digits of the drop, first down, then up by one in the order of what was
 * cut, until they sum to it.
 *
 * Dimensions come in the order of how far their most telling value departs
 * from a drop that is the same for all values, chance taken off; that
 * value, where it is beyond chance, becomes the verdict's reason.
 */
#ifndef EV_GUARD_WHY_H
#define EV_GUARD_WHY_H

#include <stddef.h>

#include "base/out.h"
#include "guard/judge.h"

/* Slower than the level of baseline.c: a mix wants more days than a sum. */
#define WHY_HALF 42.0
/* Rows of a dimension; what has none is one more of each cause. */
#define WHY_TOP 8

/* Of the verdict j->v[i], which is down: its reason and rows of cause.h. */
void why_explain(struct judge *j, size_t i, struct out *out);

#endif
