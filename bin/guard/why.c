#include "config.h"

#include "guard/why.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/utc.h"
#include "guard/split.h"
#include "history/cause.h"

/* Standard deviations of chance that are taken off what a value departs. */
#define CHANCE 2.0
/* What stands out must do that by this part of the drop. */
#define OUT 0.05
/* So many times the usual denominator is worth a word. */
#define MORE 1.25
/* A sentence cuts a value after so many bytes; the row has it whole. */
#define SHOWN 64
/* Units of the last place that an int64_t still sums without a doubt. */
#define UNITS_MAX 1e17
#define PLACES_MAX 17
/* Significant digits of the drop, at least. */
#define DIGITS 6

struct cause {
	const struct split_part *part;
	enum cause_kind kind;
	double drop;	    /* as computed */
	double before, now; /* rate, share or amount; NaN: none */
	double score;	    /* beyond an even drop and chance */
	int64_t units;	    /* as rounded */
};

struct dimension {
	struct slice key;
	struct split split;
	struct cause *cause; /* the greatest first, then those of the rest */
	size_t n;
	double score; /* the greatest of its causes */
	size_t most;  /* that cause */
};

struct why {
	const struct judge *j;
	const struct verdict *v;
	bool up;
	int64_t drop; /* in units of the last place */
	int places;
	struct dimension *dim;
	size_t n;
};

/* The digits of a printed number, times ten to the power of places. */
struct decimal {
	int64_t digits;
	int places;
};

static struct decimal
read_decimal(double v)
{
	struct decimal d = { 0, 0 };
	char buf[JUDGE_NUMBER];
	bool point = false;
	char *p = buf;

	judge_number(buf, v);
	for (; *p != '\0' && *p != 'e'; p++) {
		if (*p == '.')
			point = true;
		if (*p < '0' || *p > '9')
			continue;
		d.digits = d.digits * 10 + (*p - '0');
		d.places += point;
	}
	if (*p == 'e')
		d.places -= (int)strtol(p + 1, NULL, 10);
	return d;
}

/* 0, or -1: more digits than a sum can have. */
static int
scale(struct decimal *d, int places)
{
	for (; d->places < places; d->places++) {
		if ((double)d->digits > UNITS_MAX)
			return -1;
		d->digits *= 10;
	}
	return 0;
}

/* In places that both numbers have, and that parts of the drop need. */
static int
measure_drop(struct why *w)
{
	struct decimal expected = read_decimal(w->v->expected);
	struct decimal value = read_decimal(w->v->value);
	double drop = fabs(w->v->expected - w->v->value);
	int fine = drop > 0 ? DIGITS - (int)ceil(log10(drop)) : 0;

	w->places =
	    expected.places > value.places ? expected.places : value.places;
	w->places = w->places > fine ? w->places : fine;
	w->places = w->places > 0 ? w->places : 0;
	if (w->places > PLACES_MAX || scale(&expected, w->places) == -1 ||
	    scale(&value, w->places) == -1)
		return -1;
	w->drop = expected.digits - value.digits;
	if (w->up)
		w->drop = -w->drop;
	return w->drop > 0 ? 0 : -1;
}

/* Before and now of one value; of a ratio its shares and rates. */
struct sides {
	double s[SPLIT_SIDES], r[SPLIT_SIDES], y[SPLIT_SIDES];
};

static struct sides
compare_part(
    const struct why *w, const struct split *s, const struct split_part *p)
{
	double factor = w->v->expected;
	struct sides d;

	if (s->e[SPLIT_BEFORE] > 0)
		factor /= s->y[SPLIT_BEFORE] / s->e[SPLIT_BEFORE];
	else
		factor /= s->y[SPLIT_BEFORE];
	for (int i = 0; i < SPLIT_SIDES; i++) {
		double f = i == SPLIT_BEFORE ? factor : 1;
		double whole = s->e[i] > 0 ? s->e[i] : 1;

		d.s[i] = p->e[i] / whole;
		d.y[i] = f * p->y[i] / whole;
		d.r[i] = p->e[i] > 0 ? f * p->y[i] / p->e[i] : NAN;
	}
	return d;
}

