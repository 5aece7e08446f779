/*
 * scan: looking for bytes, a vector at a time.
 *
 *	const struct scan *scan = scan_best();      once
 *	clean = scan->clean(p, n);                  whole lines
 *	hit = scan_byte(p, end, '"');               a few bytes
 *
 * Each function has a plain form, which is the reference, and one for SSE2,
 * which every x86-64 has; those of struct scan, which go over whole lines and
 * long values, have one for AVX2 and one for AVX-512 too.  All give the same
 * answer (t/scan.c compares them).  What is inline is for texts of a vector or
 * two, where a call by pointer costs more than wider vectors save; some of it
 * has no plain form, for quick.h, which alone uses it, has none.
 * -DSCAN_PLAIN builds the reference alone.
 *
 * The vectors are loaded whole: SCAN_PAD bytes behind the end may be read
 * (base/inbuf.h has them), never written.
 */
#ifndef EV_PARSE_SCAN_H
#define EV_PARSE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && !defined(SCAN_PLAIN)
#define SCAN_SSE2 1
#include <emmintrin.h>
#else
#define SCAN_SSE2 0
#endif

#define SCAN_PAD 64

/* What is indexed at once: it and its index stay in the first-level cache. */
#define SCAN_INDEX 16384
#define SCAN_INDEX_PAD 64

struct scan {
	const char *name;
	/* Is there neither a backslash nor 00-1F nor 7F-FF? */
	bool (*clean)(const char *p, size_t n);
	/*
	 * Copies up to n bytes that the map column takes as they stand, and
	 * stops at the first that it does not, whose place is returned.  dst
	 * has room for n + SCAN_PAD bytes.
	 */
	size_t (*copy)(char *dst, const char *src, size_t n);
	/*
	 * The places of '"' and of the bytes that are not clean among n <=
	 * SCAN_INDEX bytes, in their order, into at, which has room for n +
	 * SCAN_INDEX_PAD; returns their number.
	 */
	size_t (*index)(const char *p, size_t n, uint16_t *at);
};

/* From the reference up, as built; the last may be more than this machine
 * has.  The list ends with a name of NULL. */
extern const struct scan scan_all[];
/* The fastest that this machine has. */
const struct scan *scan_best(void);

/* A text of at most 32 bytes, and NUL behind it: hashed and compared without a
 * branch on its length. */
#define SCAN_SHORT 32
struct scan_short {
	char bytes[SCAN_SHORT];
};

/* NUL bytes, for what is not there. */
static const char scan_nothing[SCAN_PAD] = { 0 };

#if SCAN_SSE2

static inline __m128i
scan_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline unsigned
scan_mask(__m128i v)
{
	return (unsigned)_mm_movemask_epi8(v);
}

