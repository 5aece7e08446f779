#include "config.h"

#include "agg/ratio.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A decimal of 15 digits survives a double and back (DBL_DIG), so all
 * shorter forms are among the 15 digits without their final zeros; 17
 * digits tell any two doubles apart (DBL_DECIMAL_DIG).
 */
#define DIGITS_MIN 15
#define DIGITS_MAX 17

/*
 * The digits of v, without final zeros, and the power of ten of the first:
 * "d.ddde-05" is taken apart.
 */
static size_t
shortest_digits(double v, char digits[DIGITS_MAX], int *power)
{
	char text[32];
	size_t n = 0;
	int want;

	for (want = DIGITS_MIN; want <= DIGITS_MAX; want++) {
		snprintf(text, sizeof(text), "%.*e", want - 1, v);
		if (strtod(text, NULL) == v)
			break;
	}
	*power = atoi(strchr(text, 'e') + 1);
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

/* v > 0 */
static size_t
put_double(char *dst, double v)
{
	char digits[DIGITS_MAX], *p = dst;
	size_t n, whole;
	int power;

	n = shortest_digits(v, digits, &power);
	if (power < 0) {
		*p++ = '0';
		*p++ = '.';
		for (int i = -1; i > power; i--)
			*p++ = '0';
		memcpy(p, digits, n);
		return (size_t)(p - dst) + n;
	}
	whole = (size_t)power + 1;
	for (size_t i = 0; i < n || i < whole; i++) {
		if (i == whole)
			*p++ = '.';
		*p++ = i < n ? digits[i] : '0';
	}
	return (size_t)(p - dst);
}

size_t
ratio_put(char *dst, decimal num, decimal den)
{
	bool negative = (num < 0) != (den < 0);
	size_t sign = 0;
	decimal whole;

	if (num == 0) {
		dst[0] = '0';
		return 1;
	}
	if (negative)
		dst[sign++] = '-';
	num = num < 0 ? -num : num;
	den = den < 0 ? -den : den;
	/* A whole number has nothing to round, if it is one of billionths. */
	if (num % den == 0 &&
	    !__builtin_mul_overflow(num / den, DECIMAL_SCALE, &whole))
		return sign + decimal_put(dst + sign, whole);
	if (num % DECIMAL_SCALE == 0 && den % DECIMAL_SCALE == 0) {
		num /= DECIMAL_SCALE;
		den /= DECIMAL_SCALE;
	}
	return sign + put_double(dst + sign, (double)num / (double)den);
}