static struct cause *
add_cause(struct dimension *d, const struct split_part *p, enum cause_kind kind,
    double drop)
{
	struct cause *c = &d->cause[d->n++];

	*c = (struct cause){
		.part = p, .kind = kind, .drop = drop, .before = NAN, .now = NAN
	};
	return c;
}

/*
 * How many a value has now is a matter of chance, as a Poisson's; what an
 * even drop would take of it is the part that it had.
 */
static double
score(const struct cause *c, double even, double chance)
{
	return c->part->dims.n == 0 ? 0 : c->drop - even - CHANCE * chance;
}

static void
divide_ratio(struct why *w, struct dimension *d)
{
	const struct split *s = &d->split;
	double sign = w->up ? -1 : 1, rate = 0;
	double all = (w->v->expected + w->v->value) / 2;

	for (size_t i = 0; i < s->n; i++) {
		const struct split_part *p = &s->part[i];
		struct sides v = compare_part(w, s, p);
		double mid = isnan(v.r[0])   ? v.r[1]
			     : isnan(v.r[1]) ? v.r[0]
					     : (v.r[0] + v.r[1]) / 2;
		double share = v.s[0] - v.s[1];
		struct cause *c;

		mid = isnan(mid) ? 0 : mid;
		c = add_cause(
		    d, p, CAUSE_RATE, sign * (v.y[0] - v.y[1] - share * mid));
		c->before = v.r[0];
		c->now = v.r[1];
		rate += c->drop;
		c = add_cause(d, p, CAUSE_MIX, sign * share * (mid - all));
		c->before = v.s[0];
		c->now = v.s[1];
	}
	for (size_t i = 0; i < d->n; i++) {
		struct cause *c = &d->cause[i];
		struct sides v = compare_part(w, s, c->part);
		double e = s->e[SPLIT_NOW], had = v.y[0] / w->v->expected;

		if (c->kind == CAUSE_RATE)
			c->score = score(c, had * rate,
			    sqrt(fmax(had * s->y[SPLIT_NOW], 1)) / e);
		else
			c->score = score(c, 0,
			    fabs(c->drop / (v.s[0] - v.s[1])) *
				sqrt(fmax(fmax(v.s[0], v.s[1]) * e, 1)) / e);
	}
}

static void
divide_count(struct why *w, struct dimension *d)
{
	const struct split *s = &d->split;
	double sign = w->up ? -1 : 1;

	for (size_t i = 0; i < s->n; i++) {
		const struct split_part *p = &s->part[i];
		struct sides v = compare_part(w, s, p);
		double had = v.y[0] / w->v->expected;
		struct cause *c =
		    add_cause(d, p, CAUSE_AMOUNT, sign * (v.y[0] - v.y[1]));

		c->before = v.y[0];
		c->now = v.y[1];
		c->score = score(c, had * sign * (w->v->expected - w->v->value),
		    sqrt(fmax(had * s->y[SPLIT_NOW], 1)));
	}
}

/* The greatest drops first, the rest's own last; bytes decide. */
static int
compare_causes(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;
	int r = (x->part->dims.n == 0) - (y->part->dims.n == 0);

	if (r == 0)
		r = (y->drop > x->drop) - (y->drop < x->drop);
	if (r == 0)
		r = slice_cmp(x->part->dims, y->part->dims);
	return r != 0 ? r : (x->kind > y->kind) - (x->kind < y->kind);
}

static int
compare_sizes(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;
	double i = fabs(x->drop), j = fabs(y->drop);

	if ((x->part->dims.n == 0) == (y->part->dims.n == 0) && i != j)
		return i > j ? -1 : 1;
	return compare_causes(a, b);
}

