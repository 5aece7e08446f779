#include "config.h"

#include "io/chunks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
#ifdef HAVE_XXH3_128BITS_UPDATE_DISPATCH
#include <xxh_x86dispatch.h>
#endif

#include "base/alloc.h"
#include "base/hash.h"
#include "base/msg.h"

/* What the cheap hash reads of a line: as much at its begin, where address
 * and time stand, as at its middle, where the request does. */
#define LOOK 64
/*
 * Lines of so many bytes behind the begin of a coarse chunk are not looked
 * at, and 64 KiB more are on average: looking at each line took 12 in 100
 * instructions of ev-parse, at each fourth 3.
 */
#define COARSE_MIN (UINT64_C(192) << 10)
/* Kept of a line that comes in several blocks. */
#define CARRY 4096

/* Odd constants of splitmix64 and its kin: any would do. */
#define K0 UINT64_C(0x9e3779b97f4a7c15)
#define K1 UINT64_C(0xbf58476d1ce4e5b9)
#define K2 UINT64_C(0x94d049bb133111eb)
#define K3 UINT64_C(0xd6e8feb86659fd93)

static const struct {
	uint64_t factor; /* 2^32 / bytes; the lines: all end a chunk */
	uint64_t limit;	 /* chunks begin below it */
} levels[CHUNKS_LEVELS] = {
	[CHUNKS_COARSE] = { (UINT64_C(1) << 32) >> 16, UINT64_MAX },
	[CHUNKS_FINE] = { (UINT64_C(1) << 32) >> 12, UINT64_C(256) << 10 },
	[CHUNKS_LINES] = { UINT64_C(1) << 32, UINT64_C(8) << 10 },
};

struct level {
	XXH3_state_t *state; /* of the present chunk */
	uint64_t *v;
	size_t n, cap;
};

struct chunks {
	struct level level[CHUNKS_LEVELS];
	size_t active;	 /* levels that go on: the first ones */
	uint64_t offset; /* of the present block */
	uint64_t line;	 /* bytes of the present line in earlier blocks */
	uint64_t thin;	 /* coarse chunks with one of these bits are not kept */
	uint64_t quiet;	 /* no line that begins before it ends a coarse one */
	bool lost;	 /* the next line begins behind the next LF */
	char carry[CARRY]; /* the first bytes of the present line */
};

struct chunks *
chunks_new(void)
{
	struct chunks *c = xcalloc(1, sizeof(*c));
	size_t i;

	c->active = CHUNKS_LEVELS;
	c->quiet = COARSE_MIN;
	for (i = 0; i < CHUNKS_LEVELS; i++) {
		c->level[i].state = XXH3_createState();
		if (c->level[i].state == NULL)
			msg_die(EV_EXIT_FAIL, "out of memory: a chunk");
		XXH3_64bits_reset(c->level[i].state);
	}
	return c;
}

void
chunks_free(struct chunks *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < CHUNKS_LEVELS; i++) {
		XXH3_freeState(c->level[i].state);
		free(c->level[i].v);
	}
	free(c);
}

const uint64_t *
chunks_list(const struct chunks *c, enum chunks_level level, size_t *n)
{
	*n = c->level[level].n;
	return c->level[level].v;
}

uint64_t
chunks_of(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}

static uint64_t
mix_look(const char *p)
{
	return hash_fold(hash_read64(p) ^ K0, hash_read64(p + 8) ^ K1) +
	       hash_fold(hash_read64(p + 16) ^ K2, hash_read64(p + 24) ^ K3) +
	       hash_fold(hash_read64(p + 32) ^ K1, hash_read64(p + 40) ^ K2) +
	       hash_fold(hash_read64(p + 48) ^ K3, hash_read64(p + 56) ^ K0);
}

/* 32 bits of a line's first n bytes, its LF included where it is there. */
static uint64_t
cheap_hash(const char *p, size_t n)
{
	char padded[LOOK];
	uint64_t h;

	if (n >= LOOK) {
		h = mix_look(p) + mix_look(p + (n - LOOK) / 2);
	} else {
		memset(padded, 0, sizeof(padded));
		memcpy(padded, p, n);
		h = mix_look(padded);
	}
	return hash_fold(h ^ K0, K1) >> 32;
}

