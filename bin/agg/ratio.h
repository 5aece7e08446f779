/*
 * ratio: a quotient as the shortest decimal that reads back as the same
 * double, without an exponent, so that awk, sort -n and SQL read it.
 *
 * The double is that of the numerator over that of the denominator, each
 * rounded once; where both are whole numbers, of those.
 */
#ifndef EV_AGG_RATIO_H
#define EV_AGG_RATIO_H

#include <stddef.h>

#include "agg/decimal.h"

/* "-0.", the zeros of 1 over the largest sum, and 17 digits; or 39 digits. */
#define RATIO_MAX 96

/* den is not 0; the length, without a NUL. */
size_t ratio_put(char *dst, decimal num, decimal den);

#endif
