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
#define OUTLIER 3
#define TRIMMED 0.973
#define ROUNDS 4
#define NEWEST 4 /* days, see predict_little */
/*
 * A quantile z of the normal distribution is one of Student's with n degrees
 * of freedom at a variance that is 1 + (z * z + 1) / 2n times as large; of
 * a part of the variance that the n are of, (z * z + 1) / 4 of its own.  z is
 * 2.1 to 2.8, for a chance of 0.02 a week to 0.0027 a day, and days trimmed at
 * OUTLIER tell of the variance as 0.84 of them would.
 */
#define UNSURE 2.4

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

/* Of a day that is not left out, e by its weekday's factor; of others none. */
struct events {
	double y, e;
};

struct fit {
	const struct cadence *cadence;
	bool share; /* y is a part of e */
	const struct day *day;
	size_t n;
	int64_t target;
	bool *out;    /* left out */
	double *mean; /* expected, once fitted */
	struct events *in;
	double factor[8];
	double s2, unsure; /* see fit_scatter */
};

static size_t
weekday(int64_t day)
{
	return (size_t)utc_weekday(day);
}

static double
factor_of(const struct fit *f, size_t i)
{
	return f->factor[weekday(f->day[i].day)];
}

/*
 * By how much a count that is part of e varies less than one that is not; of
 * all of them one more is not known.
 */
static double
part_of_chance(const struct fit *f, size_t i)
{
	double e = f->day[i].e;

	return f->share && e > 0 ? fmax(1 - f->mean[i] / e, 1 / (e + 1)) : 1;
}

/* The variance of day i's count that is chance alone. */
static double
chance_of(const struct fit *f, size_t i)
{
	return f->mean[i] * part_of_chance(f, i);
}

static void
fill_events(struct fit *f)
{
	for (size_t i = 0; i < f->n; i++) {
		f->in[i] = (struct events){ 0 };
		if (!f->out[i])
			f->in[i] = (struct events){ f->day[i].y,
				f->day[i].e * factor_of(f, i) };
	}
}

/* Their rate in the days [from, to), weekdays apart; 0 where there is none. */
static double
rate_of(const struct fit *f, size_t from, size_t to)
{
	double y = 0, e = 0;

	for (size_t i = from; i < to; i++) {
		y += f->in[i].y;
		e += f->in[i].e;
	}
	return e > 0 ? y / e : 0;
}

static void
fit_factors(struct fit *f)
{
	double y[8] = { 0 }, mean[8] = { 0 };
	size_t from = 0, to = 0;

	fill_events(f);
	for (size_t i = 0; i < f->n; i++) {
		int64_t day = f->day[i].day;

		while (f->day[from].day < day - AROUND)
			from++;
		while (to < f->n && f->day[to].day <= day + AROUND)
			to++;
		if (f->out[i])
			continue;
		y[weekday(day)] += f->day[i].y;
		mean[weekday(day)] += rate_of(f, from, to) * f->day[i].e;
	}
	for (int d = 1; d <= 7; d++)
		f->factor[d] = mean[d] > 0 ? y[d] / mean[d] : 1;
}

/* What the fit takes out of the scatter of its days: they are in it. */
static double
parameters(const struct fit *f)
{
	double window = 2 * (double)f->cadence->around + 1;

	return (double)f->n / window + (f->cadence->weekdays ? 7 : 1);
}

/*
 * Day-to-day variation beyond the Poisson's, by moments.  It is an estimate,
 * too, and one that is too low lets more alarms in than one that is too high
 * keeps out.  unsure: what is to be added for the tail to be what it is said
 * to be: as Student's distribution is to a normal one.
 */
static double
fit_scatter(const struct fit *f, double *unsure)
{
	double over = 0, mean2 = 0, n = 0, taken = parameters(f);

	*unsure = 0;
	for (size_t i = 0; i < f->n; i++) {
		double m = f->mean[i], r = f->day[i].y - m;

		if (f->out[i])
			continue;
		over += r * r;
		mean2 += m * m;
		n++;
	}
	if (n <= taken || mean2 <= 0)
		return 0;
	over *= n / (n - taken) / TRIMMED;
	*unsure = UNSURE * over / mean2 * 2 / (n - taken);
	for (size_t i = 0; i < f->n; i++)
		if (!f->out[i])
			over -= chance_of(f, i);
	return over > 0 ? over / mean2 : 0;
}

/* Each day against the days around it, its own weekday's factor known. */
static void
fit_means(struct fit *f)
{
	size_t around = f->cadence->around;

	fill_events(f);
	for (size_t i = 0; i < f->n; i++) {
		size_t from = i > around ? i - around : 0;
		size_t to = f->n - i > around ? i + around + 1 : f->n;

		f->mean[i] =
		    rate_of(f, from, to) * f->day[i].e * factor_of(f, i);
	}
}

