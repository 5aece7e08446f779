/*
 * number: integers to and from text, strictly.
 *
 * Parsing takes the whole slice, digits only (and one '-' where signed),
 * no white space, no leading '+', and checks the range: 0 or -1.
 * Formatting writes no NUL and returns the length; the longest is
 * NUMBER_MAX bytes.
 */
#ifndef EV_BASE_NUMBER_H
#define EV_BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define NUMBER_MAX 20

int number_u64(struct slice s, uint64_t *out);
int number_i64(struct slice s, int64_t *out);
size_t number_put_u64(char *dst, uint64_t v);
size_t number_put_i64(char *dst, int64_t v);
/* "64K", "256M", "1G", powers of 1024, or plain bytes. */
int number_size(struct slice s, uint64_t *out);
/* 16 lower-case hex digits. */
void number_put_hex64(char *dst, uint64_t v);
/* And back: the 16 digits at src, 0 or -1. */
int number_hex64(const char *src, uint64_t *out);

#endif
