/*
 * scan: looking for bytes, a vector at a time.
 *
 *	const struct scan *scan = scan_best();      once
 *	clean = scan->clean(p, n);                  whole lines
 *	hit = scan_byte(p, end, '"');               a few bytes
 *
 * Each function has a plain form, which is the reference, and one for SSE2,
 * which every x86-64 has; the two of struct scan, which go over whole lines
 * and long values, have one for AVX2 too.  All give the same answer (t/scan.c
 * compares them).  What is inline is for texts of a vector or two, where a
 * call by pointer costs more than wider vectors save.  -DSCAN_PLAIN builds
 * the reference alone.
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
};

/* From the reference up, as built; the last may be more than this machine
 * has.  The list ends with a name of NULL. */
extern const struct scan scan_all[];
/* The fastest that this machine has. */
const struct scan *scan_best(void);

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

/*
 * Where the path that begins at p ends: the first of '?', '#', 00-20 and
 * 7F-FF in [p, end), else end.  *normal: it has no '%', no "//", no "/.".
 * The second load, a byte further, sees what follows each slash.
 */
static inline const char *
scan_path(const char *p, const char *end, bool *normal)
{
	__m128i v, next, odd;
	unsigned stop, bad, seen = 0;

	for (; p < end; p += 16) {
		v = scan_load(p);
		next = scan_load(p + 1);
		odd = _mm_or_si128(scan_eq(next, '/'), scan_eq(next, '.'));
		odd = _mm_and_si128(odd, scan_eq(v, '/'));
		bad = scan_mask(_mm_or_si128(odd, scan_eq(v, '%')));
		stop = scan_mask(_mm_or_si128(scan_below(v, '!'),
		    _mm_or_si128(scan_eq(v, '?'), scan_eq(v, '#'))));
		if (end - p < 16)
			stop |= 1u << (end - p);
		if (stop != 0) {
			p += __builtin_ctz(stop);
			/* The bits below the lowest of stop. */
			*normal =
			    (seen | (bad & (stop ^ (stop - 1)) >> 1)) == 0;
			return p;
		}
		seen |= bad;
	}
	*normal = seen == 0;
	return end;
}

#else /* the reference */

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

static inline const char *
scan_path(const char *p, const char *end, bool *normal)
{
	unsigned char c;

	for (*normal = true; p < end; p++) {
		c = (unsigned char)*p;
		if (c <= ' ' || c >= 0x7f || c == '?' || c == '#')
			break;
		if (c == '%' || (c == '/' && (p[1] == '/' || p[1] == '.')))
			*normal = false;
	}
	return p;
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
