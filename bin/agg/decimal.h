/*
 * decimal: exact sums of decimal numbers, as 128-bit integers.
 *
 *	if (decimal_parse(text, &v) == 0 && decimal_add(&sum, v) == 0)
 *		...
 *	n = decimal_put(buf, sum);
 *
 * A number is counted in billionths (DECIMAL_SCALE): nine digits behind the
 * point are exact.  What is a number: an optional '-', 1 to 18 digits, and
 * optionally a point and 1 to 9 digits.  So 10^11 of the largest fit a sum;
 * one that does not is an error, never a wrong number.
 */
#ifndef EV_AGG_DECIMAL_H
#define EV_AGG_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* The two typedefs of the tree: C has no name for them otherwise. */
__extension__ typedef __int128 decimal;
__extension__ typedef unsigned __int128 udecimal;

#define DECIMAL_PLACES 9
#define DECIMAL_SCALE INT64_C(1000000000)
#define DECIMAL_DIGITS 18
/* A sign, 30 digits before the point and 9 behind it. */
#define DECIMAL_MAX 48

/* 0, or -1 when the whole slice is no number. */
int decimal_parse(struct slice s, decimal *v);
/* As decimal_parse, of any length that decimal_put() writes. */
int decimal_read(struct slice s, decimal *v);
/* 0, or -1 on overflow (*sum is as before). */
int decimal_add(decimal *sum, decimal v);
/* The one shortest form, without a NUL; the length. */
size_t decimal_put(char *dst, decimal v);

#endif
