/*
 * guard-sim: does ev-guard's judgement keep its budget, and what does it see?
 *
 *	guard-sim SITES STRIDE [WEEKS]     the table: see ev-guard(1)
 *	guard-sim cdf count MEAN S2 X      P(X <= x), for the tests
 *	guard-sim cdf share MEAN S2 X N
 *
 * A site's rate of sign-ups over ten years, with a week (-15 to +10 %), a year
 * (+-10 %), a trend (+3 % a year), a day-to-day spread, and ten holidays a year
 * on which traffic halves and the rate falls by a third.  Hits have their own
 * week, year and trend.  The seed is fixed.
 *
 * Each of five judges says of each day from which count down it would be an
 * alarm; what is summed is the chance of such a count, in truth or under a
 * drop, so that no draw of the day itself blurs the table.  False alarms are
 * those of ordinary days.  From every STRIDE-th day on a drop is put on five
 * ordinary days: the chance of an alarm on the first, and of one at all.
 *
 * The judges are ev-guard; the oracle, which knows each day's true rate and
 * spread and has the same budget; the pupil, which knows all that but for the
 * level of each weekday, which it has to learn from the same weeks as
 * ev-guard; a fixed threshold of -20 % against the mean of four same
 * weekdays; and the z-test of two proportions against these, at the same
 * chance a day.
 */
#include "config.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "guard/baseline.h"
#include "guard/dist.h"
#include "guard/judge.h"
#include "t/guard-random.h"

#define WEEKS 104 /* unless told */
#define BUDGET 0.25
#define QUARTER 91.3125
#define LAG 4 /* of cadence_day */
#define YEARS 10.0
#define RUN 5 /* days that a drop lasts */

enum judges { GUARD, ORACLE, PUPIL, FIXED, ZTEST, JUDGES };

#define DROPS 4

static const double drops[DROPS] = { 0.1, 0.2, 0.3, 0.5 };

struct site {
	size_t n;
	size_t warm; /* days of the baseline, before the first that counts */
	double spread;
	double *hits, *rate; /* true */
	bool *holiday;
	struct day *day;
	double (*low)[JUDGES]; /* what is an alarm that day, and below */
};

static void
make_site(struct site *s, double signups, double spread)
{
	static const double week[7] = { 1.05, 1.1, 1.08, 1.02, 0.96, 0.85,
		0.94 };
	static const double traffic[7] = { 1.1, 1.12, 1.1, 1.05, 1, 0.78,
		0.85 };

	s->spread = spread;
	for (size_t i = 0; i < s->n; i++) {
		double year = sin(2 * M_PI * (double)i / 365.25);
		double age = (double)i / 365.25;

		s->holiday[i] = random_uniform() < 10 / 365.25;
		s->hits[i] =
		    floor(signups / 0.02 * traffic[i % 7] * (1 + 0.15 * year) *
			  (s->holiday[i] ? 0.5 : 1));
		s->rate[i] = 0.02 * week[i % 7] * (1 + 0.1 * year) *
			     pow(1.03, age - YEARS / 2) *
			     (s->holiday[i] ? 0.67 : 1);
		s->day[i] = (struct day){ (int64_t)i,
			random_count(s->hits[i] * s->rate[i], spread),
			s->hits[i], false };
	}
}

/* The largest count that is an alarm. */
static double
alarm_at(struct budget *b, const struct dist *d)
{
	double low = dist_low(d, budget_offer(b));

	budget_take(b, dist_cdf(d, low));
	return low;
}

static struct dist
true_view(const struct site *s, size_t i)
{
	return (struct dist){ .mean = s->rate[i] * s->hits[i],
		.s2 = s->spread * s->spread };
}

/*
 * The pupil's view of a day: the truth but for the level of the weekday,
 * which is that of the same days that ev-guard's baseline has.
 */
static struct dist
pupil_view(const struct site *s, size_t i)
{
	struct dist d = true_view(s, i);
	double y = 0, mean = 0, days = 0;

	for (size_t k = i - s->warm; k < i - LAG; k++) {
		if (s->holiday[k] || (i - k) % 7 != 0)
			continue;
		y += s->day[k].y;
		mean += s->rate[k] * s->hits[k];
		days++;
	}
	d.mean *= y / mean;
	d.s2 += (days / mean + d.s2) / days;
	return d;
}

/* The z-test of two proportions: greater where y is less likely. */
static double
z_of(double y, double e, double by, double be)
{
	double p = (by + y) / (be + e);

	return (by / be - y / e) / sqrt(p * (1 - p) * (1 / e + 1 / be));
}

static void
ask(struct site *s, size_t i, struct budget budget[JUDGES])
{
	struct dist oracle = true_view(s, i), pupil = pupil_view(s, i);
	double e = s->day[i].e, by = 0, be = 0, *low = s->low[i];
	struct baseline b;
	struct dist d = { 0 };

	low[GUARD] = -1;
	if (baseline_fit(&b, &cadence_day, s->day + i - s->warm, s->warm - LAG,
		(int64_t)i, NULL) == 0) {
		d.mean = b.rate * e;
		d.s2 = b.s2;
		low[GUARD] = alarm_at(&budget[GUARD], &d);
	}
	low[ORACLE] = alarm_at(&budget[ORACLE], &oracle);
	low[PUPIL] = alarm_at(&budget[PUPIL], &pupil);
	for (size_t w = 7; w <= 28; w += 7) {
		by += s->day[i - w].y;
		be += s->day[i - w].e;
	}
	low[FIXED] = ceil(0.8 * by / be * e) - 1;
	low[ZTEST] = floor(by / be * e);
	while (low[ZTEST] >= 0 &&
	       0.5 * erfc(z_of(low[ZTEST], e, by, be) / sqrt(2)) >
		   BUDGET / QUARTER)
		low[ZTEST]--;
}

