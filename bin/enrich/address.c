#include "config.h"

#include "enrich/address.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

bool
address_is_v4(const struct address *a)
{
	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

struct net {
	uint8_t addr[16];
	uint8_t bits;
};

static bool
net_has(const struct net *net, const uint8_t *b)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (memcmp(net->addr, b, whole) != 0)
		return false;
	return rest == 0 || ((net->addr[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static const struct net special_v4[] = {
	{ { 0 }, 8 },
	{ { 10 }, 8 },
	{ { 100, 64 }, 10 },
	{ { 127 }, 8 },
	{ { 169, 254 }, 16 },
	{ { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 },
	{ { 192, 168 }, 16 },
	{ { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 224 }, 4 },
	{ { 240 }, 4 },
};

static const struct net special_v6[] = {
	{ { 0 }, 127 }, /* :: and ::1 */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48 },
	{ { 1 }, 64 },
	{ { 0x20, 1, 0, 2, 0, 0 }, 48 },
	{ { 0x20, 1, 0x0d, 0xb8 }, 32 },
	{ { 0x3f, 0xff, 0 }, 20 },
	{ { 0x5f, 0 }, 16 },
	{ { 0xfc }, 7 },
	{ { 0xfe, 0x80 }, 10 },
	{ { 0xff }, 8 },
};

bool
address_is_special(const struct address *a)
{
	const uint8_t *b = a->b;
	size_t i;

	if (address_is_v4(a)) {
		for (i = 0; i < sizeof(special_v4) / sizeof(*special_v4); i++)
			if (net_has(&special_v4[i], b + 12))
				return true;
		return false;
	}
	for (i = 0; i < sizeof(special_v6) / sizeof(*special_v6); i++)
		if (net_has(&special_v6[i], b))
			return true;
	return false;
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
