#include "config.h"

#include "guard/split.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "history/cause.h"

/*
 * People are not quite parts of a whole: one may have two countries.  Where
 * the parts exceed the total by more than this, they say nothing of it.
 */
#define EXCESS 0.01

/* The key of dims that have one alone, else p is NULL. */
static struct slice
only_key(struct slice dims)
{
	struct map_pair pair, more;

	if (map_next(&dims, &pair) == 0 || map_next(&dims, &more) == 1)
		return SLICE_NULL;
	return pair.key;
}

static bool
is_of(const struct series *s, struct slice key)
{
	struct slice only = only_key(s->dims);

	return only.p != NULL && slice_eq(only, key);
}

static bool
is_rest(const struct series *s)
{
	static const struct slice rest = SLICE_LIT("=" CAUSE_OTHER);

	return s->dims.n > rest.n &&
	       memcmp(s->dims.p + s->dims.n - rest.n, rest.p, rest.n) == 0;
}

static bool
is_whole(const struct conf_metric *c, const struct conf_metric *of)
{
	return c->ratio == of->ratio && conf_measure_same(&c->num, &of->num) &&
	       (!c->ratio || conf_measure_same(&c->den, &of->den));
}

static struct split_source *
intern_source(
    struct split_source **src, size_t *n, size_t *cap, struct slice key)
{
	for (size_t i = 0; i < *n; i++)
		if (slice_eq((*src)[i].key, key))
			return &(*src)[i];
	*src = xgrow(*src, cap, *n + 1, sizeof(**src));
	(*src)[*n] = (struct split_source){ .key = key };
	return &(*src)[(*n)++];
}

/* The first metric of the config that serves is the one. */
static void
add_metric(struct split_source *s, const struct metric *m,
    const struct conf_metric *of)
{
	if (is_whole(m->conf, of)) {
		if (s->whole == NULL)
			s->whole = m;
	} else if (conf_measure_same(&m->conf->num, &of->num)) {
		if (s->num == NULL)
			s->num = m;
	} else if (s->den == NULL) {
		s->den = m;
	}
}

static bool
serves(const struct metric *m, const struct conf_metric *of)
{
	const struct conf_metric *c = m->conf;

	if (c == NULL || c->period != of->period)
		return false;
	if (is_whole(c, of))
		return true;
	return of->ratio && !c->ratio &&
	       (conf_measure_same(&c->num, &of->num) ||
		   conf_measure_same(&c->num, &of->den));
}

size_t
split_sources(
    const struct history *h, const struct metric *m, struct split_source **src)
{
	size_t n = 0, cap = 0, kept = 0;

	*src = NULL;
	for (size_t i = 0; m->conf != NULL && i < h->nmetrics; i++) {
		const struct metric *from = &h->metric[i];
		struct slice last = SLICE_NULL, key;

		if (!serves(from, m->conf))
			continue;
		for (size_t k = 0; k < from->n; k++) {
			key = only_key(from->series[k].dims);
			if (key.p == NULL || slice_eq(key, last))
				continue;
			last = key;
			add_metric(
			    intern_source(src, &n, &cap, key), from, m->conf);
		}
	}
	for (size_t i = 0; i < n; i++) {
		const struct split_source *s = &(*src)[i];

		if (s->whole != NULL || (s->num != NULL && s->den != NULL))
			(*src)[kept++] = *s;
	}
	return kept;
}

/* What a row says: 1, or 0 where it says nothing. */
static bool
read_point(const struct point *p, double *y, double *e)
{
	*y = *e = 0;
	if (p == NULL)
		return false;
	switch (p->kind) {
	case POINT_COUNT:
		*y = p->value;
		return true;
	case POINT_RATIO:
	case POINT_ZERO:
		*y = p->num;
		*e = p->den;
		return true;
	default:
		return false;
	}
}

/* One value of a metric on a day; false: it may be in the row "(other)". */
static bool
read_value(const struct history *h, const struct metric *m,
    const struct series *rest, struct slice dims, int64_t day, double *y,
    double *e)
{
	const struct series *s = metric_find(m, dims);

	*y = *e = 0;
	if (s != NULL && read_point(history_on(h, s, day), y, e))
		return true;
	return rest == NULL || history_on(h, rest, day) == NULL;
}

struct filler {
	const struct history *h;
	const struct series *total;
	const struct split_source *src;
	const struct series *rest[2]; /* of whole or num, and of den */
	struct split *s;
	const struct split_day *day; /* those that can be used */
	size_t ndays;
};

static bool
read_part(const struct filler *f, struct slice dims, int64_t day, double *y,
    double *e)
{
	const struct split_source *src = f->src;
	double none;
	bool known;

	if (src->whole != NULL)
		return read_value(
		    f->h, src->whole, f->rest[0], dims, day, y, e);
	known = read_value(f->h, src->num, f->rest[0], dims, day, y, &none);
	return read_value(f->h, src->den, f->rest[1], dims, day, e, &none) &&
	       known;
}

