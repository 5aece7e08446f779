#include "config.h"

#include "guard/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utc.h"
#include "guard/tracks.h"

/* Days at each side of one that its weekday is measured against. */
#define AROUND 3
/*
 * Standard deviations beyond which a day is left out, and the part of a normal
 * distribution's variance that is within.
 */
#define OUTLIER 3.5
#define TRIMMED 0.994
#define ROUNDS 4

const struct cadence cadence_day = {
	.lag = 4,
	.least = 21,
	.same = 3,
	.around = 14,
	.weekdays = true,
	.accepted = 21,
	.quarter = 91.3125,
};

const struct cadence cadence_week = {
	.least = 12,
	.same = 12,
	.around = 4,
	.accepted = 3,
	.quarter = 91.3125 / 7,
};

struct fit {
	const struct cadence *cadence;
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

/* What the fit takes out of the scatter of its days: they are in it. */
static double
parameters(const struct fit *f)
{
	double window = 2 * (double)f->cadence->around + 1;

	return (double)f->n / window + (f->cadence->weekdays ? 7 : 1);
}

/* Day-to-day variation beyond the Poisson's, by moments. */
static double
fit_scatter(const struct fit *f)
{
	double over = 0, mean2 = 0, n = 0, taken = parameters(f);

	for (size_t i = 0; i < f->n; i++) {
		double r = f->day[i].y - f->mean[i];

		if (f->out[i])
			continue;
		over += r * r;
		mean2 += f->mean[i] * f->mean[i];
		n++;
	}
	if (n <= taken || mean2 <= 0)
		return 0;
	over *= n / (n - taken) / TRIMMED;
	for (size_t i = 0; i < f->n; i++)
		if (!f->out[i])
			over -= f->mean[i];
	return over > 0 ? over / mean2 : 0;
}

/* Each day against the days around it, its own weekday's factor known. */
static void
fit_means(struct fit *f)
{
	size_t around = f->cadence->around;

	for (size_t i = 0; i < f->n; i++) {
		double y = 0, e = 0;

		for (size_t j = i > around ? i - around : 0;
		     j < f->n && j <= i + around; j++) {
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

/* What the days are relative to: their mean, weekdays apart. */
static double
middle_rate(const struct fit *f)
{
	double y = 0, e = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (f->out[i])
			continue;
		y += f->day[i].y;
		e += f->day[i].e * f->factor[weekday(f->day[i].day)];
	}
	return e > 0 ? y / e : 0;
}

static int
predict(struct baseline *b, const struct fit *f)
{
	double rate = middle_rate(f), events = 0, level, var, mean;
	struct tracks tracks;

	if (rate <= 0)
		return -1;
	tracks_init(&tracks, f->day[0].day);
	for (size_t i = 0; i < f->n; i++) {
		if (f->out[i])
			continue;
		mean = rate * f->day[i].e * f->factor[weekday(f->day[i].day)];
		tracks_see(
		    &tracks, f->day[i].day, f->day[i].y / mean, mean, f->s2);
		events += mean;
	}
	tracks_look(&tracks, f->target, &level, &var);
	if (level <= 0)
		return -1;
	b->rate = rate * level * f->factor[weekday(f->target)];
	b->s2 = f->s2 + var / (level * level);
	/* One day's relative variance: what its weekday's factor is of. */
	if (f->cadence->weekdays)
		b->s2 += ((double)b->days / events + f->s2) / (double)b->same;
	return 0;
}

int
baseline_fit(struct baseline *b, const struct cadence *c,
    const struct day *days, size_t n, int64_t target, bool *used)
{
	struct fit f = { .cadence = c, .day = days, .n = n, .target = target };
	int r = -1;

	*b = (struct baseline){ 0 };
	f.out = xcalloc(n + 1, sizeof(*f.out));
	f.mean = xcalloc(n + 1, sizeof(*f.mean));
	fit_rounds(b, &f);
	count_days(b, &f);
	if (b->days >= c->least && b->same >= c->same)
		r = predict(b, &f);
	for (size_t i = 0; used != NULL && i < n; i++)
		used[i] = !f.out[i];
	free(f.out);
	free(f.mean);
	return r;
}

size_t
baseline_window(const struct cadence *c, const struct day *days, size_t i,
    size_t weeks, size_t *from)
{
	int64_t day = days[i].day;
	size_t to = i;

	*from = i;
	while (*from > 0 && days[*from - 1].day >= day - 7 * (int64_t)weeks)
		--*from;
	while (to > *from && days[to - 1].day >= day - c->lag)
		to--;
	return to;
}
