#include "config.h"

#include "parse/scan.h"

#if SCAN_SSE2 && defined(__x86_64__)
#define SCAN_AVX2 1
#include <immintrin.h>
#else
#define SCAN_AVX2 0
#endif

static bool
clean_plain(const char *p, size_t n)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < n; i++) {
		c = (unsigned char)p[i];
		if (c < 0x20 || c >= 0x7f || c == '\\')
			return false;
	}
	return true;
}

static size_t
copy_plain(char *dst, const char *src, size_t n)
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

#if SCAN_SSE2

static inline __m128i
unclean16(const char *p)
{
	__m128i v = scan_load(p);

	return _mm_or_si128(scan_below(v, ' '), scan_eq(v, '\\'));
}

static bool
clean_sse2(const char *p, size_t n)
{
	__m128i bad = _mm_setzero_si128();
	unsigned mask = 0;
	size_t i;

	for (i = 0; i + 16 <= n; i += 16)
		bad = _mm_or_si128(bad, unclean16(p + i));
	if (i < n)
		mask = scan_mask(unclean16(p + i)) & ((1u << (n - i)) - 1);
	return (mask | scan_mask(bad)) == 0;
}

static size_t
copy_sse2(char *dst, const char *src, size_t n)
{
	__m128i v, odd;
	unsigned hit;
	size_t i;

	for (i = 0; i < n; i += 16) {
		v = scan_load(src + i);
		_mm_storeu_si128((__m128i *)(void *)(dst + i), v);
		odd = _mm_or_si128(scan_below(v, ' '), scan_eq(v, '%'));
		odd = _mm_or_si128(odd, scan_eq(v, '&'));
		odd = _mm_or_si128(odd, scan_eq(v, '+'));
		odd = _mm_or_si128(odd, scan_eq(v, '='));
		odd = _mm_or_si128(odd, scan_eq(v, '\\'));
		hit = scan_mask(odd);
		if (hit != 0) {
			i += (unsigned)__builtin_ctz(hit);
			return i < n ? i : n;
		}
	}
	return n;
}

#endif

#if SCAN_AVX2

#define AVX2 __attribute__((__target__("avx2")))

static inline AVX2 __m256i
load32(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline AVX2 __m256i
unclean32(const char *p)
{
	__m256i v = load32(p), odd;

	odd = _mm256_cmpgt_epi8(
	    _mm256_set1_epi8(0x21), _mm256_add_epi8(v, _mm256_set1_epi8(1)));
	return _mm256_or_si256(
	    odd, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
}

static AVX2 bool
clean_avx2(const char *p, size_t n)
{
	const char *last = p + n - 64;
	__m256i a, b;

	if (n < 64)
		return clean_sse2(p, n);
	/* The last two vectors overlap those before them. */
	a = unclean32(last);
	b = unclean32(last + 32);
	for (; p < last; p += 64) {
		a = _mm256_or_si256(a, unclean32(p));
		b = _mm256_or_si256(b, unclean32(p + 32));
	}
	a = _mm256_or_si256(a, b);
	return _mm256_testz_si256(a, a) != 0;
}

/*
 * Bit k of BY_HIGH[h] & BY_LOW[l] is set where the byte hl is one that the
 * map encodes: bit 0 for 0l and 1l, 1 for '%', '&', '+', 2 for '=', 3 for
 * '\\', 4 for 7F.  Bytes from 80 on have their top bit, which movemask takes.
 * Two lookups do for six comparisons.
 */
#define BY_HIGH 1, 1, 2, 4, 0, 8, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0
#define BY_LOW 1, 1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 3, 9, 5, 1, 17

static AVX2 size_t
copy_avx2(char *dst, const char *src, size_t n)
{
	const __m256i high = _mm256_setr_epi8(BY_HIGH, BY_HIGH);
	const __m256i low = _mm256_setr_epi8(BY_LOW, BY_LOW);
	const __m256i nibble = _mm256_set1_epi8(15);
	__m256i v, h, hits;
	unsigned hit;
	size_t i;

	for (i = 0; i < n; i += 32) {
		v = load32(src + i);
		_mm256_storeu_si256((__m256i *)(void *)(dst + i), v);
		h = _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble);
		hits = _mm256_and_si256(
		    _mm256_shuffle_epi8(high, h), _mm256_shuffle_epi8(low, v));
		hits = _mm256_cmpgt_epi8(hits, _mm256_setzero_si256());
		hit = (unsigned)_mm256_movemask_epi8(_mm256_or_si256(hits, v));
		if (hit != 0) {
			i += (unsigned)__builtin_ctz(hit);
			return i < n ? i : n;
		}
	}
	return n;
}

#endif

const struct scan scan_all[] = {
	{ "plain", clean_plain, copy_plain },
#if SCAN_SSE2
	{ "sse2", clean_sse2, copy_sse2 },
#endif
#if SCAN_AVX2
	{ "avx2", clean_avx2, copy_avx2 },
#endif
	{ NULL, NULL, NULL },
};

const struct scan *
scan_best(void)
{
	/* The last but the end. */
	const struct scan *best =
	    &scan_all[sizeof(scan_all) / sizeof(scan_all[0]) - 2];

#if SCAN_AVX2
	if (!__builtin_cpu_supports("avx2"))
		best--;
#endif
	return best;
}
