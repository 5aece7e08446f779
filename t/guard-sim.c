/*
 * guard-sim: does ev-guard's judgement keep its budget, and what does it see?
 *
 *	guard-sim SITES STRIDE             the table: see ev-guard(1)
 *	guard-sim cdf count MEAN S2 X      P(X <= x), for the tests
 *	guard-sim cdf share MEAN S2 X N
 *
 * A site's rate of sign-ups over ten years, with a week (-15 to +10 %), a year
 * (+-10 %), a trend (+3 % a year), a day-to-day spread, and ten holidays a year
 * on which traffic halves and the rate falls by a third.  Hits have their own
 * week, year and trend.  The seed is fixed.
 *
 * False alarms are those of ordinary days.  Every STRIDE days a drop is put
 * in for five days, and each of four judges is asked on the first day and on
 * all five: ev-guard; the oracle, which knows each day's true rate and spread
 * and has the same chance of a false alarm a day; a fixed threshold of -20 %
 * against the mean of four same weekdays; and the z-test of two proportions
 * against these, at the same chance.
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

#define WEEKS 26
#define WARM (WEEKS * 7)
#define BUDGET 0.25
#define YEARS 10.0
#define RUN 5 /* days that a drop lasts */

enum judges { GUARD, ORACLE, FIXED, ZTEST, JUDGES };

#define DROPS 4

static const double drops[DROPS] = { 0.1, 0.2, 0.3, 0.5 };

struct site {
	size_t n;
	double spread;
	double *hits, *rate; /* true */
	bool *holiday;
	struct day *day;
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

static bool
says_down(const struct dist *d, double y)
{
	return dist_cdf(d, y) <= BUDGET / QUARTER;
}

static void
ask(const struct site *s, size_t i, double y, bool down[JUDGES])
{
	double e = s->day[i].e, by = 0, be = 0, p, z;
	struct dist truth = { .mean = s->rate[i] * e,
		.s2 = s->spread * s->spread };
	struct baseline b;
	struct dist d = { 0 };

	memset(down, 0, JUDGES * sizeof(*down));
	if (baseline_fit(&b, s->day + i - WARM, WARM - BASELINE_LAG, (int64_t)i,
		NULL) == 0) {
		d.mean = b.rate * e;
		d.s2 = b.s2;
		down[GUARD] = says_down(&d, y);
	}
	down[ORACLE] = says_down(&truth, y);
	for (size_t w = 7; w <= 28; w += 7) {
		by += s->day[i - w].y;
		be += s->day[i - w].e;
	}
	down[FIXED] = y / e < 0.8 * by / be;
	p = (by + y) / (be + e);
	z = (y / e - by / be) / sqrt(p * (1 - p) * (1 / e + 1 / be));
	down[ZTEST] = 0.5 * erfc(-z / sqrt(2)) <= BUDGET / QUARTER;
}

struct count {
	double first, within;
};

/* A drop from day i on; what was there is put back. */
static void
drop_from(struct site *s, size_t i, double drop, struct count c[JUDGES])
{
	struct day kept[RUN];
	bool down[JUDGES], any[JUDGES] = { false };

	memcpy(kept, s->day + i, sizeof(kept));
	for (size_t k = i; k < i + RUN; k++) {
		s->day[k].y = random_count(
		    s->hits[k] * s->rate[k] * (1 - drop), s->spread);
		ask(s, k, s->day[k].y, down);
		s->day[k].skip = any[GUARD] || down[GUARD];
		for (int j = 0; j < JUDGES; j++) {
			c[j].first += k == i && down[j];
			any[j] |= down[j];
		}
	}
	for (int j = 0; j < JUDGES; j++)
		c[j].within += any[j];
	memcpy(s->day + i, kept, sizeof(kept));
}

static void
print_counts(const char *what, const struct count c[JUDGES], double n)
{
	printf("%s", what);
	for (int j = 0; j < JUDGES; j++)
		printf("\t%.1f\t%.1f", 100 * c[j].first / n,
		    100 * c[j].within / n);
	printf("\n");
}

/* All that is counted of sites of one size and spread. */
struct study {
	double alarms[JUDGES], days;
	struct count power[DROPS][JUDGES];
	double n; /* drops of each size */
};

static void
study_site(struct study *st, struct site *s, size_t stride)
{
	bool down[JUDGES];

	for (size_t i = WARM; i < s->n; i++) {
		ask(s, i, s->day[i].y, down);
		s->day[i].skip = down[GUARD];
		if (s->holiday[i])
			continue;
		st->days++;
		for (int j = 0; j < JUDGES; j++)
			st->alarms[j] += down[j];
	}
	for (size_t i = WARM; i + RUN < s->n; i += stride, st->n++)
		for (size_t k = 0; k < DROPS; k++)
			drop_from(s, i, drops[k], st->power[k]);
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
table(size_t sites, size_t stride)
{
	static const double signups[] = { 50, 100, 300, 1000 };
	static const double spreads[] = { 0, 0.05, 0.1 };
	struct site s = { .n = WARM + (size_t)(365.25 * YEARS) };

	s.hits = xcalloc(s.n, sizeof(*s.hits));
	s.rate = xcalloc(s.n, sizeof(*s.rate));
	s.holiday = xcalloc(s.n, sizeof(*s.holiday));
	s.day = xcalloc(s.n, sizeof(*s.day));
	printf("what\tsignups\tspread\tdrop\tguard\toracle\tfixed\tz\n");
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
	if (argc == 3)
		return table(
		    strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
	if (argc < 6)
		return 2;
	d.kind = strcmp(argv[2], "share") == 0 ? DIST_SHARE : DIST_COUNT;
	d.mean = strtod(argv[3], NULL);
	d.s2 = strtod(argv[4], NULL);
	d.n = argc > 6 ? strtoul(argv[6], NULL, 10) : 0;
	printf("%.12g\n", dist_cdf(&d, strtod(argv[5], NULL)));
	return 0;
}
