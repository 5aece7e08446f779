/*
 * budget: which chance of a false alarm a day may take.
 *
 *	struct budget b = { .part = budget / c->quarter };
 *	p = budget_offer(&b);       the most that this day may take
 *	budget_take(&b, taken);     what it took: at most p
 *
 * Each day has its equal part.  Counts are whole numbers, so that a day's
 * threshold takes less than it may; what it leaves is the next day's, up to
 * one more part.  What all days take is thus never more than what all have,
 * and with it the expected number of false alarms, whatever the days have to
 * do with each other.
 */
#ifndef EV_GUARD_BUDGET_H
#define EV_GUARD_BUDGET_H

struct budget {
	double part; /* of one day */
	double left; /* by the days before */
};

static inline double
budget_offer(const struct budget *b)
{
	return b->part + b->left;
}

static inline void
budget_take(struct budget *b, double taken)
{
	b->left += b->part - taken;
	if (b->left > b->part)
		b->left = b->part;
}

#endif
