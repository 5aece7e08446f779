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
 * and rates differ and have nothing to do with each other, and those that
 * tell the health of the data.
 *
 * wave: bots that nobody knows, of 0.03 to 3 times the hits of a site of a
 * tenth to ten times the size.  Of each dimension either all of them have one
 * value, also one that was never seen, or they are as people are; some sign
 * up, less often than people.  stderr has a row of each dimension with one.
 *
 * Or it is a fault of the data, named on stderr by a part of its reason: gap:
 * some hours of the log are missing; bots: a wave of them, which of odd seeds
 * nobody knows: they have no referrer and do not sign up; format: of the
 * seeds by 3 the referrers (0) or the agents (1) are lost, and who sends no
 * agent is a bot, or half of the sign-ups' lines are rejects (2), which is
 * for the test to tell.
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
#define CELLS (VALUES * VALUES * VALUES * VALUES)

enum dims { REFERRER, COUNTRY, BRAND, HOST, DIMS };
enum metrics { HIT, SIGNUP, PURCHASE, METRICS };

struct value {
	const char *name; /* "": NULL */
	double share, rate;
};

struct dim {
	const char *key, *by;
	int n;
	struct value v[VALUES];
};

static const struct dim dims[DIMS] = {
	{ "referrer", "referrer", 7,
	    { { "", .3, 1 }, { "=google.com", .3, 1.6 },
		{ "=bing.com", .1, 1.4 }, { "=news.example", .1, 2.5 },
		{ "=t.co", .12, .4 }, { "=forum.example", .08, .7 },
		{ "=spam.example", 0, 0 } } },
	{ "dim_country", "country", 7,
	    { { "=DE", .4, 1 }, { "=US", .2, 1.2 }, { "=FR", .15, .8 },
		{ "=GB", .1, 1.1 }, { "", .05, .5 }, { "=PL", .1, 1 },
		{ "=VN", 0, 0 } } },
	{ "dim_device_brand", "device", 6,
	    { { "=Apple", .35, 1.3 }, { "=Samsung", .2, .9 },
		{ "=Google", .1, 1 }, { "=Xiaomi", .1, .6 }, { "", .25, 1 },
		{ "=Generic", 0, 0 } } },
	{ "dim_hostname", "host", 2,
	    { { "=xx.com", .7, 1 }, { "=xxx.com", .3, 1 } } },
};

static const char *const names[METRICS] = { "hits", "signups", "purchases" };

#define HOURS 24
#define BOTS 0.3 /* of hits, beside them */
#define WAVE 1.2 /* of them, when there is a wave */
#define LEAST_WAVE 0.03
#define MOST_WAVE 3.0
#define LEAST_SITE 0.1
#define MOST_SITE 10.0

struct what {
	double site;  /* so many times HITS */
	int dim;      /* -1: nothing */
	int value;    /* of that dimension */
	bool traffic; /* gone, else the purchases */
	/* Of the data: */
	int gap, hours;			 /* without events: from, how many */
	bool known;			 /* waves of bots: as such, */
	double wave;			 /* or of so many times the hits, */
	double signs_up;		 /* as often as people, */
	int nobody[DIMS];		 /* from there; -1: as people */
	bool referrers, agents, signups; /* lost */
	const char *reason;
};

static void
choose_fault(struct what *w, const char *cause, uint64_t seed)
{
	if (strcmp(cause, "gap") == 0) {
		w->gap = (int)(random_uniform() * 20);
		w->hours = 2 + (int)(random_uniform() * 3);
		w->reason = "0 events from ";
	} else if (strcmp(cause, "bots") == 0) {
		static const int nobody[DIMS] = { 0, 1, 4, 0 };

		w->known = seed % 2 == 0;
		w->wave = w->known ? 0 : WAVE;
		memcpy(w->nobody, nobody, sizeof(nobody));
		w->reason =
		    w->known ? "bot_share is " : "no_referrer_share is ";
	} else if (strcmp(cause, "format") == 0) {
		w->referrers = seed % 3 == 0;
		w->agents = seed % 3 == 1;
		w->signups = seed % 3 == 2;
		w->reason = w->referrers ? "no_referrer_share is 100"
			    : w->agents	 ? "bot_share is 100"
					 : "of the lines are rejects";
	}
}

/* Of any size, from one value of some dimensions at least. */
static void
choose_wave(struct what *w)
{
	bool some = false;

	w->site = LEAST_SITE * pow(MOST_SITE / LEAST_SITE, random_uniform());
	w->wave = LEAST_WAVE * pow(MOST_WAVE / LEAST_WAVE, random_uniform());
	w->signs_up = random_uniform() < 0.3 ? random_uniform() * 0.7 : 0;
	for (int d = 0; d < DIMS; d++) {
		w->nobody[d] = -1;
		if ((d == HOST && !some) || random_uniform() < 0.5)
			w->nobody[d] = (int)(random_uniform() * dims[d].n);
		some |= w->nobody[d] != -1;
	}
}

static struct what
choose(const char *cause, uint64_t seed)
{
	struct what w = { .dim = -1, .site = 1 };

	choose_fault(&w, cause, seed);
	if (strcmp(cause, "wave") == 0)
		choose_wave(&w);
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
	double bots, hour[HOURS];
};

/* Twice as many in the evening as at night. */
static double
hour_part(int hour)
{
	return (1.5 - 0.5 * cos(2 * M_PI * (hour - 6) / HOURS)) / (1.5 * HOURS);
}

