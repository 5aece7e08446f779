#include "config.h"

#include "base/reader.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/alloc.h"
#include "base/msg.h"
#include "base/utc.h"

/*
 * What is looked over at once: its bytes and their places stay in the
 * first-level cache.
 */
#define BLOCK ((size_t)16 << 10)

/* Places of an odd line, at first. */
#define ODD 256

void
event_reader_init(struct event_reader *r)
{
	*r = (struct event_reader){ 0 };
	inbuf_init(&r->in, EVENT_MAX);
	r->places = places_best();
	r->at = xmalloc((1 + BLOCK + PLACES_PAD) * sizeof(*r->at));
	r->at[0] = UINT32_MAX;
	r->kind = xcalloc(1 + BLOCK + PLACES_PAD, 1);
	r->odd = xgrow(NULL, &r->cap_odd, ODD, sizeof(*r->odd));
	r->odd[0] = UINT32_MAX;
	r->marks = MARKS_INIT;
}

void
event_reader_attach(struct event_reader *r, struct source *src)
{
	inbuf_attach(&r->in, src);
	marks_release(&r->marks);
	r->line = 0;
	r->saw_begin = false;
	r->next = r->n = 1;
}

void
event_reader_release(struct event_reader *r)
{
	inbuf_release(&r->in);
	marks_release(&r->marks);
	free(r->at);
	free(r->kind);
	free(r->odd);
}

static int
fail(const struct event_reader *r, const char *why)
{
	msg_error(
	    "%s:%llu: %s", r->in.src->name, (unsigned long long)r->line, why);
	return -1;
}

/* Reads until a whole line is in the buffer: 1, 0 at the end, -1. */
static int
next_line(struct event_reader *r, struct slice *line, bool *lf)
{
	struct inbuf *in = &r->in;
	size_t have, seen = 0;
	const char *end;
	int n;

	for (;;) {
		have = in->end - in->start;
		end = have == seen ? NULL
				   : memchr(in->buf + in->start + seen, '\n',
					 have - seen);
		*lf = end != NULL;
		if (end != NULL) {
			have = (size_t)(end - (in->buf + in->start));
			break;
		}
		seen = have;
		n = inbuf_fill(in);
		if (n == 1)
			continue;
		r->line += n != -1;
		if (n == -2)
			return fail(r, "the record is longer than 16 MiB");
		if (n == -1)
			return -1;
		if (have == 0)
			return 0;
		break;
	}
	*line = slice_of(in->buf + in->start, have);
	in->start += have + *lf;
	r->line += *lf;
	return 1;
}

static inline struct slice
column(const char *p, const char *end)
{
	size_t n = (size_t)(end - p);

	if (n == 2 && p[0] == EV_NULL[0] && p[1] == EV_NULL[1])
		return SLICE_NULL;
	return slice_of(p, n);
}

/* YYYY-MM-DD by shape: the writer made it of a number. */
static inline bool
begins_like_date(const char *p)
{
	return p[4] == '-' && p[7] == '-';
}

/* YYYY-MM-DD HH:MM:SS or with .mmm, by shape. */
static inline bool
looks_like_timestamp(const char *p, size_t n)
{
	return (n == UTC_TIMESTAMP_LEN ||
		   (n == UTC_TIMESTAMP_LEN + UTC_MS_LEN &&
		       p[UTC_TIMESTAMP_LEN] == '.')) &&
	       begins_like_date(p) && p[10] == ' ' && p[13] == ':' &&
	       p[16] == ':';
}

/* NULL, or why it is no record. */
static inline const char *
check(const char *base, const struct event_row *row)
{
	const uint32_t *at = row->at + EV_EVENT_TIMESTAMP;
	const uint32_t *end = row->at + EV_MAP_TABS + row->amps + row->has_ds;

	if (base[*end - 1] == '\r')
		return "the line ends in CR LF";
	if (!looks_like_timestamp(base + at[-1] + 1, at[0] - at[-1] - 1))
		return "event_timestamp is no timestamp";
	if (row->has_ds && (end[0] - end[-1] - 1 != UTC_DATE_LEN ||
			       !begins_like_date(base + end[-1] + 1)))
		return "ds is no date";
	return NULL;
}

static inline void
take_apart(const char *base, const struct event_row *row, struct event *ev)
{
	const uint32_t *at = row->at;
	const char *p = event_row_text(base, row), *end;
	unsigned i;

	ev->text.p = p;
	for (i = 0; i < EV_MAP_TABS; i++, p = end + 1) {
		end = base + *at++;
		ev->col[i] = column(p, end);
	}
	at += row->amps;
	end = base + *at++;
	ev->col[i] = column(p, end);
	if (row->has_ds) {
		p = end + 1;
		end = base + *at;
		ev->col[EV_DS] = slice_of(p, UTC_DATE_LEN);
	} else {
		ev->col[EV_DS] =
		    slice_of(ev->col[EV_EVENT_TIMESTAMP].p, UTC_DATE_LEN);
	}
	ev->text.n = (size_t)(end - ev->text.p);
}

