/*
 * keysort: lines of key and state in memory, in the order of their keys.
 *
 *	keysort_put(place, key, state);     a record of keysort_size() bytes
 *	item[n++].p = place;
 *	...
 *	keysort(item, n);
 *	keysort_key(item[i].p), keysort_state(item[i].p)
 *
 * Keys of states begin alike for dozens of bytes, and comparing them whole
 * fetches both from memory each time.  So eight bytes of each key are kept
 * beside its place, the items are split in three by those of one of them, and
 * the ones that are equal go on with the next eight (J. Kaerkkaeinen and
 * T. Rantala, "Engineering Radix Sort for Strings", 2008: caching multikey
 * quicksort).  Where the choices are unlucky, or a stranger's, too often, what
 * is left is sorted by comparing.
 *
 * Equal keys are in any order.
 */
#ifndef EV_AGG_KEYSORT_H
#define EV_AGG_KEYSORT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"

struct keysort_item {
	const char *p;	/* the record */
	uint64_t bytes; /* keysort()'s own */
};

/* Both lengths, key, state.  Items tell places, so none is aligned. */
#define KEYSORT_HEAD (2 * sizeof(uint32_t))

static inline size_t
keysort_size(struct slice key, struct slice state)
{
	return KEYSORT_HEAD + key.n + state.n;
}

/* Both are shorter than 4 GiB. */
static inline void
keysort_put(char *p, struct slice key, struct slice state)
{
	const uint32_t n[2] = { (uint32_t)key.n, (uint32_t)state.n };

	memcpy(p, n, sizeof(n));
	memcpy(p + KEYSORT_HEAD, key.p, key.n);
	if (state.n > 0)
		memcpy(p + KEYSORT_HEAD + key.n, state.p, state.n);
}

static inline struct slice
keysort_key(const char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return slice_of(p + KEYSORT_HEAD, n);
}

static inline struct slice
keysort_state(const char *p)
{
	uint32_t n[2];

	memcpy(n, p, sizeof(n));
	return slice_of(p + KEYSORT_HEAD + n[0], n[1]);
}

void keysort(struct keysort_item *v, size_t n);

#endif
