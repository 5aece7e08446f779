/*
 * extra: dimensions that a metric adds to those of its by.
 *
 *	at	quantile of several: which
 *	of	a rate over people: the field that tells them apart
 *	step	funnel: which, from 1
 *	after	retention: days or weeks
 *	measure	sessions: count, seconds or bounces
 *
 * and attribution that of the field which is its source.  Each value of one
 * of them is a row of its own, a slot: 0 to extra_slots() - 1.
 */
#ifndef EV_AGG_EXTRA_H
#define EV_AGG_EXTRA_H

#include <stdbool.h>
#include <stddef.h>

#include "agg/plan.h"
#include "base/strbuf.h"

/* Most that the metrics of a plan add: each of these. */
#define EXTRA_MAX 5

enum extra_session {
	SESSION_COUNT,
	SESSION_SECONDS,
	SESSION_BOUNCES,
	SESSION_SLOTS
};

unsigned extra_slots(const struct plan *p, const struct plan_metric *m);
/* Does the metric add any, other than its source? */
bool extra_adds(const struct plan *p, const struct plan_metric *m);
/* Appends dims, which are decoded, with those of the slot. */
void extra_dims(struct strbuf *sb, const struct plan *p,
    const struct plan_metric *m, unsigned slot, struct slice dims);
/* Is the measure NULL where there is nothing to measure, and not 0? */
bool extra_is_null(const struct plan_measure *m);
/*
 * All dimensions that rows of the plan may have, sorted; names has room for
 * its fields and EXTRA_MAX.
 */
size_t extra_columns(const struct plan *p, struct slice *names);

#endif
