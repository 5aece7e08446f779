/*
 * rowset: some of the rows of a batch (base/reader.h), a bit each.
 *
 *	while (rows != 0) {
 *		k = rowset_take(&rows);
 *		...
 *	}
 */
#ifndef EV_AGG_ROWSET_H
#define EV_AGG_ROWSET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"

_Static_assert(EVENT_ROWS <= 32, "a bit each");

/* The first of them, which is taken out; there is one. */
static inline unsigned
rowset_take(uint32_t *rows)
{
	unsigned k = (unsigned)__builtin_ctz(*rows);

	*rows &= *rows - 1;
	return k;
}

/* Row k alone, or none. */
static inline uint32_t
rowset_if(bool is, unsigned k)
{
	return (uint32_t)is << k;
}

/* The first n. */
static inline uint32_t
rowset_first(int n)
{
	return (uint32_t)((UINT64_C(1) << n) - 1);
}

#endif
