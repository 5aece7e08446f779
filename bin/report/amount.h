/*
 * amount: what a series has on a day, in some days, and what is usual.
 *
 * A breakdown has no row for a value that nothing happened with: on a day
 * on which its metric has any row, that is a zero.  On other days nothing
 * is known.  Ratios are pooled: numerators and denominators added up.
 */
#ifndef EV_REPORT_AMOUNT_H
#define EV_REPORT_AMOUNT_H

#include "history/history.h"

struct amount {
	bool known; /* value is one */
	bool ratio; /* num of den */
	bool exact; /* value is count, as it stands in a row */
	uint64_t count;
	double num, den;
	double value;
};

/* s may be NULL: a value that never occurred. */
struct amount amount_on(const struct history *h, const struct metric *m,
    const struct series *s, int64_t day);
/* Of the days from..to that are known; a sum, or the pooled ratio. */
struct amount amount_sum(const struct history *h, const struct metric *m,
    const struct series *s, int64_t from, int64_t to);
/* The mean of the same weekday in the WEEKS_USUAL weeks before. */
#define WEEKS_USUAL 4
struct amount amount_usual(const struct history *h, const struct metric *m,
    const struct series *s, int64_t day);
/* The mean of the seven days that end with day. */
struct amount amount_week(const struct history *h, const struct metric *m,
    const struct series *s, int64_t day);

/* v[n]: each day from from on, NaN where not known; the mean likewise. */
void amount_fill(const struct history *h, const struct metric *m,
    const struct series *s, int64_t from, size_t n, double *v);
void amount_fill_week(const struct history *h, const struct metric *m,
    const struct series *s, int64_t from, size_t n, double *v);

#endif
