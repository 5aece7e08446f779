#include "config.h"

#include "base/places.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

static inline void
put_place(const char *p, size_t i, uint32_t *at, char *kind, size_t n)
{
	at[n] = (uint32_t)i;
	kind[n] = p[i];
}

static size_t
find_plain(const char *p, size_t len, uint32_t *at, char *kind)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		if (p[i] == '\t' || p[i] == '\n' || p[i] == '&')
			put_place(p, i, at, kind, n++);
	return n;
}

#ifdef __SSE2__

/* A bit for each of 64 bytes at p that is looked for. */
typedef uint64_t marked_fn(const char *p);

/* The lowest bit of m; any number when there is none. */
typedef unsigned lowest_fn(uint64_t m);

/*
 * The places of the bits of m, from place i on.  64 bytes of an event have
 * three or four, so that four are written without asking; of none the place
 * means nothing.
 */
static inline __attribute__((__always_inline__)) size_t
put_bits(const char *p, size_t i, uint32_t *at, char *kind, uint64_t m,
    lowest_fn *lowest)
{
	size_t n = (size_t)__builtin_popcountll(m), k;

	put_place(p, i + lowest(m), at, kind, 0);
	m &= m - 1;
	put_place(p, i + lowest(m), at, kind, 1);
	m &= m - 1;
	put_place(p, i + lowest(m), at, kind, 2);
	m &= m - 1;
	put_place(p, i + lowest(m), at, kind, 3);
	m &= m - 1;
	for (k = 4; k < n; k++) {
		put_place(p, i + lowest(m), at, kind, k);
		m &= m - 1;
	}
	return n;
}

static inline __attribute__((__always_inline__)) size_t
find_with(const char *p, size_t len, uint32_t *at, char *kind,
    marked_fn *marked, lowest_fn *lowest)
{
	size_t i, n = 0;
	uint64_t m;

	for (i = 0; i < len; i += 64) {
		m = marked(p + i);
		if (len - i < 64)
			m &= (UINT64_C(1) << (len - i)) - 1;
		n += put_bits(p, i, at + n, kind + n, m, lowest);
	}
	return n;
}

static inline uint64_t
marked_16(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p), hit;

	hit = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\t')),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
	hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));
	return (unsigned)_mm_movemask_epi8(hit);
}

static inline uint64_t
marked_sse2(const char *p)
{
	return marked_16(p) | marked_16(p + 16) << 16 |
	       marked_16(p + 32) << 32 | marked_16(p + 48) << 48;
}

static inline unsigned
lowest_plain(uint64_t m)
{
	return (unsigned)__builtin_ctzll(m | UINT64_C(1) << 63);
}

static size_t
find_sse2(const char *p, size_t len, uint32_t *at, char *kind)
{
	return find_with(p, len, at, kind, marked_sse2, lowest_plain);
}

#ifdef __x86_64__
#define AVX2 __attribute__((__target__("avx2,bmi,bmi2,popcnt")))

/*
 * The three differ in their lower four bits, 9, 10 and 6: a byte is one of
 * them when the table has that byte at its lower four bits.  At 0 stands
 * what has other lower bits, elsewhere 0, which has.  From 80 up the shuffle
 * gives 0.
 */
static inline AVX2 uint64_t
marked_32(const char *p)
{
	const __m256i table =
	    _mm256_setr_epi8(1, 0, 0, 0, 0, 0, '&', 0, 0, '\t', '\n', 0, 0, 0,
		0, 0, 1, 0, 0, 0, 0, 0, '&', 0, 0, '\t', '\n', 0, 0, 0, 0, 0);
	__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);

	v = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v), v);
	return (unsigned)_mm256_movemask_epi8(v);
}

static inline AVX2 uint64_t
marked_avx2(const char *p)
{
	return marked_32(p) | marked_32(p + 32) << 32;
}

static inline AVX2 unsigned
lowest_bmi(uint64_t m)
{
	return (unsigned)_tzcnt_u64(m);
}

static AVX2 size_t
find_avx2(const char *p, size_t len, uint32_t *at, char *kind)
{
	return find_with(p, len, at, kind, marked_avx2, lowest_bmi);
}

#define AVX512                                                                 \
	__attribute__((__target__("avx512f,avx512bw,avx512vbmi2,bmi2,"         \
				  "popcnt")))

/* The places of the bits of m, from place i on: sixteen at a time. */
static inline AVX512 size_t
put_bits_512(uint32_t *at, size_t i, uint64_t m, __m512i numbers)
{
	const __m512i from = _mm512_set1_epi32((int)i);
	__m512i v = _mm512_maskz_compress_epi8(m, numbers);
	size_t n = (size_t)__builtin_popcountll(m), k;

	_mm512_storeu_si512(
	    at, _mm512_add_epi32(
		    _mm512_cvtepu8_epi32(_mm512_castsi512_si128(v)), from));
	for (k = 16; k < n; k += 16) {
		v = _mm512_shuffle_i64x2(v, v, 0x39); /* the next 16 bytes */
		_mm512_storeu_si512(at + k,
		    _mm512_add_epi32(
			_mm512_cvtepu8_epi32(_mm512_castsi512_si128(v)), from));
	}
	return n;
}

static AVX512 size_t
find_avx512(const char *p, size_t len, uint32_t *at, char *kind)
{
	static const uint8_t numbers[64] __attribute__((__aligned__(64))) = { 0,
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
		19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
		35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
		51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63 };
	const __m512i all = _mm512_load_si512(numbers);
	const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(
	    1, 0, 0, 0, 0, 0, '&', 0, 0, '\t', '\n', 0, 0, 0, 0, 0));
	size_t i, n = 0;
	__m512i v;
	uint64_t m;

	for (i = 0; i < len; i += 64) {
		v = _mm512_loadu_si512(p + i);
		m = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table, v), v);
		if (len - i < 64)
			m &= (UINT64_C(1) << (len - i)) - 1;
		_mm512_storeu_si512(kind + n, _mm512_maskz_compress_epi8(m, v));
		n += put_bits_512(at + n, i, m, all);
	}
	return n;
}
#endif
#endif

const struct places_kind places_all[] = {
	{ "plain", find_plain },
#ifdef __SSE2__
	{ "sse2", find_sse2 },
#ifdef __x86_64__
	{ "avx2", find_avx2 },
	{ "avx512", find_avx512 },
#endif
#endif
	{ NULL, NULL },
};

places_fn *
places_best(void)
{
#ifdef __SSE2__
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vbmi2"))
		return find_avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		return find_avx2;
#endif
	return find_sse2;
#else
	return find_plain;
#endif
}
