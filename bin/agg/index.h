/*
 * index: 64-bit keys to 32-bit ids, the table that the others are made of.
 *
 *	struct index ix = { 0 };
 *	id = index_put(&ix, &key, k, n + 1);
 *	if (id == n + 1)
 *		n++;                            k is new
 *	index_release(&ix);
 *
 * Open addressing with linear probing, at most three quarters full, twelve
 * bytes a slot; it doubles when full, and nothing is ever taken out.  It
 * answers exactly: the hash only says where to look.
 */
#ifndef EV_AGG_INDEX_H
#define EV_AGG_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/fetch.h"
#include "base/hash.h"

/* No table hands out more ids: a bound that 24 GB of keys come before. */
#define INDEX_MAX UINT32_C(0x7fffffff)

/* Twelve bytes, most of them in one line of the cache. */
struct index_slot {
	uint32_t key[2]; /* lower half, upper */
	uint32_t id;	 /* 0: the slot is free */
};

struct index {
	struct index_slot *slot;
	size_t mask; /* slots - 1; 0: none yet */
	size_t n;    /* keys */
};

/* The id of key; fresh (not 0), which is stored, when it had none. */
uint32_t index_put(
    struct index *ix, const struct hash_key *hk, uint64_t key, uint32_t fresh);
void index_release(struct index *ix);
/* Of memory. */
size_t index_bytes(const struct index *ix);

/* id, or the end of the program when there are too many. */
uint32_t index_check(uint64_t id);

static inline uint64_t
index_key(const struct index_slot *s)
{
	return (uint64_t)s->key[1] << 32 | s->key[0];
}

static inline size_t
index_slot_of(const struct index *ix, const struct hash_key *hk, uint64_t key)
{
	return hash_fold(key ^ hk->k[0], hk->k[1]) & ix->mask;
}

/* The id of key, or 0: it has none. */
static inline uint32_t
index_find(const struct index *ix, const struct hash_key *hk, uint64_t key)
{
	const struct index_slot *slot;
	size_t at;

	if (ix->mask == 0)
		return 0;
	for (at = index_slot_of(ix, hk, key);; at = (at + 1) & ix->mask) {
		slot = &ix->slot[at];
		if (slot->id == 0 || index_key(slot) == key)
			return slot->id;
	}
}

/* Fetches what the others will look at. */
FETCH_ONLY void
index_prefetch(const struct index *ix, const struct hash_key *hk, uint64_t key)
{
	if (ix->mask != 0)
		__builtin_prefetch(&ix->slot[index_slot_of(ix, hk, key)]);
}

#endif
