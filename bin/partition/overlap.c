#include "config.h"

#include "partition/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* The coarse chunks of all sources of a stream, by their hashes. */
struct coarse {
	uint64_t hash;
	size_t source;
};

struct index {
	const struct manifest *m;
	struct coarse *v;
	size_t n;
	bool *hit; /* for each source: it shares a coarse chunk */
};

static int
u64_cmp(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return (a > b) - (a < b);
}

static int
coarse_cmp(const void *pa, const void *pb)
{
	const struct coarse *a = pa, *b = pb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->source > b->source) - (a->source < b->source);
}

static void
index_init(struct index *ix, const struct manifest *m)
{
	const struct manifest_chunks *c;
	size_t i, k;

	*ix = (struct index){ .m = m };
	for (i = 0; i < m->nsources; i++)
		ix->n += m->sources[i].chunks[CHUNKS_COARSE].n;
	ix->v = xcalloc(ix->n, sizeof(*ix->v));
	ix->hit = xcalloc(m->nsources, sizeof(*ix->hit));
	ix->n = 0;
	for (i = 0; i < m->nsources; i++) {
		c = &m->sources[i].chunks[CHUNKS_COARSE];
		for (k = 0; k < c->n; k++)
			ix->v[ix->n++] = (struct coarse){ c->v[k], i };
	}
	if (ix->n > 0)
		qsort(ix->v, ix->n, sizeof(*ix->v), coarse_cmp);
}

static void
index_release(struct index *ix)
{
	free(ix->v);
	free(ix->hit);
}

/* The first entry with that hash or a greater one. */
static size_t
lower_bound(const struct index *ix, uint64_t hash)
{
	size_t low = 0, high = ix->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (ix->v[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Which of the sources share a coarse chunk with s? */
static void
index_hits(struct index *ix, const struct manifest_source *s)
{
	const struct manifest_chunks *c = &s->chunks[CHUNKS_COARSE];
	size_t i, k;

	memset(ix->hit, 0, ix->m->nsources * sizeof(*ix->hit));
	for (i = 0; i < c->n && ix->n > 0; i++)
		for (k = lower_bound(ix, c->v[i]);
		     k < ix->n && ix->v[k].hash == c->v[i]; k++)
			ix->hit[ix->v[k].source] = true;
}

static uint64_t *
sorted(const struct manifest_chunks *c)
{
	uint64_t *v = xcalloc(c->n, sizeof(*v));

	memcpy(v, c->v, c->n * sizeof(*v));
	qsort(v, c->n, sizeof(*v), u64_cmp);
	return v;
}

/* Does the one with fewer chunks share half of them, or more? */
static bool
share_half(const struct manifest_chunks *a, const struct manifest_chunks *b)
{
	uint64_t *x, *y;
	size_t i = 0, k = 0, shared = 0;

	if (a->n == 0 || b->n == 0)
		return false;
	x = sorted(a);
	y = sorted(b);
	while (i < a->n && k < b->n) {
		shared += x[i] == y[k];
		if (x[i] < y[k])
			i++;
		else if (x[i] > y[k])
			k++;
		else
			i++, k++;
	}
	free(x);
	free(y);
	return 2 * shared >= (a->n < b->n ? a->n : b->n);
}

static bool
begins_alike(const struct manifest_source *a, const struct manifest_source *b)
{
	const struct manifest_chunks *x = &a->chunks[CHUNKS_LINES];
	const struct manifest_chunks *y = &b->chunks[CHUNKS_LINES];

	return a->from == b->from && x->n > 0 && y->n > 0 && x->v[0] == y->v[0];
}

static enum overlap_kind
compare(const struct manifest_source *stored,
    const struct manifest_source *given, bool coarse)
{
	if (stored->from == stored->to || given->from == given->to)
		return OVERLAP_NONE;
	if (stored->length == given->length &&
	    strcmp(stored->hash, given->hash) == 0)
		return stored->from < given->to && given->from < stored->to
			   ? OVERLAP_RANGE
			   : OVERLAP_NONE;
	if (!coarse &&
	    !share_half(
		&stored->chunks[CHUNKS_FINE], &given->chunks[CHUNKS_FINE]) &&
	    !share_half(
		&stored->chunks[CHUNKS_LINES], &given->chunks[CHUNKS_LINES]))
		return OVERLAP_NONE;
	if (given->length > stored->length && begins_alike(stored, given))
		return OVERLAP_GROWN;
	return OVERLAP_CHUNKS;
}

/* Of the stored source with those of the stream from the first one on. */
static bool
find(struct index *ix, const struct manifest_source *stored, size_t first,
    struct overlap *ov)
{
	const struct manifest *m = ix->m;
	size_t i;

	index_hits(ix, stored);
	for (i = first; i < m->nsources; i++) {
		ov->kind = compare(stored, &m->sources[i], ix->hit[i]);
		ov->stored = stored;
		ov->given = &m->sources[i];
		if (ov->kind != OVERLAP_NONE)
			return true;
	}
	return false;
}

bool
overlap_within(const struct manifest *m, struct overlap *ov)
{
	struct index ix;
	bool found = false;
	size_t i;

	*ov = (struct overlap){ 0 };
	index_init(&ix, m);
	for (i = 0; i < m->nsources && !found; i++)
		found = find(&ix, &m->sources[i], i + 1, ov);
	index_release(&ix);
	return found;
}

bool
overlap_stored(const struct catalog *c, const struct manifest *m,
    const bool *skip, struct overlap *ov)
{
	struct index ix;
	bool found = false;
	size_t i, k;

	*ov = (struct overlap){ 0 };
	index_init(&ix, m);
	for (i = 0; i < c->n && !found; i++) {
		if (skip[i])
			continue;
		ov->manifest = &c->v[i];
		for (k = 0; k < c->v[i].nsources && !found; k++)
			found = find(&ix, &c->v[i].sources[k], 0, ov);
	}
	index_release(&ix);
	return found;
}

static bool
has_range(const struct manifest *m, const struct manifest_source *s)
{
	const struct manifest_source *own;
	size_t i;

	for (i = 0; i < m->nsources; i++) {
		own = &m->sources[i];
		if (own->length == s->length &&
		    strcmp(own->hash, s->hash) == 0 && own->from <= s->from &&
		    own->to >= s->to)
			return true;
	}
	return false;
}

bool
overlap_covers(const struct manifest *m, const struct manifest *old)
{
	size_t i;

	for (i = 0; i < old->nsources; i++)
		if (!has_range(m, &old->sources[i]))
			return false;
	return true;
}

/* The source of m that ends where another one begins, and begins before it. */
static const struct manifest_source *
step_before(const struct manifest *m, uint64_t from)
{
	size_t i;

	for (i = 0; i < m->nsources; i++)
		if (m->sources[i].to == from && m->sources[i].length == from &&
		    m->sources[i].from < from)
			return &m->sources[i];
	return NULL;
}

bool
overlap_has(const struct manifest *m, const struct manifest_source *s)
{
	const struct manifest_source *own;
	uint64_t from;
	size_t i;

	for (i = 0; i < m->nsources; i++) {
		own = &m->sources[i];
		if (own->length != s->length ||
		    strcmp(own->hash, s->hash) != 0 || own->to < s->to)
			continue;
		from = own->from;
		while (from > s->from && (own = step_before(m, from)) != NULL)
			from = own->from;
		if (from <= s->from)
			return true;
	}
	return false;
}
