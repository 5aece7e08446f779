/*
 * places: where the TABs, the LFs and the '&' of a text stand.
 *
 *	places_fn *find = places_best();        once
 *	n = find(p, len, at, kind);             at[0..n), ascending, from p on
 *
 * kind has the bytes that stand there.  That is all there is to know to split
 * records into columns and their maps into pairs, in one pass over the bytes.
 * The bytes from p to p + len + PLACES_PAD may be read, and at and kind have
 * room for len + PLACES_PAD.
 *
 * The plain form is the reference; the others are for SSE2 and for AVX2, and
 * give the same answer (t/base.c compares them).
 */
#ifndef EV_BASE_PLACES_H
#define EV_BASE_PLACES_H

#include <stddef.h>
#include <stdint.h>

#define PLACES_PAD 64

typedef size_t places_fn(const char *p, size_t len, uint32_t *at, char *kind);

struct places_kind {
	const char *name;
	places_fn *find;
};

/* As built, from the reference up; the last may be more than this machine
 * has.  The list ends with a name of NULL. */
extern const struct places_kind places_all[];
/* The fastest that this machine has. */
places_fn *places_best(void);

#endif
