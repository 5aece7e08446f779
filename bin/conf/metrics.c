#include "config.h"

#include "conf/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/strbuf.h"

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
#define QUANTILES_MAX 16
#define DAY_MS UINT64_C(86400000)

enum draft_state { DRAFT_NEW, DRAFT_BUSY, DRAFT_DONE, DRAFT_BAD };

struct quantile {
	struct conf_text of;
	struct conf_list at;
	bool one_at;
};

/*
 * The definitions, of which a metric has one, and the keys that belong to
 * them: those it needs, and those it may have beside the ones of all.
 */
static const struct definition {
	const char *name;
	const char *needs;
	const char *takes;
	enum conf_measure_kind kind; /* but for ratio and use */
} definitions[] = {
	{ "count", "", "", MEASURE_COUNT },
	{ "distinct", "", "approx", MEASURE_DISTINCT },
	{ "sum", "", "", MEASURE_SUM },
	{ "min", "", "", MEASURE_MIN },
	{ "max", "", "", MEASURE_MAX },
	{ "mean", "", "", MEASURE_MEAN },
	{ "quantile", "", "", MEASURE_QUANTILE },
	{ "funnel", "within", "visitor", MEASURE_FUNNEL },
	{ "cohort", "then within", "visitor", MEASURE_COHORT },
	{ "retention", "", "then days weeks visitor", MEASURE_RETENTION },
	{ "sessions", "", "visitor", MEASURE_SESSIONS },
	{ "attribution", "model source within", "touch visitor",
	    MEASURE_ATTRIBUTION },
	{ "ratio", "", "", MEASURE_KINDS },
	{ "use", "", "", MEASURE_KINDS },
};
/* A metric as it is written, before the others are known. */
struct draft {
	struct conf_text count, sum, min, max, mean, use;
	struct conf_list distinct, ratio;
	struct quantile quantile;
	struct conf_conds *funnel;
	size_t nfunnel;
	struct conf_conds cohort, retention, attribution; /* whom */
	struct conf_conds then; /* and what they did then */
	struct conf_conds touch;
	struct conf_text within, gap, source, model;
	struct conf_list visitor;
	uint64_t days, weeks, top;
	bool approx, totals, share;
	struct conf_text period;
	struct conf_conds where;
	struct conf_list by;
	enum conf_guardrail guardrail;
	const struct definition *definition; /* NULL when DRAFT_BAD */
	enum draft_state state;
	struct conf_metric metric; /* filled when DRAFT_DONE */
};

struct drafts {
	struct conf_reader *r;
	struct draft *v;	/* in the order of the config */
	struct draft **by_name; /* the same, sorted */
	size_t n;
};

const char *const conf_period_names[PERIODS] = { "day", "week", "month" };

static struct slice
text_slice(const struct conf_text *t)
{
	return slice_of(t->s, t->n);
}

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

static void
read_count(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text *t = field;

	if (!conf_take_text(r, node, where, t))
		return;
	if (!slice_is(text_slice(t), "events"))
		conf_error(r, node,
		    "%s: can count 'events'; '%s' may want 'distinct'", where,
		    t->s);
}

static void
read_field(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text *t = field;

	if (conf_take_text(r, node, where, t))
		conf_check_field(r, where, t);
}

/* Fields, none twice. */
static void
read_fields(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_list *l = field;

	if (!conf_check_number(r, node, where, CONF_FIELDS_MAX))
		return;
	conf_read_texts(r, node, where, l);
	for (size_t i = 0; i < l->n; i++) {
		conf_check_field(r, where, &l->v[i]);
		for (size_t j = 0; j < i; j++)
			if (slice_eq(
				text_slice(&l->v[i]), text_slice(&l->v[j])))
				conf_error_at(r, &l->v[i], "%s: '%s' twice",
				    where, l->v[i].s);
	}
}

static void
read_some_fields(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	read_fields(r, node, where, field);
	if (node->kind == YAML_SEQ && node->n == 0)
		conf_error(r, node, "%s: names no field", where);
}

static void
read_ratio(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_list *ratio = field;
	unsigned before = r->errors;

	conf_read_texts(r, node, where, ratio);
	if (r->errors == before && ratio->n != 2)
		conf_error(r, node,
		    "%s: wants two metrics, numerator and denominator", where);
	if (r->errors != before)
		ratio->n = 0;
}

