#include "config.h"

#include "partition/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/utc.h"

/* Grows by doubling up to a piece: a day with one row needs no more. */
#define BUFFER_MIN ((size_t)4 << 10)
#define SLOTS_MIN 64
#define DS_LEN (sizeof("ds=") - 1)
/* Descriptors for the parts, less where the system allows fewer. */
#define OPEN_MAX_PARTS 512
#define OPEN_OTHERS 32

struct part {
	char *dir; /* ds=YYYY-MM-DD and perhaps more */
	size_t dir_len;
	char *buf;
	size_t len, cap;
	int fd;		 /* -1 when closed */
	unsigned number; /* its file's name in the stage */
	uint64_t used;	 /* when its last piece was written */
	bool finished;	 /* flushed, fsynced and closed */
	uint64_t rows;
	struct manifest_origins origins; /* of parts_put_of() */
	uint64_t bytes;			 /* of the file */
	uint64_t text_bytes;		 /* of the rows */
	struct digest *file;		 /* NULL where the file is the rows */
	struct digest *text;
};

static size_t
descriptors(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 ||
	    rl.rlim_cur <= OPEN_OTHERS + 1)
		return 1;
	if (rl.rlim_cur - OPEN_OTHERS > OPEN_MAX_PARTS)
		return OPEN_MAX_PARTS;
	return (size_t)rl.rlim_cur - OPEN_OTHERS;
}

void
parts_init(struct parts *ps, const struct stage *stage,
    const struct conf_partition *conf, enum codec codec,
    const struct event_reader *reader)
{
	*ps = (struct parts){ .stage = stage,
		.reader = reader,
		.piece = codec == CODEC_NONE ? PARTS_PIECE_PLAIN
					     : PARTS_PIECE_PACKED,
		.rows_per_part = conf->rows_per_part };
	place_init(&ps->place, conf);
	ps->nslots = SLOTS_MIN;
	ps->slots = xcalloc(ps->nslots, sizeof(*ps->slots));
	ps->max_open = descriptors();
	hash_key_random(&ps->key);
	out_init_memory(&ps->packed);
	if (codec != CODEC_NONE)
		ps->writer = codec_writer_new(codec, 0);
}

static void
part_free(struct part *p)
{
	if (p->fd != -1)
		close(p->fd);
	digest_free(p->text);
	digest_free(p->file);
	free(p->origins.v);
	free(p->buf);
	free(p->dir);
	free(p);
}

void
parts_release(struct parts *ps)
{
	size_t i;

	for (i = 0; i < ps->n; i++)
		part_free(ps->v[i]);
	free(ps->v);
	free(ps->slots);
	place_release(&ps->place);
	codec_writer_free(ps->writer);
	out_abandon(&ps->packed);
	*ps = (struct parts){ 0 };
}

static int __attribute__((__format__(__printf__, 2, 3)))
bad_row(const struct parts *ps, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_addvf(&sb, fmt, ap);
	va_end(ap);
	msg_error("%s:%" PRIu64 ": %s", ps->reader->in.src->name,
	    ps->reader->line, sb.buf);
	strbuf_release(&sb);
	return -1;
}

static int
fail(const struct parts *ps, const struct part *p, int errnum)
{
	msg_error("%s/%s/%s: %s: %s", ps->stage->table->root, TABLE_STAGES,
	    ps->stage->name, p->dir, msg_errno(errnum));
	return -1;
}

/* Files: opened when there is something to write. */

static int
close_part(struct parts *ps, struct part *p)
{
	int fd = p->fd;

	p->fd = -1;
	ps->open--;
	/* NFS and quotas report here what write(2) did not. */
	if (close(fd) == -1 && errno != EINTR)
		return fail(ps, p, errno);
	return 0;
}

/*
 * Closes the file that was written to longest ago.  It is fsynced at the
 * end through another descriptor, which reports a write-back that failed
 * meanwhile (Linux keeps such an error until somebody has seen it).
 */
static int
close_oldest(struct parts *ps)
{
	struct part *oldest = NULL;
	size_t i;

	for (i = 0; i < ps->n; i++)
		if (ps->v[i]->fd != -1 &&
		    (oldest == NULL || ps->v[i]->used < oldest->used))
			oldest = ps->v[i];
	return oldest != NULL ? close_part(ps, oldest) : 0;
}

static int
open_part(struct parts *ps, struct part *p)
{
	char name[NUMBER_MAX + 1];
	int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC;

	if (p->fd != -1)
		return 0;
	if (ps->open >= ps->max_open && close_oldest(ps) == -1)
		return -1;
	if (p->bytes == 0)
		flags |= O_CREAT | O_EXCL;
	snprintf(name, sizeof(name), "%u", p->number);
	p->fd = openat(ps->stage->fd, name, flags, 0666);
	if (p->fd == -1)
		return fail(ps, p, errno);
	ps->open++;
	return 0;
}

/* Pieces. */

