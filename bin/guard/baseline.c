#include "config.h"

#include "guard/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utc.h"

/*
 * Days after which a day weighs half: shorter follows a season of a year
 * better, longer errs less; t/guard-sim.c is the judge.
 */
#define LEVEL_HALF 10.0
/*
 * What the model itself errs, 1.4 percent, and by how much a scatter that is
 * an estimate is raised: with these the false alarms keep the budget.
 */
#define MODEL 0.0002
#define INFLATE 1.2
#define TREND_HALF 42.0
/* Days at each side of one that its weekday is measured against. */
#define AROUND 3
/* Standard deviations beyond which a day is left out. */
#define OUTLIER 3.5
#define ROUNDS 4
/* Parameters that the fit takes out of the days' scatter. */
#define PARAMETERS 8.0

struct fit {
	const struct day *day;
	size_t n;
	int64_t target;
	bool *out;    /* left out */
	double *mean; /* expected, once fitted */
	double factor[8];
	double s2;
};

static size_t
weekday(int64_t day)
{
	return (size_t)utc_weekday(day);
}

static void
fit_factors(struct fit *f)
{
	double y[8] = { 0 }, mean[8] = { 0 };
	size_t from = 0, to = 0;

	for (size_t i = 0; i < f->n; i++) {
		double wy = 0, we = 0;

		while (f->day[from].day < f->day[i].day - AROUND)
			from++;
		while (to < f->n && f->day[to].day <= f->day[i].day + AROUND)
			to++;
		for (size_t j = from; j < to; j++) {
			if (f->out[j])
				continue;
			wy += f->day[j].y;
			we += f->day[j].e * f->factor[weekday(f->day[j].day)];
		}
		if (f->out[i] || we <= 0)
			continue;
		y[weekday(f->day[i].day)] += f->day[i].y;
		mean[weekday(f->day[i].day)] += wy / we * f->day[i].e;
	}
	for (int d = 1; d <= 7; d++)
		f->factor[d] = y[d] > 0 && mean[d] > 0 ? y[d] / mean[d] : 1;
}

/* Sums of one half-life, over the days and their ages. */
struct sums {
	double y, e, w2, w, age;
};

static struct sums
sum_days(const struct fit *f, double half)
{
	struct sums s = { 0 };

	for (size_t i = 0; i < f->n; i++) {
		double age = (double)(f->target - f->day[i].day);
		double w = exp2(-age / half), e;

		if (f->out[i])
			continue;
		e = f->day[i].e * f->factor[weekday(f->day[i].day)];
		s.y += w * f->day[i].y;
		s.e += w * e;
		s.age += w * e * age;
		s.w2 += w * w;
		s.w += w;
	}
	return s;
}

/* Change of the rate's logarithm a day, shrunk by its own error. */
static double
fit_trend(const struct fit *f)
{
	struct sums s = sum_days(f, TREND_HALF);
	double rate = s.y / s.e, age = s.age / s.e, num = 0, den = 0, var = 0;
	double slope;

	for (size_t i = 0; i < f->n; i++) {
		double t = age - (double)(f->target - f->day[i].day);
		double w = exp2((t - age) / TREND_HALF), mean;

		if (f->out[i])
			continue;
		mean = rate * f->day[i].e * f->factor[weekday(f->day[i].day)];
		num += w * t * (f->day[i].y - mean);
		den += w * t * t * mean;
		var += w * w * t * t * (mean + f->s2 * mean * mean);
	}
	if (den <= 0)
		return 0;
	slope = num / den;
	var /= den * den;
	return slope * slope * slope / (slope * slope + var);
}

/* Day-to-day variation beyond the Poisson's, by moments. */
static double
fit_scatter(const struct fit *f)
{
	double over = 0, mean2 = 0, n = 0;

	for (size_t i = 0; i < f->n; i++) {
		double r = f->day[i].y - f->mean[i];

		if (f->out[i])
			continue;
		over += r * r;
		mean2 += f->mean[i] * f->mean[i];
		n++;
	}
	if (n <= PARAMETERS || mean2 <= 0)
		return 0;
	over *= n / (n - PARAMETERS);
	for (size_t i = 0; i < f->n; i++)
		if (!f->out[i])
			over -= f->mean[i];
	return over > 0 ? over / mean2 : 0;
}