/* The WHY_TOP of the largest parts stay, the others join the rest's. */
static void
fold(struct dimension *d)
{
	size_t rest, kept = 0;

	qsort(d->cause, d->n, sizeof(*d->cause), compare_sizes);
	for (rest = 0; d->cause[rest].part->dims.n > 0; rest++)
		;
	for (size_t i = WHY_TOP; i < rest; i++)
		for (size_t k = rest; k < d->n; k++)
			if (d->cause[k].kind == d->cause[i].kind) {
				d->cause[k].drop += d->cause[i].drop;
				d->cause[k].before = d->cause[k].now = NAN;
			}
	for (size_t i = 0; i < d->n; i++)
		if (i < WHY_TOP || i >= rest)
			d->cause[kept++] = d->cause[i];
	d->n = kept;
	qsort(d->cause, d->n, sizeof(*d->cause), compare_causes);
}

struct cut {
	double cut;
	size_t i;
};

static int
compare_cuts(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	if (x->cut != y->cut)
		return x->cut > y->cut ? -1 : 1;
	return (x->i > y->i) - (x->i < y->i);
}

/* 0, or -1: a part that is out of all proportion. */
static int
round_causes(const struct why *w, struct dimension *d)
{
	struct cut *cut = xcalloc(d->n, sizeof(*cut));
	double unit = pow(10, w->places);
	int64_t left = w->drop;
	int r = 0;

	for (size_t i = 0; i < d->n; i++) {
		double exact = d->cause[i].drop * unit, down = floor(exact);

		if (!(fabs(down) < UNITS_MAX / (double)d->n)) {
			r = -1;
			break;
		}
		d->cause[i].units = (int64_t)down;
		left -= d->cause[i].units;
		cut[i] = (struct cut){ exact - down, i };
	}
	qsort(cut, d->n, sizeof(*cut), compare_cuts);
	/* Also what the decimals of the verdict's row are rounded by. */
	for (size_t i = 0; r == 0 && left != 0; i = (i + 1) % d->n) {
		int64_t step = left / (int64_t)d->n;

		step += step == 0 ? (left > 0) - (left < 0) : 0;
		d->cause[cut[i].i].units += step;
		left -= step;
	}
	free(cut);
	return r;
}

static void
find_most(struct dimension *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (i == 0 || d->cause[i].score > d->score) {
			d->score = d->cause[i].score;
			d->most = i;
		}
}

static int
divide(struct why *w, struct dimension *d)
{
	const struct split *s = &d->split;
	bool ratio = s->e[SPLIT_BEFORE] > 0 && s->e[SPLIT_NOW] > 0;

	/* The rest alone says nothing, nor do days without any event. */
	if (s->n < 2 || !(s->y[SPLIT_BEFORE] > 0))
		return -1;
	d->cause = xcalloc(2 * s->n, sizeof(*d->cause));
	if (ratio)
		divide_ratio(w, d);
	else
		divide_count(w, d);
	fold(d);
	find_most(d);
	return round_causes(w, d);
}

/* The days of the baseline that are of the same weekday. */
static size_t
weigh_days(const struct judge *j, size_t i, struct split_day **days)
{
	bool *used = xcalloc(j->n, sizeof(*used));
	size_t n = 0;

	*days = xcalloc(j->n, sizeof(**days));
	judge_baseline(j, i, used);
	for (size_t k = 0; k < i; k++) {
		int64_t age = j->day[i].day - j->day[k].day;

		if (used[k] && age % 7 == 0)
			(*days)[n++] = (struct split_day){ j->day[k].day,
				exp2(-(double)age / WHY_HALF) };
	}
	free(used);
	return n;
}

static void
dimension_release(struct dimension *d)
{
	split_release(&d->split);
	free(d->cause);
}

static int
compare_dimensions(const void *a, const void *b)
{
	const struct dimension *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return slice_cmp(x->key, y->key);
}

static void
find_dimensions(struct why *w, size_t i)
{
	const struct judge *j = w->j;
	struct split_source *src;
	struct split_day *days;
	size_t n = split_sources(j->history, j->metric, &src);
	size_t ndays = weigh_days(j, i, &days);

	w->dim = xcalloc(n + 1, sizeof(*w->dim));
	for (size_t k = 0; k < n; k++) {
		struct dimension *d = &w->dim[w->n];

		*d = (struct dimension){ .key = src[k].key };
		if (split_fill(&d->split, j->history, j->metric, &src[k], days,
			ndays, w->v->day) == 0 &&
		    divide(w, d) == 0)
			w->n++;
		else
			dimension_release(d);
	}
	qsort(w->dim, w->n, sizeof(*w->dim), compare_dimensions);
	free(days);
	free(src);
}

