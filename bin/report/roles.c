#include "config.h"

#include "report/roles.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "report/label.h"

static const struct metric *
find_total(const struct roles *r, const struct conf_measure *measure)
{
	const struct metric *m;

	for (size_t i = 0; i < r->nshown; i++) {
		m = r->shown[i];
		if (m->keys == 0 && m->conf != NULL && !m->conf->ratio &&
		    conf_measure_same(&m->conf->num, measure))
			return m;
	}
	return NULL;
}

const struct metric *
roles_numerator(const struct roles *r, const struct metric *rate)
{
	if (rate->conf == NULL || !rate->conf->ratio)
		return NULL;
	return find_total(r, &rate->conf->num);
}

const struct metric *
roles_denominator(const struct roles *r, const struct metric *rate)
{
	if (rate->conf == NULL || !rate->conf->ratio)
		return NULL;
	return find_total(r, &rate->conf->den);
}

const struct metric *
roles_whole(const struct roles *r, const struct metric *breakdown)
{
	const struct conf_metric *c = breakdown->conf;
	const struct metric *m;

	if (c == NULL)
		return NULL;
	if (!c->ratio)
		return find_total(r, &c->num);
	for (size_t i = 0; i < r->nshown; i++) {
		m = r->shown[i];
		if (m->keys == 0 && m->conf != NULL && m->conf->ratio &&
		    conf_measure_same(&m->conf->num, &c->num) &&
		    conf_measure_same(&m->conf->den, &c->den))
			return m;
	}
	return NULL;
}

/* The metrics that the config names, in its order; else all. */
static void
find_shown(
    struct roles *r, const struct history *h, const struct conf_list *wanted)
{
	const struct metric *m;

	r->shown = xcalloc(h->nmetrics + wanted->n, sizeof(*r->shown));
	for (size_t i = 0; i < wanted->n; i++) {
		m = history_metric(h, slice_of(wanted->v[i].s, wanted->v[i].n));
		if (m != NULL)
			r->shown[r->nshown++] = m;
	}
	for (size_t i = 0; wanted->n == 0 && i < h->nmetrics; i++)
		r->shown[r->nshown++] = &h->metric[i];
}

static bool
is_guardrail(const struct metric *m)
{
	return m->conf != NULL && m->conf->guardrail != GUARDRAIL_NONE;
}

static void
find_rates(struct roles *r)
{
	const struct metric *m;

	r->rate = xcalloc(r->nshown, sizeof(*r->rate));
	for (size_t i = 0; i < r->nshown; i++)
		if (r->shown[i]->keys == 0 && is_guardrail(r->shown[i]))
			r->rate[r->nrates++] = r->shown[i];
	r->guarded = r->nrates > 0;
	for (size_t i = 0; !r->guarded && i < r->nshown; i++) {
		m = r->shown[i];
		if (m->keys == 0 && m->ratio)
			r->rate[r->nrates++] = m;
	}
}

static void
add_step(struct roles *r, const struct metric *m)
{
	for (size_t i = 0; i < r->nsteps; i++)
		if (r->step[i] == m)
			return;
	if (m != NULL && r->nsteps < STEPS_MAX)
		r->step[r->nsteps++] = m;
}

/* People, then what the rates are of: hits, sign-ups, purchases. */
static void
find_steps(struct roles *r)
{
	const struct metric *m, *num, *den;

	for (size_t i = 0; r->people == NULL && i < r->nshown; i++) {
		m = r->shown[i];
		if (m->keys == 0 && m->conf != NULL && !m->conf->ratio &&
		    conf_measure_distinct(&m->conf->num))
			r->people = m;
	}
	add_step(r, r->people);
	for (size_t i = 0; i < r->nrates; i++) {
		num = roles_numerator(r, r->rate[i]);
		den = roles_denominator(r, r->rate[i]);
		if (r->traffic == NULL)
			r->traffic = den;
		if (num != NULL && den != NULL) {
			add_step(r, den);
			add_step(r, num);
		}
	}
	for (size_t i = 0; r->traffic == NULL && i < r->nshown; i++)
		if (r->shown[i]->keys == 0 && !r->shown[i]->ratio &&
		    r->shown[i] != r->people)
			r->traffic = r->shown[i];
}

static struct slice
only_key(const struct metric *m)
{
	struct slice rest = m->series[m->n - 1].dims;
	struct map_pair pair = { SLICE_NULL, SLICE_NULL };

	map_next(&rest, &pair);
	return pair.key;
}

static struct field *
intern_field(struct roles *r, struct slice key)
{
	for (size_t i = 0; i < r->nfields; i++)
		if (slice_eq(r->field[i].key, key))
			return &r->field[i];
	r->field[r->nfields] = (struct field){ .key = key };
	r->field[r->nfields].metric =
	    xcalloc(r->nshown, sizeof(const struct metric *));
	return &r->field[r->nfields++];
}

/*
 * The people, where they are counted by it, rank the values of a field; else
 * the traffic, else the first that is no ratio.
 */
static const struct metric *
find_lead(const struct roles *r, const struct field *f)
{
	const struct metric *best = NULL, *whole;

	for (size_t i = 0; i < f->n; i++) {
		whole = roles_whole(r, f->metric[i]);
		if (whole != NULL && whole == r->people)
			return f->metric[i];
		if (whole != NULL && whole == r->traffic)
			best = f->metric[i];
	}
	for (size_t i = 0; best == NULL && i < f->n; i++)
		if (!f->metric[i]->ratio)
			best = f->metric[i];
	return best != NULL ? best : f->metric[0];
}

/* Those that are known first; the others as the metrics come. */
static int
compare_fields(const void *a, const void *b)
{
	const struct field *x = a, *y = b;
	size_t i = label_rank(x->key), j = label_rank(y->key);

	if (i != j)
		return i < j ? -1 : 1;
	return (x->metric[0] > y->metric[0]) - (x->metric[0] < y->metric[0]);
}

static void
find_fields(struct roles *r)
{
	struct field *f;

	r->field = xcalloc(r->nshown, sizeof(*r->field));
	for (size_t i = 0; i < r->nshown; i++) {
		if (r->shown[i]->keys != 1)
			continue;
		f = intern_field(r, only_key(r->shown[i]));
		f->metric[f->n++] = r->shown[i];
	}
	for (size_t i = 0; i < r->nfields; i++)
		r->field[i].lead = find_lead(r, &r->field[i]);
	if (r->nfields > 0)
		qsort(r->field, r->nfields, sizeof(*r->field), compare_fields);
}

void
roles_find(struct roles *r, const struct history *h, const struct conf *conf)
{
	*r = (struct roles){ 0 };
	find_shown(r, h, &conf->report.metrics);
	find_rates(r);
	find_steps(r);
	find_fields(r);
}

void
roles_release(struct roles *r)
{
	for (size_t i = 0; i < r->nfields; i++)
		free(r->field[i].metric);
	free(r->field);
	free(r->rate);
	free(r->shown);
}

const struct field *
roles_field(const struct roles *r, const char *key)
{
	for (size_t i = 0; i < r->nfields; i++)
		if (slice_is(r->field[i].key, key))
			return &r->field[i];
	return NULL;
}
