/*
 * baseline: what a day is expected to show, out of the days before it.
 *
 *	struct day days[N] = { { day, y, e, skip }, ... };    ascending
 *	if (baseline_fit(&b, &cadence_day, share, days, n, target, NULL) == 0)
 *		expected = b.rate * e_of_the_target;
 *
 * A day's count y has the mean e * level * weekday.  The seven weekday
 * factors are those of all the weeks given, each day against the seven that
 * surround it, so that neither trend nor season is in them.  The level is
 * followed by tracks.h.  Weeks are judged likewise, a Monday each and
 * without weekdays.
 *
 * What is left is more than chance: s2 is the squared coefficient of
 * variation of a day's rate beyond the Poisson's (a share's: the binomial's),
 * by moments, plus what makes up for its error, plus that of the baseline
 * itself, which is an estimate.  Days that stand out of the rest (a holiday,
 * an outage) are left out, and found again at each of ROUNDS.
 */
#ifndef EV_GUARD_BASELINE_H
#define EV_GUARD_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Days or weeks: how often a count comes. */
struct cadence {
	/*
	 * The days before the target that are no baseline: a drop that is not
	 * seen at first must not become what is expected of the next days.
	 */
	int64_t lag;
	/* A verdict wants so many, and of the target's weekday so many. */
	size_t least, same;
	size_t around; /* at each side of one that its scatter is against */
	bool weekdays; /* they differ */
	/* An incident that lasts longer is how it is now. */
	size_t accepted;
	double quarter; /* verdicts in one */
};

extern const struct cadence cadence_day, cadence_week;

struct day {
	int64_t day; /* since 1970-01-01 */
	double y;    /* events */
	double e;    /* exposure: a ratio's denominator, or 1 */
	bool skip;   /* of an incident, or not known */
};

struct baseline {
	double rate;	 /* on the target, for an exposure of 1 */
	double s2;	 /* see above */
	size_t days;	 /* that the fit is of */
	size_t same;	 /* of them, the target's weekday */
	size_t left_out; /* as outliers */
};

/*
 * 0, or -1: too little history; days and same are set.  share: y is a part of
 * e.  used: NULL, or for each day whether the fit is of it.
 */
int baseline_fit(struct baseline *b, const struct cadence *c, bool share,
    const struct day *days, size_t n, int64_t target, bool *used);

/*
 * The days [*from, the result) that days[i] is judged by: those of so many
 * weeks before it, less the newest.
 */
size_t baseline_window(const struct cadence *c, const struct day *days,
    size_t i, size_t weeks, size_t *from);

/*
 * Down days are no baseline while they are one after the other, as long as
 * the cadence says.  One alone is chance, or nothing that would move the
 * baseline: were all of those left out, the days that are not would scatter
 * less than the days to come, by a fiftieth, and make a tenth more alarms.
 */
struct fall {
	size_t days;  /* down in a row */
	size_t first; /* index */
};

/* Days ascending; those without a verdict are left out. */
void fall_see(struct fall *in, const struct cadence *c, struct day *days,
    size_t i, bool down);

#endif
