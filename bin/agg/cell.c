#include "config.h"

#include "agg/cell.h"

#include <stdlib.h>
#include <string.h>

#include "agg/extra.h"
#include "agg/sketch.h"
#include "agg/state.h"
#include "base/alloc.h"
#include "base/number.h"

void
cell_begin(struct cell *c, const struct plan_measure *m)
{
	c->m = m;
	c->n = 0;
	c->sum = 0;
	c->nbuckets = 0;
	if (m->kind == MEASURE_APPROX)
		memset(c->reg, 0, sizeof(c->reg));
	if (m->kind >= MEASURE_FUNNEL)
		memset(c->reached, 0, sizeof(c->reached));
	c->ms = c->bounces = 0;
}

void
cell_release(struct cell *c)
{
	free(c->bucket);
	*c = (struct cell){ 0 };
}

static int
take_count(struct cell *c, const struct key *key, struct slice state)
{
	uint64_t n;

	(void)key;
	if (state_counts(state, &n, 1) == -1)
		return -1;
	return __builtin_add_overflow(c->n, n, &c->n) ? -1 : 0;
}

/* A member, or the number of those that have no line. */
static int
take_distinct(struct cell *c, const struct key *key, struct slice state)
{
	if (key->n < 3)
		return take_count(c, key, state);
	c->n++;
	return 0;
}

static int
take_registers(struct cell *c, const struct key *key, struct slice state)
{
	(void)key;
	return hll_merge(c->reg, state);
}

static int
take_sum(struct cell *c, const struct key *key, struct slice state)
{
	uint64_t n;
	decimal sum;

	(void)key;
	if (state_sum(state, &n, &sum) == -1 ||
	    __builtin_add_overflow(c->n, n, &c->n))
		return -1;
	return decimal_add(&c->sum, sum);
}

static int
take_bound(struct cell *c, const struct key *key, struct slice state)
{
	(void)key;
	if (state.n == 0)
		return 0;
	c->n++;
	return decimal_read(state, &c->sum);
}

static int
take_bucket(struct cell *c, const struct key *key, struct slice state)
{
	uint64_t bucket, n;

	if (key->n < 3)
		return 0;
	if (number_u64(key->part[2], &bucket) == -1 ||
	    bucket > 2 * SKETCH_MAX || state_counts(state, &n, 1) == -1 ||
	    __builtin_add_overflow(c->n, n, &c->n))
		return -1;
	c->bucket = xgrow(
	    c->bucket, &c->bucket_cap, c->nbuckets + 1, sizeof(*c->bucket));
	c->bucket[c->nbuckets++] =
	    (struct cell_bucket){ (int)bucket - SKETCH_MAX, n };
	return 0;
}

static int
take_level(struct cell *c, const struct key *key, struct slice state)
{
	uint64_t level;

	(void)key;
	if (state_counts(state, &level, 1) == -1 || level > CONF_STEPS_MAX)
		return -1;
	c->n++;
	for (uint64_t i = 0; i < level; i++)
		c->reached[i]++;
	return 0;
}

static int
take_returns(struct cell *c, const struct key *key, struct slice state)
{
	const char *blank = memchr(state.p, ' ', state.n);
	size_t n;

	(void)key;
	if (blank == NULL)
		return -1;
	n = state.n - (size_t)(blank - state.p) - 1;
	if (n > CONF_RETENTION_MAX)
		return -1;
	c->n++;
	for (size_t i = 0; i < n; i++)
		c->reached[i] += blank[1 + i] == '1';
	return 0;
}

static int
take_sessions(struct cell *c, const struct key *key, struct slice state)
{
	uint64_t v[3];

	(void)key;
	if (state_counts(state, v, 3) == -1 ||
	    __builtin_add_overflow(c->n, v[0], &c->n) ||
	    __builtin_add_overflow(c->ms, v[1], &c->ms) ||
	    __builtin_add_overflow(c->bounces, v[2], &c->bounces))
		return -1;
	return 0;
}

static void
part_count(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	(void)slot;
	(void)at;
	p->value = (decimal)c->n * DECIMAL_SCALE;
}

static void
part_approx(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	(void)slot;
	(void)at;
	p->value = (decimal)hll_count(c->reg) * DECIMAL_SCALE;
}

static void
part_sum(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	(void)slot;
	(void)at;
	p->value = c->sum;
}

