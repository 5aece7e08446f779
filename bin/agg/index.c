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

static void
grow(struct index *ix, const struct hash_key *hk)
{
	size_t cap = ix->mask == 0 ? INDEX_MIN : (ix->mask + 1) * 2, at;
	struct index bigger = { .mask = cap - 1, .n = ix->n };

	bigger.slot = xcalloc(cap, sizeof(*bigger.slot));
	for (size_t i = 0; ix->mask != 0 && i <= ix->mask; i++) {
		if (ix->slot[i].id == 0)
			continue;
		at = index_slot_of(&bigger, hk, index_key(&ix->slot[i]));
		while (bigger.slot[at].id != 0)
			at = (at + 1) & bigger.mask;
		bigger.slot[at] = ix->slot[i];
	}
	index_release(ix);
	*ix = bigger;
}

uint32_t
index_put(
    struct index *ix, const struct hash_key *hk, uint64_t key, uint32_t fresh)
{
	struct index_slot *slot;
	size_t at;

	if (ix->n >= ix->mask - ix->mask / 4)
		grow(ix, hk);
	for (at = index_slot_of(ix, hk, key);; at = (at + 1) & ix->mask) {
		slot = &ix->slot[at];
		if (slot->id == 0)
			break;
		if (index_key(slot) == key)
			return slot->id;
	}
	*slot = (struct index_slot){ { (uint32_t)key, (uint32_t)(key >> 32) },
		fresh };
	ix->n++;
	return fresh;
}

void
index_release(struct index *ix)
{
	free(ix->slot);
	*ix = (struct index){ 0 };
}

size_t
index_bytes(const struct index *ix)
{
	if (ix->mask == 0)
		return 0;
	return (ix->mask + 1) * sizeof(*ix->slot);
}
