#include "config.h"

#include "partition/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "facts/catalog.h"

/* "ds=2026-11-21" of "ds=2026-11-21/part-...". */
static struct slice
directory(const char *path)
{
	return slice_of(path, (size_t)(strrchr(path, '/') - path));
}

static void
put_sources(struct out *o, const struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->nsources; i++) {
		if (i > 0)
			out_putc(o, ',');
		out_puts(o, m->sources[i].name);
	}
	for (i = 0; i < m->nreplays; i++) {
		out_puts(o, m->nsources + i > 0 ? "," : "");
		out_puts(o, "rejects of ");
		out_puts(o, m->replays[i].of.name);
	}
}

static void
put_part(struct out *o, const struct catalog_part *cp)
{
	const struct manifest *m = cp->manifest;
	const struct manifest_part *p = cp->part;

	out_put_u64(o, m->sequence);
	out_putc(o, '\t');
	out_put(o, m->batch, BATCH_SHORT);
	out_putc(o, '\t');
	out_put_u64(o, m->revision);
	out_putc(o, '\t');
	out_put_slice(o, directory(p->path));
	out_putc(o, '\t');
	out_put_u64(o, p->rows);
	out_putc(o, '\t');
	out_put_u64(o, p->bytes);
	out_putc(o, '\t');
	out_puts(o, p->path);
	out_putc(o, '\t');
	put_sources(o, m);
	out_putc(o, '\n');
}

int
list_parts(const struct table *t, struct out *o, bool header)
{
	struct catalog_part *parts;
	struct catalog c;
	size_t i, n;

	if (catalog_load(&c, t) == -1)
		return -1;
	if (header)
		out_puts(o, "sequence\tbatch\trevision\tpartition\trows\tbytes"
			    "\tpath\tsources\n");
	parts = catalog_parts(&c, &n);
	for (i = 0; i < n; i++)
		put_part(o, &parts[i]);
	free(parts);
	catalog_release(&c);
	return 0;
}

struct change {
	struct slice dir; /* borrowed from the catalog */
	uint64_t sequence;
};

struct changes {
	struct change *v;
	size_t n, cap;
};

static void
add_change(struct changes *ch, const char *path, uint64_t sequence)
{
	ch->v = xgrow(ch->v, &ch->cap, ch->n + 1, sizeof(*ch->v));
	ch->v[ch->n++] = (struct change){ directory(path), sequence };
}

static void
add_parts(struct changes *ch, const struct manifest *m, uint64_t sequence)
{
	size_t i;

	for (i = 0; i < m->nparts; i++)
		add_change(ch, m->parts[i].path, sequence);
}

/* What m put there, and what it took away. */
static void
add_manifest(
    struct changes *ch, const struct catalog *c, const struct manifest *m)
{
	size_t i, k;

	add_parts(ch, m, m->sequence);
	for (i = 0; i < m->removes.n; i++)
		add_change(ch, m->removes.v[i], m->sequence);
	for (i = 0; i < m->nreplaces; i++)
		for (k = 0; k < c->n; k++)
			if (c->v[k].sequence == m->replaces[i])
				add_parts(ch, &c->v[k], m->sequence);
}

static int
change_cmp(const void *pa, const void *pb)
{
	const struct change *a = pa, *b = pb;
	int r = slice_cmp(a->dir, b->dir);

	if (r != 0)
		return r;
	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

/* Each directory once, with its last change. */
static void
put_changes(struct out *o, const struct changes *ch)
{
	size_t i;

	for (i = 0; i < ch->n; i++) {
		if (i + 1 < ch->n && slice_eq(ch->v[i].dir, ch->v[i + 1].dir))
			continue;
		out_put_slice(o, ch->v[i].dir);
		out_putc(o, '\t');
		out_put_u64(o, ch->v[i].sequence);
		out_putc(o, '\n');
	}
}

int
list_dirty(const struct table *t, uint64_t since, struct out *o, bool header)
{
	struct changes ch = { 0 };
	struct catalog c;
	size_t i;

	if (catalog_load_history(&c, t) == -1)
		return -1;
	for (i = 0; i < c.n; i++)
		if (c.v[i].sequence > since)
			add_manifest(&ch, &c, &c.v[i]);
	if (ch.n > 0)
		qsort(ch.v, ch.n, sizeof(*ch.v), change_cmp);
	if (header)
		out_puts(o, "partition\tsequence\n");
	put_changes(o, &ch);
	free(ch.v);
	catalog_release(&c);
	return 0;
}