static void
read_guardrail(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	enum conf_guardrail *g = field;
	struct conf_text t = { 0 };

	if (!conf_take_text(r, node, where, &t))
		return;
	if (slice_is(text_slice(&t), "down"))
		*g = GUARDRAIL_DOWN;
	else if (slice_is(text_slice(&t), "up"))
		*g = GUARDRAIL_UP;
	else
		conf_error(r, node, "%s: 'down' or 'up', not '%s'", where, t.s);
}

static void
read_period(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text *t = field;
	enum conf_period period;

	conf_read_text(r, node, where, t);
	if (t->s != NULL && conf_period_find(text_slice(t), &period) == -1)
		conf_error(r, node, "%s: 'day', 'week' or 'month', not '%s'",
		    where, t->s);
}

static void
read_positive(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	uint64_t max = strcmp(where, "top") == 0     ? CONF_TOP_MAX
		       : strcmp(where, "weeks") == 0 ? CONF_RETENTION_MAX / 7
						     : CONF_RETENTION_MAX;
	uint64_t *n = field;
	unsigned before = r->errors;

	conf_read_u64(r, node, where, n);
	if (r->errors == before && (*n == 0 || *n > max))
		conf_error(r, node, "%s: from 1 to %llu", where,
		    (unsigned long long)max);
}

bool
conf_is_fraction(struct slice s)
{
	if (slice_is(s, "0") || slice_is(s, "1"))
		return true;
	if (s.n < 3 || s.n > 11 || memcmp(s.p, "0.", 2) != 0)
		return false;
	return strspn(s.p + 2, "0123456789") == s.n - 2 && s.p[s.n - 1] != '0';
}

static void
read_at(struct conf_reader *r, const struct yaml_node *node, const char *where,
    void *field)
{
	struct quantile *q = field;

	if (!conf_check_number(r, node, where, QUANTILES_MAX))
		return;
	conf_read_texts(r, node, where, &q->at);
	q->one_at = node->kind == YAML_SCALAR;
	if (node->kind == YAML_SEQ && node->n == 0)
		conf_error(r, node, "%s: has no value", where);
	for (size_t i = 0; i < q->at.n; i++)
		if (!conf_is_fraction(text_slice(&q->at.v[i])))
			conf_error_at(r, &q->at.v[i],
			    "%s: '%s' is no fraction such as 0.5", where,
			    q->at.v[i].s);
}

static void
read_quantile(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	static const struct conf_key keys[] = {
		{ "at", read_at, 0 },
		{ "of", read_field, offsetof(struct quantile, of) },
	};
	struct quantile *q = field;
	unsigned before = r->errors;

	conf_read_map(r, node, where, keys, 2, q);
	if (r->errors == before && (q->of.s == NULL || q->at.n == 0))
		conf_error(r, node, "%s: wants of and at", where);
}

static void
read_steps(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct draft *d =
	    (struct draft *)(void *)((char *)field -
				     offsetof(struct draft, funnel));

	if (!conf_expect(r, node, YAML_SEQ, where) ||
	    !conf_check_number(r, node, where, CONF_STEPS_MAX))
		return;
	if (node->n < 2)
		conf_error(r, node, "%s: wants two steps or more", where);
	d->funnel = xcalloc(node->n + 1, sizeof(*d->funnel));
	d->nfunnel = node->n;
	for (size_t i = 0; i < node->n; i++)
		conf_read_where(r, node->item[i], where, &d->funnel[i]);
}

/* In ms; 0 when it is none or longer than a year. */
static uint64_t
duration_ms(const struct conf_text *t)
{
	static const struct {
		char name;
		uint64_t ms;
	} units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 },
		{ 'd', DAY_MS }, { 'w', 7 * DAY_MS } };
	uint64_t n;

	if (t->s == NULL || t->n < 2 ||
	    number_u64(slice_of(t->s, t->n - 1), &n) == -1 ||
	    n > CONF_RETENTION_MAX * DAY_MS)
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (t->s[t->n - 1] == units[i].name &&
		    n <= CONF_RETENTION_MAX * DAY_MS / units[i].ms)
			return n * units[i].ms;
	return 0;
}

static void
read_duration(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text *t = field;

	conf_read_text(r, node, where, t);
	if (t->s != NULL && duration_ms(t) == 0)
		conf_error(r, node,
		    "%s: '%s' is no time such as 30m, 24h, 7d or 2w, of 366d "
		    "at most",
		    where, t->s);
}

