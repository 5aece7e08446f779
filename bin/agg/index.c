#include "config.h"

#include "agg/index.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/msg.h"

#define INDEX_MIN 16 /* slots of the first table */

uint32_t
index_check(uint64_t id)
{
	if (id > INDEX_MAX)
		msg_die(EV_EXIT_FAIL,
		    "more than %lu different values of one field",
		    (unsigned long)INDEX_MAX);
	return (uint32_t)id;
}

static inline size_t
slot_of(const struct index *ix, const struct hash_key *hk, uint64_t key)
{
	return hash_fold(key ^ hk->k[0], hk->k[1]) & ix->mask;
}

static void
grow(struct index *ix, const struct hash_key *hk)
{
	struct index bigger = { .n = ix->n };
	size_t cap = ix->mask == 0 ? INDEX_MIN : (ix->mask + 1) * 2;
	size_t at;

	bigger.mask = cap - 1;
	bigger.key = xmalloc(cap * sizeof(*bigger.key));
	bigger.id = xcalloc(cap, sizeof(*bigger.id));
	for (size_t i = 0; ix->mask != 0 && i <= ix->mask; i++) {
		if (ix->id[i] == 0)
			continue;
		at = slot_of(&bigger, hk, ix->key[i]);
		while (bigger.id[at] != 0)
			at = (at + 1) & bigger.mask;
		bigger.key[at] = ix->key[i];
		bigger.id[at] = ix->id[i];
	}
	index_release(ix);
	*ix = bigger;
}

uint32_t
index_put(
    struct index *ix, const struct hash_key *hk, uint64_t key, uint32_t fresh)
{
	size_t at;

	if (ix->n >= ix->mask - ix->mask / 4)
		grow(ix, hk);
	for (at = slot_of(ix, hk, key); ix->id[at] != 0;
	     at = (at + 1) & ix->mask)
		if (ix->key[at] == key)
			return ix->id[at];
	ix->key[at] = key;
	ix->id[at] = fresh;
	ix->n++;
	return fresh;
}

void
index_release(struct index *ix)
{
	free(ix->key);
	free(ix->id);
	*ix = (struct index){ 0 };
}

size_t
index_bytes(const struct index *ix)
{
	if (ix->mask == 0)
		return 0;
	return (ix->mask + 1) * (sizeof(*ix->key) + sizeof(*ix->id));
}
