/* The metrics of a config that names none; see conf/metrics.h. */
#include "config.h"

#include <string.h>

#include "base/alloc.h"
#include "conf/metrics.h"

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

	if (distinct != NULL) {
		struct conf_text field = preset_text(distinct);

		m.kind = MEASURE_DISTINCT;
		m.fields.v = xcalloc(1, sizeof(*m.fields.v));
		m.fields.v[0] = field;
		m.fields.n = 1;
	}
	m.where.n = 2;
	m.where.v = xcalloc(m.where.n, sizeof(*m.where.v));
	m.where.v[0].field = preset_text("action_type");
	any = &m.where.v[0].any;
	any->v = xcalloc(PRESET_ACTIONS, sizeof(*any->v));
	while (any->n < PRESET_ACTIONS && actions[any->n] != NULL) {
		any->v[any->n] = preset_text(actions[any->n]);
		any->n++;
	}
	m.where.v[1].field = preset_text("bot");
	m.where.v[1].null = true;
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