/* The value as written; p is NULL where it is NULL. */
static struct slice
value_of(const struct split_part *p)
{
	struct slice rest = p->dims;
	struct map_pair pair = { SLICE_NULL, SLICE_NULL };

	if (rest.n == 0)
		return SLICE_LIT(CAUSE_OTHER);
	map_next(&rest, &pair);
	return pair.val;
}

/* The rows are ev-agg's, where nothing is left to escape; if they are. */
static void
say_text(struct strbuf *sb, struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0, n;

	for (; i < s.n && i < SHOWN; i += n) {
		n = text_utf8_len(p + i, s.n - i);
		if (n == 0 || p[i] < 0x20 || p[i] == 0x7f ||
		    (p[i] == 0xc2 && p[i + 1] < 0xa0)) {
			n = 1;
			strbuf_addf(sb, "%%%02X", p[i]);
		} else {
			strbuf_add(sb, p + i, n);
		}
	}
	if (i < s.n)
		strbuf_adds(sb, "...");
}

static void
say_value(struct strbuf *sb, const struct cause *c, struct slice key)
{
	struct slice v = value_of(c->part);

	if (c->part->dims.n == 0) {
		strbuf_adds(sb, "the others");
	} else if (v.p == NULL) {
		strbuf_adds(sb, "NULL of ");
		say_text(sb, key);
	} else {
		say_text(sb, v);
	}
}

static void
say_number(struct strbuf *sb, double v, bool percent)
{
	if (isnan(v))
		strbuf_adds(sb, "none");
	else if (percent)
		strbuf_addf(sb, fabs(v) >= 1 ? "%.0f %%" : "%.3g %%", 100 * v);
	else
		strbuf_addf(sb, fabs(v) >= 100 ? "%.0f" : "%.3g", v);
}

/* The metric that counts what the guardrail is a rate of. */
static const char *
denominator_name(const struct why *w)
{
	const struct conf_metric *of = w->j->metric->conf;
	const struct history *h = w->j->history;

	for (size_t i = 0; i < h->nmetrics; i++) {
		const struct conf_metric *c = h->metric[i].conf;

		if (c != NULL && !c->ratio && c->by.n == 0 &&
		    c->period == of->period &&
		    conf_measure_same(&c->num, &of->den))
			return c->name.s;
	}
	return "denominator";
}

/*
 * A rate that falls while there is more of what it is a rate of is more often
 * a wave of visits that want nothing than a site that is broken.
 */
static void
say_more(struct strbuf *sb, const struct why *w, const struct split *s,
    double before, double now)
{
	double usual = s->weight > 0 ? before / s->weight : 0;

	if (usual > 0 && now >= MORE * usual)
		strbuf_addf(sb, ", with %.3g" CAUSE_SAYS_MORE "%s", now / usual,
		    denominator_name(w));
}

/* "rate among Android fell 3.1 % -> 0.4 %; 82 % of the drop" */
static void
say_cause(struct strbuf *sb, const struct why *w, const struct dimension *d,
    const struct cause *c)
{
	static const char *const subject[CAUSE_KINDS] = {
		[CAUSE_RATE] = CAUSE_SAYS_RATE,
		[CAUSE_MIX] = CAUSE_SAYS_MIX,
		[CAUSE_AMOUNT] = "",
	};
	bool percent = c->kind == CAUSE_MIX ||
		       (c->kind == CAUSE_RATE && w->j->metric->percent);

	strbuf_adds(sb, subject[c->kind]);
	say_value(sb, c, d->key);
	if (!isnan(c->before) || !isnan(c->now)) {
		strbuf_adds(sb, c->now < c->before   ? " fell "
				: c->now > c->before ? " rose "
						     : " stayed ");
		say_number(sb, c->before, percent);
		strbuf_adds(sb, " -> ");
		say_number(sb, c->now, percent);
		if (c->kind == CAUSE_RATE)
			say_more(sb, w, &d->split, c->part->e[SPLIT_BEFORE],
			    c->part->e[SPLIT_NOW]);
	}
	/* Adding 0 takes the sign off a nought. */
	strbuf_addf(sb, "; %.0f %% of the %s",
	    round(100 * (double)c->units / (double)w->drop) + 0,
	    w->up ? "rise" : "drop");
}

