/*
 * memory: a source over the fuzzer's bytes, for the harnesses of t/fuzz.
 *
 * It hands out at most step bytes a read, so that every boundary is met.
 * The caller keeps the bytes; source_close() frees the rest.
 */
#ifndef EV_T_FUZZ_MEMORY_H
#define EV_T_FUZZ_MEMORY_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/source.h"

struct memory {
	struct source base;
	const uint8_t *p;
	size_t n, step;
};

static inline ssize_t
memory_read(struct source *src, void *buf, size_t n)
{
	struct memory *m = (struct memory *)src;

	n = n < m->step ? n : m->step;
	n = n < m->n ? n : m->n;
	if (n > 0)
		memcpy(buf, m->p, n);
	m->p += n;
	m->n -= n;
	return (ssize_t)n;
}

static inline void
memory_close(struct source *src)
{
	free(src->name);
	free(src);
}

static inline struct source *
memory_source(const uint8_t *p, size_t n, size_t step)
{
	struct memory *m = xcalloc(1, sizeof(*m));

	m->base.read = memory_read;
	m->base.close = memory_close;
	m->base.name = xstrdup("memory");
	m->p = p;
	m->n = n;
	m->step = step > 0 ? step : 1;
	return &m->base;
}

#endif
