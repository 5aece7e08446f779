#include "config.h"

#include "enrich/client.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "enrich/address.h"

/*
 * 4 MiB for 64 Ki clients, of which two thirds can be in use before many give
 * way: a busy site's clients of some hours.  Each thread has as much.
 */
#define CLIENTS ((size_t)64 << 10)
#define WAYS 8 /* of a set */

/* A tag is never 0, which is that of a free place. */
#define TAG_SHIFT 48
#define FREE 0

/* key_id where there is no key. */
#define NO_KEY INT64_MIN

/* The rows of one client are told apart by these: from so many bytes on the
 * agent is hashed in part. */
#define WHOLE_AGENT 32

_Static_assert(sizeof(struct client) == 64, "a client is a cache line");
_Static_assert(offsetof(struct client, id) == 64 - CLIENT_COLUMN,
    "the columns stand in the second half");

void
clients_init(struct clients *cs, struct agents *agents, struct country *country,
    unsigned v6_prefix)
{
	memset(cs, 0, sizeof(*cs));
	cs->agents = agents;
	cs->country = country;
	cs->v6_prefix = v6_prefix;
	hash_key_random(&cs->key);
	cs->v =
	    xlarge(CLIENTS * (sizeof(*cs->v) + sizeof(*cs->tag)), &cs->block);
	cs->tag = (uint16_t *)(void *)(cs->v + CLIENTS);
}

void
clients_release(struct clients *cs)
{
	free(cs->block);
	memset(cs, 0, sizeof(*cs));
}

/* Of a long agent those bytes where most differ: system and version. */
static inline uint64_t
hash_query(const struct hash_key *key, const char *address, struct slice agent)
{
	uint64_t lo = hash_read64(address), hi = hash_read64(address + 8), a, b;
	const char *end;

	if (agent.n < WHOLE_AGENT) {
		a = hash_slice(key, agent);
		b = 0;
	} else {
		end = agent.p + agent.n;
		a = hash_fold(hash_read64(agent.p + 16) ^ key->k[0],
		    hash_read64(agent.p + 24) ^ key->k[1]);
		b = hash_fold(hash_read64(end - 32) ^ key->k[2],
		    hash_read64(end - 24) ^ key->k[3]);
		lo ^= hash_read64(end - 8);
	}
	return hash_fold(lo ^ key->k[1], hi ^ key->k[2]) ^ a ^ b;
}

/* Where the set of that hash begins. */
static inline size_t
set_of(uint64_t hash)
{
	return hash % CLIENTS & ~(size_t)(WAYS - 1);
}

static inline uint16_t
tag_of(uint64_t hash)
{
	return (uint16_t)(hash >> TAG_SHIFT) | 1;
}

/* A bit for each place of a set that has the tag. */
static inline unsigned
places(const uint16_t *set, uint16_t tag)
{
#ifdef __SSE2__
	__m128i same =
	    _mm_cmpeq_epi16(_mm_load_si128((const __m128i *)(const void *)set),
		_mm_set1_epi16((short)tag));

	return (unsigned)_mm_movemask_epi8(
	    _mm_packs_epi16(same, _mm_setzero_si128()));
#else
	unsigned bits = 0, i;

	for (i = 0; i < WAYS; i++)
		bits |= (unsigned)(set[i] == tag) << i;
	return bits;
#endif
}

