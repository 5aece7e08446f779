/*
 * top: the greatest cells of metrics that show no more, and the rest.
 *
 *	top_init(&t, &plan, memory);
 *	top_keep(&t, user, &key, state);        each line of such a metric
 *	top_offer(&t, metric, ds, dims, size);  each of its cells, by period
 *	...
 *	top_rest(&t);                           0, or -1 (reported)
 *	sorter_next(&t.rest, ...)               the same lines, where dims are
 *	                                        among the greatest, or "(other)"
 *	top_release(&t);
 *
 * The greatest are those of greatest size, of equal ones those whose
 * dimensions sort first.  A line's id says for which metric it is kept, and
 * as what: top_user() tells.
 */
#ifndef EV_AGG_TOP_H
#define EV_AGG_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/decimal.h"
#include "agg/key.h"
#include "agg/plan.h"
#include "agg/sorter.h"
#include "base/hash.h"
#include "base/slice.h"
#include "base/strbuf.h"

struct top_entry {
	decimal size;
	struct strbuf name; /* metric, period and dimensions */
};

/*
 * A name that is among the greatest, as two keyed hashes: of all periods of a
 * run there may be many, and strangers choose their length.
 */
struct top_chosen {
	uint64_t hash[2];
};

struct top {
	const struct plan *plan;
	struct sorter kept, rest;
	struct strbuf key, name, dims, other;

	/* Of the present metric and period, the least one first. */
	struct top_entry *heap;
	size_t nheap, heap_cap;
	struct strbuf group; /* metric and period */

	struct hash_key hash_key[2];
	struct top_chosen *chosen; /* sorted by top_rest() */
	size_t nchosen, chosen_cap;
};

void top_init(struct top *t, const struct plan *p, size_t memory);
void top_release(struct top *t);
void top_keep(struct top *t, const struct plan_user *user,
    const struct key *key, struct slice state);
/* ds and dims as key parts. */
void top_offer(struct top *t, unsigned metric, struct slice ds,
    struct slice dims, decimal size);
int top_rest(struct top *t);
/* Whom a line of the rest is for; 0 or -1. */
int top_user(const struct top *t, struct slice id, struct plan_user *user);

#endif
