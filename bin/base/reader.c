#include "config.h"

#include "base/reader.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/msg.h"
#include "base/utc.h"

/* The number of TABs in a record without ds. */
#define SHORT_TABS (EV_DS - 1)

void
event_reader_init(struct event_reader *r)
{
	*r = (struct event_reader){ 0 };
	inbuf_init(&r->in, EVENT_MAX);
	r->marks = MARKS_INIT;
}

void
event_reader_attach(struct event_reader *r, struct source *src)
{
	inbuf_attach(&r->in, src);
	marks_release(&r->marks);
	r->line = 0;
	r->saw_begin = false;
}

void
event_reader_release(struct event_reader *r)
{
	inbuf_release(&r->in);
	marks_release(&r->marks);
}

static int
fail(const struct event_reader *r, const char *why)
{
	msg_error(
	    "%s:%llu: %s", r->in.src->name, (unsigned long long)r->line, why);
	return -1;
}

/*
 * What one scan of a line found.  Positions are relative to the line's
 * start; tabs beyond EV_COLUMNS are counted and not kept.
 */
struct scan {
	size_t tab[EV_COLUMNS];
	unsigned ntabs;
	size_t pos; /* scanned so far; at the end, that of the LF */
	bool lf;    /* the line has its LF */
};

static inline void
note_tab(struct scan *sc, size_t at)
{
	if (sc->ntabs < EV_COLUMNS)
		sc->tab[sc->ntabs] = at;
	sc->ntabs++;
}

#ifdef __SSE2__
/*
 * Finds TABs and the LF in one pass over the bytes; loads may pass n by
 * less than INBUF_PAD.  True when the LF was found before n.
 */
static bool
scan_line(struct scan *sc, const char *p, size_t n)
{
	const __m128i tab = _mm_set1_epi8('\t'), lf = _mm_set1_epi8('\n');
	unsigned tabs, lfs, at;
	__m128i v;
	size_t i;

	for (i = sc->pos; i < n; i += 16) {
		v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		tabs = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, tab));
		lfs = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, lf));
		if (n - i < 16) {
			tabs &= (1u << (n - i)) - 1;
			lfs &= (1u << (n - i)) - 1;
		}
		if (lfs != 0)
			tabs &= (lfs & -lfs) - 1;
		while (tabs != 0) {
			at = (unsigned)__builtin_ctz(tabs);
			note_tab(sc, i + at);
			tabs &= tabs - 1;
		}
		if (lfs != 0) {
			sc->pos = i + (unsigned)__builtin_ctz(lfs);
			return true;
		}
	}
	sc->pos = n;
	return false;
}
#else
static bool
scan_line(struct scan *sc, const char *p, size_t n)
{
	for (; sc->pos < n; sc->pos++) {
		if (p[sc->pos] == '\n')
			return true;
		if (p[sc->pos] == '\t')
			note_tab(sc, sc->pos);
	}
	return false;
}
#endif

/* Reads until a whole line is in the buffer: 1, 0 at the end, -1. */
static int
next_line(struct event_reader *r, struct scan *sc, struct slice *line)
{
	struct inbuf *in = &r->in;
	size_t have;
	int n;

	sc->ntabs = 0;
	sc->pos = 0;
	for (;;) {
		have = in->end - in->start;
		if (scan_line(sc, in->buf + in->start, have)) {
			*line = slice_of(in->buf + in->start, sc->pos);
			sc->lf = true;
			in->start += sc->pos + 1;
			r->line++;
			return 1;
		}
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
		*line = slice_of(in->buf + in->start, have);
		sc->lf = false;
		in->start = in->end;
		return 1;
	}
}

static bool
is_null(const char *p, size_t n)
{
	return n == 2 && p[0] == '\\' && p[1] == 'N';
}

static inline struct slice
column(const char *p, size_t n)
{
	return is_null(p, n) ? SLICE_NULL : slice_of(p, n);
}

/* YYYY-MM-DD by shape: the writer made it of a number. */
static bool
begins_like_date(struct slice s)
{
	return s.p != NULL && s.n >= UTC_DATE_LEN && s.p[4] == '-' &&
	       s.p[7] == '-';
}

/* YYYY-MM-DD HH:MM:SS or with .mmm, by shape. */
static bool
looks_like_timestamp(struct slice s)
{
	return begins_like_date(s) &&
	       (s.n == UTC_TIMESTAMP_LEN ||
		   (s.n == UTC_TIMESTAMP_LEN + UTC_MS_LEN &&
		       s.p[UTC_TIMESTAMP_LEN] == '.')) &&
	       s.p[10] == ' ' && s.p[13] == ':' && s.p[16] == ':';
}

static int
set_columns(struct event_reader *r, const struct scan *sc, struct slice line,
    struct event *ev)
{
	size_t from = 0;
	unsigned i;
	struct slice ts;

	if (sc->ntabs != EV_COLUMNS - 1 && sc->ntabs != SHORT_TABS)
		return fail(r, "not a record: 9 columns, or 8 without ds, "
			       "are expected");
	if (line.p[line.n - 1] == '\r')
		return fail(r, "the line ends in CR LF");
	for (i = 0; i < sc->ntabs; i++) {
		ev->col[i] = column(line.p + from, sc->tab[i] - from);
		from = sc->tab[i] + 1;
	}
	ev->col[i] = column(line.p + from, line.n - from);
	ts = ev->col[EV_EVENT_TIMESTAMP];
	if (!looks_like_timestamp(ts))
		return fail(r, "event_timestamp is no timestamp");
	if (sc->ntabs == SHORT_TABS)
		ev->col[EV_DS] = slice_of(ts.p, UTC_DATE_LEN);
	else if (!begins_like_date(ev->col[EV_DS]) ||
		 ev->col[EV_DS].n != UTC_DATE_LEN)
		return fail(r, "ds is no date");
	ev->text = line;
	return 1;
}

/*
 * An end mark without its LF may have lost its tail, a source for one, and
 * would still have the right rows: it does not count, the stream is cut.
 */
static int
take_mark(struct event_reader *r, const struct scan *sc, struct slice line)
{
	const char *why;

	if (!sc->lf && line.p[1] == 'e')
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

int
event_reader_next(struct event_reader *r, struct event *ev)
{
	struct scan sc;
	struct slice line;
	int n;

	while ((n = next_line(r, &sc, &line)) == 1) {
		if (line.n > 0 && line.p[0] == '#' && mark_is(line)) {
			if (take_mark(r, &sc, line) == -1)
				return -1;
			continue;
		}
		if (line.n > 0 && is_header(line))
			continue;
		n = set_columns(r, &sc, line, ev);
		if (n == 1)
			r->marks.rows_read++;
		return n;
	}
	return n;
}