static int
pack(struct parts *ps, const struct part *p, struct slice *piece)
{
	struct out *o = &ps->packed;

	o->len = 0;
	if (codec_writer_put(ps->writer, o, p->buf, p->len) == -1 ||
	    codec_writer_finish(ps->writer, o) == -1)
		return -1;
	*piece = slice_of(o->buf, o->len);
	return 0;
}

static int
write_piece(struct parts *ps, struct part *p)
{
	struct slice piece = slice_of(p->buf, p->len);

	if (p->len == 0)
		return 0;
	digest_add(p->text, p->buf, p->len);
	if (ps->writer != NULL) {
		if (pack(ps, p, &piece) == -1)
			return -1;
		digest_add(p->file, piece.p, piece.n);
	}
	if (open_part(ps, p) == -1)
		return -1;
	if (table_write(p->fd, piece.p, piece.n) == -1)
		return fail(ps, p, errno);
	p->used = ++ps->pieces;
	p->bytes += piece.n;
	p->text_bytes += p->len;
	p->len = 0;
	return 0;
}

static void
drop_buffer(struct parts *ps, struct part *p)
{
	ps->memory -= p->cap;
	free(p->buf);
	p->buf = NULL;
	p->cap = 0;
}

/* By rows; without any, by what an empty buffer gives back. */
static bool
fuller(const struct part *a, const struct part *b)
{
	return a->len != b->len ? a->len > b->len : a->cap > b->cap;
}

static int
write_fullest(struct parts *ps)
{
	struct part *fullest = ps->v[0];
	size_t i;

	for (i = 1; i < ps->n; i++)
		if (fuller(ps->v[i], fullest))
			fullest = ps->v[i];
	if (write_piece(ps, fullest) == -1)
		return -1;
	drop_buffer(ps, fullest);
	return 0;
}

/* Room for n more bytes of p, within the memory of all. */
static int
make_room(struct parts *ps, struct part *p, size_t n)
{
	size_t cap;

	if (p->len + n > ps->piece && write_piece(ps, p) == -1)
		return -1;
	/* A row longer than a piece has left a buffer as large. */
	if (p->cap > ps->piece)
		drop_buffer(ps, p);
	if (p->cap - p->len >= n)
		return 0;
	for (cap = p->cap != 0 ? p->cap : BUFFER_MIN; cap < p->len + n;)
		cap *= 2;
	while (ps->memory > 0 && ps->memory - p->cap + cap > PARTS_MEMORY) {
		if (write_fullest(ps) == -1)
			return -1;
		if (p->len == 0)
			for (cap = BUFFER_MIN; cap < n;)
				cap *= 2;
	}
	ps->memory += cap - p->cap;
	p->buf = xreallocarray(p->buf, cap, 1);
	p->cap = cap;
	return 0;
}

/* No more rows: the file is whole and on the disk. */
static int
finish_part(struct parts *ps, struct part *p)
{
	if (p->finished)
		return 0;
	if (write_piece(ps, p) == -1 || open_part(ps, p) == -1)
		return -1;
	drop_buffer(ps, p);
	if (fsync(p->fd) == -1 && errno != EINVAL)
		return fail(ps, p, errno);
	p->finished = true;
	return close_part(ps, p);
}

/* Finding the partition of a row. */

static size_t
slot_of(const struct parts *ps, struct slice dir)
{
	size_t i = (size_t)hash_slice(&ps->key, dir) & (ps->nslots - 1);
	const struct part *p;

	for (; ps->slots[i] != 0; i = (i + 1) & (ps->nslots - 1)) {
		p = ps->v[ps->slots[i] - 1];
		if (slice_eq(slice_of(p->dir, p->dir_len), dir))
			break;
	}
	return i;
}

static void
grow_slots(struct parts *ps)
{
	const struct part *p;
	size_t i;

	free(ps->slots);
	ps->nslots *= 2;
	ps->slots = xcalloc(ps->nslots, sizeof(*ps->slots));
	/* Of the parts of one partition the last one is written to. */
	for (i = 0; i < ps->n; i++) {
		p = ps->v[i];
		ps->slots[slot_of(ps, slice_of(p->dir, p->dir_len))] =
		    (uint32_t)i + 1;
	}
}

/* A day becomes a directory's name here, and nothing else does. */
static int
check_day(const struct parts *ps, struct slice ds)
{
	int64_t days;

	if (utc_parse_date(ds, &days) == -1)
		return bad_row(ps, "ds: '%.*s' is no day", (int)ds.n, ds.p);
	return 0;
}

static struct part *
too_many(const struct parts *ps)
{
	bad_row(ps, "ds: more than %d parts in one batch", PARTS_MAX);
	return NULL;
}

static struct part *
add_part(struct parts *ps, struct slice dir)
{
	struct part *p = xcalloc(1, sizeof(*p));

	p->dir = xmemdup(dir.p, dir.n);
	p->dir_len = dir.n;
	p->fd = -1;
	p->number = ps->first_number + (unsigned)ps->n;
	p->text = digest_new();
	if (ps->writer != NULL)
		p->file = digest_new();
	ps->v = xgrow(ps->v, &ps->cap, ps->n + 1, sizeof(*ps->v));
	ps->v[ps->n++] = p;
	ps->slots[slot_of(ps, dir)] = (uint32_t)ps->n;
	if (2 * ps->n > ps->nslots)
		grow_slots(ps);
	return p;
}

