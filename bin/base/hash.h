/*
 * hash: keyed 64-bit hashes for tables in memory.
 *
 *	struct hash_key key;
 *	hash_key_random(&key);          once per run
 *	h = hash_bytes(&key, p, n);
 *
 * For hash tables only: the key is drawn anew for each run, so that nobody
 * who writes log lines can choose keys that collide.  Never stored, never
 * used for identity (io/digest.h) nor for people (enrich/visitor.h).
 *
 * The construction multiplies two 64-bit words, each xored with a secret,
 * to 128 bits and folds the halves, as wyhash and its kin do.
 */
#ifndef EV_BASE_HASH_H
#define EV_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"

struct hash_key {
	uint64_t k[4];
};

/* From getrandom(2); exits 1 when there is none. */
void hash_key_random(struct hash_key *key);

static inline uint64_t
hash_fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 u128;
	u128 m = (u128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t
hash_read64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

static inline uint64_t
hash_read32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

static inline uint64_t
hash_bytes(const struct hash_key *key, const void *data, size_t n)
{
	const char *p = data;
	uint64_t a, b, h = key->k[0] ^ n;
	size_t left = n;

	while (left > 16) {
		h = hash_fold(
		    hash_read64(p) ^ key->k[1], hash_read64(p + 8) ^ h);
		p += 16;
		left -= 16;
	}
	if (left >= 8) {
		a = hash_read64(p);
		b = hash_read64(p + left - 8);
	} else if (left >= 4) {
		a = hash_read32(p);
		b = hash_read32(p + left - 4);
	} else if (left > 0) {
		a = (uint64_t)(unsigned char)p[0] << 16 |
		    (uint64_t)(unsigned char)p[left / 2] << 8 |
		    (unsigned char)p[left - 1];
		b = 0;
	} else {
		a = b = 0;
	}
	h = hash_fold(a ^ key->k[2], b ^ h);
	return hash_fold(h ^ key->k[3], key->k[1] ^ n);
}

static inline uint64_t
hash_slice(const struct hash_key *key, struct slice s)
{
	return hash_bytes(key, s.p, s.n);
}

/*
 * Of at most HASH_SHORT bytes, without a branch on their number, which of real
 * texts nobody guesses; HASH_BLOCK bytes from p on must be readable.  Four
 * blocks that may overlap: the last ends where the text does.
 */
#define HASH_BLOCK 16
#define HASH_SHORT (4 * HASH_BLOCK)

static inline uint64_t
hash_short(const struct hash_key *key, const char *p, size_t n)
{
	static const unsigned char keep[2 * HASH_BLOCK] = { 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
	const char *mask =
	    (const char *)keep + HASH_BLOCK - (n < HASH_BLOCK ? n : HASH_BLOCK);
	uint64_t lo = hash_read64(mask), hi = hash_read64(mask + 8), a, b, c, d;
	size_t last = n > HASH_BLOCK ? n - HASH_BLOCK : 0;
	const char *p2 = p + (last < HASH_BLOCK ? last : HASH_BLOCK);
	const char *p3 = p + (last < 2 * HASH_BLOCK ? last : 2 * HASH_BLOCK);
	const char *p4 = p + last;

	a = hash_fold((hash_read64(p) & lo) ^ key->k[0],
	    (hash_read64(p + 8) & hi) ^ key->k[1]);
	b = hash_fold((hash_read64(p2) & lo) ^ key->k[1],
	    (hash_read64(p2 + 8) & hi) ^ key->k[2]);
	c = hash_fold((hash_read64(p3) & lo) ^ key->k[2],
	    (hash_read64(p3 + 8) & hi) ^ key->k[3]);
	d = hash_fold((hash_read64(p4) & lo) ^ key->k[3],
	    (hash_read64(p4 + 8) & hi) ^ key->k[0]);
	return hash_fold(a ^ b ^ n, c ^ d ^ key->k[2]);
}

/* Of 32 bytes, in two multiplications that do not wait for each other. */
static inline uint64_t
hash_four(const struct hash_key *key, const char *p)
{
	uint64_t h;

	h = hash_fold(
	    hash_read64(p) ^ key->k[0], hash_read64(p + 8) ^ key->k[1]);
	h ^= hash_fold(
	    hash_read64(p + 16) ^ key->k[2], hash_read64(p + 24) ^ key->k[3]);
	return h ^ h >> 32;
}

/* Joins two hashes, in order. */
static inline uint64_t
hash_mix(const struct hash_key *key, uint64_t a, uint64_t b)
{
	return hash_fold(a ^ key->k[2], b ^ key->k[3]);
}

#endif
