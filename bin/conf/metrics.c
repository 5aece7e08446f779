#include "config.h"

#include "conf/metrics.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/strbuf.h"

/*
 * Metrics may `use' one another this deep, as deep as YAML may nest: it
 * bounds the recursion whatever the config.
 */
#define USE_DEPTH YAML_DEPTH

/*
 * Of metrics, and of fields in one: metrics, fields and conditions are
 * compared with each other, so a config of megabytes must not hold as many
 * as fit.  Ten times what a person would write.
 */
#define METRICS_MAX 4096
#define FIELDS_MAX 64

struct conds {
	struct conf_cond *v;
	size_t n;
};

enum draft_state { DRAFT_NEW, DRAFT_BUSY, DRAFT_DONE, DRAFT_BAD };

/* A metric as it is written, before the others are known. */
struct draft {
	struct conf_text count;
	struct conf_text distinct;
	struct conf_text use;
	struct conf_list ratio;
	struct conds where;
	struct conf_list by;
	enum conf_guardrail guardrail;
	enum draft_state state;
	struct conf_metric metric; /* filled when DRAFT_DONE */
};

struct drafts {
	struct conf_reader *r;
	struct draft *v;	/* in the order of the config */
	struct draft **by_name; /* the same, sorted */
	size_t n;
};

/* conf_error() at a text that was read before. */
static void __attribute__((__format__(__printf__, 3, 4)))
error_at(struct conf_reader *r, const struct conf_text *t, const char *fmt, ...)
{
	struct yaml_node node = { .line = t->pos.line,
		.column = t->pos.column };
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_addvf(&sb, fmt, ap);
	va_end(ap);
	conf_error(r, &node, "%s", sb.buf);
	strbuf_release(&sb);
}

static struct slice
text_slice(const struct conf_text *t)
{
	return slice_of(t->s, t->n);
}

