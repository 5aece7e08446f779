#include "config.h"

#include "guard/dist.h"

#include <math.h>

/* Below this overdispersion the two limits agree to 1e-9 and more. */
#define S2_NONE 1e-9
/* The fraction needs O(sqrt(max(a, b))) steps; 1e9 events are 1e5 of them. */
#define STEPS 200000
#define TINY 1e-300
/*
 * Events beyond which sums and fractions have too many steps, and logarithms
 * of the gamma function too few digits.  There a count is next to continuous,
 * and what is left of the distribution are its mean and variance: tails of
 * 1e-4 differ by less than a fiftieth of themselves.
 */
#define LARGE 1e7
/* The same for a sum of a beta-binomial: of trials, and of the events by which
 * the variance of the rate is beyond the binomial's. */
#define TRIALS_SUMMED 5e6
#define BETA_ALONE 100
/* Of a squared coefficient of variation: a fraction of a few hundred steps. */
#define NARROW 1e-5

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

/* A gamma's of so small a variance, by the third root (Wilson, Hilferty). */
static double
narrow_cdf(double part, double cv2)
{
	double z = (cbrt(part) - (1 - cv2 / 9)) / sqrt(cv2 / 9);

	return 0.5 * erfc(-z / sqrt(2));
}

/* Of a mean beyond LARGE, its squared coefficient of variation all told. */
static double
large_cdf(double mean, double cv2, double x)
{
	double s2 = cv2 - 1 / LARGE;

	if (cv2 < NARROW)
		return narrow_cdf(x / mean, cv2);
	return dist_beta_inc(
	    1 / s2, x / mean * LARGE + 1, 1 / (1 + s2 * LARGE));
}

static double
count_cdf(const struct dist *d, double x)
{
	if (d->mean > LARGE)
		return large_cdf(d->mean, d->s2 + 1 / d->mean, x);
	if (d->s2 < S2_NONE)
		return poisson_cdf(d->mean, x);
	return dist_beta_inc(1 / d->s2, x + 1, 1 / (1 + d->s2 * d->mean));
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
share_sum(const struct dist *d, double size, double x)
{
	double n = d->n, p = d->mean / n, sum;
	double a = p * size, b = (1 - p) * size, term;

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

/* A beta of the same mean and variance, of half of the trials at most. */
static double
share_beta(const struct dist *d, double x)
{
	double n = d->n, p = d->mean / n;
	double cv2 = d->s2 + (1 - p) / d->mean, size;

	if (cv2 < NARROW)
		return narrow_cdf((x + 0.5) / d->mean, cv2);
	size = (1 - p) / (p * cv2) - 1;
	if (size < 1e-6)
		size = 1e-6;
	return dist_beta_inc(p * size, (1 - p) * size, (x + 0.5) / n);
}

static double
share_cdf(const struct dist *d, double x)
{
	double n = d->n, p = d->mean / n, size;
	struct dist rest = *d;

	if (x >= n || p >= 1)
		return x >= n;
	if (n <= TRIALS_SUMMED && d->s2 < S2_NONE)
		return dist_beta_inc(n - x, x + 1, 1 - p);
	if (n <= TRIALS_SUMMED && d->s2 * d->mean < BETA_ALONE * (1 - p)) {
		size = (1 - p) / (p * d->s2) - 1;
		/* A rate cannot vary by more than a coin's does. */
		return share_sum(d, size < 1e-6 ? 1e-6 : size, x);
	}
	if (p > 0.5) {
		rest.mean = n - d->mean;
		rest.s2 *= p * p / ((1 - p) * (1 - p));
		return 1 - share_cdf(&rest, n - x - 1);
	}
	/* So small a part is as good as a count. */
	return n > TRIALS_SUMMED && p < 0.01 ? count_cdf(d, x)
					     : share_beta(d, x);
}

double
dist_cdf(const struct dist *d, double x)
{
	x = floor(x);
	if (x < 0)
		return 0;
	if (d->mean <= 0)
		return 1;
	return d->kind == DIST_SHARE ? share_cdf(d, x) : count_cdf(d, x);
}

/* The smallest x with P(X <= x) > p, and the number before it. */
static void
quantile(const struct dist *d, double p, double *before, double *at)
{
	double low = -1, high = ceil(d->mean) + 1, mid;

	while (dist_cdf(d, high) <= p && high < 1e300)
		high *= 2;
	while (high - low > 1) {
		mid = floor((low + high) / 2);
		/* Beyond 2^53 the number before is not the one less. */
		if (mid <= low || mid >= high)
			break;
		if (dist_cdf(d, mid) <= p)
			low = mid;
		else
			high = mid;
	}
	*before = low;
	*at = high;
}

double
dist_low(const struct dist *d, double p)
{
	double low, above;

	quantile(d, p, &low, &above);
	return low;
}

double
dist_high(const struct dist *d, double p)
{
	double below, high;

	quantile(d, 1 - p, &below, &high);
	return high;
}
