/*
 * fetch: memory that is looked at soon, asked for before.
 *
 *	FETCH_ONLY void
 *	cache_fetch(const struct cache *c, uint64_t pos)
 *	{
 *		__builtin_prefetch(c->ring + pos);
 *	}
 *
 * GCC takes a function that does nothing else for one without effect, and
 * leaves out the calls of it where it sees its body: before it inlines, as it
 * looks for what is pure (seen in GCC 12).  What is inlined always,
 * is so before that.
 */
#ifndef EV_BASE_FETCH_H
#define EV_BASE_FETCH_H

#define FETCH_ONLY static inline __attribute__((__always_inline__))

#endif