/* All that is summed of sites of one size and spread. */
struct study {
	double alarms[JUDGES], days;
	struct power {
		double first, within;
	} power[DROPS][JUDGES];
	double n; /* runs of days that a drop was put on */
};

/* The chance of an alarm while the rate is so much lower, from day i on. */
static void
drop_from(
    struct study *st, const struct site *s, size_t i, size_t drop, int judge)
{
	struct power *power = &st->power[drop][judge];
	double chance, none = 1;

	for (size_t k = i; k < i + RUN; k++) {
		struct dist d = true_view(s, k);

		d.mean *= 1 - drops[drop];
		chance = dist_cdf(&d, s->low[k][judge]);
		power->first += k == i ? chance : 0;
		none *= 1 - chance;
	}
	power->within += 1 - none;
}

static bool
is_ordinary(const struct site *s, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++)
		if (s->holiday[i])
			return false;
	return true;
}

static void
study_site(struct study *st, struct site *s, size_t stride)
{
	struct budget budget[JUDGES] = { { .part = 0 } };

	for (int j = 0; j < JUDGES; j++)
		budget[j].part = BUDGET / QUARTER;
	for (size_t i = s->warm; i < s->n; i++) {
		struct dist d = true_view(s, i);

		ask(s, i, budget);
		s->day[i].skip = s->day[i].y <= s->low[i][GUARD];
		if (s->holiday[i])
			continue;
		st->days++;
		for (int j = 0; j < JUDGES; j++)
			st->alarms[j] += dist_cdf(&d, s->low[i][j]);
	}
	for (size_t i = s->warm; i + RUN < s->n; i += stride) {
		if (!is_ordinary(s, i, RUN))
			continue;
		st->n++;
		for (size_t k = 0; k < DROPS; k++)
			for (int j = 0; j < JUDGES; j++)
				drop_from(st, s, i, k, j);
	}
}

static void
print_counts(const char *what, const struct power c[JUDGES], double n)
{
	printf("%s", what);
	for (int j = 0; j < JUDGES; j++)
		printf("\t%.1f\t%.1f", 100 * c[j].first / n,
		    100 * c[j].within / n);
	printf("\n");
}

static void
print_study(const struct study *st, double signups, double spread)
{
	char what[64];

	printf("false\t%.0f\t%.0f\t-", signups, 100 * spread);
	for (int j = 0; j < JUDGES; j++)
		printf("\t%.3f", st->alarms[j] / st->days * QUARTER);
	printf("\n");
	for (size_t k = 0; k < DROPS; k++) {
		(void)snprintf(what, sizeof(what), "power\t%.0f\t%.0f\t%.0f",
		    signups, 100 * spread, 100 * drops[k]);
		print_counts(what, st->power[k], st->n);
	}
}

static int
table(size_t sites, size_t stride, size_t weeks)
{
	static const double signups[] = { 50, 100, 300, 1000 };
	static const double spreads[] = { 0, 0.05, 0.1 };
	struct site s = { .n = 7 * weeks + (size_t)(365.25 * YEARS),
		.warm = 7 * weeks };

	s.hits = xcalloc(s.n, sizeof(*s.hits));
	s.rate = xcalloc(s.n, sizeof(*s.rate));
	s.holiday = xcalloc(s.n, sizeof(*s.holiday));
	s.day = xcalloc(s.n, sizeof(*s.day));
	s.low = xcalloc(s.n, sizeof(*s.low));
	printf("what\tsignups\tspread\tdrop\tguard\toracle\tpupil\tfixed\tz\n");
	for (size_t i = 0; i < 12; i++) {
		struct study st = { 0 };

		for (size_t k = 0; k < sites; k++) {
			make_site(&s, signups[i / 3], spreads[i % 3]);
			study_site(&st, &s, stride);
		}
		print_study(&st, signups[i / 3], spreads[i % 3]);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct dist d;

	/* Not the seed that the constants of baseline.c were chosen with. */
	random_seed(20270101);
	if (argc == 3 || argc == 4)
		return table(strtoul(argv[1], NULL, 10),
		    strtoul(argv[2], NULL, 10),
		    argc == 4 ? strtoul(argv[3], NULL, 10) : WEEKS);
	if (argc < 6)
		return 2;
	d.kind = strcmp(argv[2], "share") == 0 ? DIST_SHARE : DIST_COUNT;
	d.mean = strtod(argv[3], NULL);
	d.s2 = strtod(argv[4], NULL);
	d.n = argc > 6 ? strtoul(argv[6], NULL, 10) : 0;
	printf("%.12g\n", dist_cdf(&d, strtod(argv[5], NULL)));
	return 0;
}
