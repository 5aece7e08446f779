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

static size_t
index_plain(const char *p, size_t n, uint16_t *at)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		if (p[i] == '"' || !clean_plain(p + i, 1))
			at[found++] = (uint16_t)i;
	return found;
}

#if SCAN_SSE2

/*
 * The places of the bits of m, from place i on, to at.  A block of 64 bytes
 * of a log has two or three, so that four are written without asking.
 */
#define LAST_BIT (UINT64_C(1) << 63)

static inline __attribute__((__always_inline__)) size_t
put_bits(uint16_t *at, size_t i, uint64_t m)
{
	size_t n = (size_t)__builtin_popcountll(m), k;

	at[0] = (uint16_t)(i + (size_t)__builtin_ctzll(m | LAST_BIT));
	m &= m - 1;
	at[1] = (uint16_t)(i + (size_t)__builtin_ctzll(m | LAST_BIT));
	m &= m - 1;
	at[2] = (uint16_t)(i + (size_t)__builtin_ctzll(m | LAST_BIT));
	m &= m - 1;
	at[3] = (uint16_t)(i + (size_t)__builtin_ctzll(m | LAST_BIT));
	m &= m - 1;
	for (k = 4; k < n; k++) {
		at[k] = (uint16_t)(i + (size_t)__builtin_ctzll(m));
		m &= m - 1;
	}
	return n;
}

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

static inline uint64_t
marked16(const char *p)
{
	return scan_mask(
	    _mm_or_si128(unclean16(p), scan_eq(scan_load(p), '"')));
}

static size_t
index_sse2(const char *p, size_t n, uint16_t *at)
{
	size_t i, found = 0;
	uint64_t m;

	for (i = 0; i < n; i += 64) {
		m = marked16(p + i) | marked16(p + i + 16) << 16 |
		    marked16(p + i + 32) << 32 | marked16(p + i + 48) << 48;
		if (n - i < 64)
			m &= (UINT64_C(1) << (n - i)) - 1;
		found += put_bits(at + found, i, m);
	}
	return found;
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

/* Every processor that has AVX2 has the others, which count and find bits. */
#define AVX2 __attribute__((__target__("avx2,bmi,popcnt")))

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
	const char *last;
	__m256i a, b;

	if (n < 64)
		return clean_sse2(p, n);
	last = p + n - 64;
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

static inline AVX2 uint64_t
marked32(const char *p)
{
	__m256i quote = _mm256_cmpeq_epi8(load32(p), _mm256_set1_epi8('"'));

	return (unsigned)_mm256_movemask_epi8(
	    _mm256_or_si256(unclean32(p), quote));
}

static AVX2 size_t
index_avx2(const char *p, size_t n, uint16_t *at)
{
	size_t i, found = 0;
	uint64_t m;

	for (i = 0; i < n; i += 64) {
		m = marked32(p + i) | marked32(p + i + 32) << 32;
		if (n - i < 64)
			m &= (UINT64_C(1) << (n - i)) - 1;
		found += put_bits(at + found, i, m);
	}
	return found;
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

#if SCAN_AVX2

/* Those with VBMI2, Intel's from 2019 and AMD's from 2022 on, have them all. */
#define AVX512                                                                 \
	__attribute__((__target__(                                             \
	    "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,popcnt")))

static inline AVX512 __m512i
load64(const char *p)
{
	return _mm512_loadu_si512((const void *)p);
}

/* What is not in 20-7E, and the backslash. */
static inline AVX512 __mmask64
unclean64(__m512i v)
{
	__m512i from_blank = _mm512_sub_epi8(v, _mm512_set1_epi8(' '));

	return _mm512_cmpgt_epu8_mask(
		   from_blank, _mm512_set1_epi8(0x7e - ' ')) |
	       _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
}

static AVX512 bool
clean_avx512(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i + 64 <= n; i += 64)
		if (unclean64(load64(p + i)) != 0)
			return false;
	return i == n ||
	       (unclean64(load64(p + i)) & ((UINT64_C(1) << (n - i)) - 1)) == 0;
}

static AVX512 size_t
copy_avx512(char *dst, const char *src, size_t n)
{
	const __m512i high = _mm512_broadcast_i32x4(_mm_setr_epi8(BY_HIGH));
	const __m512i low = _mm512_broadcast_i32x4(_mm_setr_epi8(BY_LOW));
	const __m512i nibble = _mm512_set1_epi8(15);
	__mmask64 hit;
	__m512i v, h;
	size_t i;

	for (i = 0; i < n; i += 64) {
		v = load64(src + i);
		_mm512_storeu_si512((void *)(dst + i), v);
		h = _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble);
		hit = _mm512_test_epi8_mask(_mm512_shuffle_epi8(high, h),
			  _mm512_shuffle_epi8(low, v)) |
		      _mm512_movepi8_mask(v);
		if (hit != 0) {
			i += (size_t)__builtin_ctzll(hit);
			return i < n ? i : n;
		}
	}
	return n;
}

static AVX512 size_t
index_avx512(const char *p, size_t n, uint16_t *at)
{
	static const char places[64] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
		28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
		44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
		60, 61, 62, 63 };
	const __m512i all = load64(places);
	size_t i, found = 0;
	__mmask64 m;
	__m512i v, hits, to;

	for (i = 0; i < n; i += 64) {
		v = load64(p + i);
		m = unclean64(v) |
		    _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
		if (n - i < 64)
			m &= (UINT64_C(1) << (n - i)) - 1;
		/* Their places, side by side, as 16 bits from i on. */
		hits = _mm512_maskz_compress_epi8(m, all);
		to = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(hits));
		to = _mm512_add_epi16(to, _mm512_set1_epi16((short)i));
		_mm512_storeu_si512((void *)(at + found), to);
		if (_mm_popcnt_u64(m) > 32) {
			to = _mm512_cvtepu8_epi16(
			    _mm512_extracti64x4_epi64(hits, 1));
			to = _mm512_add_epi16(to, _mm512_set1_epi16((short)i));
			_mm512_storeu_si512((void *)(at + found + 32), to);
		}
		found += (size_t)_mm_popcnt_u64(m);
	}
	return found;
}

#endif

const struct scan scan_all[] = {
	{ "plain", clean_plain, copy_plain, index_plain },
#if SCAN_SSE2
	{ "sse2", clean_sse2, copy_sse2, index_sse2 },
#endif
#if SCAN_AVX2
	{ "avx2", clean_avx2, copy_avx2, index_avx2 },
	{ "avx512", clean_avx512, copy_avx512, index_avx512 },
#endif
	{ NULL, NULL, NULL, NULL },
};

const struct scan *
scan_best(void)
{
	/* The last but the end. */
	const struct scan *best =
	    &scan_all[sizeof(scan_all) / sizeof(scan_all[0]) - 2];

#if SCAN_AVX2
	if (!__builtin_cpu_supports("avx512vbmi2"))
		best--;
	if (!__builtin_cpu_supports("avx2"))
		best--;
#endif
	return best;
}
