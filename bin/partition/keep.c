#include "config.h"

#include "partition/keep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "base/reader.h"
#include "base/strbuf.h"
#include "facts/catalog.h"
#include "partition/columns.h"
#include "partition/joined.h"
#include "partition/parts.h"
#include "partition/publish.h"

/* The parts of a day, oldest manifest first. */
struct day {
	const struct table *t;
	const char *day;
	struct catalog catalog;
	struct catalog_part *parts;
	size_t n;
	uint64_t rows;
};

static int
by_sequence(const void *pa, const void *pb)
{
	const struct catalog_part *a = pa, *b = pb;

	if (a->manifest->sequence != b->manifest->sequence)
		return a->manifest->sequence < b->manifest->sequence ? -1 : 1;
	return strcmp(a->part->path, b->part->path);
}

static bool
is_of_day(const char *path, const char *day)
{
	size_t n = strlen(day);

	return strncmp(path, "ds=", 3) == 0 && strncmp(path + 3, day, n) == 0 &&
	       path[3 + n] == '/';
}

static int
day_load(struct day *d, const struct table *t, const char *day)
{
	size_t i, n;

	*d = (struct day){ .t = t, .day = day };
	if (catalog_load(&d->catalog, t) == -1)
		return -1;
	d->parts = catalog_parts(&d->catalog, &n);
	for (i = 0; i < n; i++)
		if (is_of_day(d->parts[i].part->path, day)) {
			d->rows += d->parts[i].part->rows;
			d->parts[d->n++] = d->parts[i];
		}
	if (d->n > 0)
		qsort(d->parts, d->n, sizeof(*d->parts), by_sequence);
	return 0;
}

static void
day_release(struct day *d)
{
	free(d->parts);
	catalog_release(&d->catalog);
}

/* m removes the day's parts, and is known by what they were. */
static void
take_over(const struct day *d, struct manifest *m, const char *kind)
{
	struct strbuf sb = STRBUF_INIT;
	size_t i;

	strbuf_addf(&sb, "%s\n", kind);
	for (i = 0; i < d->n; i++) {
		manifest_texts_add(
		    &m->removes, slice_str(d->parts[i].part->path));
		strbuf_addf(&sb, "%s\t%s\n", d->parts[i].part->path,
		    d->parts[i].part->hash);
	}
	digest_of(strbuf_slice(&sb), m->batch);
	strbuf_release(&sb);
	m->sequence = d->catalog.last + 1;
}

static int
copy_day(const struct day *d, struct stage *s,
    const struct conf_partition *conf, enum codec codec, struct manifest *m)
{
	struct event_reader reader;
	struct parts ps;
	uint64_t rows = 0;
	size_t i;
	int r = 0;

	event_reader_init(&reader);
	parts_init(&ps, s, conf, codec, &reader);
	for (i = 0; i < d->n && r == 0; i++)
		r = joined_copy(&ps, &reader, d->t, &d->parts[i], NULL);
	if (r == 0)
		r = parts_finish(&ps, m);
	for (i = 0; i < m->nparts; i++)
		rows += m->parts[i].rows;
	if (r == 0 && rows != d->rows) {
		msg_error("%s: ds=%s: %" PRIu64 " rows of %" PRIu64
			  " came back",
		    d->t->root, d->day, rows, d->rows);
		r = -1;
	}
	parts_release(&ps);
	event_reader_release(&reader);
	return r;
}

static int
compact(const struct day *d, struct stage *s, const struct conf_partition *conf,
    enum codec codec, const char *suffix)
{
	struct manifest m = MANIFEST_INIT;
	int r;

	m.identity = MANIFEST_PARTS;
	r = columns_put(d->t, s, conf);
	if (r == 0)
		r = copy_day(d, s, conf, codec, &m);
	if (r == 0) {
		take_over(d, &m, "parts");
		r = publish_commit(d->t, s, &m, suffix);
	} else {
		stage_drop(s);
	}
	if (r == 0)
		msg_info("%s: ds=%s: %zu parts with %" PRIu64
			 " rows are %zu now, as manifest %" PRIu64,
		    d->t->root, d->day, d->n, d->rows, m.nparts, m.sequence);
	manifest_release(&m);
	return r;
}

static bool
has_suffix(const char *path, const char *suffix)
{
	size_t n = strlen(path), k = strlen(suffix);

	return n >= k && strcmp(path + n - k, suffix) == 0;
}

static bool
one_directory(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)(strrchr(a, '/') - a) + 1) == 0;
}

/* One manifest's parts, or one part for each directory: as it should be. */
static bool
is_compact(const struct day *d, const char *suffix)
{
	bool one = true;
	size_t i, k;

	for (i = 0; i < d->n; i++) {
		if (!has_suffix(d->parts[i].part->path, suffix))
			return false;
		one = one && d->parts[i].manifest == d->parts[0].manifest;
	}
	for (i = 0; i < d->n && !one; i++)
		for (k = i + 1; k < d->n; k++)
			if (one_directory(
				d->parts[i].part->path, d->parts[k].part->path))
				return false;
	return true;
}

int
keep_compact(const struct table *t, struct stage *s, const char *day,
    const struct conf_partition *conf, enum codec codec, const char *suffix)
{
	struct day d;
	int r;

	if (day_load(&d, t, day) == -1) {
		stage_drop(s);
		return -1;
	}
	if (is_compact(&d, suffix)) {
		msg_info(
		    "%s: ds=%s: %zu parts: nothing to do", t->root, day, d.n);
		r = stage_drop(s);
	} else {
		r = compact(&d, s, conf, codec, suffix);
	}
	day_release(&d);
	return r;
}

int
keep_drop(const struct table *t, struct stage *s, const char *day)
{
	struct manifest m = MANIFEST_INIT;
	struct day d;
	int r;

	if (day_load(&d, t, day) == -1) {
		stage_drop(s);
		return -1;
	}
	if (d.n == 0) {
		msg_info("%s: ds=%s: no parts: nothing to do", t->root, day);
		r = stage_drop(s);
	} else {
		m.identity = MANIFEST_DROP;
		take_over(&d, &m, "drop");
		r = publish_commit(t, s, &m, "");
	}
	if (r == 0 && d.n > 0)
		msg_info("%s: ds=%s: %zu parts with %" PRIu64
			 " rows dropped, as manifest %" PRIu64,
		    t->root, day, d.n, d.rows, m.sequence);
	manifest_release(&m);
	day_release(&d);
	return r;
}
