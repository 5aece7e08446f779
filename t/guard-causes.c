/*
 * guard-causes: metric rows of a site on whose last day one thing happens.
 *
 *	guard-causes SEED CAUSE DAYS
 *
 * CAUSE is none; checkout: what is bought with devices of one brand falls to
 * a tenth; referrer: no hit comes from one referrer any more.  Which one
 * depends on the seed and is named on stderr, as a row of the dimension and
 * the value.  The metrics are those of examples/growth: hits, sign-ups and
 * purchases, in all and by referrer, country, brand and host, whose shares
 * and rates differ and have nothing to do with each other.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "t/guard-random.h"

#define HITS 30000.0
#define RATE 0.2 /* sign-ups of hits */
#define BUYS 0.4 /* purchases of sign-ups */
#define SPREAD 0.02
#define FIRST_DAY 20000
#define VALUES 7

enum dims { REFERRER, COUNTRY, BRAND, HOST, DIMS };
enum metrics { HIT, SIGNUP, PURCHASE, METRICS };

struct value {
	const char *name; /* "": NULL */
	double share, rate;
};

struct dim {
	const char *key, *by;
	struct value v[VALUES];
};

static const struct dim dims[DIMS] = {
	{ "referrer", "referrer",
	    { { "", .3, 1 }, { "=google.com", .3, 1.6 },
		{ "=bing.com", .1, 1.4 }, { "=news.example", .1, 2.5 },
		{ "=t.co", .12, .4 }, { "=forum.example", .08, .7 } } },
	{ "dim_country", "country",
	    { { "=DE", .4, 1 }, { "=US", .2, 1.2 }, { "=FR", .15, .8 },
		{ "=GB", .1, 1.1 }, { "", .05, .5 }, { "=PL", .1, 1 } } },
	{ "dim_device_brand", "device",
	    { { "=Apple", .35, 1.3 }, { "=Samsung", .2, .9 },
		{ "=Google", .1, 1 }, { "=Xiaomi", .1, .6 }, { "", .25, 1 } } },
	{ "dim_hostname", "host",
	    { { "=xx.com", .7, 1 }, { "=xxx.com", .3, 1 } } },
};

static const char *const names[METRICS] = { "hits", "signups", "purchases" };

struct what {
	int dim;      /* -1: nothing */
	int value;    /* of that dimension */
	bool traffic; /* gone, else the purchases */
};

static struct what
choose(const char *cause)
{
	struct what w = { .dim = -1 };

	if (strcmp(cause, "checkout") == 0) {
		w.dim = BRAND;
		w.value = random_uniform() < 0.5 ? 0 : 1;
	} else if (strcmp(cause, "referrer") == 0) {
		w.dim = REFERRER;
		w.value = random_uniform() < 0.5 ? 1 : 3;
		w.traffic = true;
	}
	return w;
}

/* Counts of one day, in all and by value. */
struct tally {
	double all[METRICS], by[METRICS][DIMS][VALUES];
};

static void
add(struct tally *t, int metric, const int v[DIMS], double n)
{
	t->all[metric] += n;
	for (int d = 0; d < DIMS; d++)
		t->by[metric][d][v[d]] += n;
}

static void
make_cell(struct tally *t, const int v[DIMS], const double mean[METRICS],
    const struct what *w)
{
	bool hit = w != NULL && w->dim >= 0 && v[w->dim] == w->value;
	double share = 1, rate = 1;

	for (int d = 0; d < DIMS; d++) {
		share *= dims[d].v[v[d]].share;
		rate *= dims[d].v[v[d]].rate;
	}
	if (share == 0 || (hit && w->traffic))
		return;
	add(t, HIT, v, random_count(share * mean[HIT], 0));
	add(t, SIGNUP, v, random_count(share * rate * mean[SIGNUP], 0));
	add(t, PURCHASE, v,
	    random_count(share * rate * mean[PURCHASE] * (hit ? 0.1 : 1), 0));
}

static void
make_day(struct tally *t, int day, const struct what *w)
{
	static const double week[7] = { 1.1, 1.1, 1.05, 1, .95, .75, .8 };
	double mean[METRICS] = { HITS * week[day % 7] };
	int v[DIMS];

	memset(t, 0, sizeof(*t));
	mean[HIT] *= random_spread(SPREAD);
	mean[SIGNUP] = mean[HIT] * RATE * (1.1 - week[day % 7] / 10) *
		       random_spread(SPREAD);
	mean[PURCHASE] = mean[SIGNUP] * BUYS * random_spread(SPREAD);
	for (int i = 0; i < VALUES * VALUES * VALUES * VALUES; i++) {
		v[0] = i % VALUES;
		v[1] = i / VALUES % VALUES;
		v[2] = i / (VALUES * VALUES) % VALUES;
		v[3] = i / (VALUES * VALUES * VALUES);
		make_cell(t, v, mean, w);
	}
}

static void
print_rate(const char *ds, const char *name, double num, double den)
{
	printf("%.*s\t%s\t\t%.17g\t%.0f\t%.0f\n", UTC_DATE_LEN, ds, name,
	    num / den, num, den);
}

static void
print_day(const struct tally *t, int day)
{
	char ds[UTC_DATE_LEN];

	utc_format_date(ds, FIRST_DAY + day);
	for (int m = 0; m < METRICS; m++) {
		printf("%.*s\t%s\t\t%.0f\t\\N\t\\N\n", UTC_DATE_LEN, ds,
		    names[m], t->all[m]);
		for (int i = 0; i < DIMS * VALUES; i++) {
			const struct dim *d = &dims[i / VALUES];
			double n = t->by[m][i / VALUES][i % VALUES];

			if (n > 0)
				printf("%.*s\t%s_by_%s\t%s%s\t%.0f\t\\N"
				       "\t\\N\n",
				    UTC_DATE_LEN, ds, names[m], d->by, d->key,
				    d->v[i % VALUES].name, n);
		}
	}
	print_rate(ds, "signup_rate", t->all[SIGNUP], t->all[HIT]);
	print_rate(ds, "purchase_rate", t->all[PURCHASE], t->all[SIGNUP]);
}

int
main(int argc, char **argv)
{
	struct what w;
	struct tally t;
	int days;

	if (argc != 4)
		return 2;
	random_seed(strtoull(argv[1], NULL, 10));
	w = choose(argv[2]);
	days = atoi(argv[3]);
	for (int day = 0; day < days; day++) {
		make_day(&t, day, day == days - 1 ? &w : NULL);
		print_day(&t, day);
	}
	if (w.dim >= 0)
		fprintf(stderr, "%s\t%s\n", dims[w.dim].key,
		    dims[w.dim].v[w.value].name + 1);
	return fflush(stdout) == 0 ? 0 : 1;
}
