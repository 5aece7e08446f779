/*
 * dims: the dimensions of a metric row, a map of fields to values.
 *
 *	dims_put(&sb, &plan, group, val);       k=v&k=v
 *	dims_with(&sb, dims, key, value);       the same and one more
 *	dims_name(&sb, value);                  a value as a name
 *	if (dims_fit(text, &plan, group)) ...   what dims_put() may have put
 *
 * A name is what stands behind '=': the value with '&', '=', '+' and all
 * that no field may hold percent-encoded, and a leading '(' too, as "(other)"
 * is ours.  What is encoded already stays.
 */
#ifndef EV_AGG_DIMS_H
#define EV_AGG_DIMS_H

#include <stdbool.h>

#include "agg/plan.h"
#include "base/slice.h"
#include "base/strbuf.h"

void dims_name(struct strbuf *sb, struct slice value);
/* Appends those of the group; val as of fields_get(). */
void dims_put(struct strbuf *sb, const struct plan *p,
    const struct plan_group *g, const struct slice *val);
/* Is it what dims_name() may have put? */
bool dims_is_name(struct slice name);
/* Are these dimensions of the group, each a name or NULL? */
bool dims_fit(
    struct slice dims, const struct plan *p, const struct plan_group *g);
/*
 * Appends dims with key, as written, in its place, and value, a name; NULL is
 * the key alone.
 */
void dims_with(
    struct strbuf *sb, struct slice dims, struct slice key, struct slice value);
/* Appends dims with "(other)" for each value. */
void dims_other(struct strbuf *sb, struct slice dims);

#endif
