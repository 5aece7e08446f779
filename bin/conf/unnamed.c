/* Conditions on actions that no rule gives; see conf/metrics.h. */
#include "config.h"

#include "conf/metrics.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/msg.h"

struct warner {
	const char *path;
	const struct conf_actions *actions;
	struct conf_pos *told; /* a value is told once, whoever uses it */
	size_t ntold, cap;
};

/* A rule that drops gives no event. */
static bool
is_given(const struct conf_actions *a, const struct conf_text *t)
{
	const struct conf_rule *r = a->v;

	if (slice_is(conf_text_slice(t), CONF_ACTION_OTHER))
		return true;
	for (size_t i = 0; i < a->n; i++, r++)
		if (!r->drop &&
		    slice_eq(conf_text_slice(&r->action), conf_text_slice(t)))
			return true;
	return false;
}

/* True when it was told before; else it is from now on. */
static bool
was_told(struct warner *w, struct conf_pos pos)
{
	for (size_t i = 0; i < w->ntold; i++)
		if (w->told[i].line == pos.line &&
		    w->told[i].column == pos.column)
			return true;
	w->told = xgrow(w->told, &w->cap, w->ntold + 1, sizeof(*w->told));
	w->told[w->ntold++] = pos;
	return false;
}

static void
warn_value(
    struct warner *w, const struct conf_metric *m, const struct conf_text *t)
{
	if (is_given(w->actions, t) || was_told(w, t->pos))
		return;
	msg_warn("%s:%u:%u: metrics.%s: no rule of the actions gives '%s'",
	    w->path, t->pos.line, t->pos.column, m->name.s, t->s);
}

/* conds may nest as deep as YAML may (YAML_DEPTH). */
static void
warn_conds(struct warner *w, const struct conf_metric *m,
    const struct conf_cond *c, size_t n)
{
	for (; n > 0; n--, c++) {
		warn_conds(w, m, c->sub, c->nsub);
		if (c->kind != COND_VALUES ||
		    !slice_is(conf_text_slice(&c->field), "action_type"))
			continue;
		for (size_t i = 0; i < c->any.n; i++)
			warn_value(w, m, &c->any.v[i]);
	}
}

static void
warn_measure(
    struct warner *w, const struct conf_metric *m, const struct conf_measure *v)
{
	warn_conds(w, m, v->where.v, v->where.n);
	for (size_t i = 0; i < v->nsteps; i++)
		warn_conds(w, m, v->step[i].v, v->step[i].n);
}

void
conf_metrics_warn(const char *path, const struct conf_metrics *m,
    const struct conf_actions *actions)
{
	struct warner w = { .path = path, .actions = actions };

	if (actions->n == 0)
		return;
	for (size_t i = 0; i < m->n; i++) {
		warn_measure(&w, &m->v[i], &m->v[i].num);
		warn_measure(&w, &m->v[i], &m->v[i].den);
	}
	free(w.told);
}
