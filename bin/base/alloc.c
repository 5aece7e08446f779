#include "config.h"

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/msg.h"

/* A large page of x86-64 and of arm64. */
#define LARGE_PAGE ((size_t)2 << 20)

static void __attribute__((__noreturn__)) exhausted(size_t n, size_t size)
{
	msg_die(EV_EXIT_FAIL, "out of memory: %zu items of %zu bytes", n, size);
}

void *
xmalloc(size_t n)
{
	void *p = malloc(n != 0 ? n : 1);

	if (p == NULL)
		exhausted(1, n);
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n != 0 ? n : 1, size != 0 ? size : 1);

	if (p == NULL)
		exhausted(n, size);
	return p;
}

void *
xreallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes))
		exhausted(n, size);
	p = realloc(old, bytes != 0 ? bytes : 1);
	if (p == NULL)
		exhausted(n, size);
	return p;
}

char *
xstrdup(const char *s)
{
	return xmemdup(s, strlen(s));
}

char *
xmemdup(const char *s, size_t n)
{
	char *p;

	if (n == SIZE_MAX)
		exhausted(1, n);
	p = xmalloc(n + 1);
	if (n > 0)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

void *
xgrow(void *p, size_t *cap, size_t want, size_t size)
{
	size_t n = *cap;

	if (want <= n && p != NULL)
		return p;
	if (n < 8)
		n = 8;
	while (n < want) {
		if (n > SIZE_MAX / 2)
			exhausted(want, size);
		n *= 2;
	}
	p = xreallocarray(p, n, size);
	*cap = n;
	return p;
}

/* calloc(3) takes so much from the system, zeroed, and touches none of it. */
static char *
aligned(size_t n, size_t to, void **block)
{
	size_t skip;
	char *p;

	if (n > SIZE_MAX - 2 * to)
		exhausted(1, n);
	*block = p = xcalloc(n + to, 1);
	skip = to - (uintptr_t)p % to;
	return p + skip % to;
}

void *
xlines(size_t n, void **block)
{
	return aligned(n, CACHE_LINE, block);
}

void *
xlarge(size_t n, void **block)
{
	char *p = aligned(n, LARGE_PAGE, block);

#ifdef MADV_HUGEPAGE
	/* The last page is ours in part only, unless it is all of it. */
	(void)madvise(p, n - n % LARGE_PAGE, MADV_HUGEPAGE);
#endif
	return p;
}
