/*
 * guard-sim: does ev-guard's judgement keep its budget, and what does it see?
 *
 *	guard-sim [-c climate] [-r row] [-s seed] [-w weeks] SITES STRIDE
 *	guard-sim cdf count MEAN S2 X      P(X <= x), for the tests
 *	guard-sim cdf share MEAN S2 X N
 *
 * The first prints the table of ev-guard(1), or the row'th size and spread of
 * it.  A site's rate of sign-ups over ten years, with a week (-15 to +10 %), a
 * year (+-10 %), a trend (+3 % a year), a day-to-day spread, and ten holidays
 * a year on which traffic halves and the rate falls by a third; the other
 * climates have other ones.  Hits have their own week, year and trend.
 *
 * Each judge says of each day from which count down it would be an alarm;
 * what is summed is the chance of such a count, in truth or under a drop, so
 * that no draw of the day itself blurs the table.  False alarms are those of
 * ordinary days.  From every STRIDE-th day on a drop is put on five ordinary
 * days: the chance of an alarm on the first, and of one at all.
 *
 * The judges are ev-guard; the oracle, which knows each day's true rate and
 * spread and is given the budget that makes its false alarms as many as
 * ev-guard's were; the same with the whole budget; a fixed threshold of -20 %
 * against the mean of four same weekdays; and the z-test of two proportions
 * against these, at the same chance a day.
 *
 * A row of power ends with the oracle's part that ev-guard has, and a row of
 * false alarms with what they are of the budget, each with the standard error
 * that the sites' scatter makes of it.
 */
#include "config.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

enum judges { GUARD, ORACLE, WHOLE, FIXED, ZTEST, JUDGES };

#define DROPS 4

static const double drops[DROPS] = { 0.1, 0.2, 0.3, 0.5 };

#define ROWS 12

static const double sizes[] = { 50, 100, 300, 1000 };
static const double spreads[] = { 0, 0.05, 0.1 };

/* What sites are like: the table's, and others that must do as well. */
static const struct climate {
	double week, year, trend; /* of the rate, relative to the table's */
	double holidays;	  /* a year */
	double rate;		  /* of an ordinary day's, on holidays */
	double step; /* each year the level is this times as high */
} climates[] = {
	{ 1, 1, 1, 10, 0.67, 1 },
	{ 1, 1, 1, 0, 1, 1 },
	{ 3, 1, -5, 10, 0.67, 1 },
	{ 1, 3, 10, 10, 0.67, 1 },
	{ 1, 1, 1, 20, 0.8, 1 },
	{ 1, 1, 1, 10, 1.5, 1.1 },
};

struct options {
	const struct climate *climate;
	size_t sites, stride, weeks, row;
	uint64_t seed;
};

struct site {
	const struct climate *climate;
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
	static const double week[7] = { 0.05, 0.1, 0.08, 0.02, -0.04, -0.15,
		-0.06 };
	static const double traffic[7] = { 1.1, 1.12, 1.1, 1.05, 1, 0.78,
		0.85 };
	const struct climate *c = s->climate;

