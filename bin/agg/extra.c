#include "config.h"

#include "agg/extra.h"

#include <stdlib.h>

#include "agg/dims.h"

static const char *const session_names[SESSION_SLOTS] = { "count", "seconds",
	"bounces" };

static const struct plan_measure *
measure_of(const struct plan *p, const struct plan_metric *m)
{
	return &p->measure[m->num];
}

unsigned
extra_slots(const struct plan *p, const struct plan_metric *m)
{
	const struct plan_measure *v = measure_of(p, m);

	switch (v->kind) {
	case MEASURE_QUANTILE:
		return (unsigned)m->at->n;
	case MEASURE_FUNNEL:
		return v->nsteps;
	case MEASURE_RETENTION:
		return v->after;
	case MEASURE_SESSIONS:
		return SESSION_SLOTS;
	default:
		return 1;
	}
}

bool
extra_adds(const struct plan *p, const struct plan_metric *m)
{
	if (m->of.p != NULL)
		return true;
	switch (measure_of(p, m)->kind) {
	case MEASURE_QUANTILE:
		return !m->one_at;
	case MEASURE_FUNNEL:
	case MEASURE_RETENTION:
	case MEASURE_SESSIONS:
		return true;
	default:
		return false;
	}
}

/* The key of the slot's dimension and its value; p is NULL: none. */
static struct slice
slot_key(const struct plan *p, const struct plan_metric *m, unsigned slot,
    struct strbuf *value)
{
	switch (measure_of(p, m)->kind) {
	case MEASURE_QUANTILE:
		if (m->one_at)
			return SLICE_NULL;
		strbuf_adds(value, m->at->v[slot].s);
		return SLICE_LIT("at");
	case MEASURE_FUNNEL:
		strbuf_addf(value, "%u", slot + 1);
		return SLICE_LIT("step");
	case MEASURE_RETENTION:
		strbuf_addf(value, "%u", slot + 1);
		return SLICE_LIT("after");
	case MEASURE_SESSIONS:
		strbuf_adds(value, session_names[slot]);
		return SLICE_LIT("measure");
	default:
		return SLICE_NULL;
	}
}

void
extra_dims(struct strbuf *sb, const struct plan *p, const struct plan_metric *m,
    unsigned slot, struct slice dims)
{
	struct strbuf value = STRBUF_INIT, inner = STRBUF_INIT;
	struct slice key = slot_key(p, m, slot, &value);

	if (m->of.p != NULL) {
		dims_with(&inner, dims, SLICE_LIT("of"), m->of);
		dims = strbuf_slice(&inner);
	}
	if (key.p != NULL)
		dims_with(sb, dims, key, strbuf_slice(&value));
	else
		strbuf_add_slice(sb, dims);
	strbuf_release(&value);
	strbuf_release(&inner);
}

bool
extra_is_null(const struct plan_measure *m)
{
	return m->kind == MEASURE_MIN || m->kind == MEASURE_MAX ||
	       m->kind == MEASURE_MEAN || m->kind == MEASURE_QUANTILE;
}

static void
add_name(struct slice *names, size_t *n, struct slice name)
{
	for (size_t i = 0; i < *n; i++)
		if (slice_eq(names[i], name))
			return;
	names[(*n)++] = name;
}

size_t
extra_columns(const struct plan *p, struct slice *names)
{
	struct strbuf value = STRBUF_INIT;
	const struct plan_metric *m;
	const struct plan_list *by;
	struct slice key;
	size_t n = 0;

	for (unsigned i = 0; i < p->nmetrics; i++) {
		m = &p->metric[i];
		by = &plan_metric_group(p, m)->by;
		for (unsigned j = 0; j < by->n; j++)
			add_name(names, &n, p->fields.v[by->v[j]].key);
		key = slot_key(p, m, 0, &value);
		if (key.p != NULL)
			add_name(names, &n, key);
		if (m->of.p != NULL)
			add_name(names, &n, SLICE_LIT("of"));
		if (measure_of(p, m)->source != PLAN_NONE)
			add_name(names, &n,
			    p->fields.v[measure_of(p, m)->source].key);
	}
	strbuf_release(&value);
	qsort(names, n, sizeof(*names), slice_order);
	return n;
}
