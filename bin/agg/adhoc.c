#include "config.h"

#include "agg/adhoc.h"

#include <string.h>

#include "base/alloc.h"
#include "base/event.h"

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

const char *
adhoc_distinct(struct adhoc *a, const char *arg)
{
	if (a->distinct.s != NULL)
		return "can be given once";
	a->distinct = text_of(arg, strlen(arg));
	return check_field(a, &a->distinct);
}

const char *
adhoc_by(struct adhoc *a, const char *arg)
{
	const char *p = arg, *why;
	const struct conf_text *t;
	size_t n;

	do {
		n = strcspn(p, ",");
		for (size_t i = 0; i < a->by.n; i++)
			if (a->by.v[i].n == n &&
			    memcmp(a->by.v[i].s, p, n) == 0)
				return "names a field twice";
		t = add_text(&a->by, p, n);
		why = check_field(a, t);
		if (why != NULL)
			return why;
		p += n;
	} while (*p++ != '\0');
	return NULL;
}

const char *
adhoc_where(struct adhoc *a, const char *arg)
{
	const char *eq = strchr(arg, '='), *p;
	struct conf_cond *c;
	size_t n;

	if (eq == NULL)
		return "wants FIELD=VALUE";
	a->where = xreallocarray(a->where, a->nwhere + 1, sizeof(*a->where));
	c = &a->where[a->nwhere++];
	*c = (struct conf_cond){ .field = text_of(arg, (size_t)(eq - arg)) };
	p = eq + 1;
	do {
		n = strcspn(p, ",");
		if (n == 2 && memcmp(p, EV_NULL, 2) == 0)
			c->null = true;
		else
			add_text(&c->any, p, n);
		p += n;
	} while (*p++ != '\0');
	return check_field(a, &c->field);
}

bool
adhoc_any(const struct adhoc *a)
{
	return a->count || a->distinct.s != NULL || a->by.n > 0 ||
	       a->nwhere > 0;
}

static void
add_metric(const struct adhoc *a, struct conf_metrics *m, const char *name,
    struct conf_text distinct)
{
	struct conf_metric *metric = &m->v[m->n++];

	metric->name = text_of(name, strlen(name));
	metric->num.distinct = distinct;
	metric->num.where = a->where;
	metric->num.nwhere = a->nwhere;
	metric->by = a->by;
}

void
adhoc_finish(const struct adhoc *a, struct conf_metrics *m)
{
	*m = (struct conf_metrics){ .v = xcalloc(2, sizeof(*m->v)) };
	if (a->count || a->distinct.s == NULL)
		add_metric(a, m, "count", (struct conf_text){ 0 });
	if (a->distinct.s != NULL)
		add_metric(a, m, "distinct", a->distinct);
}