/*
 * An end mark without its LF may have lost its tail, a source for one, and
 * would still have the right rows: it does not count, the stream is cut.
 */
static int
take_mark(struct event_reader *r, struct slice line, bool lf)
{
	const char *why;

	if (!lf && line.p[1] == 'e')
		return 0;
	if (marks_add_line(&r->marks, line, &why) == -1)
		return fail(r, why);
	r->saw_begin = r->saw_begin || line.p[1] == 'b';
	return 0;
}

/* user_id holds numbers: a line that begins with its name is a header. */
static bool
is_header(struct slice line)
{
	return line.p[0] == 'u' && slice_starts(line, SLICE_LIT("user_id\t"));
}

static inline void
add_odd(struct event_reader *r, size_t i, size_t place)
{
	if (i == r->cap_odd)
		r->odd =
		    xgrow(r->odd, &r->cap_odd, r->cap_odd * 2, sizeof(*r->odd));
	r->odd[i] = (uint32_t)place;
}

/*
 * Finds the places of any line.  0, or -1: it has not the columns of a record.
 */
static int
find_places(struct event_reader *r, struct slice line, struct event_row *row)
{
	const char *p = line.p, *end = p + line.n, *hit;
	size_t n = 1, i;

	row->amps = 0;
	while (n <= EV_MAP_TABS) {
		hit = memchr(p, '\t', (size_t)(end - p));
		if (hit == NULL)
			return -1;
		add_odd(r, n++, (size_t)(hit - line.p));
		p = hit + 1;
	}
	hit = memchr(p, '\t', (size_t)(end - p));
	row->has_ds = hit != NULL;
	if (hit != NULL) {
		if (memchr(hit + 1, '\t', (size_t)(end - hit - 1)) != NULL)
			return -1;
		end = hit;
	}
	while (row->amps < EVENT_AMPS_MAX &&
	       (hit = memchr(p, '&', (size_t)(end - p))) != NULL) {
		add_odd(r, n++, (size_t)(hit - line.p));
		row->amps++;
		p = hit + 1;
	}
	add_odd(r, n++, (size_t)(end - line.p));
	for (i = 0; i <= EVENT_PLACES_PAD; i++)
		add_odd(r, n++, line.n);
	row->at = r->odd + 1;
	return 0;
}

/* Any line.  1, or -1. */
static int
split(struct event_reader *r, struct slice line, struct event_batch *b)
{
	struct event_row *row = &b->row[0];
	const char *why;

	if (find_places(r, line, row) == -1)
		return fail(r, memchr(line.p, '\t', line.n) == NULL
				   ? "not a record: no TAB in it; "
				     "ev-parse makes records of a log"
				   : "not a record: 9 columns, or 8 without "
				     "ds, are expected");
	b->base = line.p;
	why = check(line.p, row);
	if (why != NULL)
		return fail(r, why);
	r->marks.rows_read++;
	return 1;
}

/* 1: a record; 0: the line was none; -1. */
static int
take_line(
    struct event_reader *r, struct slice line, bool lf, struct event_batch *b)
{
	if (line.n > 0 && line.p[0] == '#' && mark_is(line))
		return take_mark(r, line, lf);
	if (line.n > 0 && is_header(line))
		return 0;
	return split(r, line, b);
}

/* Looks over the next block; false when no line in it is whole. */
static bool
look_ahead(struct event_reader *r)
{
	const char *p = r->in.buf + r->in.start;
	size_t n = r->in.end - r->in.start;

	if (n > BLOCK)
		n = BLOCK;
	n = r->places(p, n, r->at + 1, r->kind + 1);
	memset(r->at + 1 + n, 0, EVENT_PLACES_PAD * sizeof(*r->at));
	while (n > 0 && r->kind[n] != '\n')
		n--;
	r->block = r->in.start;
	r->next = 1;
	r->n = n + 1;
	return n > 0;
}

/* The line is consumed, and so are its places, of which last is the LF's. */
static inline void
took(struct event_reader *r, const uint32_t *last)
{
	r->next = (size_t)(last + 1 - r->at);
	r->in.start = r->block + *last + 1;
	r->line++;
}

