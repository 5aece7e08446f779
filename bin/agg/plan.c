#include "config.h"

#include "agg/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "io/digest.h"

/* The days of a week; of a period, conf/metrics.h. */
#define WEEK 7

static bool
same_list(const struct plan_list *a, const struct plan_list *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0);
}

/* The place of l, which is taken over, among the wheres. */
static unsigned
place_where(struct plan *p, struct plan_list l)
{
	for (unsigned i = 0; i < p->nwheres; i++) {
		if (same_list(&p->where[i], &l)) {
			free(l.v);
			return i;
		}
	}
	p->where = xreallocarray(p->where, p->nwheres + 1, sizeof(*p->where));
	p->where[p->nwheres] = l;
	return p->nwheres++;
}

/* The conditions of both; more may be NULL. */
static unsigned
add_where(struct plan *p, const struct conf_conds *where,
    const struct conf_conds *more)
{
	size_t extra = more != NULL ? more->n : 0;
	struct plan_list l = { xcalloc(where->n + extra, sizeof(*l.v)), 0 };

	for (size_t i = 0; i < where->n; i++)
		l.v[l.n++] = conds_add(&p->conds, &p->fields, &where->v[i]);
	for (size_t i = 0; i < extra; i++)
		l.v[l.n++] = conds_add(&p->conds, &p->fields, &more->v[i]);
	l.n = (unsigned)conds_sort(l.v, l.n);
	return place_where(p, l);
}

/* The fields that are in the set, by the order in which they are written. */
static unsigned
add_group(struct plan *p, const struct conf_list *by, unsigned set,
    enum conf_period period)
{
	struct plan_list l = { xcalloc(by->n, sizeof(*l.v)), 0 };
	const struct field *v;
	unsigned f, at;

	for (unsigned i = 0; i < by->n; i++) {
		if (by->n <= 32 && (set >> i & 1) == 0)
			continue;
		f = fields_add(&p->fields, conf_text_slice(&by->v[i]));
		v = p->fields.v;
		for (at = l.n++; at > 0; at--) {
			if (slice_cmp(v[l.v[at - 1]].key, v[f].key) < 0)
				break;
			l.v[at] = l.v[at - 1];
		}
		l.v[at] = f;
	}
	for (unsigned i = 0; i < p->ngroups; i++) {
		if (p->group[i].period == period &&
		    same_list(&p->group[i].by, &l)) {
			free(l.v);
			return i;
		}
	}
	p->group = xreallocarray(p->group, p->ngroups + 1, sizeof(*p->group));
	p->group[p->ngroups] = (struct plan_group){ .by = l, .period = period };
	return p->ngroups++;
}

/* What a where says, whatever the numbers of its conditions. */
static void
describe_where(struct strbuf *sb, const struct plan *p, unsigned where)
{
	const struct plan_list *l = &p->where[where];
	struct slice *text = xcalloc(l->n, sizeof(*text));
	const struct cond *c;

	for (unsigned i = 0; i < l->n; i++) {
		c = &p->conds.v[l->v[i]];
		text[i] = slice_of(c->text, c->text_n);
	}
	qsort(text, l->n, sizeof(*text), slice_order);
	strbuf_addf(sb, "where %u\n", l->n);
	for (unsigned i = 0; i < l->n; i++) {
		strbuf_addf(sb, "%zu\t", text[i].n);
		strbuf_add_slice(sb, text[i]);
		strbuf_addch(sb, '\n');
	}
	free(text);
}

static void
describe_field(
    struct strbuf *sb, const struct plan *p, const char *what, int field)
{
	if (field != PLAN_NONE)
		strbuf_addf(sb, "%s %s\n", what, p->fields.v[field].name.p);
}

static void
set_id(const struct plan *p, struct plan_measure *m)
{
	const struct plan_group *g = &p->group[m->group];
	struct strbuf sb = STRBUF_INIT;
	char hex[DIGEST_HEX + 1];

	strbuf_addf(&sb, "%d %d %llu %u %u %d\n", (int)m->kind, (int)g->period,
	    (unsigned long long)m->window, m->after, m->after_days, m->last);
	describe_field(&sb, p, "field", m->field);
	describe_field(&sb, p, "source", m->source);
	for (unsigned i = 0; i < g->by.n; i++)
		describe_field(&sb, p, "by", (int)g->by.v[i]);
	describe_where(&sb, p, m->where);
	for (unsigned i = 0; i < m->nsteps; i++)
		describe_where(&sb, p, m->step[i]);
	digest_of(strbuf_slice(&sb), hex);
	memcpy(m->id, hex, KEY_ID);
	m->id[KEY_ID] = '\0';
	strbuf_release(&sb);
}

