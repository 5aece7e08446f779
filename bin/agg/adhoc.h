/*
 * adhoc: metrics from the command line, without a config.
 *
 *	struct adhoc a = ADHOC_INIT;
 *	a.count = true;                          --count
 *	adhoc_distinct(&a, "user_id");           --distinct FIELD
 *	adhoc_by(&a, "dim_country,referrer");    --by FIELD[,FIELD...]
 *	adhoc_where(&a, "action_type=signup");   --where FIELD=VALUE[,VALUE...]
 *	adhoc_finish(&a, &metrics);
 *
 * The metrics are named "count" and "distinct".  All have the same by and
 * where; several --where must all hold.  The value \N stands for NULL, as
 * in the stream.  Each function returns NULL, or why it could not take its
 * argument, a message that stays until the next call.
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
	bool count; /* --count, set by the caller */
	struct conf_text distinct;
	struct conf_list by;
	struct conf_cond *where;
	size_t nwhere;
	struct strbuf why;
};

#define ADHOC_INIT ((struct adhoc){ .why = STRBUF_INIT })

const char *adhoc_distinct(struct adhoc *a, const char *arg);
const char *adhoc_by(struct adhoc *a, const char *arg);
const char *adhoc_where(struct adhoc *a, const char *arg);

/* Was anything asked for? */
bool adhoc_any(const struct adhoc *a);
/* --by and --where alone count events. */
void adhoc_finish(const struct adhoc *a, struct conf_metrics *m);

#endif
