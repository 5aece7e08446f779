/*
 * visits: what visitors did, one after the other, and what became of it.
 *
 *	visits_collect(&c, measure, val, where, &ev);    events to lines
 *	...
 *	visits_init(&v, &plan, &late);                   sorted lines to states
 *	visits_take(&v, measure, &key, state);
 *	visits_end(&v);
 *
 * An event that a funnel, cohort, retention, attribution or sessions looks at
 * is a line of kind e: visitor, time, and three parts more.  Sorted, they are
 * what each visitor did in time, and are folded line by line into states of
 * periods and dimensions.  Of a funnel and a cohort all that one visitor did at
 * one time is kept at once; else memory is flat.
 *
 * Where the question is what came after, time runs backwards (its digits are
 * counted down), so that the answer is known when the event comes up.
 *
 *	funnel		backwards; whole record, steps, dimensions
 *	cohort		backwards; -, 1 in it and 2 did then, dimensions
 *	retention	backwards, days; the same
 *	sessions	forwards; record, -, dimensions
 *	attribution	last touch: forwards; record, 0 a touch and 1 what is
 *			attributed, source or dimensions; first touch:
 *			backwards, touches at the end of their window; the
 *			number, record, source or dimensions
 *
 * Equal times order by the whole record, its first eight columns; where the
 * order does not matter the record is left out.  Equal records have no order:
 * in a funnel they are one step.
 *
 * What comes out, kinds of state.h:
 *
 *	p  PERIOD DIMS VISITOR	steps that were reached
 *	r  PERIOD DIMS VISITOR	the first day, and 1 for each return
 *	v  PERIOD DIMS		sessions, their ms, those of one event
 *	c  PERIOD DIMS		what is attributed, by source
 */
#ifndef EV_AGG_VISITS_H
#define EV_AGG_VISITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/key.h"
#include "agg/plan.h"
#include "agg/sorter.h"
#include "base/event.h"
#include "base/slice.h"
#include "base/strbuf.h"

/* A visitor's events of one time, while the order is not known. */
struct visits_tie {
	uint64_t mask, events;
	size_t at, n; /* dimensions, in visits.text */
};

struct visits {
	const struct plan *plan;
	struct sorter *late;
	const struct plan_measure *m; /* of the visitor; NULL: none */
	struct strbuf visitor, key, state, dims;

	/* funnel, cohort */
	int64_t reach[CONF_STEPS_MAX][CONF_STEPS_MAX];
	struct visits_tie *tie;
	size_t nties, tie_cap;
	struct strbuf text;

	int64_t time; /* of the event, or session's event, before */

	/* retention: days ahead on which something was done */
	bool ahead[CONF_RETENTION_MAX + 8];

	/* sessions */
	int64_t start;
	uint64_t events;

	/* attribution: the touch in force */
	bool touched;
	int64_t touch;
	struct strbuf source, record;
};

struct visits_collector {
	const struct plan *plan;
	struct sorter *out;
	struct strbuf key, part;
};

void visits_collector_init(
    struct visits_collector *c, const struct plan *p, struct sorter *out);
void visits_collector_release(struct visits_collector *c);
/* 0, or -1: its timestamp is none (not reported). */
int visits_collect(struct visits_collector *c, const struct plan_measure *m,
    const struct slice *val, const bool *where, const struct event *ev);

void visits_init(struct visits *v, const struct plan *p, struct sorter *late);
void visits_release(struct visits *v);
/* Is the key of kind e, whose dimensions are these, one of m? */
bool visits_fit(const struct plan *p, const struct plan_measure *m,
    const struct key *key, struct slice dims);
/* A line of kind e, in the order of keys; 0, or -1 (reported). */
int visits_take(struct visits *v, const struct plan_measure *m,
    const struct key *key, struct slice state);
/* After the last one. */
void visits_end(struct visits *v);

#endif
