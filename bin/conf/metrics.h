/*
 * metrics: what ev-agg counts, ev.yaml(5).
 *
 *	metrics:
 *	  hits:     {count: events, where: {action_type: [a, b], bot: null}}
 *	  visitors: {distinct: logged_out_user_id, where: {bot: null}}
 *	  by_host:  {use: visitors, by: [dim_hostname], top: 10}
 *	  rate:     {ratio: [signups, hits], guardrail: down}
 *	  buyers:   {cohort: {action_type: signup}, within: 14d,
 *	             then: {action_type: purchase}, period: week}
 *
 * A metric is one measure or, for a ratio, two; each looks at the events
 * that fulfil all conditions of its where.  It is computed over all events
 * of a period or, with `by', for each combination of values.
 *
 * What the reader hands out is resolved: `use' and `ratio' have become
 * measures.  `use' takes the other metric's measures and conditions, not
 * its `by', `top', `totals' and `period'; a where beside `use' or `ratio'
 * adds its conditions to each measure.  The two metrics of a ratio have the
 * same `by' and `period', which are then the ratio's, or none.
 */
#ifndef EV_CONF_METRICS_H
#define EV_CONF_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "conf/actions.h"
#include "conf/enrich.h"
#include "conf/read.h"
#include "conf/where.h"

enum conf_measure_kind {
	MEASURE_COUNT,
	MEASURE_DISTINCT,
	MEASURE_APPROX, /* distinct, by HyperLogLog */
	MEASURE_SUM,
	MEASURE_MIN,
	MEASURE_MAX,
	MEASURE_MEAN,
	MEASURE_QUANTILE,
	/* Those below look at what one visitor did in time. */
	MEASURE_FUNNEL,
	MEASURE_COHORT,
	MEASURE_RETENTION,
	MEASURE_SESSIONS,
	MEASURE_ATTRIBUTION,
	MEASURE_KINDS
};

/* Steps of a funnel, and the bits of its masks. */
#define CONF_STEPS_MAX 16
/* Days that a retention looks ahead. */
#define CONF_RETENTION_MAX 366

/* Rows of a top, which are kept in memory. */
#define CONF_TOP_MAX 1000
/* Fields of a by with totals, which makes a row for each part of it. */
#define CONF_TOTALS_MAX 4

struct conf_measure {
	enum conf_measure_kind kind;
	/*
	 * distinct: the first that is not NULL is counted; sum to quantile:
	 * one; the others: who a visitor is, the first that is not NULL.
	 */
	struct conf_list fields;
	struct conf_conds where; /* all of them hold */
	struct conf_list at;	 /* quantile: from 0 to 1, as written */
	bool one_at;		 /* quantile: at is one value, no list */
	/*
	 * funnel: its steps; cohort and retention: who is in it, and what
	 * they did then; attribution: what is attributed, and to what.
	 */
	struct conf_conds *step;
	size_t nsteps;
	uint64_t window;	 /* within or gap, in ms */
	uint64_t days, weeks;	 /* retention: one of them */
	struct conf_text source; /* attribution: the field */
	bool last;		 /* attribution: by last touch */
};

enum conf_guardrail { GUARDRAIL_NONE, GUARDRAIL_DOWN, GUARDRAIL_UP };

enum conf_period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIODS };

struct conf_metric {
	struct conf_text name; /* letters, digits and "_.-" */
	bool ratio;	       /* num over den, else num alone */
	struct conf_measure num;
	struct conf_measure den;
	struct conf_list by; /* fields, none twice; none: a total */
	uint64_t top;	     /* rows; the rest is one; 0: all */
	bool totals;	     /* also for each part of by, and for none */
	enum conf_period period;
	bool share; /* a ratio whose numerator is part of the denominator */
	enum conf_guardrail guardrail;
};

struct conf_metrics {
	struct conf_metric *v; /* in the order of the config */
	size_t n;
};

conf_read_fn conf_read_metrics; /* struct conf_metrics */

/* What is computed when the config names no metrics; sets *m. */
void conf_metrics_default(struct conf_metrics *m);

/* Does the key of a visitor last as long as the metric looks? */
bool conf_metric_lasts(const struct conf_metric *m, enum conf_rotate rotate);

/* Windows and periods that outlive the visitor's key are errors. */
void conf_metrics_check(struct conf_reader *r, const struct conf_metrics *m,
    enum conf_rotate rotate);

/*
 * Warns of each condition on an action that no rule of the config gives: it
 * never holds, and 0 looks like an answer.  A config without rules says
 * nothing of who parsed the log.  path is the config's, for messages.
 */
void conf_metrics_warn(const char *path, const struct conf_metrics *m,
    const struct conf_actions *actions);

/* NULL, or why that cannot be the name of a metric. */
const char *conf_metric_name_error(struct slice name);
/* Do both measure the same of the same events? */
bool conf_measure_same(
    const struct conf_measure *a, const struct conf_measure *b);
/* Is it how many different values there are, exactly or roughly? */
bool conf_measure_distinct(const struct conf_measure *m);
/* "day", "week" or "month"; 0 or -1. */
int conf_period_find(struct slice name, enum conf_period *period);

/* 0, 1, or 0 and 1 to 9 decimals, as printed; s is NUL-terminated. */
bool conf_is_fraction(struct slice s);

extern const char *const conf_period_names[PERIODS];

#endif
