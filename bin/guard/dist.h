/*
 * dist: the distributions a day's count may have, and their tails.
 *
 * dist_beta_inc() is the regularised incomplete beta function I_x(a, b), by
 * the continued fraction DLMF 8.17.22, evaluated after Lentz.  Both
 * distributions are over 0, 1, 2 ...:
 *
 * DIST_COUNT	negative binomial of a mean and a squared coefficient of
 *		variation s2 of its rate: variance mean + s2 * mean^2; the
 *		Poisson's at s2 = 0.  For counts, and for ratios whose
 *		numerator is no subset: mean = rate * denominator.
 * DIST_SHARE	beta-binomial of n trials: a binomial whose probability
 *		mean / n varies likewise.
 */
#ifndef EV_GUARD_DIST_H
#define EV_GUARD_DIST_H

enum dist_kind { DIST_COUNT, DIST_SHARE };

struct dist {
	enum dist_kind kind;
	double mean;
	double s2; /* squared coefficient of variation of the rate */
	double n;  /* DIST_SHARE: trials */
};

double dist_beta_inc(double a, double b, double x);
/* P(X <= x); 0 below 0. */
double dist_cdf(const struct dist *d, double x);
/* The largest x with P(X <= x) <= p, or -1 where even 0 is likelier. */
double dist_low(const struct dist *d, double p);
/* The smallest x with P(X > x) <= p. */
double dist_high(const struct dist *d, double p);

#endif