/* False: a value that may be hidden in "(other)" on some day. */
static bool
fill_part(const struct filler *f, struct split_part *p, int64_t now)
{
	double y, e;

	for (size_t i = 0; i < f->ndays; i++) {
		if (!read_part(f, p->dims, f->day[i].day, &y, &e))
			return false;
		p->y[SPLIT_BEFORE] += f->day[i].weight * y;
		p->e[SPLIT_BEFORE] += f->day[i].weight * e;
	}
	return read_part(f, p->dims, now, &p->y[SPLIT_NOW], &p->e[SPLIT_NOW]);
}

static void
add_parts(
    const struct filler *f, const struct metric *m, size_t *cap, int64_t now)
{
	struct split *s = f->s;

	for (size_t i = 0; i < m->n; i++) {
		struct split_part p = { .dims = m->series[i].dims };

		if (!is_of(&m->series[i], f->src->key) ||
		    is_rest(&m->series[i]) ||
		    (m == f->src->den && metric_find(f->src->num, p.dims)))
			continue;
		if (!fill_part(f, &p, now))
			continue;
		s->part = xgrow(s->part, cap, s->n + 1, sizeof(*s->part));
		s->part[s->n++] = p;
	}
}

static bool
has_rows(const struct history *h, const struct metric *m, int64_t day)
{
	int i = history_day(h, day);

	return m == NULL || (i != -1 && m->on[i]);
}

/* No rows are none only where the total is. */
static bool
can_use(const struct filler *f, int64_t day)
{
	const struct split_source *src = f->src;
	double y, e;

	if (!read_point(history_on(f->h, f->total, day), &y, &e))
		return false;
	if (src->whole != NULL)
		return has_rows(f->h, src->whole, day);
	return (y == 0 || has_rows(f->h, src->num, day)) &&
	       (e == 0 || has_rows(f->h, src->den, day));
}

static const struct series *
find_rest(const struct metric *m, struct slice key)
{
	for (size_t i = 0; m != NULL && i < m->n; i++)
		if (is_rest(&m->series[i]) && is_of(&m->series[i], key))
			return &m->series[i];
	return NULL;
}

static void
fill_total(struct filler *f, int64_t now)
{
	struct split *s = f->s;
	double y, e;

	for (size_t i = 0; i < f->ndays; i++) {
		read_point(history_on(f->h, f->total, f->day[i].day), &y, &e);
		s->y[SPLIT_BEFORE] += f->day[i].weight * y;
		s->e[SPLIT_BEFORE] += f->day[i].weight * e;
		s->weight += f->day[i].weight;
	}
	read_point(history_on(f->h, f->total, now), &s->y[SPLIT_NOW],
	    &s->e[SPLIT_NOW]);
}

/* What weights that are no whole numbers leave of nothing. */
static double
no_dust(double rest, double total)
{
	return fabs(rest) < 1e-9 * total ? 0 : rest;
}

/* What the values leave of the total; -1 where they are more than it. */
static int
add_rest(struct split *s, size_t cap)
{
	struct split_part rest = { .dims = SLICE_NULL };

	for (int side = 0; side < SPLIT_SIDES; side++) {
		rest.y[side] = s->y[side];
		rest.e[side] = s->e[side];
		for (size_t i = 0; i < s->n; i++) {
			rest.y[side] -= s->part[i].y[side];
			rest.e[side] -= s->part[i].e[side];
		}
		rest.y[side] = no_dust(rest.y[side], s->y[side]);
		rest.e[side] = no_dust(rest.e[side], s->e[side]);
		if (rest.y[side] < -EXCESS * s->y[side] - 0.5 ||
		    rest.e[side] < -EXCESS * s->e[side] - 0.5)
			return -1;
	}
	s->part = xgrow(s->part, &cap, s->n + 1, sizeof(*s->part));
	s->part[s->n++] = rest;
	return 0;
}

static int
fill(struct filler *f, int64_t now)
{
	const struct split_source *src = f->src;
	size_t cap = 0;

	if (f->ndays == 0 || !can_use(f, now))
		return -1;
	f->rest[0] =
	    find_rest(src->whole != NULL ? src->whole : src->num, src->key);
	f->rest[1] = find_rest(src->den, src->key);
	fill_total(f, now);
	if (src->whole != NULL) {
		add_parts(f, src->whole, &cap, now);
	} else {
		add_parts(f, src->num, &cap, now);
		add_parts(f, src->den, &cap, now);
	}
	return add_rest(f->s, cap);
}

int
split_fill(struct split *s, const struct history *h, const struct metric *m,
    const struct split_source *src, const struct split_day *days, size_t ndays,
    int64_t day)
{
	struct split_day *usable = xcalloc(ndays + 1, sizeof(*usable));
	struct filler f = { .h = h,
		.total = metric_total(m),
		.src = src,
		.s = s,
		.day = usable };
	int r = -1;

	*s = (struct split){ 0 };
	for (size_t i = 0; f.total != NULL && i < ndays; i++)
		if (can_use(&f, days[i].day))
			usable[f.ndays++] = days[i];
	if (f.total != NULL)
		r = fill(&f, day);
	free(usable);
	if (r == -1)
		split_release(s);
	return r;
}

void
split_release(struct split *s)
{
	free(s->part);
	*s = (struct split){ 0 };
}
