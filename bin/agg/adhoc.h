/*
 * adhoc: metrics from the command line, without a config.
 *
 *	struct adhoc a = ADHOC_INIT;
 *	adhoc_measure(&a, MEASURE_COUNT, NULL);  --count
 *	adhoc_measure(&a, MEASURE_SUM, "bytes"); --sum FIELD, ...
 *	adhoc_by(&a, "dim_country,referrer");    --by FIELD[,FIELD...]
 *	adhoc_where(&a, "action_type=signup");   --where FIELD=VALUE[,VALUE...]
 *	adhoc_finish(&a, &metrics);
 *
 * The metrics are named as the options.  All have the same by, where, top
 * and period; several --where must all hold.  The value \N stands for NULL,
 * as in the stream.  Each function returns NULL, or why it could not take
 * its argument, a message that stays until the next call.
 *
 * The strings given stay borrowed, the arrays live as long as the process.
 */
#ifndef EV_AGG_ADHOC_H
#define EV_AGG_ADHOC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "conf/metrics.h"

struct adhoc {
	bool wanted[MEASURE_FUNNEL];
	struct conf_measure measure[MEASURE_FUNNEL];
	struct conf_list by;
	struct conf_conds where;
	uint64_t top;
	bool totals;
	bool period_set;
	enum conf_period period;
	struct strbuf why;
};

#define ADHOC_INIT ((struct adhoc){ .why = STRBUF_INIT })

/*
 * arg: FIELD, for distinct and approx FIELD[,FIELD...], the first that is not
 * NULL, for a quantile FIELD=FRACTION[,FRACTION...], NULL to count.
 */
const char *adhoc_measure(
    struct adhoc *a, enum conf_measure_kind kind, const char *arg);
const char *adhoc_by(struct adhoc *a, const char *arg);
/* FIELD=VALUE[,VALUE...], or FIELD!=... for none of them. */
const char *adhoc_where(struct adhoc *a, const char *arg);
const char *adhoc_period(struct adhoc *a, const char *arg);
const char *adhoc_top(struct adhoc *a, const char *arg);

/* Was anything asked for? */
bool adhoc_any(const struct adhoc *a);
/* Where no measure is wanted, events are counted.  NULL, or why not. */
const char *adhoc_finish(const struct adhoc *a, struct conf_metrics *m);

#endif
