#include "config.h"

#include "agg/decimal.h"

#include <stdbool.h>

#include "base/number.h"

/* Digits that a uint64_t holds, whatever they are. */
#define WORD_DIGITS 18
#define WORD_SCALE UINT64_C(1000000000000000000)

static const uint64_t powers[DECIMAL_PLACES + 1] = { 1, 10, 100, 1000, 10000,
	100000, 1000000, 10000000, 100000000, 1000000000 };

/* As parse(), of up to WORD_DIGITS digits; -1: see there. */
static int
parse_word(struct slice s, decimal *v)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	const char *p = s.p + negative, *end = s.p + s.n, *point = NULL;
	uint64_t sum = 0;
	size_t places = 0;
	decimal r;

	if (s.n - negative > WORD_DIGITS)
		return -1;
	for (; p < end; p++) {
		unsigned digit = (unsigned)(unsigned char)*p - '0';

		if (digit <= 9) {
			sum = sum * 10 + digit;
			continue;
		}
		if (*p != '.' || point != NULL || p == s.p + negative)
			return -1;
		point = p;
	}
	if (point != NULL)
		places = (size_t)(end - point) - 1;
	if (p == s.p + negative || places > DECIMAL_PLACES ||
	    (point != NULL && places == 0))
		return -1;
	r = (decimal)((udecimal)sum * powers[DECIMAL_PLACES - places]);
	*v = negative ? -r : r;
	return 0;
}

static int
parse(struct slice s, size_t max_digits, decimal *v)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	size_t i = negative, whole = i, places = 0;
	decimal sum = 0;

	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, s.p[i] - '0', &sum))
			return -1;
	if (i == whole || i - whole > max_digits)
		return -1;
	if (i < s.n && s.p[i] == '.') {
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
			if (++places > DECIMAL_PLACES ||
			    __builtin_mul_overflow(sum, 10, &sum) ||
			    __builtin_add_overflow(sum, s.p[i] - '0', &sum))
				return -1;
		}
		if (places == 0)
			return -1;
	}
	if (i != s.n)
		return -1;
	for (; places < DECIMAL_PLACES; places++)
		if (__builtin_mul_overflow(sum, 10, &sum))
			return -1;
	*v = negative ? -sum : sum;
	return 0;
}

int
decimal_parse(struct slice s, decimal *v)
{
	return parse_word(s, v) == 0 ? 0 : parse(s, DECIMAL_DIGITS, v);
}

int
decimal_read(struct slice s, decimal *v)
{
	return parse_word(s, v) == 0 ? 0 : parse(s, DECIMAL_MAX, v);
}

int
decimal_add(decimal *sum, decimal v)
{
	decimal r;

	if (__builtin_add_overflow(*sum, v, &r))
		return -1;
	/* The lowest value has no positive twin to be printed by. */
	if (r < 0 && (udecimal)r << 1 == 0)
		return -1;
	*sum = r;
	return 0;
}

/* v in decimals, n digits with zeros in front; dst + n. */
static char *
put_digits(char *dst, uint64_t v, unsigned n)
{
	for (char *p = dst + n; p > dst; v /= 10)
		*--p = (char)('0' + v % 10);
	return dst + n;
}

/* What is before the point: 30 digits at most. */
static char *
put_whole(char *p, udecimal v)
{
	if (v <= UINT64_MAX)
		return p + number_put_u64(p, (uint64_t)v);
	p += number_put_u64(p, (uint64_t)(v / WORD_SCALE));
	return put_digits(p, (uint64_t)(v % WORD_SCALE), WORD_DIGITS);
}

size_t
decimal_put(char *dst, decimal v)
{
	udecimal u = v < 0 ? (udecimal)-v : (udecimal)v, whole;
	uint64_t rest;
	char *p = dst;

	/* A division of 64 bits takes a tenth of one of 128. */
	if (u <= UINT64_MAX)
		whole = (uint64_t)u / DECIMAL_SCALE;
	else
		whole = u / DECIMAL_SCALE;
	rest = (uint64_t)(u - whole * DECIMAL_SCALE);
	if (v < 0)
		*p++ = '-';
	p = put_whole(p, whole);
	if (rest != 0) {
		*p++ = '.';
		p = put_digits(p, rest, DECIMAL_PLACES);
		while (p[-1] == '0')
			p--;
	}
	return (size_t)(p - dst);
}