static void
part_bound(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	(void)slot;
	(void)at;
	p->value = c->sum;
	p->null = c->n == 0;
}

static void
part_mean(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	(void)slot;
	(void)at;
	p->rate = true;
	p->value = c->sum;
	p->den = (decimal)c->n * DECIMAL_SCALE;
}

/* The least value that a fraction of all, at, are not above. */
static void
part_quantile(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	decimal fraction = 0, rank, seen = 0;

	(void)slot;
	p->null = c->n == 0;
	(void)decimal_read(slice_str(at), &fraction);
	rank = ((decimal)c->n * fraction + DECIMAL_SCALE - 1) / DECIMAL_SCALE;
	if (rank == 0)
		rank = 1;
	for (size_t i = 0; i < c->nbuckets; i++) {
		seen += c->bucket[i].n;
		if (seen >= rank) {
			p->value = sketch_value(c->bucket[i].bucket);
			return;
		}
	}
}

/* Of a funnel: a step's people over those of the step before. */
static void
part_funnel(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	(void)at;
	p->rate = true;
	p->value = (decimal)c->reached[slot] * DECIMAL_SCALE;
	p->den = (decimal)c->reached[slot > 0 ? slot - 1 : 0] * DECIMAL_SCALE;
}

static void
part_cohort(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	(void)slot;
	(void)at;
	p->rate = true;
	p->value = (decimal)c->reached[1] * DECIMAL_SCALE;
	p->den = (decimal)c->n * DECIMAL_SCALE;
}

static void
part_retention(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	(void)at;
	p->rate = true;
	p->value = (decimal)c->reached[slot] * DECIMAL_SCALE;
	p->den = (decimal)c->n * DECIMAL_SCALE;
}

static void
part_sessions(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *p)
{
	decimal n = (decimal)c->n * DECIMAL_SCALE;

	(void)at;
	p->rate = slot != SESSION_COUNT;
	p->den = n;
	p->value = n;
	if (slot == SESSION_SECONDS)
		p->value = (decimal)c->ms * (DECIMAL_SCALE / 1000);
	if (slot == SESSION_BOUNCES)
		p->value = (decimal)c->bounces * DECIMAL_SCALE;
}

/* kind: the letter of the states that make the cell, see state.h. */
static const struct verbs {
	char kind;
	int (*take)(struct cell *, const struct key *, struct slice);
	void (*part)(const struct cell *, unsigned slot, const char *at,
	    struct cell_part *);
} verbs[MEASURE_KINDS] = {
	[MEASURE_COUNT] = { 'c', take_count, part_count },
	[MEASURE_DISTINCT] = { 'd', take_distinct, part_count },
	[MEASURE_APPROX] = { 'h', take_registers, part_approx },
	[MEASURE_SUM] = { 's', take_sum, part_sum },
	[MEASURE_MIN] = { 'i', take_bound, part_bound },
	[MEASURE_MAX] = { 'x', take_bound, part_bound },
	[MEASURE_MEAN] = { 's', take_sum, part_mean },
	[MEASURE_QUANTILE] = { 'b', take_bucket, part_quantile },
	[MEASURE_FUNNEL] = { 'p', take_level, part_funnel },
	[MEASURE_COHORT] = { 'p', take_level, part_cohort },
	[MEASURE_RETENTION] = { 'r', take_returns, part_retention },
	[MEASURE_SESSIONS] = { 'v', take_sessions, part_sessions },
	[MEASURE_ATTRIBUTION] = { 'c', take_count, part_count },
};

int
cell_take(struct cell *c, const struct key *key, struct slice state)
{
	const struct verbs *v = &verbs[c->m->kind];

	return key->kind == v->kind ? v->take(c, key, state) : -1;
}

decimal
cell_size(const struct cell *c)
{
	switch (c->m->kind) {
	case MEASURE_SUM:
	case MEASURE_MIN:
	case MEASURE_MAX:
		return c->sum;
	case MEASURE_APPROX:
		return (decimal)hll_count(c->reg);
	default:
		return (decimal)c->n;
	}
}

void
cell_part(
    const struct cell *c, unsigned slot, const char *at, struct cell_part *part)
{
	*part = (struct cell_part){ 0 };
	verbs[c->m->kind].part(c, slot, at, part);
}
