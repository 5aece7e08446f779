/*
 * scan: looking for bytes, sixteen at a time.
 *
 * Each function has a plain form, which is the reference, and one for SSE2,
 * which every x86-64 has; both give the same answer.  The SSE2 forms load
 * whole blocks: SCAN_PAD bytes behind the end may be read (base/inbuf.h has
 * them), never written.
 */
#ifndef EV_PARSE_SCAN_H
#define EV_PARSE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SCAN_PAD 32

/* What stands in a line; the exact answer is the slow path's. */
enum scan_flags {
	SCAN_BACKSLASH = 1,
	SCAN_ODD = 2 /* 00-1F or 7F-FF */
};

#ifdef __SSE2__

static inline __m128i
scan_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* The first c in [p, end), or NULL. */
static inline const char *
scan_byte(const char *p, const char *end, unsigned char c)
{
	const __m128i want = _mm_set1_epi8((char)c);
	unsigned hit;

	for (; p < end; p += 16) {
		hit = (unsigned)_mm_movemask_epi8(
		    _mm_cmpeq_epi8(scan_load(p), want));
		if (hit != 0) {
			p += __builtin_ctz(hit);
			return p < end ? p : NULL;
		}
	}
	return NULL;
}

static inline unsigned
scan_flags(const char *p, size_t n)
{
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i one = _mm_set1_epi8(1), bang = _mm_set1_epi8(0x21);
	__m128i slash = _mm_setzero_si128(), odd = slash, v;
	unsigned f = 0;
	size_t i;

	for (i = 0; i + 16 <= n; i += 16) {
		v = scan_load(p + i);
		slash = _mm_or_si128(slash, _mm_cmpeq_epi8(v, backslash));
		/* 7F + 1 is negative, as 80-FF are: one signed comparison. */
		odd = _mm_or_si128(
		    odd, _mm_cmplt_epi8(_mm_add_epi8(v, one), bang));
	}
	if (i < n) {
		unsigned mask = (1u << (n - i)) - 1;

		v = scan_load(p + i);
		if ((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, backslash)) &
		    mask)
			f |= SCAN_BACKSLASH;
		if ((unsigned)_mm_movemask_epi8(
			_mm_cmplt_epi8(_mm_add_epi8(v, one), bang)) &
		    mask)
			f |= SCAN_ODD;
	}
	if (_mm_movemask_epi8(slash) != 0)
		f |= SCAN_BACKSLASH;
	if (_mm_movemask_epi8(odd) != 0)
		f |= SCAN_ODD;
	return f;
}

/*
 * Copies up to n bytes that the map column takes as they stand, and stops
 * at the first that it does not.  dst has room for n + 16 bytes.
 */
static inline size_t
scan_copy_plain(char *dst, const char *src, size_t n)
{
	const __m128i one = _mm_set1_epi8(1), bang = _mm_set1_epi8(0x21);
	__m128i v, odd;
	unsigned hit;
	size_t i;

	for (i = 0; i < n; i += 16) {
		v = scan_load(src + i);
		_mm_storeu_si128((__m128i *)(void *)(dst + i), v);
		odd = _mm_cmplt_epi8(_mm_add_epi8(v, one), bang);
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('%')));
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('+')));
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('=')));
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
		hit = (unsigned)_mm_movemask_epi8(odd);
		if (hit != 0) {
			i += (unsigned)__builtin_ctz(hit);
			return i < n ? i : n;
		}
	}
	return n;
}

#else /* the reference */

static inline const char *
scan_byte(const char *p, const char *end, unsigned char c)
{
	return p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
}

static inline unsigned
scan_flags(const char *p, size_t n)
{
	unsigned f = 0;
	unsigned char c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = (unsigned char)p[i];
		if (c == '\\')
			f |= SCAN_BACKSLASH;
		else if (c < 0x20 || c >= 0x7f)
			f |= SCAN_ODD;
	}
	return f;
}

static inline size_t
scan_copy_plain(char *dst, const char *src, size_t n)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = (unsigned char)src[i];
		if (c < 0x20 || c >= 0x7f || c == '%' || c == '&' || c == '+' ||
		    c == '=' || c == '\\')
			break;
		dst[i] = src[i];
	}
	return i;
}

#endif

/*
 * Copies n <= 32 bytes as two whole blocks where that is faster than a call:
 * 32 bytes at src may be read, and 32 at dst written.
 */
static inline void
scan_copy32(char *dst, const char *src)
{
	memcpy(dst, src, 32);
}

#endif
