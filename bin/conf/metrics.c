#include "config.h"

#include "conf/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "conf/draft.h"

/*
 * Metrics may `use' one another this deep, as deep as YAML may nest: it
 * bounds the recursion whatever the config.
 */
#define USE_DEPTH YAML_DEPTH

/*
 * Metrics are compared with each other, so a config of megabytes must not
 * hold as many as fit.  Ten times what a person would write.
 */
#define METRICS_MAX 4096

struct drafts {
	struct conf_reader *r;
	struct draft *v;	/* in the order of the config */
	struct draft **by_name; /* the same, sorted */
	size_t n;
};

const char *const conf_period_names[PERIODS] = { "day", "week", "month" };

int
conf_period_find(struct slice name, enum conf_period *period)
{
	for (int i = 0; i < PERIODS; i++) {
		if (slice_is(name, conf_period_names[i])) {
			*period = (enum conf_period)i;
			return 0;
		}
	}
	return -1;
}

const char *
conf_metric_name_error(struct slice name)
{
	if (name.n == 0)
		return "is empty";
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && c != '_' && c != '-' && c != '.')
			return "may hold letters, digits, '_', '-' and '.'";
	}
	return NULL;
}

static int
compare_names(const void *a, const void *b)
{
	struct draft *const *x = a, *const *y = b;

	return slice_cmp(conf_text_slice(&(*x)->metric.name),
	    conf_text_slice(&(*y)->metric.name));
}

static struct draft *
find_draft(const struct drafts *ds, const struct conf_text *name)
{
	struct draft wanted = { .metric.name = *name };
	const struct draft *key = &wanted;
	struct draft **found;

	found = bsearch(
	    &key, ds->by_name, ds->n, sizeof(*ds->by_name), compare_names);
	return found != NULL ? *found : NULL;
}

/* Adds the conditions of a metric to those of the one that it uses. */
static void
add_where(struct conf_measure *m, const struct conf_conds *add)
{
	struct conf_cond *v;

	if (add->n == 0)
		return;
	v = xcalloc(m->where.n + add->n, sizeof(*v));
	if (m->where.n > 0)
		memcpy(v, m->where.v, m->where.n * sizeof(*v));
	memcpy(v + m->where.n, add->v, add->n * sizeof(*v));
	m->where.v = v;
	m->where.n += add->n;
}

static bool
same_by(const struct conf_list *a, const struct conf_list *b)
{
	size_t same = 0;

	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			same += slice_eq(conf_text_slice(&a->v[i]),
			    conf_text_slice(&b->v[j]));
	return a->n == b->n && same == a->n;
}

static int resolve(
    struct drafts *ds, struct draft *d, unsigned depth); /* mutual */

/* The metric that d names, resolved; NULL with an error. */
static const struct conf_metric *
refer(struct drafts *ds, const struct draft *d, const struct conf_text *name,
    const char *key, unsigned depth)
{
	struct draft *other = find_draft(ds, name);

	if (other == NULL)
		conf_error_at(ds->r, name,
		    "metrics.%s.%s: no metric is named '%s'", d->metric.name.s,
		    key, name->s);
	else if (other->state == DRAFT_BUSY)
		conf_error_at(ds->r, name,
		    "metrics.%s.%s: '%s' is built on this metric itself",
		    d->metric.name.s, key, name->s);
	else if (depth == USE_DEPTH)
		conf_error_at(ds->r, name, "metrics.%s.%s: more than %d levels",
		    d->metric.name.s, key, USE_DEPTH);
	else if (resolve(ds, other, depth + 1) == 0)
		return &other->metric;
	return NULL;
}

static bool
can_divide(const struct conf_metric *m)
{
	return !m->ratio && m->num.kind <= MEASURE_SUM;
}

/* Part i of the ratio d, resolved; NULL with an error. */
static const struct conf_metric *
ratio_part(struct drafts *ds, const struct draft *d, int i, unsigned depth)
{
	const struct conf_text *name = &d->ratio.v[i];
	const struct conf_metric *part = refer(ds, d, name, "ratio", depth);

	if (part == NULL || can_divide(part))
		return part;
	conf_error_at(ds->r, name, "metrics.%s.ratio: '%s' is %s",
	    d->metric.name.s, part->name.s,
	    part->ratio ? "itself a ratio" : "no count or sum");
	return NULL;
}

/* NULL, or the key of which the two parts and the ratio have no one value. */
static const char *
ratio_differs(const struct draft *d, const struct conf_metric *num,
    const struct conf_metric *den)
{
	if (!same_by(&num->by, &den->by) ||
	    (d->by.n > 0 && num->by.n > 0 && !same_by(&d->by, &num->by)))
		return "by";
	if (num->period != den->period ||
	    (d->period.s != NULL && num->period != PERIOD_DAY &&
		num->period != d->metric.period))
		return "period";
	return NULL;
}

static int
resolve_ratio(struct drafts *ds, struct draft *d, unsigned depth)
{
	const struct conf_metric *part[2];
	struct conf_metric *m = &d->metric;
	const char *key;

	for (int i = 0; i < 2; i++) {
		part[i] = ratio_part(ds, d, i, depth);
		if (part[i] == NULL)
			return -1;
	}
	key = ratio_differs(d, part[0], part[1]);
	if (key != NULL) {
		conf_error_at(ds->r, &d->ratio.v[0],
		    "metrics.%s.ratio: '%s', '%s' and the ratio have different "
		    "'%s'",
		    m->name.s, part[0]->name.s, part[1]->name.s, key);
		return -1;
	}
	if (d->period.s == NULL)
		m->period = part[0]->period;
	m->ratio = true;
	m->num = part[0]->num;
	m->den = part[1]->num;
	m->by = d->by.n > 0 ? d->by : part[0]->by;
	return 0;
}