	s->spread = spread;
	for (size_t i = 0; i < s->n; i++) {
		double year = sin(2 * M_PI * (double)i / 365.25);
		double age = (double)i / 365.25 - YEARS / 2;

		s->holiday[i] = random_uniform() < c->holidays / 365.25;
		s->hits[i] =
		    floor(signups / 0.02 * traffic[i % 7] * (1 + 0.15 * year) *
			  (s->holiday[i] ? 0.5 : 1));
		s->rate[i] =
		    0.02 * (1 + c->week * week[i % 7]) *
		    (1 + c->year * 0.1 * year) * pow(1 + 0.03 * c->trend, age) *
		    pow(c->step, floor(age)) * (s->holiday[i] ? c->rate : 1);
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

/* The z-test of two proportions: greater where y is less likely. */
static double
z_of(double y, double e, double by, double be)
{
	double p = (by + y) / (be + e);

	return (by / be - y / e) / sqrt(p * (1 - p) * (1 / e + 1 / be));
}

static double
guard_at(const struct site *s, size_t i, struct budget *budget)
{
	struct baseline b;
	struct dist d = { 0 };

	if (baseline_fit(&b, &cadence_day, false, s->day + i - s->warm,
		s->warm - LAG, (int64_t)i, NULL) == -1)
		return -1;
	d.mean = b.rate * s->day[i].e;
	d.s2 = b.s2;
	return alarm_at(budget, &d);
}

static void
ask(struct site *s, size_t i, struct budget *budget)
{
	double e = s->day[i].e, by = 0, be = 0, *low = s->low[i];

	low[GUARD] = guard_at(s, i, budget);
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

static void
ask_oracle(struct site *s, enum judges judge, double quarterly)
{
	struct budget budget = { .part = quarterly / QUARTER };

	for (size_t i = s->warm; i < s->n; i++) {
		struct dist d = true_view(s, i);

		s->low[i][judge] = alarm_at(&budget, &d);
	}
}

/* All that is summed of one site, or of all of one size and spread. */
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
count_alarms(struct study *st, const struct site *s, enum judges judge)
{
	for (size_t i = s->warm; i < s->n; i++) {
		struct dist d = true_view(s, i);

		if (!s->holiday[i])
			st->alarms[judge] += dist_cdf(&d, s->low[i][judge]);
	}
}

static void
study_alarms(struct study *st, struct site *s)
{
	struct budget budget = { .part = BUDGET / QUARTER };
	struct fall fall = { 0 };

	for (size_t i = s->warm; i < s->n; i++) {
		ask(s, i, &budget);
		fall_see(&fall, &cadence_day, s->day, i,
		    s->day[i].y <= s->low[i][GUARD]);
		st->days += !s->holiday[i];
	}
	ask_oracle(s, WHOLE, BUDGET);
	for (int j = 0; j < JUDGES; j++)
		if (j != ORACLE)
			count_alarms(st, s, (enum judges)j);
}

static void
study_power(struct study *st, const struct site *s, size_t stride)
{
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
add_study(struct study *sum, const struct study *st)
{
	sum->days += st->days;
	sum->n += st->n;
	for (int j = 0; j < JUDGES; j++) {
		sum->alarms[j] += st->alarms[j];
		for (size_t k = 0; k < DROPS; k++) {
			sum->power[k][j].first += st->power[k][j].first;
			sum->power[k][j].within += st->power[k][j].within;
		}
	}
}

/* A ratio of two sums over sites, and its standard error. */
struct ratio {
	double a, b, aa, ab, bb, n;
};

static void
ratio_add(struct ratio *r, double a, double b)
{
	r->a += a;
	r->b += b;
	r->aa += a * a;
	r->ab += a * b;
	r->bb += b * b;
	r->n++;
}

static void
ratio_print(const struct ratio *r)
{
	double q = r->a / r->b, var = r->aa - 2 * q * r->ab + q * q * r->bb;

	if (r->n > 1)
		var *= r->n / (r->n - 1);
	printf("\t%.4f\t%.4f", q, sqrt(fmax(var, 0)) / r->b);
}

static void
print_alarms(const struct study st[], size_t sites, const char *row)
{
	struct study sum = { 0 };
	struct ratio r = { 0 };

	for (size_t i = 0; i < sites; i++) {
		add_study(&sum, &st[i]);
		ratio_add(
		    &r, st[i].alarms[GUARD], BUDGET / QUARTER * st[i].days);
	}
	printf("false\t%s\t-", row);
	for (int j = 0; j < JUDGES; j++)
		printf("\t%.3f", sum.alarms[j] / sum.days * QUARTER);
	ratio_print(&r);
	printf("\n");
}

static void
print_power(const struct study st[], size_t sites, const char *row, size_t drop)
{
	struct study sum = { 0 };
	struct ratio first = { 0 }, within = { 0 };

	for (size_t i = 0; i < sites; i++) {
		const struct power *p = st[i].power[drop];

		add_study(&sum, &st[i]);
		ratio_add(&first, p[GUARD].first, p[ORACLE].first);
		ratio_add(&within, p[GUARD].within, p[ORACLE].within);
	}
	printf("power\t%s\t%.0f", row, 100 * drops[drop]);
	for (int j = 0; j < JUDGES; j++)
		printf("\t%.2f\t%.2f", 100 * sum.power[drop][j].first / sum.n,
		    100 * sum.power[drop][j].within / sum.n);
	ratio_print(&first);
	ratio_print(&within);
	printf("\n");
}

static void
free_site(struct site *s)
{
	free(s->hits);
	free(s->rate);
	free(s->holiday);
	free(s->day);
	free(s->low);
}

static void
new_site(struct site *s, const struct options *o, size_t row, size_t site)
{
	*s = (struct site){ .climate = o->climate,
		.n = 7 * o->weeks + (size_t)(365.25 * YEARS),
		.warm = 7 * o->weeks };
	s->hits = xcalloc(s->n, sizeof(*s->hits));
	s->rate = xcalloc(s->n, sizeof(*s->rate));
	s->holiday = xcalloc(s->n, sizeof(*s->holiday));
	s->day = xcalloc(s->n, sizeof(*s->day));
	s->low = xcalloc(s->n, sizeof(*s->low));
	random_seed(o->seed + (row * 10000 + site) * UINT64_C(1000003));
	make_site(s, sizes[row / 3], spreads[row % 3]);
}

/* The oracle's budget is known when all of ev-guard's alarms are. */
static void
study_row(const struct options *o, size_t row)
{
	struct site *s = xcalloc(o->sites, sizeof(*s));
	struct study *st = xcalloc(o->sites, sizeof(*st)), sum = { 0 };
	char name[32];

	for (size_t i = 0; i < o->sites; i++) {
		new_site(&s[i], o, row, i);
		study_alarms(&st[i], &s[i]);
		add_study(&sum, &st[i]);
	}
	for (size_t i = 0; i < o->sites; i++) {
		ask_oracle(&s[i], ORACLE,
		    BUDGET * sum.alarms[GUARD] / sum.alarms[WHOLE]);
		count_alarms(&st[i], &s[i], ORACLE);
		study_power(&st[i], &s[i], o->stride);
		free_site(&s[i]);
	}
	(void)snprintf(name, sizeof(name), "%.0f\t%.0f", sizes[row / 3],
	    100 * spreads[row % 3]);
	print_alarms(st, o->sites, name);
	for (size_t k = 0; k < DROPS; k++)
		print_power(st, o->sites, name, k);
	free(s);
	free(st);
}

static void
table(const struct options *o)
{
	printf("what\tsignups\tspread\tdrop\tguard\toracle\twhole\tfixed\t"
	       "z\tpart\terror\n");
	for (size_t row = 0; row < ROWS; row++)
		if (o->row == 0 || o->row == row + 1)
			study_row(o, row);
}

static int
cdf(int argc, char **argv)
{
	struct dist d;

	if (argc < 6)
		return 2;
	d.kind = strcmp(argv[2], "share") == 0 ? DIST_SHARE : DIST_COUNT;
	d.mean = strtod(argv[3], NULL);
	d.s2 = strtod(argv[4], NULL);
	d.n = argc > 6 ? strtod(argv[6], NULL) : 0;
	printf("%.12g\n", dist_cdf(&d, strtod(argv[5], NULL)));
	return 0;
}

int
main(int argc, char **argv)
{
	/* Not the seed that the constants of baseline.c were chosen with. */
	struct options o = {
		.climate = climates, .weeks = WEEKS, .seed = 20270101
	};
	int ch;

	if (argc > 1 && strcmp(argv[1], "cdf") == 0)
		return cdf(argc, argv);
	while ((ch = getopt(argc, argv, "c:r:s:w:")) != -1) {
		size_t n = optarg != NULL ? strtoul(optarg, NULL, 10) : 0;

		if (ch == 'c' && n < sizeof(climates) / sizeof(*climates))
			o.climate = climates + n;
		else if (ch == 'r')
			o.row = n;
		else if (ch == 's')
			o.seed = n;
		else if (ch == 'w')
			o.weeks = n;
		else
			return 2;
	}
	if (argc - optind != 2)
		return 2;
	o.sites = strtoul(argv[optind], NULL, 10);
	o.stride = strtoul(argv[optind + 1], NULL, 10);
	table(&o);
	return 0;
}
