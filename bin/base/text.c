#include "config.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* SCAN_PLAIN builds the reference of the tests (parse/scan.h). */
#if defined(__SSE2__) && !defined(SCAN_PLAIN)
#define TEXT_SSE2 1
#include <emmintrin.h>
#else
#define TEXT_SSE2 0
#endif

/* What to do with a byte: bit 0 for TEXT_COLUMN, bit 1 for TEXT_MAP. */
#define COLUMN 1u
#define MAP 2u
#define HIGH 4u /* 80-FF: part of UTF-8, to be looked at */

static const uint8_t classes[256] = {
	[0x00 ... 0x1f] = COLUMN | MAP,
	['%'] = COLUMN | MAP,
	['&'] = MAP,
	['+'] = MAP,
	['='] = MAP,
	['\\'] = COLUMN | MAP,
	[0x7f] = COLUMN | MAP,
	[0x80 ... 0xff] = HIGH,
};

static const char upper_hex[] = "0123456789ABCDEF";

int
text_hex(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
continues(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t
text_utf8_len(const unsigned char *p, size_t n)
{
	unsigned char lo = 0x80, hi = 0xbf;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	if (p[0] < 0xe0)
		return n >= 2 && continues(p[1]) ? 2 : 0;
	if (p[0] < 0xf0) {
		if (p[0] == 0xe0)
			lo = 0xa0; /* overlong below */
		else if (p[0] == 0xed)
			hi = 0x9f; /* surrogates above */
		return n >= 3 && p[1] >= lo && p[1] <= hi && continues(p[2]) ?
		    3 :
		    0;
	}
	if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	return n >= 4 && p[1] >= lo && p[1] <= hi && continues(p[2]) &&
		continues(p[3]) ?
	    4 :
	    0;
}

/* Bytes at p that stand as they are: 1-4, or 0 when p[0] is encoded. */
static size_t
plain_len(const unsigned char *p, size_t n, unsigned mask)
{
	unsigned c = classes[p[0]];
	size_t len;

	if (c & mask)
		return 0;
	if (!(c & HIGH))
		return 1;
	len = text_utf8_len(p, n);
	/* C1 is U+0080-U+009F, C2 80-C2 9F: a terminal obeys them. */
	if (len == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return 0;
	return len;
}

#if TEXT_SSE2
/*
 * One bit for each of 16 bytes that plain_len() has to look at.  Unsigned
 * "c < 0x20 or c >= 0x7f" is one signed comparison: adding 1 moves 7F next
 * to 80-FF, which are negative, so that c + 1 < 0x21 catches all three.
 */
static unsigned
odd_bytes(__m128i v, unsigned mask)
{
	__m128i odd = _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(1)),
	    _mm_set1_epi8(0x21));

	odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('%')));
	odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
	if (mask == MAP) {
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('+')));
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('=')));
	}
	return (unsigned)_mm_movemask_epi8(odd);
}

static inline uint64_t
load(const char *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

/* Of n bytes, 1 to 15, and no other: two halves that overlap. */
static inline __m128i
load_few(const char *p, size_t n)
{
	uint64_t low, high = 0;

	if (n >= 8) {
		low = load(p, 8);
		/* In two shifts, for of eight bytes none is left. */
		high = load(p + n - 8, 8) >> 8 >> 8 * (15 - n);
	} else if (n >= 4) {
		low = load(p, 4) | load(p + n - 4, 4) << 8 * (n - 4);
	} else {
		low = load(p, 1) | load(p + n / 2, 1) << 8 * (n / 2) |
		      load(p + n - 1, 1) << 8 * (n - 1);
	}
	return _mm_set_epi64x((long long)high, (long long)low);
}

/* Copies blocks, of which the last may have less than 16 bytes, until one
 * holds an odd byte; that one's head too. */
static inline size_t
copy_plain(char *dst, const char *src, size_t n, unsigned mask)
{
	size_t i = 0, some;
	unsigned odd;
	__m128i v;

	while (i < n) {
		some = n - i < 16 ? n - i : 16;
		v = some < 16 ? load_few(src + i, some)
			      : _mm_loadu_si128(
				    (const __m128i *)(const void *)(src + i));
		_mm_storeu_si128((__m128i *)(void *)(dst + i), v);
		odd = odd_bytes(v, mask) & ((1u << some) - 1);
		if (odd != 0)
			return i + (unsigned)__builtin_ctz(odd);
		i += some;
	}
	return n;
}
#else
static inline size_t
copy_plain(char *dst, const char *src, size_t n, unsigned mask)
{
	(void)dst;
	(void)src;
	(void)n;
	(void)mask;
	return 0;
}
#endif

static inline size_t
encode(char *dst, const char *src, size_t n, unsigned mask)
{
	const unsigned char *p = (const unsigned char *)src;
	size_t i, len, plain, block_end;

	i = len = copy_plain(dst, src, n, mask);
	while (i < n) {
		/*
		 * One block byte by byte, then the vectors again: hostile
		 * fields are odd throughout, and a block at a time bounds
		 * what the vectors do in vain.
		 */
		block_end = n - i > 16 ? i + 16 : n;
		while (i < block_end) {
			plain = plain_len(p + i, n - i, mask);
			if (plain == 0) {
				dst[len++] = '%';
				dst[len++] = upper_hex[p[i] >> 4];
				dst[len++] = upper_hex[p[i] & 15];
				i++;
				continue;
			}
			do
				dst[len++] = (char)p[i++];
			while (--plain > 0);
		}
		plain = copy_plain(dst + len, src + i, n - i, mask);
		i += plain;
		len += plain;
	}
	return len;
}

size_t
text_encode(char *dst, const char *src, size_t n, enum text_kind kind)
{
	return kind == TEXT_MAP ? encode(dst, src, n, MAP) :
				  encode(dst, src, n, COLUMN);
}

void
text_encode_strbuf(struct strbuf *sb, struct slice raw, enum text_kind kind)
{
	strbuf_grow(sb, TEXT_GROWTH * raw.n + 16);
	sb->len += text_encode(sb->buf + sb->len, raw.p, raw.n, kind);
	sb->buf[sb->len] = '\0';
}

size_t
text_decode(char *dst, struct slice src)
{
	const char *p = src.p, *end, *pct;
	char *d = dst;
	int hi, lo;

	if (src.n == 0)
		return 0;
	end = p + src.n;
	while ((pct = memchr(p, '%', (size_t)(end - p))) != NULL) {
		memmove(d, p, (size_t)(pct - p));
		d += pct - p;
		p = pct;
		if (end - p >= 3 && (hi = text_hex((unsigned char)p[1])) >= 0 &&
		    (lo = text_hex((unsigned char)p[2])) >= 0) {
			*d++ = (char)(hi << 4 | lo);
			p += 3;
		} else {
			*d++ = *p++;
		}
	}
	memmove(d, p, (size_t)(end - p));
	d += end - p;
	return (size_t)(d - dst);
}

bool
text_valid(struct slice s, enum text_kind kind)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned mask = kind == TEXT_MAP ? MAP : COLUMN;
	size_t i = 0, len;

	while (i < s.n) {
		if (p[i] == '%' && s.n - i >= 3 && text_hex(p[i + 1]) >= 0 &&
		    text_hex(p[i + 2]) >= 0) {
			i += 3;
			continue;
		}
		len = plain_len(p + i, s.n - i, mask);
		if (len == 0)
			return false;
		i += len;
	}
	return true;
}