static size_t
leave_out(struct fit *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		double m = f->mean[i],
		       sd = sqrt(chance_of(f, i) + f->s2 * m * m);

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
			z[n++] = (r * r / 0.455 - chance_of(f, i)) / (m * m);
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
		f->s2 =
		    round == 0 ? first_scatter(f) : fit_scatter(f, &f->unsure);
		b->left_out = leave_out(f);
	}
	fit_factors(f);
	fit_means(f);
	f->s2 = fit_scatter(f, &f->unsure);
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

/*
 * None was there, or the level came down to none: then the baseline is the
 * newest days of the weekday, and one event more that there might have been.
 */
static void
predict_little(struct baseline *b, const struct fit *f)
{
	double y = 1, e = 0;
	int days = 0;

	for (size_t i = f->n; i-- > 0 && days < NEWEST;) {
		if (f->out[i] ||
		    (f->cadence->weekdays &&
			weekday(f->day[i].day) != weekday(f->target)))
			continue;
		y += f->day[i].y;
		e += f->day[i].e;
		days++;
	}
	b->rate = y / e;
	b->s2 = 1;
}

static void
predict(struct baseline *b, const struct fit *f)
{
	double rate = rate_of(f, 0, f->n), events = 0, level = 0, var, mean;
	struct tracks tracks;

	tracks_init(&tracks, f->day[0].day);
	for (size_t i = 0; i < f->n && rate > 0; i++) {
		mean = rate * f->in[i].e;
		if (f->out[i] || mean <= 0)
			continue;
		tracks_see(&tracks, f->day[i].day, f->day[i].y / mean,
		    mean / part_of_chance(f, i), f->s2);
		events += mean / part_of_chance(f, i);
	}
	if (rate > 0)
		tracks_look(&tracks, f->target, &level, &var);
	level *= f->factor[weekday(f->target)];
	if (level <= 0) {
		predict_little(b, f);
		return;
	}
	b->rate = rate * level;
	level /= f->factor[weekday(f->target)];
	b->s2 = f->s2 + f->unsure + var / (level * level);
	/* One day's relative variance: what its weekday's factor is of. */
	if (f->cadence->weekdays)
		b->s2 += ((double)b->days / events + f->s2) / (double)b->same;
}

static int
fit_days(struct baseline *b, struct fit *f)
{
	fit_rounds(b, f);
	count_days(b, f);
	if (b->days < f->cadence->least || b->same < f->cadence->same)
		return -1;
	predict(b, f);
	return 0;
}

static bool
is_most(const struct day *day, size_t n)
{
	double y = 0, e = 0;

	for (size_t i = 0; i < n; i++)
		if (!day[i].skip) {
			y += day[i].y;
			e += day[i].e;
		}
	return y > e / 2;
}

/*
 * A share that is most of its whole is judged by what it lacks: 99 % do not
 * become 101 %, and what varies by a third is the 1 %.
 */
static int
fit_lack(struct baseline *b, struct fit *f)
{
	struct day *lack = xcalloc(f->n + 1, sizeof(*lack));
	double had;
	int r;

	for (size_t i = 0; i < f->n; i++) {
		lack[i] = f->day[i];
		lack[i].y = lack[i].e - lack[i].y;
	}
	f->day = lack;
	r = fit_days(b, f);
	free(lack);
	b->rate = fmin(b->rate, 0.5);
	had = 1 - b->rate;
	b->s2 *= b->rate * b->rate / (had * had);
	b->rate = had;
	return r;
}

int
baseline_fit(struct baseline *b, const struct cadence *c, bool share,
    const struct day *days, size_t n, int64_t target, bool *used)
{
	struct fit f = { .cadence = c,
		.share = share,
		.day = days,
		.n = n,
		.target = target };
	int r;

	*b = (struct baseline){ 0 };
	f.out = xcalloc(n + 1, sizeof(*f.out));
	f.mean = xcalloc(n + 1, sizeof(*f.mean));
	f.in = xcalloc(n + 1, sizeof(*f.in));
	r = share && is_most(days, n) ? fit_lack(b, &f) : fit_days(b, &f);
	for (size_t i = 0; used != NULL && i < n; i++)
		used[i] = !f.out[i];
	free(f.out);
	free(f.mean);
	free(f.in);
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

void
fall_see(struct fall *in, const struct cadence *c, struct day *days, size_t i,
    bool down)
{
	if (!down) {
		if (in->days == 1)
			days[in->first].skip = false;
		in->days = 0;
		return;
	}
	if (in->days++ == 0)
		in->first = i;
	if (in->days <= c->accepted)
		days[i].skip = true;
}
