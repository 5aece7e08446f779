#include "config.h"

#include "agg/adhoc.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/number.h"

static struct conf_text
text_of(const char *p, size_t n)
{
	return (struct conf_text){ xmemdup(p, n), n, { 0, 0 } };
}

/* NULL, or a message about the name of a field. */
static const char *
check_field(struct adhoc *a, const struct conf_text *t)
{
	const char *why = conf_field_error(slice_of(t->s, t->n));

	if (why == NULL)
		return NULL;
	strbuf_clear(&a->why);
	strbuf_addf(&a->why, "'%s' %s", t->s, why);
	return a->why.buf;
}

static struct conf_text *
add_text(struct conf_list *l, const char *p, size_t n)
{
	l->v = xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n] = text_of(p, n);
	return &l->v[l->n++];
}

static const char *const names[MEASURE_FUNNEL] = {
	[MEASURE_COUNT] = "count",
	[MEASURE_DISTINCT] = "distinct",
	[MEASURE_APPROX] = "approx",
	[MEASURE_SUM] = "sum",
	[MEASURE_MIN] = "min",
	[MEASURE_MAX] = "max",
	[MEASURE_MEAN] = "mean",
	[MEASURE_QUANTILE] = "quantile",
};

/* FRACTION[,FRACTION...] */
static const char *
add_fractions(struct conf_measure *m, const char *p)
{
	const struct conf_text *t;
	size_t n;

	do {
		n = strcspn(p, ",");
		t = add_text(&m->at, p, n);
		if (!conf_is_fraction(slice_of(t->s, t->n)))
			return "wants FIELD=FRACTION, such as 0.5";
		p += n;
	} while (*p++ != '\0');
	m->one_at = m->at.n == 1;
	return NULL;
}

/* FIELD[,FIELD...], none twice */
static const char *
add_fields(struct adhoc *a, struct conf_list *l, const char *p)
{
	const char *why;
	size_t n;

	do {
		n = strcspn(p, ",");
		for (size_t i = 0; i < l->n; i++)
			if (l->v[i].n == n && memcmp(l->v[i].s, p, n) == 0)
				return "names a field twice";
		why = check_field(a, add_text(l, p, n));
		if (why != NULL)
			return why;
		p += n;
	} while (*p++ != '\0');
	return NULL;
}

const char *
adhoc_measure(struct adhoc *a, enum conf_measure_kind kind, const char *arg)
{
	struct conf_measure *m = &a->measure[kind];
	const char *end;

	if (a->wanted[kind] && kind != MEASURE_COUNT)
		return "can be given once";
	a->wanted[kind] = true;
	m->kind = kind;
	if (kind == MEASURE_COUNT)
		return NULL;
	if (kind == MEASURE_DISTINCT || kind == MEASURE_APPROX)
		return add_fields(a, &m->fields, arg);
	end = arg + strlen(arg);
	if (kind == MEASURE_QUANTILE) {
		end = strrchr(arg, '=');
		if (end == NULL)
			return "wants FIELD=FRACTION";
		if (add_fractions(m, end + 1) != NULL)
			return "wants FIELD=FRACTION, such as 0.5";
	}
	return check_field(a, add_text(&m->fields, arg, (size_t)(end - arg)));
}

const char *
adhoc_by(struct adhoc *a, const char *arg)
{
	return add_fields(a, &a->by, arg);
}

/* VALUE[,VALUE...] */
static void
add_values(struct conf_conds *c, struct conf_text field, const char *p)
{
	struct conf_list values = { 0 };
	bool null = false;
	size_t n;

	do {
		n = strcspn(p, ",");
		if (n == 2 && memcmp(p, EV_NULL, 2) == 0)
			null = true;
		else
			add_text(&values, p, n);
		p += n;
	} while (*p++ != '\0');
	conf_conds_add(c, field, &values, null);
	free(values.v);
}

const char *
adhoc_where(struct adhoc *a, const char *arg)
{
	const char *eq = strchr(arg, '=');
	struct conf_conds none = { 0 }, *w = &a->where;
	struct conf_text field;
	bool negated;

	if (eq == NULL)
		return "wants FIELD=VALUE";
	negated = eq > arg && eq[-1] == '!';
	field = text_of(arg, (size_t)(eq - arg) - negated);
	add_values(negated ? &none : w, field, eq + 1);
	if (negated) {
		w->v = xreallocarray(w->v, w->n + 1, sizeof(*w->v));
		w->v[w->n++] = (struct conf_cond){
			.kind = COND_NOT, .sub = none.v, .nsub = none.n
		};
	}
	return check_field(a, &field);
}

const char *
adhoc_period(struct adhoc *a, const char *arg)
{
	a->period_set = true;
	return conf_period_find(slice_str(arg), &a->period) == -1
		   ? "wants day, week or month"
		   : NULL;
}

const char *
adhoc_top(struct adhoc *a, const char *arg)
{
	if (number_u64(slice_str(arg), &a->top) == -1 || a->top == 0 ||
	    a->top > CONF_TOP_MAX)
		return "wants a number from 1 to 1000";
	return NULL;
}

bool
adhoc_any(const struct adhoc *a)
{
	for (int i = 0; i < MEASURE_FUNNEL; i++)
		if (a->wanted[i])
			return true;
	return a->by.n > 0 || a->where.n > 0 || a->top > 0 || a->totals ||
	       a->period_set;
}

static void
add_metric(const struct adhoc *a, struct conf_metrics *m, int kind)
{
	struct conf_metric *metric = &m->v[m->n++];

	metric->name = text_of(names[kind], strlen(names[kind]));
	metric->num = a->measure[kind];
	metric->num.where = a->where;
	metric->by = a->by;
	metric->top = a->top;
	metric->totals = a->totals;
	metric->period = a->period;
}

const char *
adhoc_finish(const struct adhoc *a, struct conf_metrics *m)
{
	if (a->by.n == 0 && (a->top > 0 || a->totals))
		return "--top and --totals want --by";
	if (a->totals && a->by.n > CONF_TOTALS_MAX)
		return "--totals of more than 4 fields";
	for (size_t i = 0; i < a->by.n; i++)
		if (a->wanted[MEASURE_QUANTILE] &&
		    slice_is(conf_text_slice(&a->by.v[i]), "at"))
			return "--by: 'at' is a dimension of --quantile's own";
	*m = (struct conf_metrics){ .v = xcalloc(
					MEASURE_FUNNEL, sizeof(*m->v)) };
	for (int i = 0; i < MEASURE_FUNNEL; i++)
		if (a->wanted[i])
			add_metric(a, m, i);
	if (m->n == 0)
		add_metric(a, m, MEASURE_COUNT);
	return NULL;
}
