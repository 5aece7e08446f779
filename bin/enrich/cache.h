/*
 * cache: finished results by the text that they were made from; bounded.
 *
 *	cache_init(&c, bytes, slots);
 *	h = hash_slice(&c.key, text);
 *	if ((v = cache_find(&c, text, h)) == NULL) {
 *		... work it out ...
 *		if ((w = cache_add(&c, text, h, n)) != NULL)
 *			... fill the n bytes at w ...
 *	}
 *
 * Records lie one behind the other in a ring; the oldest is overwritten.
 * So memory is fixed, nothing is allocated after cache_init(), and a
 * stream of keys that are all different costs a miss each and no more.
 * The hash is keyed anew in each run and the whole key is compared: nobody
 * who writes log lines can make keys collide, or get another's result.
 *
 * A record is borrowed until the next cache_add().
 */
#ifndef EV_ENRICH_CACHE_H
#define EV_ENRICH_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/slice.h"

/* So many bytes behind a value may be read: vector code copies blocks. */
#define CACHE_PAD 64

/* A bucket is a cache line: four slots of 16 bytes. */
#define CACHE_WAYS 4

struct cache_slot {
	uint64_t hash;
	uint64_t pos; /* of the record since the beginning, plus 1; 0: free */
};

struct cache {
	struct hash_key key;
	struct cache_slot *slots;
	uint64_t mask; /* buckets less one */
	char *ring;
	uint64_t size; /* of the ring */
	uint64_t head; /* bytes ever taken from the ring */
	uint64_t hits, misses;
};

/* bytes and slots are powers of two. */
void cache_init(struct cache *c, size_t bytes, size_t slots);
void cache_release(struct cache *c);
/* The key of this hash will be asked for soon. */
static inline void
cache_prefetch(const struct cache *c, uint64_t hash)
{
	__builtin_prefetch(&c->slots[(hash & c->mask) * CACHE_WAYS]);
}

/* The same, somewhat later, for the record itself. */
void cache_prefetch_record(const struct cache *c, uint64_t hash);
/* The value, aligned to 8; or NULL. */
void *cache_find(struct cache *c, struct slice key, uint64_t hash);
/* Room for a value of n bytes, aligned to 8; NULL when too large to keep. */
void *cache_add(struct cache *c, struct slice key, uint64_t hash, size_t n);

#endif
