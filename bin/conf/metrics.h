/*
 * metrics: what ev-agg counts, ev.yaml(5).
 *
 *	metrics:
 *	  hits:     {count: events, where: {action_type: [a, b], bot: null}}
 *	  visitors: {distinct: logged_out_user_id, where: {bot: null}}
 *	  by_host:  {use: visitors, by: [dim_hostname]}
 *	  rate:     {ratio: [signups, hits], guardrail: down}
 *
 * A metric is one measure or, for a ratio, two; each counts the events that
 * fulfil all conditions of its where, or the distinct values of a field
 * among them.  It is computed over all events of a day or, with `by', for
 * each combination of values.
 *
 * What the reader hands out is resolved: `use' and `ratio' have become
 * measures.  `use' takes the other metric's measures and conditions, not
 * its `by'; a where beside `use' or `ratio' adds its conditions to each
 * measure.  The two metrics of a ratio have the same `by', which is then
 * the ratio's, or none.
 *
 * Fields and values are what the config says, decoded; a stream holds them
 * percent-encoded (base/text.h).
 */
#ifndef EV_CONF_METRICS_H
#define EV_CONF_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "conf/read.h"

/* One condition on a column or a property. */
struct conf_cond {
	struct conf_text field;
	struct conf_list any; /* one of these values */
	bool null;	      /* or NULL */
};

struct conf_measure {
	struct conf_text distinct; /* the field; not set: counts events */
	struct conf_cond *where;   /* all of them hold */
	size_t nwhere;
};

enum conf_guardrail { GUARDRAIL_NONE, GUARDRAIL_DOWN, GUARDRAIL_UP };

struct conf_metric {
	struct conf_text name; /* letters, digits and "_.-" */
	bool ratio;	       /* num over den, else num alone */
	struct conf_measure num;
	struct conf_measure den;
	struct conf_list by; /* fields, none twice; none: a total */
	enum conf_guardrail guardrail;
};

struct conf_metrics {
	struct conf_metric *v; /* in the order of the config */
	size_t n;
};

conf_read_fn conf_read_metrics; /* struct conf_metrics */

/* What is computed when the config names no metrics; sets *m. */
void conf_metrics_default(struct conf_metrics *m);

/* NULL, or why that cannot be the name of a column or a property. */
const char *conf_field_error(struct slice name);
/* NULL, or why that cannot be the name of a metric. */
const char *conf_metric_name_error(struct slice name);

#endif
