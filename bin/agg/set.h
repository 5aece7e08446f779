/*
 * set: 64-bit keys that are not 0, and whether one is there.
 *
 *	struct set s = { 0 };
 *	if (set_add(&s, &hash_key, k))
 *		...                             k is new
 *	for (i = 0; i < set_slots(&s); i++)
 *		if (s.key[i] != 0)
 *			...
 *	set_release(&s);
 *
 * As index.h's table, but without ids: eight bytes a slot.
 */
#ifndef EV_AGG_SET_H
#define EV_AGG_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct set {
	uint64_t *key; /* 0: the slot is free */
	size_t mask;   /* slots - 1; 0: none yet */
	size_t n;      /* keys */
};

/* True when key was not in the set yet. */
bool set_add(struct set *s, const struct hash_key *hk, uint64_t key);
void set_release(struct set *s);

static inline size_t
set_slots(const struct set *s)
{
	return s->mask == 0 ? 0 : s->mask + 1;
}

static inline size_t
set_bytes(const struct set *s)
{
	return set_slots(s) * sizeof(*s->key);
}

#endif
