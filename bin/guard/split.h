/*
 * split: a guardrail's events and exposures by the values of one dimension,
 * as they were expected and as they are.
 *
 *	n = split_sources(h, metric, &src);          to be freed
 *	if (split_fill(&s, h, &src[i], days, ndays, day) == 0)
 *		... s.part[0 .. s.n), the last of them the rest
 *	split_release(&s);
 *
 * A source is one metric of the same measures with rows of that dimension
 * alone, or, for a ratio, two: of its numerator and of its denominator.
 * Rows of several dimensions are not looked at.
 *
 * Expected is the weighted sum over the days given; a day on which the
 * source has no row, though there was something to split, is left out.  A
 * value without a row counts as none, or, where that day has a row "(other)"
 * it may be in, belongs to the rest for good.  What the rows of the values
 * leave of the total is the rest, too.
 */
#ifndef EV_GUARD_SPLIT_H
#define EV_GUARD_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/history.h"

/* Sides of a comparison. */
enum { SPLIT_BEFORE, SPLIT_NOW, SPLIT_SIDES };

struct split_source {
	struct slice key; /* the dimension, as written; of the history */
	const struct metric *whole, *num, *den; /* all, or only one of both */
};

struct split_day {
	int64_t day;
	double weight;
};

struct split_part {
	struct slice dims; /* as written, of the history; n 0: the rest */
	double y[SPLIT_SIDES], e[SPLIT_SIDES]; /* e is 0 of a count */
};

struct split {
	struct split_part *part;
	size_t n;
	double y[SPLIT_SIDES], e[SPLIT_SIDES]; /* of the total */
	double weight;			       /* of all days before */
};

size_t split_sources(
    const struct history *h, const struct metric *m, struct split_source **src);
/* 0, or -1: it has no rows of these days, or they are no parts of a total. */
int split_fill(struct split *s, const struct history *h, const struct metric *m,
    const struct split_source *src, const struct split_day *days, size_t ndays,
    int64_t day);
void split_release(struct split *s);

#endif
