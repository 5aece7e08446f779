/*
 * cell: the states of one measure, period and combination, added up.
 *
 *	cell_begin(&c, measure);
 *	cell_take(&c, &key, state);             0, or -1 (no state of its kind)
 *	...
 *	cell_size(&c)                           to compare cells by
 *	cell_part(&c, slot, &part, at)          the numbers of a row
 */
#ifndef EV_AGG_CELL_H
#define EV_AGG_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/decimal.h"
#include "agg/hll.h"
#include "agg/key.h"
#include "agg/plan.h"
#include "base/slice.h"

struct cell_bucket {
	int bucket;
	uint64_t n;
};

struct cell {
	const struct plan_measure *m; /* NULL: none has begun */
	uint64_t n;  /* events, members, numbers, visitors or sessions */
	decimal sum; /* or the least or greatest */
	uint8_t reg[HLL_SIZE];
	struct cell_bucket *bucket; /* in the order of their values */
	size_t nbuckets, bucket_cap;
	uint64_t reached[CONF_RETENTION_MAX + 1]; /* steps, or returns */
	uint64_t ms, bounces;			  /* of sessions */
};

/* What a row shows of a cell; NULL where there is nothing. */
struct cell_part {
	bool null, rate;
	decimal value, den;
};

void cell_begin(struct cell *c, const struct plan_measure *m);
void cell_release(struct cell *c);
int cell_take(struct cell *c, const struct key *key, struct slice state);
decimal cell_size(const struct cell *c);
/* at: of a quantile, "0.5" or such. */
void cell_part(const struct cell *c, unsigned slot, const char *at,
    struct cell_part *part);

#endif
