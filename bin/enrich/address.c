#include "config.h"

#include "enrich/address.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/text.h"

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

#ifdef __SSE2__
/* One bit for each dot of the text. */
static inline unsigned
dots(struct slice s)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)s.p);
	__m128i dot = _mm_cmpeq_epi8(v, _mm_set1_epi8('.'));

	return (unsigned)_mm_movemask_epi8(dot) & ((1U << s.n) - 1);
}
#else
static inline unsigned
dots(struct slice s)
{
	unsigned mask = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		mask |= (unsigned)(s.p[i] == '.') << i;
	return mask;
}
#endif

/*
 * One to three digits without a leading zero, which some read as octal.
 * Above 255: none.  The digits are shifted against the upper end of a word,
 * so that no branch hangs on their number: of random addresses each would
 * be guessed wrong every third time.
 */
static inline uint32_t
octet(const char *p, unsigned n)
{
	unsigned shift = (4 - n) * 8 & 31;
	uint32_t v, bad;

	memcpy(&v, p, sizeof(v));
	v = le32toh(v);
	/* each byte the digit's value, nothing carried between good ones */
	v = (v - UINT32_C(0x30303030)) << shift;
	bad = ((v + UINT32_C(0x76767676)) | v) & UINT32_C(0x80808080);
	/* more than three digits, none, or a zero before another digit */
	bad |= (uint32_t)(n - 1 > 2) |
	       (uint32_t)((v >> shift & 0xff) == 0 && n > 1);
	v = (v >> 8 & 0xff) * 100 + (v >> 16 & 0xff) * 10 + (v >> 24);
	return v | (uint32_t)(bad != 0) << 12;
}

/* The strict form of inet_pton(3). */
static int
parse_v4(uint8_t out[4], struct slice s)
{
	unsigned mask, i, at = 0, end;
	uint32_t v, all = 0;

	if (s.n < 7 || s.n > 15)
		return -1;
	mask = dots(s);
	for (i = 0; i < 4; i++) {
		if ((mask == 0) != (i == 3))
			return -1;
		end = i < 3 ? (unsigned)__builtin_ctz(mask) : (unsigned)s.n;
		v = octet(s.p + at, end - at);
		out[i] = (uint8_t)v;
		all |= v;
		at = end + 1;
		mask &= mask - 1;
	}
	return all < 256 ? 0 : -1;
}

int
address_parse(struct address *a, struct slice text)
{
	char buf[INET6_ADDRSTRLEN];

	if (text.p == NULL)
		return -1;
	memcpy(a->b, mapped, sizeof(mapped));
	if (parse_v4(a->b + 12, text) == 0)
		return 0;
	if (text.n >= sizeof(buf) || memchr(text.p, '\0', text.n) != NULL)
		return -1;
	memcpy(buf, text.p, text.n);
	buf[text.n] = '\0';
	return inet_pton(AF_INET6, buf, a->b) == 1 ? 0 : -1;
}

int
address_decode(struct address *a, struct slice val)
{
	char buf[64 + ADDRESS_PAD];

	if (val.p == NULL || val.n > 64)
		return -1;
	if (address_parse(a, val) == 0)
		return 0;
	if (memchr(val.p, '%', val.n) == NULL)
		return -1;
	memset(buf, 0, sizeof(buf));
	return address_parse(a, slice_of(buf, text_decode(buf, val)));
}

static uint64_t
read_be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

#define BIT(byte) (UINT64_C(1) << ((byte) % 64))

/* The first bytes of what special_v4() has: few addresses begin so, and a
 * switch over all of them is predicted wrong. */
static const uint64_t special_first[4] = { BIT(0) | BIT(10),
	BIT(100) | BIT(127), BIT(169) | BIT(172),
	BIT(192) | BIT(198) | BIT(203) | UINT64_C(0xffffffff00000000) };

static bool
special_v4(uint32_t a)
{
	if ((special_first[a >> 30] & BIT(a >> 24)) == 0)
		return false;
	switch (a >> 24) {
	case 0:
	case 10:
	case 127:
		return true;
	case 100: /* 100.64.0.0/10 */
		return (a >> 22 & 3) == 1;
	case 169: /* 169.254.0.0/16 */
		return (a >> 16 & 0xff) == 254;
	case 172: /* 172.16.0.0/12 */
		return (a >> 20 & 0xf) == 1;
	case 192: /* 192.0.0.0/24, 192.0.2.0/24, 192.168.0.0/16 */
		return a >> 8 == 0xc00000 || a >> 8 == 0xc00002 ||
		       a >> 16 == 0xc0a8;
	case 198: /* 198.18.0.0/15, 198.51.100.0/24 */
		return a >> 17 == 0xc612 >> 1 || a >> 8 == 0xc63364;
	case 203: /* 203.0.113.0/24 */
		return a >> 8 == 0xcb0071;
	default: /* 224.0.0.0/4, 240.0.0.0/4 */
		return a >= 0xe0000000;
	}
}

/* high and low are the halves. */
static bool
special_v6(uint64_t high, uint64_t low)
{
	switch (high >> 56) {
	case 0: /* ::, ::1, 64:ff9b:1::/48 */
		return (high == 0 && low <= 1) || high >> 16 == 0x0064ff9b0001;
	case 1: /* 100::/64 */
		return high == UINT64_C(0x0100000000000000);
	case 0x20: /* 2001:2::/48, 2001:db8::/32 */
		return high >> 16 == 0x200100020000 || high >> 32 == 0x20010db8;
	case 0x3f: /* 3fff::/20 */
		return high >> 44 == 0x3fff0;
	case 0x5f: /* 5f00::/16 */
		return high >> 48 == 0x5f00;
	case 0xfc: /* fc00::/7 */
	case 0xfd:
		return true;
	case 0xfe: /* fe80::/10 */
		return high >> 54 == 0xfe80 >> 6;
	case 0xff: /* ff00::/8 */
		return true;
	default:
		return false;
	}
}

bool
address_is_special(const struct address *a)
{
	uint64_t low = read_be64(a->b + 8);

	return address_is_v4(a) ? special_v4((uint32_t)low)
				: special_v6(read_be64(a->b), low);
}

static void
address_mask(struct address *a, unsigned bits)
{
	unsigned whole = bits / 8;

	if (bits >= 128)
		return;
	a->b[whole] = (uint8_t)(a->b[whole] & (0xff00 >> (bits % 8)));
	memset(a->b + whole + 1, 0, 15 - whole);
}

size_t
address_put_masked(
    char dst[ADDRESS_TEXT], const struct address *a, unsigned v4, unsigned v6)
{
	bool is_v4 = address_is_v4(a);
	unsigned bits = is_v4 ? v4 : v6, skip = is_v4 ? 12 : 0;
	struct address m = *a;

	if (bits == 0)
		return 0;
	address_mask(&m, bits + skip * 8);
	if (inet_ntop(is_v4 ? AF_INET : AF_INET6, m.b + skip, dst,
		ADDRESS_TEXT) == NULL)
		return 0;
	return strlen(dst);
}

void
address_mask_v6(struct address *a, unsigned bits)
{
	if (!address_is_v4(a))
		address_mask(a, bits);
}