static struct plan_measure
make_measure(struct plan *p, const struct conf_measure *from, unsigned group)
{
	struct plan_measure m = { .kind = from->kind,
		.group = group,
		.field = PLAN_NONE,
		.source = PLAN_NONE,
		.window = from->window,
		.last = from->last };

	m.where = add_where(p, &from->where, NULL);
	if (from->fields.n > 0)
		m.field = (int)fields_add_first(&p->fields, &from->fields);
	if (from->source.s != NULL)
		m.source =
		    (int)fields_add(&p->fields, conf_text_slice(&from->source));
	m.after_days = from->weeks > 0 ? WEEK : 1;
	m.after = (unsigned)(from->weeks > 0 ? from->weeks : from->days);
	m.step = xcalloc(from->nsteps, sizeof(*m.step));
	for (; m.nsteps < from->nsteps; m.nsteps++)
		m.step[m.nsteps] =
		    add_where(p, &from->where, &from->step[m.nsteps]);
	set_id(p, &m);
	return m;
}

static unsigned
add_measure(struct plan *p, const struct conf_measure *from, unsigned group)
{
	struct plan_measure m = make_measure(p, from, group);

	for (unsigned i = 0; i < p->nmeasures; i++) {
		if (memcmp(p->measure[i].id, m.id, KEY_ID) == 0) {
			free(m.step);
			return i;
		}
	}
	p->measure =
	    xreallocarray(p->measure, p->nmeasures + 1, sizeof(*p->measure));
	p->measure[p->nmeasures] = m;
	return p->nmeasures++;
}

static int
compare_metrics(const void *a, const void *b)
{
	const struct plan_metric *x = a, *y = b;

	return slice_cmp(x->name, y->name);
}

/* The field that the metric's rates are over, where they are over people. */
static struct slice
people(const struct plan *p, const struct plan_metric *m)
{
	const struct plan_measure *v =
	    &p->measure[m->den != PLAN_NONE ? (unsigned)m->den : m->num];

	switch (v->kind) {
	case MEASURE_DISTINCT:
	case MEASURE_APPROX:
		if (m->den == PLAN_NONE)
			return SLICE_NULL;
		/* FALLTHROUGH */
	case MEASURE_FUNNEL:
	case MEASURE_COHORT:
	case MEASURE_RETENTION:
		return p->fields.v[v->field].key;
	default:
		return SLICE_NULL;
	}
}

/* The metric for one part of its by, a set of bits. */
static void
add_metric(struct plan *p, const struct conf_metric *from, unsigned set)
{
	unsigned group = add_group(p, &from->by, set, from->period);
	struct plan_metric *m;

	p->metric = xgrow(
	    p->metric, &p->metric_cap, p->nmetrics + 1, sizeof(*p->metric));
	m = &p->metric[p->nmetrics++];
	*m = (struct plan_metric){ .name = conf_text_slice(&from->name),
		.top = from->top,
		.at = &from->num.at,
		.one_at = from->num.one_at,
		.den = PLAN_NONE };
	m->num = add_measure(p, &from->num, group);
	if (from->ratio)
		m->den = (int)add_measure(p, &from->den, group);
	/* A total has no rest. */
	if (p->group[group].by.n == 0 &&
	    p->measure[m->num].kind != MEASURE_ATTRIBUTION)
		m->top = 0;
	m->of = people(p, m);
}

static void
add_user(struct plan *p, unsigned measure, unsigned metric, bool den)
{
	struct plan_measure *m = &p->measure[measure];

	m->user = xreallocarray(m->user, m->nusers + 1, sizeof(*m->user));
	m->user[m->nusers++] = (struct plan_user){ metric, den };
	m->whole = m->whole || p->metric[metric].top > 0;
}

static void
add_need(struct plan_list *l, unsigned where)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->v[i] == where)
			return;
	l->v = xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = where;
}

/* Which events have to have a cell in a group, and numbers for fields. */
static void
add_needs(struct plan *p)
{
	const struct plan_measure *m = p->measure;
	struct plan_group *g;

	p->need = xcalloc(p->fields.n, sizeof(*p->need));
	for (unsigned i = 0; i < p->nmeasures; i++, m++) {
		if (m->kind >= MEASURE_FUNNEL)
			continue;
		g = &p->group[m->group];
		add_need(&g->need, m->where);
		for (unsigned j = 0; j < g->by.n; j++)
			add_need(&p->need[g->by.v[j]], m->where);
		if (m->kind == MEASURE_DISTINCT)
			add_need(&p->need[m->field], m->where);
	}
}

