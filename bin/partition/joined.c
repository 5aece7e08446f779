#include "config.h"

#include "partition/joined.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/msg.h"
#include "partition/verify.h"

/* Whose rows come next, as the part is read. */
struct walk {
	const struct catalog_part *from;
	size_t run;
	uint64_t left; /* of the run */
};

static uint64_t
next_origin(struct walk *w)
{
	const struct manifest_origins *o = &w->from->part->origins;

	if (o->n == 0)
		return w->from->manifest->sequence;
	while (w->left == 0 && w->run < o->n)
		w->left = o->v[w->run++].rows;
	w->left--;
	return o->v[w->run - 1].sequence;
}

/* The dead have no rows, whoever replaced them. */
static bool
is_replaced(const struct manifest *m, uint64_t sequence)
{
	size_t i;

	for (i = 0; i < m->nreplaces; i++)
		if (m->replaces[i] == sequence)
			return true;
	return false;
}

static int
copy_rows(struct parts *ps, struct event_reader *reader,
    const struct catalog_part *from, const struct manifest *m)
{
	struct walk w = { .from = from };
	uint64_t rows = 0, sequence;
	struct event ev;
	int n;

	while ((n = event_reader_next(reader, &ev)) == 1) {
		/* Verified a moment ago, but by another open(2). */
		if (rows++ == from->part->rows)
			break;
		sequence = next_origin(&w);
		if ((m == NULL || !is_replaced(m, sequence)) &&
		    parts_put_of(ps, &ev, sequence) == -1)
			return -1;
	}
	if (n == 0 && rows == from->part->rows)
		return 0;
	if (n != -1)
		msg_error("%s: not the %" PRIu64 " rows of its manifest",
		    from->part->path, from->part->rows);
	return -1;
}

int
joined_copy(struct parts *ps, struct event_reader *reader,
    const struct table *t, const struct catalog_part *from,
    const struct manifest *m)
{
	const char *path = from->part->path;
	struct source *src;
	int fd, r;

	if (verify_part(t, from->part) == -1)
		return -1;
	fd = table_open_file(t, path);
	if (fd == -1)
		return table_fail(t, path, errno);
	src = codec_wrap(source_fd(fd, path));
	if (src == NULL)
		return -1;
	event_reader_attach(reader, src);
	r = copy_rows(ps, reader, from, m);
	source_close(src);
	return r;
}

/* Must it be made anew?  The own parts of what is replaced just go. */
static bool
is_concerned(const struct manifest *m, const struct catalog_part *cp)
{
	const struct manifest_origins *o = &cp->part->origins;
	size_t i;

	if (o->n > 0 && is_replaced(m, cp->manifest->sequence))
		return true;
	for (i = 0; i < o->n; i++)
		if (is_replaced(m, o->v[i].sequence))
			return true;
	return false;
}

static unsigned
next_number(const struct manifest *m)
{
	unsigned number = 0;
	size_t i;

	for (i = 0; i < m->nparts; i++)
		if (m->parts[i].number >= number)
			number = m->parts[i].number + 1;
	return number;
}

int
joined_part(const struct table *t, const struct stage *s,
    const struct catalog *c, const struct conf_partition *conf,
    enum codec codec, struct manifest *m)
{
	struct event_reader reader;
	struct catalog_part *all;
	struct parts ps;
	size_t i, n;
	int r = 0;

	event_reader_init(&reader);
	parts_init(&ps, s, conf, codec, &reader);
	ps.first_number = next_number(m);
	all = catalog_parts(c, &n);
	for (i = 0; i < n && r == 0; i++) {
		if (!is_concerned(m, &all[i]))
			continue;
		r = joined_copy(&ps, &reader, t, &all[i], m);
		manifest_texts_add(&m->removes, slice_str(all[i].part->path));
	}
	if (r == 0)
		r = parts_finish(&ps, m);
	free(all);
	parts_release(&ps);
	event_reader_release(&reader);
	return r;
}

static bool
has_origin(const struct manifest_part *p, uint64_t sequence)
{
	size_t i;

	for (i = 0; i < p->origins.n; i++)
		if (p->origins.v[i].sequence == sequence)
			return true;
	return false;
}

bool
joined_has(const struct catalog *c, uint64_t sequence, struct slice day)
{
	struct catalog_part *all;
	bool found = false;
	size_t i, n;

	all = catalog_parts(c, &n);
	for (i = 0; i < n && !found; i++)
		found = slice_starts(slice_str(all[i].part->path), day) &&
			has_origin(all[i].part, sequence);
	free(all);
	return found;
}