static void
read_sessions(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	static const struct conf_key keys[] = { { "gap", read_duration, 0 } };
	struct conf_text *gap = field;
	unsigned before = r->errors;

	conf_read_map(r, node, where, keys, 1, gap);
	if (r->errors == before && gap->s == NULL)
		conf_error(r, node, "%s: wants gap", where);
}

static const struct conf_key draft_keys[] = {
#define KEY(name, read)                                                        \
	{                                                                      \
#name, read, offsetof(struct draft, name)                      \
	}
	KEY(approx, conf_read_bool),
	KEY(attribution, conf_read_where),
	KEY(by, read_fields),
	KEY(cohort, conf_read_where),
	KEY(count, read_count),
	KEY(days, read_positive),
	KEY(distinct, read_some_fields),
	KEY(funnel, read_steps),
	KEY(guardrail, read_guardrail),
	KEY(max, read_field),
	KEY(mean, read_field),
	KEY(min, read_field),
	KEY(model, conf_read_text),
	KEY(period, read_period),
	KEY(quantile, read_quantile),
	KEY(ratio, read_ratio),
	KEY(retention, conf_read_where),
	{ "sessions", read_sessions, offsetof(struct draft, gap) },
	KEY(share, conf_read_bool),
	KEY(source, read_field),
	KEY(sum, read_field),
	KEY(then, conf_read_where),
	KEY(top, read_positive),
	KEY(totals, conf_read_bool),
	KEY(touch, conf_read_where),
	KEY(use, conf_read_text),
	KEY(visitor, read_some_fields),
	KEY(weeks, read_positive),
	KEY(where, conf_read_where),
	KEY(within, read_duration),
#undef KEY
};

#define DEFINITIONS (sizeof(definitions) / sizeof(definitions[0]))

/* Is name one of the words of list? */
static bool
is_word(const char *list, struct slice name)
{
	size_t n;

	for (; *list != '\0'; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (n == name.n && memcmp(list, name.p, n) == 0)
			return true;
	}
	return false;
}

static const struct definition *
find_definition(const struct yaml_node *node)
{
	const struct definition *found = NULL;

	for (size_t i = 0; i < DEFINITIONS; i++) {
		if (yaml_get(node, definitions[i].name) == NULL)
			continue;
		if (found != NULL)
			return NULL;
		found = &definitions[i];
	}
	return found;
}

static void
check_needs(struct conf_reader *r, const struct yaml_node *node,
    const char *where, const struct definition *def)
{
	const char *p = def->needs;
	struct strbuf word = STRBUF_INIT;

	for (size_t n; *p != '\0'; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		strbuf_clear(&word);
		strbuf_add(&word, p, n);
		if (yaml_get(node, word.buf) == NULL)
			conf_error(r, node, "%s: %s wants '%s'", where,
			    def->name, word.buf);
	}
	strbuf_release(&word);
}

/* Do the keys of node fit together? */
static void
check_keys(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct draft *d)
{
	static const char common[] = "by guardrail period share top totals where";
	const struct definition *def = find_definition(node);
	struct slice key;

	if (def == NULL) {
		conf_error(r, node,
		    "%s: wants one of count, distinct, sum, min, max, mean, "
		    "quantile, funnel, cohort, retention, sessions, "
		    "attribution, ratio and use",
		    where);
		return;
	}
	d->definition = def;
	check_needs(r, node, where, def);
	for (size_t i = 0; i < node->n; i++) {
		key = node->key[i]->text;
		if (!slice_is(key, def->name) && !is_word(common, key) &&
		    !is_word(def->needs, key) && !is_word(def->takes, key))
			conf_error(r, node->key[i],
			    "%s: '%s' does not go with '%s'", where, key.p,
			    def->name);
	}
	if (slice_is(slice_str(def->name), "retention") &&
	    (d->days == 0) == (d->weeks == 0))
		conf_error(
		    r, node, "%s: retention wants 'days' or 'weeks'", where);
	if (d->model.s != NULL && !slice_is(text_slice(&d->model), "first") &&
	    !slice_is(text_slice(&d->model), "last"))
		conf_error_at(r, &d->model,
		    "model: 'first' or 'last', not "
		    "'%s'",
		    d->model.s);
	if (d->totals && d->by.n == 0)
		conf_error(r, node, "%s: totals wants a 'by'", where);
	if (d->totals && d->by.n > CONF_TOTALS_MAX)
		conf_error(r, node, "%s: totals of more than %d fields", where,
		    CONF_TOTALS_MAX);
	if (d->top > 0 && d->by.n == 0 && d->source.s == NULL)
		conf_error(r, node, "%s: top wants a 'by'", where);
}

