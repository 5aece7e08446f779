#include "config.h"

#include "enrich/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* One record takes at most this part of the ring. */
#define RECORD_SHARE 16

const char cache_nothing[CACHE_PAD] = "";

void
cache_init(struct cache *c, size_t bytes, size_t slots)
{
	memset(c, 0, sizeof(*c));
	hash_key_random(&c->key);
	/* The slots stand behind the ring and its pad: whole cache lines. */
	c->ring =
	    xlarge(bytes + CACHE_PAD + slots * sizeof(*c->slots), &c->block);
	c->slots = (struct cache_slot *)(void *)(c->ring + bytes + CACHE_PAD);
	c->mask = slots / CACHE_WAYS - 1;
	c->size = bytes;
}

void
cache_release(struct cache *c)
{
	free(c->block);
	memset(c, 0, sizeof(*c));
}

static size_t
round8(size_t n)
{
	return (n + 7) & ~(size_t)7;
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
	struct cache_record r;
	size_t need, at;
	char *p;

	if (n > c->size / RECORD_SHARE || key.n > c->size / RECORD_SHARE)
		return NULL;
	need = sizeof(r) + round8(n) + round8(key.n);
	/* Records begin with a line, so that they take up few. */
	need = (need + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	if (need > c->size / RECORD_SHARE)
		return NULL;
	at = c->head & (c->size - 1);
	if (at + need > c->size) {
		c->head += c->size - at;
		at = 0;
	}
	slot = choose_slot(c, hash);
	slot->hash = hash;
	slot->pos = c->last = c->head + 1;
	c->head += need;

	r.value_n = (uint32_t)n;
	r.key_n = (uint32_t)key.n;
	p = c->ring + at;
	memcpy(p, &r, sizeof(r));
	p += sizeof(r);
	memcpy(p + round8(n), key.p, key.n);
	return p;
}