static bool
in_gap(const struct what *w, int hour)
{
	return w != NULL && hour >= w->gap && hour < w->gap + w->hours;
}

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
	int seen[DIMS] = { v[0], v[1], v[2], v[3] };
	double share = 1, rate = 1;

	if (w != NULL && w->referrers)
		seen[REFERRER] = 0;
	for (int d = 0; d < DIMS; d++) {
		share *= dims[d].v[v[d]].share;
		rate *= dims[d].v[v[d]].rate;
	}
	if (share == 0 || (hit && w->traffic))
		return;
	add(t, HIT, seen, random_count(share * mean[HIT], 0));
	add(t, SIGNUP, seen, random_count(share * rate * mean[SIGNUP], 0));
	add(t, PURCHASE, seen,
	    random_count(share * rate * mean[PURCHASE] * (hit ? 0.1 : 1), 0));
}

static void
find_cell(int v[DIMS], int i)
{
	for (int d = 0; d < DIMS; d++, i /= VALUES)
		v[d] = i % VALUES;
}

static void
make_wave(struct tally *t, double hits, const struct what *w)
{
	int v[DIMS];
	double share;

	for (int i = 0; i < CELLS; i++) {
		find_cell(v, i);
		share = w->wave;
		for (int d = 0; d < DIMS; d++)
			share *= w->nobody[d] == -1 ? dims[d].v[v[d]].share
						    : w->nobody[d] == v[d];
		add(t, HIT, v, random_count(share * hits, 0));
		add(t, SIGNUP, v,
		    random_count(share * hits * RATE * w->signs_up, 0));
	}
}

/* Bots, and all that came by the hour. */
static void
make_rest(struct tally *t, double hits, const struct what *w)
{
	bool agents = w != NULL && w->agents;
	double whole = 0;

	if (w != NULL && w->wave > 0)
		make_wave(t, hits, w);
	t->bots = random_count(
	    hits * (w != NULL && w->known ? BOTS + WAVE : BOTS), 0);
	for (int h = 0; h < HOURS; h++)
		whole += in_gap(w, h) ? 0 : hour_part(h);
	for (int h = 0; h < HOURS; h++)
		if (!in_gap(w, h))
			t->hour[h] =
			    random_count((t->all[HIT] + t->all[SIGNUP] +
					     t->all[PURCHASE] + t->bots) /
					     whole * hour_part(h),
				0);
	if (!agents)
		return;
	memset(t->all, 0, sizeof(t->all));
	memset(t->by, 0, sizeof(t->by));
}

static void
make_day(struct tally *t, int day, double hits, const struct what *w)
{
	static const double week[7] = { 1.1, 1.1, 1.05, 1, .95, .75, .8 };
	double mean[METRICS] = { hits * week[day % 7] };
	int v[DIMS];

	memset(t, 0, sizeof(*t));
	for (int h = 0; h < HOURS; h++)
		if (in_gap(w, h))
			mean[HIT] -= hits * week[day % 7] * hour_part(h);
	mean[HIT] *= random_spread(SPREAD);
	mean[SIGNUP] = mean[HIT] * RATE * (1.1 - week[day % 7] / 10) *
		       random_spread(SPREAD);
	if (w != NULL && w->signups)
		mean[SIGNUP] /= 2;
	mean[PURCHASE] = mean[SIGNUP] * BUYS * random_spread(SPREAD);
	for (int i = 0; i < CELLS; i++) {
		find_cell(v, i);
		make_cell(t, v, mean, w);
	}
	make_rest(t, mean[HIT], w);
}

static void
print_rate(const char *ds, const char *name, double num, double den)
{
	printf("%.*s\t%s\t\t", UTC_DATE_LEN, ds, name);
	if (den > 0)
		printf("%.17g", num / den);
	else
		printf("\\N");
	printf("\t%.0f\t%.0f\n", num, den);
}

static void
print_health(const struct tally *t, const char *ds)
{
	double events = 0;

	for (int h = 0; h < HOURS; h++) {
		events += t->hour[h];
		if (t->hour[h] > 0)
			printf("%.*s\tevents_by_hour\thour=%02d\t%.0f\t\\N"
			       "\t\\N\n",
			    UTC_DATE_LEN, ds, h, t->hour[h]);
	}
	/* Nobody who is known not to be one: all are bots. */
	print_rate(ds, "bot_share", t->all[HIT] > 0 ? t->bots : events, events);
	print_rate(
	    ds, "no_referrer_share", t->by[HIT][REFERRER][0], t->all[HIT]);
	print_rate(ds, "no_country_share", t->by[HIT][COUNTRY][4], t->all[HIT]);
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
	print_health(t, ds);
}

static void
print_wave(const struct what *w)
{
	const char *name;

	for (int d = 0; d < DIMS; d++) {
		if (w->nobody[d] == -1)
			continue;
		name = dims[d].v[w->nobody[d]].name;
		fprintf(stderr, "%s\t%s\n", dims[d].key,
		    name[0] == '=' ? name + 1 : "\\N");
	}
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
	w = choose(argv[2], strtoull(argv[1], NULL, 10));
	days = atoi(argv[3]);
	for (int day = 0; day < days; day++) {
		make_day(&t, day, w.site * HITS, day == days - 1 ? &w : NULL);
		print_day(&t, day);
	}
	if (w.dim >= 0)
		fprintf(stderr, "%s\t%s\n", dims[w.dim].key,
		    dims[w.dim].v[w.value].name + 1);
	else if (w.wave > 0 && w.reason == NULL)
		print_wave(&w);
	else if (w.reason != NULL)
		fprintf(stderr, "%s\n", w.reason);
	return fflush(stdout) == 0 ? 0 : 1;
}
