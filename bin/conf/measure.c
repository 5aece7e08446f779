/* What is asked of measures that were read; see conf/metrics.h. */
#include "config.h"

#include "conf/metrics.h"

#define DAY_MS UINT64_C(86400000)

static bool
counts_visitors(const struct conf_measure *m)
{
	for (size_t i = 0; i < m->fields.n; i++)
		if (slice_is(
			conf_text_slice(&m->fields.v[i]), "logged_out_user_id"))
			return true;
	return false;
}

/*
 * How long it must be the same visitor, in ms; 0 where it does not matter.
 * Who is counted once in a period is the same as long as that, and who comes
 * back after n days on n + 1 of them.
 */
static uint64_t
measure_span(const struct conf_measure *m, enum conf_period period)
{
	static const uint64_t days[PERIODS] = { 1, 7, 31 };
	uint64_t one = days[period] * DAY_MS, span = m->window;

	if (!counts_visitors(m))
		return 0;
	switch (m->kind) {
	case MEASURE_RETENTION:
		span = m->weeks > 0 ? 7 * (m->weeks + 1) : m->days + 1;
		span *= DAY_MS;
		/* FALLTHROUGH */
	case MEASURE_DISTINCT:
	case MEASURE_APPROX:
	case MEASURE_FUNNEL:
	case MEASURE_COHORT:
		return span > one ? span : one;
	default:
		return span;
	}
}

bool
conf_metric_lasts(const struct conf_metric *m, enum conf_rotate rotate)
{
	static const uint64_t days[] = { [ROTATE_NEVER] = UINT64_MAX / DAY_MS,
		[ROTATE_DAILY] = 1,
		[ROTATE_WEEKLY] = 7,
		[ROTATE_MONTHLY] = 31 };
	uint64_t ms = days[rotate] * DAY_MS;

	return measure_span(&m->num, m->period) <= ms &&
	       measure_span(&m->den, m->period) <= ms;
}

void
conf_metrics_check(struct conf_reader *r, const struct conf_metrics *m,
    enum conf_rotate rotate)
{
	const struct conf_metric *v = m->v;

	for (size_t i = 0; i < m->n; i++, v++)
		if (!conf_metric_lasts(v, rotate))
			conf_error_at(r, &v->name,
			    "metrics.%s: looks further than the visitor's key "
			    "lasts (enrich.visitor.rotate); visitor: user_id "
			    "may do",
			    v->name.s);
}

static bool
same_texts(const struct conf_list *a, const struct conf_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!slice_eq(
			conf_text_slice(&a->v[i]), conf_text_slice(&b->v[i])))
			return false;
	return true;
}

bool
conf_measure_same(const struct conf_measure *a, const struct conf_measure *b)
{
	if (a->kind != b->kind || a->nsteps != b->nsteps ||
	    a->window != b->window || a->days != b->days ||
	    a->weeks != b->weeks || a->last != b->last ||
	    !slice_eq(
		conf_text_slice(&a->source), conf_text_slice(&b->source)) ||
	    !same_texts(&a->fields, &b->fields) || !same_texts(&a->at, &b->at))
		return false;
	for (size_t i = 0; i < a->nsteps; i++)
		if (!conf_conds_same(&a->step[i], &b->step[i]))
			return false;
	return conf_conds_same(&a->where, &b->where);
}

bool
conf_measure_distinct(const struct conf_measure *m)
{
	return m->kind == MEASURE_DISTINCT || m->kind == MEASURE_APPROX;
}
