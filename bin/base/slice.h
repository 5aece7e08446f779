/*
 * slice: a pointer and a length into memory that somebody else owns.
 *
 * A slice is borrowed: who hands it out says until when it may be read
 * (for a reader, until its next read).  A slice whose p is NULL is the
 * value NULL; an empty string has a p that is not NULL and n == 0.
 */
#ifndef EV_BASE_SLICE_H
#define EV_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p; /* NULL: the value is NULL */
	size_t n;      /* bytes at p */
};

#define SLICE_NULL ((struct slice){ NULL, 0 })
#define SLICE_LIT(s) ((struct slice){ (s), sizeof(s) - 1 })

static inline struct slice
slice_of(const char *p, size_t n)
{
	return (struct slice){ p, n };
}

static inline struct slice
slice_str(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

/* NULL equals NULL only. */
static inline bool
slice_eq(struct slice a, struct slice b)
{
	if (a.n != b.n || (a.p == NULL) != (b.p == NULL))
		return false;
	return a.n == 0 || memcmp(a.p, b.p, a.n) == 0;
}

static inline bool
slice_is(struct slice a, const char *s)
{
	return a.p != NULL && strlen(s) == a.n && memcmp(a.p, s, a.n) == 0;
}

static inline bool
slice_starts(struct slice a, struct slice prefix)
{
	return a.n >= prefix.n && memcmp(a.p, prefix.p, prefix.n) == 0;
}

/* Bytewise, as memcmp and LC_ALL=C sort do; a prefix comes first. */
static inline int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (r != 0)
		return r;
	return (a.n > b.n) - (a.n < b.n);
}

/* slice_cmp() for qsort(3) and bsearch(3) over an array of slices. */
static inline int
slice_order(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

#endif
