/*
 * alloc: memory or death.
 *
 * These never return NULL: on exhaustion, or when the size overflows, the
 * program says so and exits 1.  Not for the record loop: what a record
 * needs is reserved before the loop or grows with a strbuf.
 */
#ifndef EV_BASE_ALLOC_H
#define EV_BASE_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t n) __attribute__((__malloc__, __returns_nonnull__));
void *xcalloc(size_t n, size_t size)
    __attribute__((__malloc__, __returns_nonnull__));
void *xreallocarray(void *p, size_t n, size_t size)
    __attribute__((__returns_nonnull__));
char *xstrdup(const char *s) __attribute__((__malloc__, __returns_nonnull__));
/* Copies n bytes and adds a NUL. */
char *xmemdup(const char *p, size_t n)
    __attribute__((__malloc__, __returns_nonnull__));
/* The array at *p holds *cap elements of size; after, at least want. */
void *xgrow(void *p, size_t *cap, size_t want, size_t size)
    __attribute__((__returns_nonnull__));

/* A line of the processor's cache. */
#define CACHE_LINE ((size_t)64)
/* n zeroed bytes that begin with one; *block is what to free(). */
void *xlines(size_t n, void **block) __attribute__((__returns_nonnull__));
/*
 * n zeroed bytes, some MiB, that are read at random: with large pages where the
 * system has them for who asks, since a page that is not at hand costs more
 * than the bytes in it.  Begins with a cache line; *block is what to free().
 */
void *xlarge(size_t n, void **block) __attribute__((__returns_nonnull__));

#endif
