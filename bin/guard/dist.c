#include "config.h"

#include "guard/dist.h"

#include <math.h>

/* Below this overdispersion the two limits agree to 1e-9 and more. */
#define S2_NONE 1e-9
/* The fraction needs O(sqrt(max(a, b))) steps; 1e9 events are 1e5 of them. */
#define STEPS 200000
#define TINY 1e-300
/*
 * Trials beyond which the beta-binomial is a beta of its mean and variance:
 * a sum has steps by the standard deviation, and those of 1e12 never end.
 * Here tails of 1e-4 differ by less than a hundredth of themselves.
 */
#define TRIALS_SUMMED 5e6

static double
away_from_zero(double v)
{
	return fabs(v) < TINY ? TINY : v;
}

/* The continued fraction of I_x(a, b), for x < (a + 1) / (a + b + 2). */
static double
beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
	double f = d, m, t, step;

	for (int i = 1; i <= STEPS; i++) {
		m = i;
		t = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / away_from_zero(1 + t * d);
		c = away_from_zero(1 + t / c);
		f *= d * c;
		t = -(a + m) * (a + b + m) * x /
		    ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / away_from_zero(1 + t * d);
		c = away_from_zero(1 + t / c);
		step = d * c;
		f *= step;
		if (fabs(step - 1) < 1e-15)
			break;
	}
	return f;
}

double
dist_beta_inc(double a, double b, double x)
{
	double front;

	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	front = exp(
	    lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* Poisson: from x downwards, or 1 less what is above. */
static double
poisson_cdf(double mean, double x)
{
	double term = exp(x * log(mean) - mean - lgamma(x + 1)), sum = term;

	if (x <= mean) {
		for (double i = x; i > 0 && term > sum * 1e-17; i--)
			sum += term *= i / mean;
		return sum;
	}
	sum = 0;
	for (double i = x + 1; term > 1e-18; i++)
		sum += term *= mean / i;
	return 1 - sum;
}

static double
log_choose(double n, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

static double
log_beta(double a, double b)
{
	return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/*
 * Beta-binomial: the ratio of neighbours is rational, so sum from x down, or
 * what is above, where that is less: far up the terms of x itself underflow.
 */
static double
share_cdf(const struct dist *d, double x)
{
	double n = (double)d->n, p = d->mean / n;
	double size = (1 - p) / (p * d->s2) - 1, a, b, term, sum;

	/* A rate cannot vary by more than a coin's does. */
	if (size < 1e-6)
		size = 1e-6;
	if (n > TRIALS_SUMMED)
		size = (size + 1) * n / (size + n) - 1;
	a = p * size;
	b = (1 - p) * size;
	if (n > TRIALS_SUMMED)
		return dist_beta_inc(a, b, (x + 0.5) / n);
	term =
	    exp(log_choose(n, x) + log_beta(x + a, n - x + b) - log_beta(a, b));
	if (x > d->mean) {
		sum = 0;
		for (double k = x; k < n && term > sum * 1e-16; k++) {
			term *= (n - k) * (k + a) / ((k + 1) * (n - k - 1 + b));
			sum += term;
		}
		return sum < 1 ? 1 - sum : 0;
	}
	sum = term;
	for (double k = x; k > 0 && term > sum * 1e-16; k--) {
		term *= k * (n - k + b) / ((n - k + 1) * (k - 1 + a));
		sum += term;
	}
	return sum < 1 ? sum : 1;
}

double
dist_cdf(const struct dist *d, double x)
{
	double n = (double)d->n, p;

	x = floor(x);
	if (x < 0)
		return 0;
	if (d->mean <= 0)
		return 1;
	if (d->kind == DIST_SHARE) {
		if (x >= n)
			return 1;
		p = d->mean / n;
		if (d->s2 < S2_NONE || p >= 1)
			return dist_beta_inc(n - x, x + 1, 1 - p);
		return share_cdf(d, x);
	}
	if (d->s2 < S2_NONE)
		return poisson_cdf(d->mean, x);
	return dist_beta_inc(1 / d->s2, x + 1, 1 / (1 + d->s2 * d->mean));
}

/* The smallest x with P(X <= x) > p. */
static double
quantile(const struct dist *d, double p)
{
	double low = -1, high = ceil(d->mean) + 1, mid;

	while (dist_cdf(d, high) <= p && high < 1e15)
		high *= 2;
	while (high - low > 1) {
		mid = floor((low + high) / 2);
		if (dist_cdf(d, mid) <= p)
			low = mid;
		else
			high = mid;
	}
	return high;
}

double
dist_low(const struct dist *d, double p)
{
	return quantile(d, p) - 1;
}

double
dist_high(const struct dist *d, double p)
{
	return quantile(d, 1 - p);
}
