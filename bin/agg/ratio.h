/*
 * ratio: a quotient as the shortest decimal that reads back as the same
 * double, without an exponent, so that awk, sort -n and SQL read it.
 */
#ifndef EV_AGG_RATIO_H
#define EV_AGG_RATIO_H

#include <stddef.h>
#include <stdint.h>

/* "0.", the zeros and 17 digits of 1 / 2^64 are 39 bytes. */
#define RATIO_MAX 48

/* den is not 0; the length, without a NUL. */
size_t ratio_put(char *dst, uint64_t num, uint64_t den);

#endif
