#include "config.h"

#include "agg/set.h"

#include <stdlib.h>

#include "base/alloc.h"

#define SET_MIN 16 /* slots of the first table */

static inline size_t
slot_of(const struct set *s, const struct hash_key *hk, uint64_t key)
{
	return hash_fold(key ^ hk->k[0], hk->k[1]) & s->mask;
}

static void
grow(struct set *s, const struct hash_key *hk)
{
	size_t cap = s->mask == 0 ? SET_MIN : (s->mask + 1) * 2, at;
	struct set bigger = { .mask = cap - 1, .n = s->n };

	bigger.key = xcalloc(cap, sizeof(*bigger.key));
	for (size_t i = 0; i < set_slots(s); i++) {
		if (s->key[i] == 0)
			continue;
		at = slot_of(&bigger, hk, s->key[i]);
		while (bigger.key[at] != 0)
			at = (at + 1) & bigger.mask;
		bigger.key[at] = s->key[i];
	}
	set_release(s);
	*s = bigger;
}

bool
set_add(struct set *s, const struct hash_key *hk, uint64_t key)
{
	size_t at;

	if (s->n >= s->mask - s->mask / 4)
		grow(s, hk);
	for (at = slot_of(s, hk, key); s->key[at] != 0; at = (at + 1) & s->mask)
		if (s->key[at] == key)
			return false;
	s->key[at] = key;
	s->n++;
	return true;
}

void
set_release(struct set *s)
{
	free(s->key);
	*s = (struct set){ 0 };
}