static inline __m128i
scan_eq(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

/*
 * FF where the byte is below c or in 7F-FF: 7F + 1 is negative, as 80-FF
 * are, so that one signed comparison answers both.
 */
static inline __m128i
scan_below(__m128i v, char c)
{
	return _mm_cmplt_epi8(
	    _mm_add_epi8(v, _mm_set1_epi8(1)), _mm_set1_epi8((char)(c + 1)));
}

/* The first byte in [p, end) that is the one that wide repeats, or NULL. */
static inline const char *
scan_wide(const char *p, const char *end, const char wide[16])
{
	const __m128i want = scan_load(wide);
	unsigned hit;

	for (; p < end; p += 16) {
		hit = scan_mask(_mm_cmpeq_epi8(scan_load(p), want));
		if (hit != 0) {
			p += __builtin_ctz(hit);
			return p < end ? p : NULL;
		}
	}
	return NULL;
}

/* Are n <= 16 bytes at p and q the same? */
static inline bool
scan_equal16(const char *p, const char *q, size_t n)
{
	unsigned same = scan_mask(_mm_cmpeq_epi8(scan_load(p), scan_load(q)));

	return (~same & ((1u << n) - 1)) == 0;
}

/* A short text as a key of a table. */
static inline void
scan_first(struct scan_short *key, const char *p, size_t n)
{
	static const unsigned char keep[2 * SCAN_SHORT] = { 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255 };
	const char *mask = (const char *)keep + SCAN_SHORT - n;
	__m128i low, high;

	low = _mm_and_si128(scan_load(p), scan_load(mask));
	high = _mm_and_si128(scan_load(p + 16), scan_load(mask + 16));
	_mm_storeu_si128((__m128i *)(void *)key->bytes, low);
	_mm_storeu_si128((__m128i *)(void *)(key->bytes + 16), high);
}

/* Are the first SCAN_SHORT bytes at p those of the key? */
static inline bool
scan_is_first(const char *p, const struct scan_short *key)
{
	__m128i low = _mm_cmpeq_epi8(scan_load(p), scan_load(key->bytes));
	__m128i high =
	    _mm_cmpeq_epi8(scan_load(p + 16), scan_load(key->bytes + 16));

	return scan_mask(_mm_and_si128(low, high)) == 0xffff;
}

/* A bit for each of 16 bytes that is no digit. */
static inline unsigned
scan_not_digits(const char *p)
{
	/* '0' becomes -128, the lowest. */
	__m128i v =
	    _mm_add_epi8(scan_load(p), _mm_set1_epi8((char)(0x80 - '0')));

	return scan_mask(_mm_cmpgt_epi8(v, _mm_set1_epi8(-128 + 9)));
}

/* Are n <= 16 bytes at p digits? */
static inline bool
scan_digits16(const char *p, size_t n)
{
	return (scan_not_digits(p) & ((1u << n) - 1)) == 0;
}

/* A bit for each of 32 bytes at p that ends a path: a blank, '?', '#'. */
static inline uint32_t
scan_path_end(const char *p)
{
	__m128i a = scan_load(p), b = scan_load(p + 16);

	a = _mm_or_si128(
	    scan_eq(a, ' '), _mm_or_si128(scan_eq(a, '?'), scan_eq(a, '#')));
	b = _mm_or_si128(
	    scan_eq(b, ' '), _mm_or_si128(scan_eq(b, '?'), scan_eq(b, '#')));
	return scan_mask(a) | scan_mask(b) << 16;
}

/* A bit for each of 16 bytes at p that a path as $uri has it does not hold: a
 * '%', and a '/' before a '/' or '.', which a load one byte further sees. */
static inline unsigned
scan_path_odd(const char *p)
{
	__m128i v = scan_load(p), next = scan_load(p + 1);

	next = _mm_or_si128(scan_eq(next, '/'), scan_eq(next, '.'));
	next = _mm_and_si128(next, scan_eq(v, '/'));
	return scan_mask(_mm_or_si128(next, scan_eq(v, '%')));
}

/*
 * Where the path that begins at p ends: the first of '?', '#' and a blank in
 * [p, end), else end.  *normal: it has no '%', no "//", no "/.".  For clean
 * texts, and 32 bytes at once, as nearly all paths are shorter.
 */
static inline const char *
scan_path(const char *p, const char *end, bool *normal)
{
	uint32_t stop, odd;

	for (*normal = true; p < end; p += 32) {
		stop = scan_path_end(p);
		odd = scan_path_odd(p) | scan_path_odd(p + 16) << 16;
		if (end - p < 32)
			stop |= UINT32_C(1) << (end - p);
		if (stop != 0) {
			/* The bits below the lowest of stop. */
			*normal &= (odd & (stop ^ (stop - 1)) >> 1) == 0;
			return p + __builtin_ctz(stop);
		}
		*normal &= odd == 0;
	}
	return end;
}

/* A bit for each of n <= 32 bytes at p that is a or b. */
static inline uint32_t
scan_either32(const char *p, size_t n, char a, char b)
{
	__m128i v = scan_load(p), w = scan_load(p + 16);

	v = _mm_or_si128(scan_eq(v, a), scan_eq(v, b));
	w = _mm_or_si128(scan_eq(w, a), scan_eq(w, b));
	return (scan_mask(v) | scan_mask(w) << 16) &
	       (uint32_t)((UINT64_C(1) << n) - 1);
}

/* Is neither a nor b among n bytes at p?  For up to 32, as most are, without a
 * branch. */
static inline bool
scan_none(const char *p, size_t n, char a, char b)
{
	for (; n > 32; p += 32, n -= 32)
		if (scan_either32(p, 32, a, b) != 0)
			return false;
	return scan_either32(p, n, a, b) == 0;
}

#else /* the reference */

static inline void
scan_first(struct scan_short *key, const char *p, size_t n)
{
	memset(key->bytes, 0, SCAN_SHORT);
	memcpy(key->bytes, p, n);
}

static inline bool
scan_is_first(const char *p, const struct scan_short *key)
{
	return memcmp(p, key->bytes, SCAN_SHORT) == 0;
}

static inline const char *
scan_wide(const char *p, const char *end, const char wide[16])
{
	return p < end ? memchr(p, wide[0], (size_t)(end - p)) : NULL;
}

static inline bool
scan_equal16(const char *p, const char *q, size_t n)
{
	return memcmp(p, q, n) == 0;
}

static inline bool
scan_digits16(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return true;
}

#endif

/* The first c in [p, end), or NULL. */
static inline const char *
scan_byte(const char *p, const char *end, unsigned char c)
{
	char wide[16];

	memset(wide, c, sizeof(wide));
	return scan_wide(p, end, wide);
}

/* Are n bytes at p and q the same?  For a hundred at most. */
static inline bool
scan_equal(const char *p, const char *q, size_t n)
{
	size_t i;

	for (i = 0; i + 16 < n; i += 16)
		if (!scan_equal16(p + i, q + i, 16))
			return false;
	return scan_equal16(p + i, q + i, n - i);
}

/*
 * Copies n <= 32 bytes as whole vectors where that is faster than a call: 32
 * bytes at src may be read, and 32 at dst written.
 */
static inline void
scan_copy32(char *dst, const char *src)
{
	memcpy(dst, src, 32);
}

#endif