const char *
conf_field_error(struct slice name)
{
	int column = event_column_find(name);

	if (column == EV_OTHER_PROPERTIES)
		return "is the map itself; name one of its properties";
	if (column >= 0)
		return NULL;
	if (name.n == 0)
		return "is no name of a column or a property";
	/* No variable of nginx is called so, but columns are, misspelt. */
	if (slice_starts(name, SLICE_LIT("dim_")))
		return "is no column";
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ')
			return "is no name of a column or a property";
	return NULL;
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
check_field(struct conf_reader *r, const char *where, const struct conf_text *t)
{
	const char *why = conf_field_error(text_slice(t));

	if (why != NULL)
		error_at(r, t, "%s: '%s' %s", where, t->s, why);
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
read_distinct(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text *t = field;

	if (conf_take_text(r, node, where, t))
		check_field(r, where, t);
}

/* Has node, a list or a mapping, at most max items?  Else an error. */
static bool
check_number(struct conf_reader *r, const struct yaml_node *node,
    const char *where, size_t max)
{
	if (node->kind == YAML_SCALAR || node->n <= max)
		return true;
	conf_error(r, node, "%s: more than %zu", where, max);
	return false;
}

static void
read_by(struct conf_reader *r, const struct yaml_node *node, const char *where,
    void *field)
{
	struct conf_list *by = field;

	if (!check_number(r, node, where, FIELDS_MAX))
		return;
	conf_read_texts(r, node, where, by);
	for (size_t i = 0; i < by->n; i++) {
		check_field(r, where, &by->v[i]);
		for (size_t j = 0; j < i; j++)
			if (slice_eq(
				text_slice(&by->v[i]), text_slice(&by->v[j])))
				error_at(r, &by->v[i], "%s: '%s' twice", where,
				    by->v[i].s);
	}
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

/* One accepted value, or null, of a condition. */
static void
read_value(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_cond *cond)
{
	if (yaml_null(node))
		cond->null = true;
	else if (conf_take_text(r, node, where, &cond->any.v[cond->any.n]))
		cond->any.n++;
}

static void
read_cond(struct conf_reader *r, const struct yaml_node *key,
    const struct yaml_node *node, const char *where, struct conf_cond *cond)
{
	if (!conf_take_text(r, key, where, &cond->field))
		return;
	check_field(r, where, &cond->field);
	if (node->kind == YAML_SEQ) {
		if (node->n == 0)
			conf_error(r, node, "%s: '%s' has no value", where,
			    cond->field.s);
		cond->any.v = xcalloc(node->n + 1, sizeof(*cond->any.v));
		for (size_t i = 0; i < node->n; i++)
			read_value(r, node->item[i], where, cond);
	} else {
		cond->any.v = xcalloc(1, sizeof(*cond->any.v));
		read_value(r, node, where, cond);
	}
}

static void
read_where(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conds *conds = field;

	if (!conf_expect(r, node, YAML_MAP, where) ||
	    !check_number(r, node, where, FIELDS_MAX))
		return;
	conds->v = xcalloc(node->n + 1, sizeof(*conds->v));
	conds->n = node->n;
	for (size_t i = 0; i < node->n; i++)
		read_cond(r, node->key[i], node->item[i], where, &conds->v[i]);
}

static const struct conf_key draft_keys[] = {
	{ "by", read_by, offsetof(struct draft, by) },
	{ "count", read_count, offsetof(struct draft, count) },
	{ "distinct", read_distinct, offsetof(struct draft, distinct) },
	{ "guardrail", read_guardrail, offsetof(struct draft, guardrail) },
	{ "ratio", read_ratio, offsetof(struct draft, ratio) },
	{ "use", conf_read_text, offsetof(struct draft, use) },
	{ "where", read_where, offsetof(struct draft, where) },
};

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
		if (r->errors == before &&
		    (yaml_get(node, "count") != NULL) +
			    (yaml_get(node, "distinct") != NULL) +
			    (yaml_get(node, "ratio") != NULL) +
			    (yaml_get(node, "use") != NULL) !=
			1)
			conf_error(r, node,
			    "%s: wants one of count, distinct, ratio and use",
			    where.buf);
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
add_where(struct conf_measure *m, const struct conds *add)
{
	struct conf_cond *v;

	if (add->n == 0)
		return;
	v = xcalloc(m->nwhere + add->n, sizeof(*v));
	if (m->nwhere > 0)
		memcpy(v, m->where, m->nwhere * sizeof(*v));
	memcpy(v + m->nwhere, add->v, add->n * sizeof(*v));
	m->where = v;
	m->nwhere += add->n;
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
		error_at(ds->r, name, "metrics.%s.%s: no metric is named '%s'",
		    d->metric.name.s, key, name->s);
	else if (other->state == DRAFT_BUSY)
		error_at(ds->r, name,
		    "metrics.%s.%s: '%s' is built on this metric itself",
		    d->metric.name.s, key, name->s);
	else if (depth == USE_DEPTH)
		error_at(ds->r, name, "metrics.%s.%s: more than %d levels",
		    d->metric.name.s, key, USE_DEPTH);
	else if (resolve(ds, other, depth + 1) == 0)
		return &other->metric;
	return NULL;
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
		if (part[i]->ratio) {
			error_at(ds->r, &d->ratio.v[i],
			    "metrics.%s.ratio: '%s' is itself a ratio",
			    m->name.s, part[i]->name.s);
			return -1;
		}
	}
	if (!same_by(&part[0]->by, &part[1]->by) ||
	    (d->by.n > 0 && part[0]->by.n > 0 &&
		!same_by(&d->by, &part[0]->by))) {
		error_at(ds->r, &d->ratio.v[0],
		    "metrics.%s.ratio: '%s', '%s' and the ratio have different "
		    "'by'",
		    m->name.s, part[0]->name.s, part[1]->name.s);
		return -1;
	}
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

/* Turns a draft into its metric, once; 0, or -1 with an error. */
static int
resolve(struct drafts *ds, struct draft *d, unsigned depth)
{
	struct conf_metric *m = &d->metric;
	int r = 0;

	if (d->state == DRAFT_DONE)
		return 0;
	if (d->state != DRAFT_NEW)
		return -1;
	d->state = DRAFT_BUSY;
	m->guardrail = d->guardrail;
	if (d->use.s != NULL) {
		r = resolve_use(ds, d, depth);
	} else if (d->ratio.n > 0) {
		r = resolve_ratio(ds, d, depth);
	} else {
		m->num.distinct = d->distinct;
		m->by = d->by;
	}
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
	    !check_number(r, node, where, METRICS_MAX))
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

#define PRESET_ACTIONS 2

/* A default metric, counted over people only: bot is NULL. */
struct preset {
	const char *name;
	const char *distinct; /* NULL: counts events */
	const char *actions[PRESET_ACTIONS];
	const char *den_actions[PRESET_ACTIONS]; /* NULL: no ratio */
	const char *by;				 /* NULL: a total */
	enum conf_guardrail guardrail;
};

#define HITS                                                                   \
	{                                                                      \
		"landing_page", "page_view"                                    \
	}

static const struct preset presets[] = {
	{ .name = "website_hits", .actions = HITS },
	{ .name = "visitors",
	    .distinct = "logged_out_user_id",
	    .actions = HITS },
	{ .name = "signups", .actions = { "signup" } },
	{ .name = "purchases", .actions = { "purchase" } },
	{ .name = "signup_conversion_rate",
	    .actions = { "signup" },
	    .den_actions = HITS,
	    .guardrail = GUARDRAIL_DOWN },
	{ .name = "purchase_conversion_rate",
	    .actions = { "purchase" },
	    .den_actions = { "signup" },
	    .guardrail = GUARDRAIL_DOWN },
	{ .name = "traffic_breakdown", .actions = HITS, .by = "referrer" },
	{ .name = "visitors_by_host",
	    .distinct = "logged_out_user_id",
	    .actions = HITS,
	    .by = "dim_hostname" },
	{ .name = "visitors_by_country",
	    .distinct = "logged_out_user_id",
	    .actions = HITS,
	    .by = "dim_country" },
	{ .name = "visitors_by_device",
	    .distinct = "logged_out_user_id",
	    .actions = HITS,
	    .by = "dim_device_brand" },
};

static struct conf_text
preset_text(const char *s)
{
	struct conf_text t = { s, s != NULL ? strlen(s) : 0, { 0, 0 } };

	return t;
}

static struct conf_measure
preset_measure(const char *distinct, const char *const actions[])
{
	struct conf_measure m = { 0 };
	struct conf_list *any;

	m.distinct = preset_text(distinct);
	m.nwhere = 2;
	m.where = xcalloc(m.nwhere, sizeof(*m.where));
	m.where[0].field = preset_text("action_type");
	any = &m.where[0].any;
	any->v = xcalloc(PRESET_ACTIONS, sizeof(*any->v));
	while (any->n < PRESET_ACTIONS && actions[any->n] != NULL) {
		any->v[any->n] = preset_text(actions[any->n]);
		any->n++;
	}
	m.where[1].field = preset_text("bot");
	m.where[1].null = true;
	return m;
}

void
conf_metrics_default(struct conf_metrics *m)
{
	m->n = sizeof(presets) / sizeof(presets[0]);
	m->v = xcalloc(m->n, sizeof(*m->v));
	for (size_t i = 0; i < m->n; i++) {
		const struct preset *p = &presets[i];
		struct conf_metric *metric = &m->v[i];

		metric->name = preset_text(p->name);
		metric->num = preset_measure(p->distinct, p->actions);
		metric->ratio = p->den_actions[0] != NULL;
		if (metric->ratio)
			metric->den = preset_measure(NULL, p->den_actions);
		if (p->by != NULL) {
			metric->by.v = xcalloc(1, sizeof(*metric->by.v));
			metric->by.v[0] = preset_text(p->by);
			metric->by.n = 1;
		}
		metric->guardrail = p->guardrail;
	}
}
