#include "config.h"

#include "agg/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"

static struct slice
text_slice(const struct conf_text *t)
{
	return slice_of(t->s, t->n);
}

static int
compare_numbers(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* Drops what stands twice in a sorted list. */
static void
unique_numbers(struct plan_list *l)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l->n; i++)
		if (n == 0 || l->v[n - 1] != l->v[i])
			l->v[n++] = l->v[i];
	l->n = n;
}

static void
unique_values(struct plan_cond *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (n > 0 && slice_eq(c->any[n - 1], c->any[i]))
			free((char *)c->any[i].p);
		else
			c->any[n++] = c->any[i];
	}
	c->n = n;
}

static void
release_cond(struct plan_cond *c)
{
	for (size_t i = 0; i < c->n; i++)
		free((char *)c->any[i].p);
	free(c->any);
}

static bool
same_cond(const struct plan_cond *a, const struct plan_cond *b)
{
	if (a->field != b->field || a->null != b->null || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!slice_eq(a->any[i], b->any[i]))
			return false;
	return true;
}

static bool
same_list(const struct plan_list *a, const struct plan_list *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0);
}

static unsigned
add_cond(struct plan *p, const struct conf_cond *from)
{
	struct plan_cond c = { .null = from->null, .n = from->any.n };
	struct strbuf sb = STRBUF_INIT;

	c.field = fields_add(&p->fields, text_slice(&from->field));
	c.any = xcalloc(c.n, sizeof(*c.any));
	for (size_t i = 0; i < c.n; i++) {
		text_encode_strbuf(&sb, text_slice(&from->any.v[i]),
		    field_text_kind(&p->fields.v[c.field]));
		c.any[i].n = sb.len;
		c.any[i].p = xmemdup(sb.buf, sb.len);
		strbuf_clear(&sb);
	}
	strbuf_release(&sb);
	qsort(c.any, c.n, sizeof(*c.any), slice_order);
	unique_values(&c);
	for (unsigned i = 0; i < p->nconds; i++) {
		if (same_cond(&p->cond[i], &c)) {
			release_cond(&c);
			return i;
		}
	}
	p->cond = xreallocarray(p->cond, p->nconds + 1, sizeof(*p->cond));
	p->cond[p->nconds] = c;
	return p->nconds++;
}

/* The place of l, which is taken over, among the lists at *v. */
static unsigned
add_list(struct plan_list **v, unsigned *n, struct plan_list l)
{
	for (unsigned i = 0; i < *n; i++) {
		if (same_list(&(*v)[i], &l)) {
			free(l.v);
			return i;
		}
	}
	*v = xreallocarray(*v, *n + 1, sizeof(**v));
	(*v)[*n] = l;
	return (*n)++;
}

static unsigned
add_where(struct plan *p, const struct conf_measure *m)
{
	struct plan_list l = { xcalloc(m->nwhere, sizeof(*l.v)), 0 };

	for (size_t i = 0; i < m->nwhere; i++)
		l.v[l.n++] = add_cond(p, &m->where[i]);
	qsort(l.v, l.n, sizeof(*l.v), compare_numbers);
	unique_numbers(&l);
	return add_list(&p->where, &p->nwheres, l);
}

/* Fields in the order in which the dimensions are written. */
static unsigned
add_group(struct plan *p, const struct conf_list *by)
{
	struct plan_list l = { xcalloc(by->n, sizeof(*l.v)), 0 };
	const struct field *v;
	unsigned f, at;

	for (size_t i = 0; i < by->n; i++) {
		f = fields_add(&p->fields, text_slice(&by->v[i]));
		v = p->fields.v;
		for (at = l.n++; at > 0; at--) {
			if (slice_cmp(v[l.v[at - 1]].key, v[f].key) < 0)
				break;
			l.v[at] = l.v[at - 1];
		}
		l.v[at] = f;
	}
	return add_list(&p->group, &p->ngroups, l);
}

static unsigned
add_measure(struct plan *p, const struct conf_measure *from, unsigned group)
{
	struct plan_measure m = { .group = group, .distinct = PLAN_NONE };

	m.where = add_where(p, from);
	if (from->distinct.s != NULL)
		m.distinct =
		    (int)fields_add(&p->fields, text_slice(&from->distinct));
	for (unsigned i = 0; i < p->nmeasures; i++)
		if (p->measure[i].where == m.where &&
		    p->measure[i].group == m.group &&
		    p->measure[i].distinct == m.distinct)
			return i;
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

void
plan_init(struct plan *p, const struct conf_metric *const *metrics, size_t n)
{
	*p = (struct plan){ .metric = xcalloc(n, sizeof(*p->metric)) };
	for (size_t i = 0; i < n; i++) {
		const struct conf_metric *from = metrics[i];
		struct plan_metric *m = &p->metric[p->nmetrics++];
		unsigned group = add_group(p, &from->by);

		m->name = text_slice(&from->name);
		m->num = add_measure(p, &from->num, group);
		m->den = PLAN_NONE;
		if (from->ratio)
			m->den = (int)add_measure(p, &from->den, group);
	}
	qsort(p->metric, p->nmetrics, sizeof(*p->metric), compare_metrics);
	fields_finish(&p->fields);
}

void
plan_release(struct plan *p)
{
	for (unsigned i = 0; i < p->nconds; i++)
		release_cond(&p->cond[i]);
	for (unsigned i = 0; i < p->nwheres; i++)
		free(p->where[i].v);
	for (unsigned i = 0; i < p->ngroups; i++)
		free(p->group[i].v);
	free(p->cond);
	free(p->where);
	free(p->group);
	free(p->measure);
	free(p->metric);
	fields_release(&p->fields);
	*p = (struct plan){ 0 };
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
		if (list_has(&p->group[i], field))
			return true;
	return false;
}

bool
plan_counts(const struct plan *p, unsigned field)
{
	for (unsigned i = 0; i < p->nmeasures; i++)
		if (p->measure[i].distinct == (int)field)
			return true;
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
	const struct plan_list *where = &p->where[m->where];
	const struct plan_cond *c;

	if (m->distinct == (int)field || list_has(&p->group[m->group], field))
		return true;
	if (p->fields.v[field].column < 0)
		return false;
	for (unsigned i = 0; i < where->n; i++) {
		c = &p->cond[where->v[i]];
		if (c->field == field && !c->null)
			return true;
	}
	return false;
}

bool
plan_needs(const struct plan *p, const struct plan_metric *m, unsigned field)
{
	return measure_needs(p, m->num, field) ||
	       (m->den != PLAN_NONE &&
		   measure_needs(p, (unsigned)m->den, field));
}