/* Names of dimensions that a definition adds. */
static void
check_dimensions(struct conf_reader *r, const struct draft *d)
{
	static const char added[] = "after at measure of step";

	for (size_t i = 0; i < d->by.n; i++)
		if (is_word(added, text_slice(&d->by.v[i])) ||
		    (d->source.s != NULL && slice_eq(text_slice(&d->by.v[i]),
						text_slice(&d->source))))
			conf_error_at(r, &d->by.v[i],
			    "by: '%s' is a dimension of ev-agg's own",
			    d->by.v[i].s);
}

static void
read_draft(struct conf_reader *r, const struct yaml_node *key,
    const struct yaml_node *node, struct draft *d)
{
	struct conf_text *name = &d->metric.name;
	struct strbuf where = STRBUF_INIT;
	unsigned before = r->errors;
	const char *why;

	if (conf_take_text(r, key, "metrics", name)) {
		why = conf_metric_name_error(text_slice(name));
		if (why != NULL)
			conf_error(
			    r, key, "metrics: the name '%s' %s", name->s, why);
		strbuf_addf(&where, "metrics.%s", name->s);
		conf_read_map(r, node, where.buf, draft_keys,
		    sizeof(draft_keys) / sizeof(draft_keys[0]), d);
		if (r->errors == before) {
			check_keys(r, node, where.buf, d);
			check_dimensions(r, d);
		}
	}
	if (r->errors != before)
		d->state = DRAFT_BAD;
	strbuf_release(&where);
}

static int
compare_names(const void *a, const void *b)
{
	struct draft *const *x = a, *const *y = b;

	return slice_cmp(
	    text_slice(&(*x)->metric.name), text_slice(&(*y)->metric.name));
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
			same += slice_eq(
			    text_slice(&a->v[i]), text_slice(&b->v[j]));
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

static int
resolve_ratio(struct drafts *ds, struct draft *d, unsigned depth)
{
	const struct conf_metric *part[2];
	struct conf_metric *m = &d->metric;

	for (int i = 0; i < 2; i++) {
		part[i] = refer(ds, d, &d->ratio.v[i], "ratio", depth);
		if (part[i] == NULL)
			return -1;
		if (!can_divide(part[i])) {
			conf_error_at(ds->r, &d->ratio.v[i],
			    "metrics.%s.ratio: '%s' is %s", m->name.s,
			    part[i]->name.s,
			    part[i]->ratio ? "itself a ratio"
					   : "no count or sum");
			return -1;
		}
	}
	if (!same_by(&part[0]->by, &part[1]->by) ||
	    (d->by.n > 0 && part[0]->by.n > 0 &&
		!same_by(&d->by, &part[0]->by))) {
		conf_error_at(ds->r, &d->ratio.v[0],
		    "metrics.%s.ratio: '%s', '%s' and the ratio have different "
		    "'by'",
		    m->name.s, part[0]->name.s, part[1]->name.s);
		return -1;
	}
	if (part[0]->period != part[1]->period ||
	    (d->period.s != NULL && part[0]->period != PERIOD_DAY &&
		part[0]->period != m->period)) {
		conf_error_at(ds->r, &d->ratio.v[0],
		    "metrics.%s.ratio: '%s', '%s' and the ratio have different "
		    "'period'",
		    m->name.s, part[0]->name.s, part[1]->name.s);
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
	switch (d->definition->kind) {
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
	m->window = duration_ms(d->gap.s != NULL ? &d->gap : &d->within);
	m->days = d->days;
	m->weeks = d->weeks;
	m->source = d->source;
	m->last = d->model.s != NULL && slice_is(text_slice(&d->model), "last");
}

/* Of what the draft measures itself. */
static void
own_measure(struct conf_measure *m, const struct draft *d)
{
	m->kind = d->definition->kind;
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
		(void)conf_period_find(text_slice(&d->period), &m->period);
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
		read_draft(r, node->key[i], node->item[i], &ds.v[i]);
		ds.by_name[i] = &ds.v[i];
	}
	qsort(ds.by_name, ds.n, sizeof(struct draft *), compare_names);
	for (size_t i = 0; i < ds.n; i++)
		if (resolve(&ds, &ds.v[i], 0) == 0)
			m->v[m->n++] = ds.v[i].metric;
	free(ds.by_name);
	free(ds.v);
}
