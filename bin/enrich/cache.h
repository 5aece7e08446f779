/*
 * cache: finished results by the text that they were made from; bounded.
 *
 *	cache_init(&c, bytes, slots);
 *	h = cache_hash(&c, text);
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
 * c.last says where the record stands that was found or added last; as long
 * as it is not overwritten, cache_get() gets it from there.
 *
 * A record is borrowed until the next cache_add().
 */
#ifndef EV_ENRICH_CACHE_H
#define EV_ENRICH_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/fetch.h"
#include "base/hash.h"
#include "base/slice.h"

/* So many bytes behind a value may be read: vector code copies blocks. */
#define CACHE_PAD 128

/* The key of what is not there: it has so much behind it, too. */
extern const char cache_nothing[CACHE_PAD];

/* A bucket is a cache line: four slots of 16 bytes. */
#define CACHE_WAYS 4

struct cache_slot {
	uint64_t hash;
	uint64_t pos; /* of the record since the beginning, plus 1; 0: free */
};

struct cache {
	void *block; /* of slots and ring */
	struct hash_key key;
	struct cache_slot *slots;
	uint64_t mask; /* buckets less one */
	char *ring;
	uint64_t size; /* of the ring */
	uint64_t head; /* bytes ever taken from the ring */
	uint64_t last; /* pos of the record last found or added */
	uint64_t hits, misses;
};

#ifdef __SSE2__
/* FF for each of 16 bytes that are the same. */
static inline __m128i
cache_same16(const char *p, const char *q)
{
	return _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)p),
	    _mm_loadu_si128((const __m128i *)(const void *)q));
}

/* A bit for each of 64 bytes that are the same. */
static inline uint64_t
cache_equal64(const char *p, const char *q)
{
	uint64_t bits = 0;
	unsigned i;

	for (i = 0; i < 64; i += 16)
		bits |= (uint64_t)(unsigned)_mm_movemask_epi8(
			    cache_same16(p + i, q + i))
			<< i;
	return bits;
}

static inline __m128i
cache_same64(const char *p, const char *q)
{
	__m128i a =
	    _mm_and_si128(cache_same16(p, q), cache_same16(p + 16, q + 16));
	__m128i b = _mm_and_si128(
	    cache_same16(p + 32, q + 32), cache_same16(p + 48, q + 48));

	return _mm_and_si128(a, b);
}

/*
 * Are n bytes at p and q the same?  Of fewer than 64, 64 are read.  Blocks
 * overlap, so that no branch hangs on the length of what is usual: addresses of
 * less than 64 bytes, agents of up to 128.
 */
static inline bool
cache_same(const char *p, const char *q, size_t n)
{
	__m128i same;
	size_t i;

	if (n >= 64) {
		same = _mm_and_si128(
		    cache_same64(p, q), cache_same64(p + n - 64, q + n - 64));
		for (i = 64; i + 64 < n; i += 64)
			same = _mm_and_si128(same, cache_same64(p + i, q + i));
		return _mm_movemask_epi8(same) == 0xffff;
	}
	return (cache_equal64(p, q) | ~((UINT64_C(1) << n) - 1)) == UINT64_MAX;
}
#else
static inline bool
cache_same(const char *p, const char *q, size_t n)
{
	return memcmp(p, q, n) == 0;
}
#endif

/* How a record begins; the value follows, then the key. */
struct cache_record {
	uint32_t value_n;
	uint32_t key_n;
};

/* bytes and slots are powers of two. */
void cache_init(struct cache *c, size_t bytes, size_t slots);
void cache_release(struct cache *c);
/* Room for a value of n bytes, aligned to 8; NULL when too large to keep. */
void *cache_add(struct cache *c, struct slice key, uint64_t hash, size_t n);

/* The record at pos, or NULL when it is not there any more. */
static inline const struct cache_record *
cache_record(const struct cache *c, uint64_t pos)
{
	if (pos == 0 || c->head > pos - 1 + c->size)
		return NULL;
	return (const void *)(c->ring + ((pos - 1) & (c->size - 1)));
}

/* The record at pos will be asked for soon: most have some 300 bytes. */
FETCH_ONLY void
cache_fetch(const struct cache *c, uint64_t pos)
{
	const char *p = c->ring + ((pos - 1) & (c->size - 1));

	__builtin_prefetch(p);
	__builtin_prefetch(p + 64);
	__builtin_prefetch(p + 128);
	__builtin_prefetch(p + 192);
	__builtin_prefetch(p + 256);
}

/* A key of that hash will be asked for soon. */
FETCH_ONLY void
cache_fetch_slots(const struct cache *c, uint64_t hash)
{
	__builtin_prefetch(&c->slots[(hash & c->mask) * CACHE_WAYS]);
}

/* The hash that cache_find() and cache_add() want of a key. */
static inline uint64_t
cache_hash(const struct cache *c, struct slice key)
{
	return key.n <= HASH_SHORT ? hash_short(&c->key, key.p, key.n)
				   : hash_slice(&c->key, key);
}

/*
 * The value of the record at pos if it is that of the key, else NULL; CACHE_PAD
 * bytes from the key's first on must be readable.
 */
static inline void *
cache_get(const struct cache *c, uint64_t pos, struct slice key)
{
	const struct cache_record *r = cache_record(c, pos);
	char *value;

	if (r == NULL || r->key_n != key.n)
		return NULL;
	value = c->ring + ((pos - 1) & (c->size - 1)) + sizeof(*r);
	if (!cache_same(value + ((r->value_n + 7) & ~7U), key.p, key.n))
		return NULL;
	return value;
}

/* The value, aligned to 8; or NULL.  The key is read as by cache_get(). */
static inline void *
cache_find(struct cache *c, struct slice key, uint64_t hash)
{
	const struct cache_slot *b = &c->slots[(hash & c->mask) * CACHE_WAYS];
	void *value;
	int i;

	for (i = 0; i < CACHE_WAYS; i++) {
		if (b[i].hash != hash)
			continue;
		value = cache_get(c, b[i].pos, key);
		if (value != NULL) {
			c->hits++;
			c->last = b[i].pos;
			return value;
		}
	}
	c->misses++;
	c->last = 0;
	return NULL;
}

#endif
