#include "config.h"

#include "enrich/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* The value follows, then the key. */
struct record {
	uint32_t value_n;
	uint32_t key_n;
};

/* One record takes at most this part of the ring. */
#define RECORD_SHARE 16

void
cache_init(struct cache *c, size_t bytes, size_t slots)
{
	memset(c, 0, sizeof(*c));
	hash_key_random(&c->key);
	c->slots = aligned_alloc(64, slots * sizeof(*c->slots));
	if (c->slots == NULL) /* then xcalloc says so and exits */
		c->slots = xcalloc(slots, sizeof(*c->slots));
	memset(c->slots, 0, slots * sizeof(*c->slots));
	c->mask = slots / CACHE_WAYS - 1;
	c->ring = xmalloc(bytes + CACHE_PAD);
	c->size = bytes;
}

void
cache_release(struct cache *c)
{
	free(c->slots);
	free(c->ring);
	memset(c, 0, sizeof(*c));
}

static size_t
round8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

void *
cache_find(struct cache *c, struct slice key, uint64_t hash)
{
	struct cache_slot *b = &c->slots[(hash & c->mask) * CACHE_WAYS];
	struct record r;
	char *p;
	int i;

	for (i = 0; i < CACHE_WAYS; i++) {
		if (b[i].hash != hash || b[i].pos == 0)
			continue;
		if (c->head > b[i].pos - 1 + c->size)
			continue; /* overwritten since */
		p = c->ring + ((b[i].pos - 1) & (c->size - 1));
		memcpy(&r, p, sizeof(r));
		p += sizeof(r);
		if (r.key_n == key.n &&
		    memcmp(p + round8(r.value_n), key.p, key.n) == 0) {
			c->hits++;
			return p;
		}
	}
	c->misses++;
	return NULL;
}

void
cache_prefetch_record(const struct cache *c, uint64_t hash)
{
	const struct cache_slot *b = &c->slots[(hash & c->mask) * CACHE_WAYS];
	const char *p;
	int i;

	for (i = 0; i < CACHE_WAYS; i++)
		if (b[i].hash == hash && b[i].pos != 0) {
			p = c->ring + ((b[i].pos - 1) & (c->size - 1));
			__builtin_prefetch(p);
			__builtin_prefetch(p + 64);
			__builtin_prefetch(p + 128);
			__builtin_prefetch(p + 192);
			__builtin_prefetch(p + 256);
		}
}

/* The free slot, else the one with the oldest record. */
static struct cache_slot *
choose_slot(struct cache *c, uint64_t hash)
{
	struct cache_slot *b = &c->slots[(hash & c->mask) * CACHE_WAYS];
	struct cache_slot *oldest = b;
	int i;

	for (i = 1; i < CACHE_WAYS; i++)
		if (b[i].pos < oldest->pos)
			oldest = &b[i];
	return oldest;
}

void *
cache_add(struct cache *c, struct slice key, uint64_t hash, size_t n)
{
	struct cache_slot *slot;
	struct record r;
	size_t need, at;
	char *p;

	if (n > c->size / RECORD_SHARE || key.n > c->size / RECORD_SHARE)
		return NULL;
	need = sizeof(r) + round8(n) + round8(key.n);
	if (need > c->size / RECORD_SHARE)
		return NULL;
	at = c->head & (c->size - 1);
	if (at + need > c->size) {
		c->head += c->size - at;
		at = 0;
	}
	slot = choose_slot(c, hash);
	slot->hash = hash;
	slot->pos = c->head + 1;
	c->head += need;

	r.value_n = (uint32_t)n;
	r.key_n = (uint32_t)key.n;
	p = c->ring + at;
	memcpy(p, &r, sizeof(r));
	p += sizeof(r);
	memcpy(p + round8(n), key.p, key.n);
	return p;
}