#ifdef __SSE2__
/* n <= 16 bytes, and NUL behind them. */
static inline void
take_text(char head[CLIENT_TEXT], const char *p, size_t n)
{
	static const uint8_t keep[2 * CLIENT_TEXT] = { 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
	__m128i mask = _mm_loadu_si128(
	    (const __m128i *)(const void *)(keep + CLIENT_TEXT - n));
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	_mm_storeu_si128((__m128i *)(void *)head, _mm_and_si128(v, mask));
}
#else
static inline void
take_text(char head[CLIENT_TEXT], const char *p, size_t n)
{
	memset(head, 0, CLIENT_TEXT);
	memcpy(head, p, n);
}
#endif

void
clients_ask(const struct clients *cs, struct client_query *q,
    struct slice address, struct slice agent)
{
	struct address a;

	q->address = address;
	if (agent.p == NULL)
		agent = slice_of(cache_nothing, 0);
	q->agent = agent;
	if (address.p != NULL && address.n <= CLIENT_TEXT) {
		q->address_n = (uint8_t)address.n;
		take_text(q->head, address.p, address.n);
	} else if (address_decode(&a, address) == 0) {
		q->address_n = CLIENT_BINARY;
		memcpy(q->head, a.b, sizeof(a.b));
	} else {
		q->address_n = CLIENT_NONE;
		memset(q->head, 0, CLIENT_TEXT);
	}
	q->agent_hash = 0;
	q->hash = hash_query(&cs->key, q->head, agent);
	__builtin_prefetch(cs->tag + set_of(q->hash));
}

void
clients_seek(const struct clients *cs, struct client_query *q)
{
	q->likely = (uint32_t)set_of(q->hash);
	/* With a bit behind them, for the first of none. */
	q->likely += (uint32_t)__builtin_ctz(
	    places(cs->tag + q->likely, tag_of(q->hash)) | 1U << (WAYS - 1));
	__builtin_prefetch(&cs->v[q->likely]);
}

/* The address alone: agents are compared once they are here. */
static inline bool
is_at(const struct client *c, const struct client_query *q)
{
	return memcmp(c->address, q->head, sizeof(c->address)) == 0 &&
	       c->address_n == q->address_n;
}

void
clients_fetch(const struct clients *cs, struct client_query *q)
{
	const struct client *c = &cs->v[q->likely];

	if (is_at(c, q)) {
		cache_fetch(&cs->agents->cache, c->agent);
	} else {
		q->agent_hash = agents_hash(cs->agents, q->agent);
		cache_fetch_slots(&cs->agents->cache, q->agent_hash);
	}
}

static void
put_country(struct clients *cs, struct client *c, const struct address *a)
{
	memcpy(c->country, EV_NULL "\t", sizeof(c->country));
	if (c->known && cs->country != NULL) {
		char code[2];

		if (country_find(cs->country, a, code))
			memcpy(c->country, code, sizeof(code));
	}
}

static void
put_id(struct clients *cs, struct client *c, const struct client_query *q,
    const struct address *a, struct agent *agent, const struct visitor_key *key,
    int64_t key_id)
{
	size_t n = strlen(EV_NULL);

	memcpy(c->id, EV_NULL, n);
	if (c->known && key != NULL)
		n = visitor_id(c->id, key, a, cs->v6_prefix,
		    agents_device(cs->agents, agent, q->agent, key, key_id));
	c->id[n++] = '\t';
	c->id_n = (uint8_t)n;
}

/* Where the client may go: a free place, else one that the hash says. */
static struct client *
choose(struct clients *cs, uint64_t hash)
{
	size_t at = set_of(hash);
	unsigned unused = places(cs->tag + at, FREE);

	at += unused != 0 ? (size_t)__builtin_ctz(unused) : hash % WAYS;
	cs->tag[at] = tag_of(hash);
	return &cs->v[at];
}

static const struct client *
find_out(struct clients *cs, const struct client_query *q,
    const struct visitor_key *key, int64_t key_id, const struct agent **a)
{
	struct agents *ag = cs->agents;
	struct agent *agent = agents_find(ag, q->agent,
	    q->agent_hash != 0 ? q->agent_hash : agents_hash(ag, q->agent));
	struct address address = { { 0 } };
	struct client *c = &cs->other;

	cs->misses++;
	*a = agent;
	/* An agent that is too long to be kept has no place. */
	if (ag->cache.last != 0)
		c = choose(cs, q->hash);
	c->agent = ag->cache.last;
	c->key_id = key_id;
	memcpy(c->address, q->head, sizeof(c->address));
	c->address_n = q->address_n;
	c->known = address_decode(&address, q->address) == 0;
	put_country(cs, c, &address);
	put_id(cs, c, q, &address, agent, key, key_id);
	return c;
}

const struct client *
clients_find(struct clients *cs, const struct client_query *q,
    const struct visitor_key *key, int64_t key_id, const struct agent **a)
{
	size_t set = set_of(q->hash);
	unsigned left = places(cs->tag + set, tag_of(q->hash));
	const struct client *c;

	if (key == NULL)
		key_id = NO_KEY;
	for (; left != 0; left &= left - 1) {
		c = &cs->v[set + (size_t)__builtin_ctz(left)];
		if (!is_at(c, q) || c->key_id != key_id)
			continue;
		*a = cache_get(&cs->agents->cache, c->agent, q->agent);
		if (*a != NULL) {
			cs->hits++;
			return c;
		}
	}
	return find_out(cs, q, key, key_id, a);
}
