#include "config.h"

#include "agg/decimal.h"

#include <stdbool.h>

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
	if (i < s.n && s.p[i++] == '.') {
		for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
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
	return parse(s, DECIMAL_DIGITS, v);
}

int
decimal_read(struct slice s, decimal *v)
{
	return parse(s, DECIMAL_MAX, v);
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

size_t
decimal_put(char *dst, decimal v)
{
	char digits[DECIMAL_MAX];
	size_t n = 0, len = 0, places = DECIMAL_PLACES;

	if (v < 0) {
		dst[len++] = '-';
		v = -v;
	}
	for (; places > 0 && v % 10 == 0; places--)
		v /= 10;
	for (; v > 0 || n <= places; v /= 10)
		digits[n++] = (char)('0' + (int)(v % 10));
	while (n > 0) {
		dst[len++] = digits[--n];
		if (n > 0 && n == places)
			dst[len++] = '.';
	}
	return len;
}
