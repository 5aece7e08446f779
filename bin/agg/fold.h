/*
 * fold: sorted partial states into metric rows.
 *
 *	fold_init(&f, &plan, &rows, memory);
 *	f.open = true;                          keep what is not over yet
 *	fold_all(&f, &lines);                   0, or -1 (reported)
 *	f.events, f.filled[field]               what was read
 *	fold_release(&f);
 *
 * The lines come in the order of their keys, so all states of a measure,
 * period and combination, a cell, follow each other, and so do the members of
 * its set.  Three passes, each over lines that are sorted in bounded memory:
 *
 *	1. all lines; those of visitors become states of periods (visits.h),
 *	2. these,
 *	3. the cells of metrics with a top, of which the first passes found the
 *	   greatest; the others get "(other)" for a name, and one cell.
 *
 * Rows whose window passes the days read are left out: of cohorts and
 * retention, when there are no days behind the period for it, and of
 * attribution, when there are none before.
 */
#ifndef EV_AGG_FOLD_H
#define EV_AGG_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/cell.h"
#include "agg/plan.h"
#include "agg/rows.h"
#include "agg/sorter.h"
#include "agg/top.h"
#include "agg/visits.h"

struct fold {
	const struct plan *plan;
	struct rows *rows;
	bool open;

	uint64_t events;
	uint64_t random; /* streams whose visitors' key was of one run */
	bool *filled;	 /* by field */
	int64_t *day;	 /* those read, sorted */
	size_t ndays, day_cap;

	struct cell cell;
	struct visits visits;
	struct sorter late; /* what became of visitors */
	struct top top;
	struct strbuf decoded, dims, part;
	unsigned pass; /* of those above, in fold.c */
};

void fold_init(
    struct fold *f, const struct plan *p, struct rows *rows, size_t memory);
void fold_release(struct fold *f);
/* s is finished here. */
int fold_all(struct fold *f, struct sorter *s);
/*
 * Is the key, of a state of m, one that events may give?  Who wrote it may be
 * a stranger, and its dimensions are shown.  scratch is overwritten.
 */
bool fold_fits(const struct plan *p, const struct plan_measure *m,
    const struct key *key, struct strbuf *scratch);

#endif