/* It has what a part should have, and gets no more. */
static bool
is_full(const struct parts *ps, const struct part *p)
{
	return ps->rows_per_part != 0 && p->rows >= ps->rows_per_part;
}

/* The day's own directory, without asking which one it is. */
static bool
is_last(const struct parts *ps, struct slice ds)
{
	return ps->last != NULL && ps->place.nby == 0 &&
	       memcmp(ps->last->dir + DS_LEN, ds.p, UTC_DATE_LEN) == 0 &&
	       !is_full(ps, ps->last);
}

static struct part *
find_part(struct parts *ps, const struct event *ev)
{
	struct slice ds = ev->col[EV_DS], dir;
	struct part *p = NULL;
	uint32_t index;

	if (is_last(ps, ds))
		return ps->last;
	/* Nothing but a day becomes the beginning of a path. */
	if (check_day(ps, ds) == -1)
		return NULL;
	dir = place_of(&ps->place, ev);
	index = ps->slots[slot_of(ps, dir)];
	if (index != 0)
		p = ps->v[index - 1];
	if (p != NULL && is_full(ps, p) && finish_part(ps, p) == -1)
		return NULL;
	if (p == NULL || is_full(ps, p)) {
		if (ps->n == PARTS_MAX)
			return too_many(ps);
		p = add_part(ps, dir);
	}
	ps->last = p;
	return p;
}

/*
 * A part's readers take ds from its directory, or, where they see the file
 * alone, from the timestamp: both must be the same.
 */
static int
check_row(const struct parts *ps, const struct event *ev)
{
	struct slice ds = ev->col[EV_DS], ts = ev->col[EV_EVENT_TIMESTAMP];

	if (ds.n != UTC_DATE_LEN || ts.n < UTC_DATE_LEN)
		return bad_row(ps, "ds: a row without a day");
	if (memcmp(ds.p, ts.p, UTC_DATE_LEN) != 0)
		return bad_row(ps,
		    "ds: %.*s is not the day of event_timestamp, %.*s",
		    (int)ds.n, ds.p, (int)UTC_DATE_LEN, ts.p);
	return 0;
}

int
parts_put(struct parts *ps, const struct event *ev)
{
	struct slice ds = ev->col[EV_DS], row = ev->text;
	struct part *p;

	/* A TAB stands before it. */
	if (event_has_ds(ev))
		row.n -= ds.n + 1;
	if (check_row(ps, ev) == -1)
		return -1;
	p = find_part(ps, ev);
	if (p == NULL)
		return -1;
	if (p->len + row.n + 1 > p->cap && make_room(ps, p, row.n + 1) == -1)
		return -1;
	memcpy(p->buf + p->len, row.p, row.n);
	p->buf[p->len + row.n] = '\n';
	p->len += row.n + 1;
	p->rows++;
	return 0;
}

int
parts_put_of(struct parts *ps, const struct event *ev, uint64_t sequence)
{
	if (parts_put(ps, ev) == -1)
		return -1;
	manifest_origins_add(&ps->last->origins, sequence);
	return 0;
}

/* The end. */

static void
describe_part(struct part *p, struct manifest_part *mp)
{
	mp->origins = p->origins;
	p->origins = (struct manifest_origins){ 0 };
	mp->dir = xmemdup(p->dir, p->dir_len);
	mp->number = p->number;
	mp->rows = p->rows;
	mp->bytes = p->bytes;
	mp->text_bytes = p->text_bytes;
	digest_hex(p->text, mp->text_hash);
	digest_hex(p->file != NULL ? p->file : p->text, mp->hash);
}

static int
dir_cmp(const void *pa, const void *pb)
{
	const struct manifest_part *a = pa, *b = pb;

	int r = strcmp(a->dir, b->dir);

	return r != 0 ? r : (a->number > b->number) - (a->number < b->number);
}

int
parts_finish(struct parts *ps, struct manifest *m)
{
	size_t i;

	m->parts =
	    xreallocarray(m->parts, m->nparts + ps->n + 1, sizeof(*m->parts));
	for (i = 0; i < ps->n; i++) {
		if (finish_part(ps, ps->v[i]) == -1)
			return -1;
		m->parts[m->nparts] = (struct manifest_part){ 0 };
		describe_part(ps->v[i], &m->parts[m->nparts++]);
	}
	qsort(m->parts, m->nparts, sizeof(*m->parts), dir_cmp);
	/* The parts of one partition, as they came. */
	for (i = 1; i < m->nparts; i++)
		if (strcmp(m->parts[i - 1].dir, m->parts[i].dir) == 0)
			m->parts[i].split = m->parts[i - 1].split + 1;
	return 0;
}
