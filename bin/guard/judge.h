/*
 * judge: the verdict of each day of one guardrail.
 *
 *	struct judge j = { .history = &h, .metric = m, .rules = rules };
 *	judge_all(&j);                   j.v[0 .. j.n): a verdict a day
 *	judge_release(&j);
 *
 * Each day is judged by the days before it alone, in their order: days that
 * were down are no baseline for the next, as long as the cadence says of an
 * incident; what lasts longer is how it is now.  Days whose data are at fault
 * are no baseline either, and neither end an incident nor prolong it.
 *
 * The budget of false alarms is for a quarter, see budget.h.  A metric of
 * weeks has a verdict for each whole week, of the day it begins on.
 */
#ifndef EV_GUARD_JUDGE_H
#define EV_GUARD_JUDGE_H

#include "base/out.h"
#include "guard/baseline.h"
#include "guard/budget.h"
#include "guard/dist.h"
#include "guard/health.h"
#include "history/history.h"
#include "history/verdict.h"

struct verdict {
	int64_t day;
	enum verdict_kind kind;
	/* NaN where not known; those of a ratio are rates. */
	double value, expected, low, high, chance, drop, smallest;
	double exposure; /* the ratio's denominator, else 1 */
	char *reason;	 /* owned, text of ours; NULL: none */
};

struct judge_rules {
	size_t weeks;
	double budget;
};

struct judge {
	const struct history *history;
	const struct metric *metric;
	const struct judge_rules *rules;
	const struct health_day *health; /* of each day; NULL: all are well */
	/* What follows is judge_all's. */
	const struct cadence *cadence;
	struct verdict *v;
	size_t n;	 /* 0: not even one week */
	struct day *day; /* the series, and which days are no baseline */
	struct budget budget;
};

void judge_all(struct judge *j);
void judge_release(struct judge *j);

/* Which of the j->n days the verdict j->v[i] was judged by. */
void judge_baseline(const struct judge *j, size_t i, bool *used);
/* Is a rise what hurts? */
bool judge_is_up(const struct judge *j);

extern const char judge_header[];
/* As a row has it; "\\N" for NaN. */
#define JUDGE_NUMBER 32
void judge_number(char buf[JUDGE_NUMBER], double v);
void judge_put(struct out *out, const struct judge *j, const struct verdict *v);

#endif
