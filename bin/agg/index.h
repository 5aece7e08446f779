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

#include "base/hash.h"

/* No table hands out more ids: a bound that 24 GB of keys come before. */
#define INDEX_MAX UINT32_C(0x7fffffff)

struct index {
	uint64_t *key;
	uint32_t *id; /* 0: the slot is free */
	size_t mask;  /* slots - 1; 0: none yet */
	size_t n;     /* keys */
};

/* The id of key; fresh (not 0), which is stored, when it had none. */
uint32_t index_put(
    struct index *ix, const struct hash_key *hk, uint64_t key, uint32_t fresh);
void index_release(struct index *ix);
/* Of memory. */
size_t index_bytes(const struct index *ix);

/* id, or the end of the program when there are too many. */
uint32_t index_check(uint64_t id);

#endif