void
plan_init(struct plan *p, const struct conf_metric *const *metrics, size_t n)
{
	unsigned all;

	*p = (struct plan){ 0 };
	for (size_t i = 0; i < n; i++) {
		/* totals: of four fields at most, see ev.yaml(5). */
		all = metrics[i]->by.n < 32 ? (1u << metrics[i]->by.n) - 1
					    : UINT32_MAX;
		add_metric(p, metrics[i], all);
		if (metrics[i]->totals)
			for (unsigned set = 0; set < all; set++)
				add_metric(p, metrics[i], set);
	}
	qsort(p->metric, p->nmetrics, sizeof(*p->metric), compare_metrics);
	for (unsigned i = 0; i < p->nmetrics; i++) {
		add_user(p, p->metric[i].num, i, false);
		if (p->metric[i].den != PLAN_NONE)
			add_user(p, (unsigned)p->metric[i].den, i, true);
	}
	fields_finish(&p->fields);
	add_needs(p);
}

void
plan_release(struct plan *p)
{
	for (unsigned i = 0; i < p->nwheres; i++)
		free(p->where[i].v);
	for (unsigned i = 0; i < p->ngroups; i++) {
		free(p->group[i].by.v);
		free(p->group[i].need.v);
	}
	for (unsigned i = 0; i < p->fields.n; i++)
		free(p->need[i].v);
	for (unsigned i = 0; i < p->nmeasures; i++) {
		free(p->measure[i].step);
		free(p->measure[i].user);
	}
	free(p->need);
	free(p->where);
	free(p->group);
	free(p->measure);
	free(p->metric);
	conds_release(&p->conds);
	fields_release(&p->fields);
	*p = (struct plan){ 0 };
}

int
plan_find(const struct plan *p, struct slice id)
{
	for (unsigned i = 0; i < p->nmeasures; i++)
		if (memcmp(p->measure[i].id, id.p, KEY_ID) == 0)
			return (int)i;
	return PLAN_NONE;
}

const struct plan_group *
plan_metric_group(const struct plan *p, const struct plan_metric *m)
{
	return &p->group[p->measure[m->num].group];
}

static bool
list_has(const struct plan_list *l, unsigned number)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->v[i] == number)
			return true;
	return false;
}

bool
plan_groups_by(const struct plan *p, unsigned field)
{
	for (unsigned i = 0; i < p->ngroups; i++)
		if (list_has(&p->group[i].by, field))
			return true;
	return false;
}

bool
plan_counts_visitors(const struct plan *p)
{
	const struct field *f;

	for (unsigned i = 0; i < p->nmeasures; i++) {
		if (p->measure[i].field == PLAN_NONE)
			continue;
		f = &p->fields.v[p->measure[i].field];
		if (f->column == EV_LOGGED_OUT_USER_ID)
			return true;
		for (unsigned j = 0; j < f->nfirst; j++)
			if (p->fields.v[f->first[j]].column ==
			    EV_LOGGED_OUT_USER_ID)
				return true;
	}
	return false;
}

/* Conditions on the column that NULL does not fulfil. */
static bool
where_needs(const struct plan *p, unsigned where, unsigned field)
{
	const struct plan_list *l = &p->where[where];
	const struct cond *c;

	for (unsigned i = 0; i < l->n; i++) {
		c = &p->conds.v[l->v[i]];
		if (c->kind < COND_NOT && c->field == field && !c->null)
			return true;
	}
	return false;
}

/*
 * Conditions count for columns only: a column has a value wherever it is
 * filled at all, while a property that a condition names (the bot's class)
 * may be absent from a whole day.
 */
static bool
measure_needs(const struct plan *p, unsigned measure, unsigned field)
{
	const struct plan_measure *m = &p->measure[measure];

	if (m->field == (int)field || m->source == (int)field ||
	    list_has(&p->group[m->group].by, field))
		return true;
	if (p->fields.v[field].column < 0)
		return false;
	for (unsigned i = 0; i < m->nsteps; i++)
		if (where_needs(p, m->step[i], field))
			return true;
	return where_needs(p, m->where, field);
}

bool
plan_needs(const struct plan *p, const struct plan_metric *m, unsigned field)
{
	return measure_needs(p, m->num, field) ||
	       (m->den != PLAN_NONE &&
		   measure_needs(p, (unsigned)m->den, field));
}
