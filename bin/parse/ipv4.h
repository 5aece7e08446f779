/*
 * ipv4: an IPv4 address in text, by vectors.
 *
 * Only where SCAN_SSE2 is (parse/scan.h); client.c has the reference.
 */
#ifndef EV_PARSE_IPV4_H
#define EV_PARSE_IPV4_H

#include <stddef.h>

#include "parse/scan.h"

#if SCAN_SSE2

/* Of 16 bytes, a bit for each that is c, or above c. */
static inline unsigned
ipv4_equal(__m128i v, char c)
{
	return scan_mask(scan_eq(v, c));
}

static inline unsigned
ipv4_above(__m128i v, char c)
{
	return scan_mask(_mm_cmpgt_epi8(v, _mm_set1_epi8(c)));
}

/*
 * The bytes of the a.b.c.d that begins at p, without leading zeros, as
 * inet_pton(3) takes it; 0 when there is none, or when more digits or dots
 * follow it.  16 bytes at p may be read.
 *
 * All four numbers are looked at at once, without branches, which no two
 * clients would take alike: 130 instructions and their mispredictions became
 * 70.  Bit i of each set is byte i of the text.
 */
static inline size_t
ipv4_at(const char *p)
{
	unsigned n, all, dots, digits, first, second, third, low, two, bad;
	__m128i v = scan_load(p);

	dots = ipv4_equal(v, '.');
	digits = ~scan_not_digits(p);
	n = (unsigned)__builtin_ctz(~(dots | digits) | 1u << 16);
	all = (1u << n) - 1;
	dots &= all;
	digits &= all;
	/* Digits that begin a number, or are its second or third. */
	first = digits & (dots << 1 | 1);
	second = digits & first << 1;
	third = digits & second << 1;
	bad = n >> 4 | (digits & third << 1);
	/* A number at the start and behind each dot; dots are three. */
	bad |= first ^ ((dots << 1 | 1) & all);
	bad |= (dots << 1) & (all + 1);
	low = dots & (dots - 1);
	low &= low - 1;
	bad |= (low == 0) | (low & (low - 1));
	/* No leading zero. */
	bad |= second & ipv4_equal(v, '0') << 1;
	/* Of three digits: 1dd, 20d-24d, 250-255. */
	bad |= third & (ipv4_equal(v, '0') | ipv4_above(v, '2')) << 2;
	two = third & ipv4_equal(v, '2') << 2;
	bad |= two & ipv4_above(v, '5') << 1;
	bad |= two & ipv4_equal(v, '5') << 1 & ipv4_above(v, '5');
	return bad == 0 ? n : 0;
}

#endif

#endif