/* Forgets half of the coarse chunks. */
static void
thin_out(struct chunks *c, struct level *l)
{
	size_t i, n = 0;

	c->thin = c->thin << 1 | 1;
	for (i = 0; i < l->n; i++)
		if ((l->v[i] & c->thin) == 0)
			l->v[n++] = l->v[i];
	l->n = n;
}

static void
end_chunk(struct chunks *c, struct level *l, uint64_t end)
{
	uint64_t h = XXH3_64bits_digest(l->state);

	XXH3_64bits_reset(l->state);
	if (l == &c->level[CHUNKS_COARSE]) {
		c->quiet = end + COARSE_MIN;
		if ((h & c->thin) != 0)
			return;
		if (l->n == CHUNKS_MAX)
			thin_out(c, l);
		if ((h & c->thin) != 0)
			return;
	}
	l->v = xgrow(l->v, &l->cap, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = h;
}

/*
 * A line of len bytes and with that hash ends at p + end.  fed tells how far
 * each level has had the block.
 */
static void
line_end(struct chunks *c, const char *p, size_t end, uint64_t len, uint64_t h,
    size_t fed[CHUNKS_LEVELS])
{
	struct level *l;
	size_t i;

	for (i = 0; i < c->active; i++) {
		if (len < UINT32_MAX && h >= len * levels[i].factor)
			continue;
		if (i == CHUNKS_COARSE && c->offset + end - len <= c->quiet)
			continue;
		l = &c->level[i];
		XXH3_64bits_update(l->state, p + fed[i], end - fed[i]);
		fed[i] = end;
		end_chunk(c, l, c->offset + end);
		if (c->offset + end >= levels[i].limit)
			c->active = i;
	}
}

/* The hash of the line that ends behind n bytes of this block. */
static uint64_t
carried_hash(struct chunks *c, const char *p, size_t n)
{
	size_t have = c->line < CARRY ? (size_t)c->line : CARRY;
	size_t more = n < CARRY - have ? n : CARRY - have;

	memcpy(c->carry + have, p, more);
	return cheap_hash(c->carry, have + more);
}

static void
carry(struct chunks *c, const char *p, size_t n)
{
	size_t have = c->line < CARRY ? (size_t)c->line : CARRY;

	memcpy(c->carry + have, p, n < CARRY - have ? n : CARRY - have);
	c->line += n;
}

/* Where in the block the next line to be looked at may begin. */
static size_t
jump(struct chunks *c, size_t at, size_t n)
{
	uint64_t to;

	/* The finer levels look at each line. */
	if (c->active > 1 || c->offset + at >= c->quiet)
		return at;
	c->lost = true;
	c->line = 0;
	to = c->quiet - c->offset;
	return to < n ? (size_t)to : n;
}

void
chunks_add(struct chunks *c, const void *block, size_t n)
{
	size_t fed[CHUNKS_LEVELS] = { 0 }, at, len, i;
	const char *p = block, *lf;
	uint64_t h;

	if (n == 0)
		return;
	at = jump(c, 0, n);
	while ((lf = memchr(p + at, '\n', n - at)) != NULL) {
		len = (size_t)(lf - (p + at)) + 1;
		at += len;
		if (c->lost) {
			c->lost = false;
			continue;
		}
		if (c->line > 0)
			h = carried_hash(c, p + at - len, len);
		else
			h = cheap_hash(p + at - len, len < CARRY ? len : CARRY);
		len += c->line;
		c->line = 0;
		/* Nearly always it is nothing but a line of a coarse chunk. */
		if (c->active == 1 && len < UINT32_MAX &&
		    h >= len * levels[CHUNKS_COARSE].factor)
			continue;
		line_end(c, p, at, len, h, fed);
		at = jump(c, at, n);
	}
	if (!c->lost)
		carry(c, p + at, n - at);
	for (i = 0; i < c->active; i++)
		XXH3_64bits_update(c->level[i].state, p + fed[i], n - fed[i]);
	c->offset += n;
}
