#include "config.h"

#include "base/reader.h"

#include <string.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "base/msg.h"
#include "base/utc.h"

/* The number of TABs in a record without ds. */
#define SHORT_TABS (EV_DS - 1)

/*
 * What one scan of a line found; an event_scan_fn goes on at pos, and is true
 * when it found the LF before n.  Positions are relative to the line's
 * start; tabs beyond EV_COLUMNS are counted and not kept.
 */
struct event_scan {
	size_t tab[EV_COLUMNS];
	unsigned ntabs;
	size_t pos; /* scanned so far; at the end, that of the LF */
	bool lf;    /* the line has its LF */
};

static inline void
note_tab(struct event_scan *sc, size_t at)
{
	if (sc->ntabs < EV_COLUMNS)
		sc->tab[sc->ntabs] = at;
	sc->ntabs++;
}

#ifdef __SSE2__
/* A bit for each TAB and each LF among 64 bytes at p. */
typedef void masks_fn(const char *p, uint64_t *tabs, uint64_t *lfs);

/*
 * Finds TABs and the LF in one pass over the bytes; loads may pass n by
 * less than INBUF_PAD.  masks is inlined.
 */
static inline __attribute__((__always_inline__)) bool
scan_with(struct event_scan *sc, const char *p, size_t n, masks_fn *masks)
{
	uint64_t tabs, lfs, here;
	size_t i;

	for (i = sc->pos; i < n; i += 64) {
		masks(p + i, &tabs, &lfs);
		if (n - i < 64) {
			here = (UINT64_C(1) << (n - i)) - 1;
			tabs &= here;
			lfs &= here;
		}
		if (lfs != 0)
			tabs &= (lfs & -lfs) - 1;
		for (; tabs != 0; tabs &= tabs - 1)
			note_tab(sc, i + (unsigned)__builtin_ctzll(tabs));
		if (lfs != 0) {
			sc->pos = i + (unsigned)__builtin_ctzll(lfs);
			return true;
		}
	}
	sc->pos = n;
	return false;
}

static inline void
masks_sse2(const char *p, uint64_t *tabs, uint64_t *lfs)
{
	const __m128i tab = _mm_set1_epi8('\t'), lf = _mm_set1_epi8('\n');
	unsigned i;
	__m128i v;

	*tabs = *lfs = 0;
	for (i = 0; i < 64; i += 16) {
		v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		*tabs |= (uint64_t)(unsigned)_mm_movemask_epi8(
			     _mm_cmpeq_epi8(v, tab))
			 << i;
		*lfs |=
		    (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, lf))
		    << i;
	}
}

static bool
scan_sse2(struct event_scan *sc, const char *p, size_t n)
{
	return scan_with(sc, p, n, masks_sse2);
}

#ifdef __x86_64__
#define AVX2 __attribute__((__target__("avx2,bmi")))

static inline AVX2 void
masks_avx2(const char *p, uint64_t *tabs, uint64_t *lfs)
{
	const __m256i tab = _mm256_set1_epi8('\t'), lf = _mm256_set1_epi8('\n');
	__m256i a, b;

	a = _mm256_loadu_si256((const __m256i *)(const void *)p);
	b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
	*tabs =
	    (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, tab)) |
	    (uint64_t)(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, tab))
		<< 32;
	*lfs =
	    (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, lf)) |
	    (uint64_t)(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, lf))
		<< 32;
}

static AVX2 bool
scan_avx2(struct event_scan *sc, const char *p, size_t n)
{
	return scan_with(sc, p, n, masks_avx2);
}
#endif

static event_scan_fn *
best_scan(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return scan_avx2;
#endif
	return scan_sse2;
}
#else
static bool
scan_plain(struct event_scan *sc, const char *p, size_t n)
{
	for (; sc->pos < n; sc->pos++) {
		if (p[sc->pos] == '\n')
			return true;
		if (p[sc->pos] == '\t')
			note_tab(sc, sc->pos);
	}
	return false;
}

static event_scan_fn *
best_scan(void)
{
	return scan_plain;
}
#endif

void
event_reader_init(struct event_reader *r)
{
	*r = (struct event_reader){ 0 };
	inbuf_init(&r->in, EVENT_MAX);
	r->scan = best_scan();
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

/* Reads until a whole line is in the buffer: 1, 0 at the end, -1. */
static int
next_line(struct event_reader *r, struct event_scan *sc, struct slice *line)
{
	struct inbuf *in = &r->in;
	size_t have;
	int n;

	sc->ntabs = 0;
	sc->pos = 0;
	for (;;) {
		have = in->end - in->start;
		if (r->scan(sc, in->buf + in->start, have)) {
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
set_columns(struct event_reader *r, const struct event_scan *sc,
    struct slice line, struct event *ev)
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
take_mark(
    struct event_reader *r, const struct event_scan *sc, struct slice line)
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
	struct event_scan sc;
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