/* A bit for each of the first 32 that is c. */
#ifdef __SSE2__
static inline uint32_t
kinds(const char *kind, char c)
{
	const __m128i want = _mm_set1_epi8(c);
	const __m128i *p = (const __m128i *)(const void *)kind;
	__m128i a = _mm_cmpeq_epi8(_mm_loadu_si128(p), want);
	__m128i b = _mm_cmpeq_epi8(_mm_loadu_si128(p + 1), want);

	return (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b)
						    << 16;
}
#else
static inline uint32_t
kinds(const char *kind, char c)
{
	uint32_t bits = 0;
	unsigned i;

	for (i = 0; i < 32; i++)
		bits |= (uint32_t)(kind[i] == c) << i;
	return bits;
}
#endif

/*
 * Takes the next line of the block if it is a good record whose columns before
 * the map have no '&'.  No line is looked at beyond its LF, which is the last
 * place of all.
 */
static inline bool
take_plain(struct event_reader *r, struct event_row *row)
{
	const char *base = r->in.buf + r->block;
	const char *line = r->in.buf + r->in.start;
	const char *kind = r->kind + r->next;
	size_t end = EV_MAP_TABS;
	uint32_t other;

	if ((~kinds(kind, '\t') & ((1U << EV_MAP_TABS) - 1)) != 0 ||
	    *line == '#' || *line == 'u')
		return false;
	/* Without a loop, as no two records have as many pairs. */
	other = ~kinds(kind, '&') >> EV_MAP_TABS;
	if (other != 0)
		end += (unsigned)__builtin_ctz(other);
	else
		while (kind[end] == '&')
			end++;
	row->at = r->at + r->next;
	row->amps = end - EV_MAP_TABS;
	row->has_ds = kind[end] == '\t';
	end += row->has_ds;
	if (kind[end] != '\n' || check(base, row) != NULL)
		return false;
	took(r, row->at + end);
	r->marks.rows_read++;
	return true;
}

/* The next line of the block.  1: a record; 0: the line was none; -1. */
static inline int
take_next(struct event_reader *r, struct event_batch *b)
{
	const char *base = r->in.buf + r->block;
	const char *line = r->in.buf + r->in.start;
	const uint32_t *at = r->at + r->next;

	b->base = base;
	if (take_plain(r, &b->row[0]))
		return 1;
	while (base[*at] != '\n')
		at++;
	took(r, at);
	return take_line(
	    r, slice_of(line, (size_t)(base + *at - line)), true, b);
}

/* Reads into b->row[0]. */
static inline int
read_one(struct event_reader *r, struct event_batch *b)
{
	struct slice line;
	bool lf;
	int n;

	do {
		if (r->next < r->n || look_ahead(r)) {
			n = take_next(r, b);
			continue;
		}
		n = next_line(r, &line, &lf);
		if (n <= 0)
			return n;
		n = take_line(r, line, lf, b);
	} while (n == 0);
	return n;
}

int
event_reader_next(struct event_reader *r, struct event *ev)
{
	struct event_batch b;
	int n = read_one(r, &b);

	if (n == 1)
		take_apart(b.base, &b.row[0], ev);
	return n;
}

int
event_reader_batch(struct event_reader *r, struct event_batch *b)
{
	int n = read_one(r, b);

	/* The places of an odd line count from elsewhere. */
	if (n == 1 && b->row[0].at != r->odd + 1)
		while (n < EVENT_ROWS && r->next < r->n &&
		       take_plain(r, &b->row[n]))
			n++;
	b->n = n;
	return n;
}

int
event_reader_one(struct event_reader *r, struct event_batch *b)
{
	return b->n = read_one(r, b);
}

bool
event_reader_is_ahead(struct event_reader *r)
{
	bool was = r->in.ahead != NULL;

	if (!inbuf_is_ahead(&r->in))
		return false;
	/* What was looked over is not in the buffer any more. */
	if (!was)
		r->next = r->n = 1;
	return true;
}

void
event_reader_took(struct event_reader *r, size_t bytes, uint64_t lines)
{
	r->in.start += bytes;
	r->line += lines;
	r->marks.rows_read += lines;
	r->next = r->n = 1;
}

void
event_reader_text(struct event_reader *r, struct slice lines)
{
	inbuf_over(&r->in, lines);
	r->next = r->n = 1;
}

int
event_reader_plain(struct event_reader *r, struct event_batch *b)
{
	int n = 0;

	if (r->next < r->n || look_ahead(r)) {
		b->base = r->in.buf + r->block;
		while (n < EVENT_ROWS && r->next < r->n &&
		       take_plain(r, &b->row[n]))
			n++;
	}
	b->n = n;
	return n;
}

void
event_batch_get(const struct event_batch *b, int i, struct event *ev)
{
	take_apart(b->base, &b->row[i], ev);
}