static bool
stands_out(const struct why *w, const struct dimension *d)
{
	return d->score > OUT * fabs(w->v->expected - w->v->value);
}

static char *
find_reason(const struct why *w)
{
	struct strbuf sb = STRBUF_INIT;
	const struct dimension *d = w->dim;

	if (w->n > 0 && stands_out(w, d)) {
		say_text(&sb, d->key);
		strbuf_adds(&sb, ": ");
		say_cause(&sb, w, d, &d->cause[d->most]);
	} else if (w->n > 0) {
		strbuf_adds(&sb, CAUSE_SAYS_EVEN);
		for (size_t i = 0; i < w->n; i++) {
			strbuf_adds(&sb, i > 0 ? ", " : " ");
			say_text(&sb, w->dim[i].key);
		}
		say_more(&sb, w, &d->split, d->split.e[SPLIT_BEFORE],
		    d->split.e[SPLIT_NOW]);
	} else {
		return NULL;
	}
	return strbuf_detach(&sb);
}

static void
put_units(struct out *out, int64_t units, int places)
{
	uint64_t v = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
	uint64_t one = 1;
	char buf[32];

	for (int i = 0; i < places; i++)
		one *= 10;
	if (units < 0)
		out_putc(out, '-');
	out_put_u64(out, v / one);
	if (places == 0)
		return;
	(void)snprintf(
	    buf, sizeof(buf), ".%0*llu", places, (unsigned long long)(v % one));
	out_puts(out, buf);
}

static void
put_number(struct out *out, double v)
{
	char buf[JUDGE_NUMBER];

	judge_number(buf, v);
	out_puts(out, buf);
	out_putc(out, '\t');
}

static void
put_cause(struct out *out, const struct why *w, const struct dimension *d,
    const struct cause *c)
{
	struct slice value = value_of(c->part);
	struct strbuf sb = STRBUF_INIT;
	char ds[UTC_DATE_LEN];

	utc_format_date(ds, w->v->day);
	out_put(out, ds, sizeof(ds));
	out_putc(out, '\t');
	out_put_slice(out, w->j->metric->name);
	out_putc(out, '\t');
	out_put_slice(out, d->key);
	out_putc(out, '\t');
	out_put_slice(out, value.p != NULL ? value : slice_str(EV_NULL));
	out_putc(out, '\t');
	out_puts(out, cause_name(c->kind));
	out_putc(out, '\t');
	put_units(out, c->units, w->places);
	out_putc(out, '\t');
	put_number(out, (double)c->units / (double)w->drop);
	put_number(out, c->before);
	put_number(out, c->now);
	say_cause(&sb, w, d, c);
	out_put_slice(out, strbuf_slice(&sb));
	out_putc(out, '\n');
	strbuf_release(&sb);
}

/* A rest that is nothing needs no row. */
static void
put_dimension(struct out *out, const struct why *w, const struct dimension *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->cause[i].units != 0 || d->cause[i].part->dims.n > 0)
			put_cause(out, w, d, &d->cause[i]);
}

void
why_explain(struct judge *j, size_t i, struct out *out)
{
	struct why w = { .j = j, .v = &j->v[i], .up = judge_is_up(j) };

	if (measure_drop(&w) == 0)
		find_dimensions(&w, i);
	if (j->v[i].reason == NULL)
		j->v[i].reason = find_reason(&w);
	for (size_t k = 0; k < w.n; k++) {
		if (out != NULL)
			put_dimension(out, &w, &w.dim[k]);
		dimension_release(&w.dim[k]);
	}
	free(w.dim);
}