static int
resolve_use(struct drafts *ds, struct draft *d, unsigned depth)
{
	const struct conf_metric *used = refer(ds, d, &d->use, "use", depth);
	struct conf_metric *m = &d->metric;

	if (used == NULL)
		return -1;
	m->ratio = used->ratio;
	m->num = used->num;
	m->den = used->den;
	m->by = d->by;
	return 0;
}

static struct conf_list
one_field(const struct conf_text *t)
{
	struct conf_list l = { xcalloc(1, sizeof(*l.v)), 1 };

	l.v[0] = *t;
	return l;
}

/* The field of sum, min, max, mean and quantile. */
static const struct conf_text *
measured_field(const struct draft *d)
{
	switch (d->kind) {
	case MEASURE_SUM:
		return &d->sum;
	case MEASURE_MIN:
		return &d->min;
	case MEASURE_MAX:
		return &d->max;
	case MEASURE_MEAN:
		return &d->mean;
	default:
		return &d->quantile.of;
	}
}

static void
two_steps(struct conf_measure *m, const struct conf_conds *first,
    const struct conf_conds *second)
{
	m->step = xcalloc(2, sizeof(*m->step));
	m->step[0] = *first;
	m->step[1] = *second;
	m->nsteps = 2;
}

/* Of what visitors do in time. */
static void
visitor_measure(struct conf_measure *m, const struct draft *d)
{
	static const struct conf_text visitor = { "logged_out_user_id",
		sizeof("logged_out_user_id") - 1, { 0, 0 } };

	switch (m->kind) {
	case MEASURE_FUNNEL:
		m->step = d->funnel;
		m->nsteps = d->nfunnel;
		break;
	case MEASURE_COHORT:
		two_steps(m, &d->cohort, &d->then);
		break;
	case MEASURE_RETENTION:
		two_steps(m, &d->retention, &d->then);
		break;
	case MEASURE_ATTRIBUTION:
		two_steps(m, &d->attribution, &d->touch);
		break;
	default:
		break;
	}
	m->fields = d->visitor.n > 0 ? d->visitor : one_field(&visitor);
	m->window = draft_window(d);
	m->days = d->days;
	m->weeks = d->weeks;
	m->source = d->source;
	m->last =
	    d->model.s != NULL && slice_is(conf_text_slice(&d->model), "last");
}

/* Of what the draft measures itself. */
static void
own_measure(struct conf_measure *m, const struct draft *d)
{
	m->kind = d->kind;
	if (m->kind >= MEASURE_FUNNEL) {
		visitor_measure(m, d);
	} else if (m->kind == MEASURE_DISTINCT) {
		m->kind = d->approx ? MEASURE_APPROX : MEASURE_DISTINCT;
		m->fields = d->distinct;
	} else if (m->kind != MEASURE_COUNT) {
		m->fields = one_field(measured_field(d));
		m->at = d->quantile.at;
		m->one_at = d->quantile.one_at;
	}
}

static int
resolve_draft(struct drafts *ds, struct draft *d, unsigned depth)
{
	struct conf_metric *m = &d->metric;

	m->guardrail = d->guardrail;
	m->share = d->share;
	m->top = d->top;
	m->totals = d->totals;
	if (d->period.s != NULL)
		(void)conf_period_find(conf_text_slice(&d->period), &m->period);
	if (d->use.s != NULL)
		return resolve_use(ds, d, depth);
	if (d->ratio.n > 0)
		return resolve_ratio(ds, d, depth);
	m->by = d->by;
	own_measure(&m->num, d);
	return 0;
}

/* Turns a draft into its metric, once; 0, or -1 with an error. */
static int
resolve(struct drafts *ds, struct draft *d, unsigned depth)
{
	struct conf_metric *m = &d->metric;
	int r;

	if (d->state == DRAFT_DONE)
		return 0;
	if (d->state != DRAFT_NEW)
		return -1;
	d->state = DRAFT_BUSY;
	r = resolve_draft(ds, d, depth);
	if (r == 0) {
		add_where(&m->num, &d->where);
		if (m->ratio)
			add_where(&m->den, &d->where);
	}
	if (r == 0 && m->share && !m->ratio) {
		conf_error_at(ds->r, &m->name,
		    "metrics.%s: share wants a 'ratio'", m->name.s);
		r = -1;
	}
	d->state = r == 0 ? DRAFT_DONE : DRAFT_BAD;
	return r;
}

void
conf_read_metrics(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_metrics *m = field;
	struct drafts ds = { .r = r };

	if (!conf_expect(r, node, YAML_MAP, where) ||
	    !conf_check_number(r, node, where, METRICS_MAX))
		return;
	ds.n = node->n;
	ds.v = xcalloc(ds.n + 1, sizeof(*ds.v));
	ds.by_name = xcalloc(ds.n + 1, sizeof(struct draft *));
	m->v = xcalloc(ds.n + 1, sizeof(*m->v));
	for (size_t i = 0; i < ds.n; i++) {
		draft_read(r, node->key[i], node->item[i], &ds.v[i]);
		ds.by_name[i] = &ds.v[i];
	}
	qsort(ds.by_name, ds.n, sizeof(struct draft *), compare_names);
	for (size_t i = 0; i < ds.n; i++)
		if (resolve(&ds, &ds.v[i], 0) == 0)
			m->v[m->n++] = ds.v[i].metric;
	free(ds.by_name);
	free(ds.v);
}
