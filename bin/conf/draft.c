#include "config.h"

#include "conf/draft.h"

#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/strbuf.h"

#define QUANTILES_MAX 16
#define DAY_MS UINT64_C(86400000)

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

static void
read_count(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text *t = field;

	if (!conf_take_text(r, node, where, t))
		return;
	if (!slice_is(conf_text_slice(t), "events"))
		conf_error(r, node,
		    "%s: only events are counted; 'distinct: %s' counts the "
		    "different values of a field",
		    where, t->s);
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
			if (slice_eq(conf_text_slice(&l->v[i]),
				conf_text_slice(&l->v[j])))
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
	if (slice_is(conf_text_slice(&t), "down"))
		*g = GUARDRAIL_DOWN;
	else if (slice_is(conf_text_slice(&t), "up"))
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
	if (t->s != NULL && conf_period_find(conf_text_slice(t), &period) == -1)
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

	conf_read_between(r, node, where, 1, max, "", field);
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
	struct draft_quantile *q = field;

	if (!conf_check_number(r, node, where, QUANTILES_MAX))
		return;
	conf_read_texts(r, node, where, &q->at);
	q->one_at = node->kind == YAML_SCALAR;
	if (node->kind == YAML_SEQ && node->n == 0)
		conf_error(r, node, "%s: has no value", where);
	for (size_t i = 0; i < q->at.n; i++)
		if (!conf_is_fraction(conf_text_slice(&q->at.v[i])))
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
		{ "of", read_field, offsetof(struct draft_quantile, of) },
	};
	struct draft_quantile *q = field;
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

/* Nothing that belongs to another definition. */
static void
check_takes(struct conf_reader *r, const struct yaml_node *node,
    const char *where, const struct definition *def)
{
	static const char common[] =
	    "by guardrail period share top totals where";
	struct slice key;

	for (size_t i = 0; i < node->n; i++) {
		key = node->key[i]->text;
		if (!slice_is(key, def->name) && !is_word(common, key) &&
		    !is_word(def->needs, key) && !is_word(def->takes, key))
			conf_error(r, node->key[i],
			    "%s: '%s' does not go with '%s'", where, key.p,
			    def->name);
	}
}

/* What one key asks of another, whatever its definition takes. */
static void
check_values(struct conf_reader *r, const struct yaml_node *node,
    const char *where, const struct draft *d)
{
	if (d->kind == MEASURE_RETENTION && (d->days == 0) == (d->weeks == 0))
		conf_error(
		    r, node, "%s: retention wants 'days' or 'weeks'", where);
	if (d->model.s != NULL &&
	    !slice_is(conf_text_slice(&d->model), "first") &&
	    !slice_is(conf_text_slice(&d->model), "last"))
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

/* Do the keys of node fit together? */
static void
check_keys(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct draft *d)
{
	const struct definition *def = find_definition(node);

	if (def == NULL) {
		conf_error(r, node,
		    "%s: wants one of count, distinct, sum, min, max, mean, "
		    "quantile, funnel, cohort, retention, sessions, "
		    "attribution, ratio and use",
		    where);
		return;
	}
	d->kind = def->kind;
	check_needs(r, node, where, def);
	check_takes(r, node, where, def);
	check_values(r, node, where, d);
}

/* Names of dimensions that a definition adds. */
static void
check_dimensions(struct conf_reader *r, const struct draft *d)
{
	static const char added[] = "after at measure of step";

	for (size_t i = 0; i < d->by.n; i++)
		if (is_word(added, conf_text_slice(&d->by.v[i])) ||
		    (d->source.s != NULL &&
			slice_eq(conf_text_slice(&d->by.v[i]),
			    conf_text_slice(&d->source))))
			conf_error_at(r, &d->by.v[i],
			    "by: '%s' is a dimension of ev-agg's own",
			    d->by.v[i].s);
}

void
draft_read(struct conf_reader *r, const struct yaml_node *key,
    const struct yaml_node *node, struct draft *d)
{
	struct conf_text *name = &d->metric.name;
	struct strbuf where = STRBUF_INIT;
	unsigned before = r->errors;
	const char *why;

	if (conf_take_text(r, key, "metrics", name)) {
		why = conf_metric_name_error(conf_text_slice(name));
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

uint64_t
draft_window(const struct draft *d)
{
	return duration_ms(d->gap.s != NULL ? &d->gap : &d->within);
}
