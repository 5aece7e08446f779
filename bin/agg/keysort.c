#include "config.h"

#include "agg/keysort.h"

#include <stdlib.h>

/* So few items are put in order one by one. */
#define FEW 12
#define BYTES sizeof(uint64_t)

/* The bytes of the key from depth on as a number that orders as they do. */
static inline uint64_t
bytes_at(const char *p, size_t depth)
{
	struct slice key = keysort_key(p);
	uint64_t v = 0;

	if (key.n >= depth + BYTES) {
		memcpy(&v, key.p + depth, BYTES);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		v = __builtin_bswap64(v);
#endif
		return v;
	}
	for (size_t i = 0; i < BYTES; i++)
		v = v << 8 |
		    (depth + i < key.n ? (unsigned char)key.p[depth + i] : 0);
	return v;
}

static int
compare(const void *a, const void *b)
{
	const struct keysort_item *x = a, *y = b;

	return slice_cmp(keysort_key(x->p), keysort_key(y->p));
}

/* The same of keys that are equal before depth and have their bytes. */
static int
compare_from(
    const struct keysort_item *a, const struct keysort_item *b, size_t depth)
{
	struct slice x, y;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? -1 : 1;
	x = keysort_key(a->p);
	y = keysort_key(b->p);
	return slice_cmp(slice_of(x.p + depth, x.n - depth),
	    slice_of(y.p + depth, y.n - depth));
}

static void
sort_few(struct keysort_item *v, size_t n, size_t depth)
{
	struct keysort_item item;
	size_t at;

	for (size_t i = 1; i < n; i++) {
		item = v[i];
		for (at = i; at > 0; at--) {
			if (compare_from(&v[at - 1], &item, depth) <= 0)
				break;
			v[at] = v[at - 1];
		}
		v[at] = item;
	}
}

static uint64_t
middle(uint64_t a, uint64_t b, uint64_t c)
{
	if (a < b)
		return b < c ? b : a < c ? c : a;
	return a < c ? a : b < c ? c : b;
}

/* v becomes less than, equal to and greater than the pivot's bytes. */
static void
split(struct keysort_item *v, size_t n, size_t *less, size_t *greater)
{
	uint64_t pivot =
	    middle(v[n / 4].bytes, v[n / 2].bytes, v[n - 1 - n / 4].bytes);
	struct keysort_item item;
	size_t low = 0, at = 0, high = n;

	while (at < high) {
		item = v[at];
		if (item.bytes < pivot) {
			v[at++] = v[low];
			v[low++] = item;
		} else if (item.bytes > pivot) {
			v[at] = v[--high];
			v[high] = item;
		} else {
			at++;
		}
	}
	*less = low;
	*greater = high;
}

/*
 * v's keys are equal before depth, and their bytes are those from there on.
 * tries: how often it may still split into unequal parts.
 */
static void
sort(struct keysort_item *v, size_t n, size_t depth, unsigned tries)
{
	size_t less, greater;

	while (n > FEW) {
		if (tries == 0) {
			qsort(v, n, sizeof(*v), compare);
			return;
		}
		split(v, n, &less, &greater);
		sort(v, less, depth, tries - 1);
		sort(v + greater, n - greater, depth, tries - 1);
		v += less;
		n = greater - less;
		/* Some have ended, or go on with NULs: that is not told here.
		 */
		if ((v->bytes & 0xff) == 0) {
			if (n > 1)
				qsort(v, n, sizeof(*v), compare);
			return;
		}
		depth += BYTES;
		for (size_t i = 0; i < n; i++)
			v[i].bytes = bytes_at(v[i].p, depth);
	}
	sort_few(v, n, depth);
}

void
keysort(struct keysort_item *v, size_t n)
{
	unsigned tries = 8;

	for (size_t i = n; i > 1; i /= 2)
		tries += 2;
	for (size_t i = 0; i < n; i++)
		v[i].bytes = bytes_at(v[i].p, 0);
	sort(v, n, 0, tries);
}