/* Each day against the days around it, its own weekday's factor known. */
static void
fit_means(struct fit *f)
{
	for (size_t i = 0; i < f->n; i++) {
		double y = 0, e = 0;

		for (size_t j = i > 14 ? i - 14 : 0; j < f->n && j <= i + 14;
		     j++) {
			if (f->out[j])
				continue;
			y += f->day[j].y;
			e += f->day[j].e * f->factor[weekday(f->day[j].day)];
		}
		f->mean[i] = e > 0 ? y / e * f->day[i].e *
					 f->factor[weekday(f->day[i].day)]
				   : 0;
	}
}

static size_t
leave_out(struct fit *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		double sd = sqrt(f->mean[i] + f->s2 * f->mean[i] * f->mean[i]);

		f->out[i] = f->day[i].skip || f->day[i].e <= 0 ||
			    fabs(f->day[i].y - f->mean[i]) >
				OUTLIER * (sd > 1 ? sd : 1);
		n += f->out[i] && !f->day[i].skip;
	}
	return n;
}

/*
 * The first scatter is the middle one of the days', which a few outliers
 * cannot move: 0.455 is the median of a chi-squared variable.
 */
static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
first_scatter(const struct fit *f)
{
	double *z = xcalloc(f->n, sizeof(*z)), s2;
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		double m = f->mean[i], r = f->day[i].y - m;

		if (!f->out[i] && m > 0)
			z[n++] = (r * r / 0.455 - m) / (m * m);
	}
	qsort(z, n, sizeof(*z), compare);
	s2 = n > 0 ? z[n / 2] : 0;
	free(z);
	return s2 > 0 ? s2 : 0;
}

static void
fit_rounds(struct baseline *b, struct fit *f)
{
	for (int d = 1; d <= 7; d++)
		f->factor[d] = 1;
	for (size_t i = 0; i < f->n; i++)
		f->out[i] = f->day[i].skip || f->day[i].e <= 0;
	for (int round = 0; round < ROUNDS; round++) {
		fit_factors(f);
		fit_means(f);
		f->s2 = round == 0 ? first_scatter(f) : fit_scatter(f);
		b->left_out = leave_out(f);
	}
	fit_factors(f);
	fit_means(f);
	f->s2 = fit_scatter(f);
}

static void
count_days(struct baseline *b, const struct fit *f)
{
	b->days = b->same = 0;
	for (size_t i = 0; i < f->n; i++) {
		b->days += !f->out[i];
		b->same +=
		    !f->out[i] && weekday(f->day[i].day) == weekday(f->target);
	}
}

static int
predict(struct baseline *b, const struct fit *f)
{
	struct sums s = sum_days(f, LEVEL_HALF);
	double level, mean, one;

	if (s.e <= 0 || s.y <= 0)
		return -1;
	level = s.y / s.e * exp(fit_trend(f) * s.age / s.e);
	b->rate = level * f->factor[weekday(f->target)];
	/* One day's relative variance, and how much of it the mean keeps. */
	mean = s.y / s.w;
	one = 1 / mean + f->s2;
	b->s2 = MODEL + INFLATE * f->s2 +
		one * (s.w2 / (s.w * s.w) + 1 / (double)b->same);
	return 0;
}

int
baseline_fit(struct baseline *b, const struct day *days, size_t n,
    int64_t target, bool *used)
{
	struct fit f = { .day = days, .n = n, .target = target };
	int r = -1;

	*b = (struct baseline){ 0 };
	f.out = xcalloc(n + 1, sizeof(*f.out));
	f.mean = xcalloc(n + 1, sizeof(*f.mean));
	fit_rounds(b, &f);
	count_days(b, &f);
	if (b->days >= BASELINE_DAYS && b->same >= BASELINE_SAME)
		r = predict(b, &f);
	for (size_t i = 0; used != NULL && i < n; i++)
		used[i] = !f.out[i];
	free(f.out);
	free(f.mean);
	return r;
}

size_t
baseline_window(const struct day *days, size_t i, size_t weeks, size_t *from)
{
	int64_t day = days[i].day;
	size_t to = i;

	*from = i;
	while (*from > 0 && days[*from - 1].day >= day - 7 * (int64_t)weeks)
		--*from;
	while (to > *from && days[to - 1].day >= day - BASELINE_LAG)
		to--;
	return to;
}
