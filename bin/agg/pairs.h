/*
 * pairs: two 32-bit numbers to one dense id, and back.
 *
 *	struct pairs p = { 0 };
 *	id = pairs_id(&p, &key, a, b);          from 1
 *	pairs_first(&p, id) == a, pairs_second(&p, id) == b
 *	pairs_release(&p);
 *
 * Longer tuples are chains: the id of the first two and the third make a
 * pair again.
 */
#ifndef EV_AGG_PAIRS_H
#define EV_AGG_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#include "agg/index.h"
#include "base/hash.h"

struct pairs {
	struct index ix;
	uint64_t *key; /* of id 1 at 0 */
	size_t n, cap;
};

uint32_t pairs_id(
    struct pairs *p, const struct hash_key *hk, uint32_t a, uint32_t b);
void pairs_release(struct pairs *p);
/* Of memory. */
size_t pairs_bytes(const struct pairs *p);

static inline uint32_t
pairs_first(const struct pairs *p, uint32_t id)
{
	return (uint32_t)(p->key[id - 1] >> 32);
}

static inline uint32_t
pairs_second(const struct pairs *p, uint32_t id)
{
	return (uint32_t)p->key[id - 1];
}

#endif
