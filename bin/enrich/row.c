#include "config.h"

#include "enrich/row.h"

#include <string.h>

#include "base/text.h"
#include "base/utc.h"
#include "enrich/address.h"
#include "enrich/derived.h"

/* A block of put(), one of put_short(), and from where on memcpy() is
 * faster. */
#define COPY ROW_COPY
#define COPY_SHORT 32
#define LONG 512

/* Of a longer row it is counted which values may grow. */
#define SHORT_ROW ((size_t)16 << 10)

/* 32 bytes, in one vector or two. */
typedef char block
    __attribute__((__vector_size__(32), __aligned__(1), __may_alias__));

static inline __attribute__((__always_inline__)) void
copy_block(char *p, const char *from)
{
	*(block *)(void *)p = *(const block *)(const void *)from;
}

/* The rest of a text that is longer than done, which is copied. */
static char *
put_rest(char *p, struct slice s, size_t done)
{
	if (s.n > LONG) {
		memcpy(p + done, s.p + done, s.n - done);
		return p + s.n;
	}
	for (; done < s.n; done += COPY_SHORT)
		memcpy(p + done, s.p + done, COPY_SHORT);
	return p + s.n;
}

/*
 * Copies whole blocks, past the end of both: what follows in the row is
 * written over it, and all that is read has room behind it.  Most texts are
 * of one block, so that no branch hangs on their length.
 */
static inline __attribute__((__always_inline__)) char *
put(char *p, struct slice s)
{
	copy_block(p, s.p);
	copy_block(p + 32, s.p + 32);
	copy_block(p + 64, s.p + 64);
	copy_block(p + 96, s.p + 96);
	if (s.n > COPY)
		return put_rest(p, s, COPY);
	return p + s.n;
}

/* A column. */
static inline __attribute__((__always_inline__)) char *
put_short(char *p, struct slice s)
{
	copy_block(p, s.p);
	if (s.n > COPY_SHORT)
		return put_rest(p, s, COPY_SHORT);
	return p + s.n;
}

static inline char *
put_span(char *p, const char *from, const char *end)
{
	return put(p, slice_of(from, (size_t)(end - from)));
}

/* The derived pairs of the referrer, some of them: a key of the input stands
 * between. */
static char *
put_some_source(char *p, const struct row *row, int from, int to)
{
	struct slice pair[DERIVED_COUNT - DERIVED_OF_AGENT];
	int i;

	pair[0] = referral_text(row->referral, REFERRAL_HOST);
	pair[1] = row->medium;
	pair[2] = row->source_name;
	for (i = from; i < to; i++)
		p = put(p, pair[i - DERIVED_OF_AGENT]);
	return p;
}

static inline __attribute__((__always_inline__)) char *
put_source(char *p, const struct row *row, int from, int to)
{
	if (to - from < DERIVED_COUNT - DERIVED_OF_AGENT)
		return put_some_source(p, row, from, to);
	p = put(p, row->source[0]);
	return row->source[1].n > 0 ? put(p, row->source[1]) : p;
}

/* What stays of a client address: NULL when nothing does. */
static struct slice
masked_address(const struct conf_anonymize *c, struct slice val, char *buf)
{
	struct address a;
	size_t n = 0;

	if (address_decode(&a, val) == 0)
		n = address_put_masked(
		    buf, &a, (unsigned)c->ipv4, (unsigned)c->ipv6);
	return n == 0 ? SLICE_NULL : slice_of(buf, n);
}

/*
 * The row so far, and what stays of the input and is not yet copied: from up
 * to end, which is written as sep.
 */
struct writer {
	char *p;
	const char *from; /* NULL: nothing */
	const char *end;
	char sep;
};

static inline void
put_kept(struct writer *w)
{
	if (w->from == NULL)
		return;
	w->p = put_span(w->p, w->from, w->end);
	*w->p++ = w->sep;
	w->from = NULL;
}

/* The pairs from first to last stay. */
static inline void
keep(struct writer *w, const struct shape_map *m, const struct shape_step *step)
{
	if (!step->joins)
		put_kept(w);
	if (w->from == NULL)
		w->from = m->base + m->at[step->first] + 1;
	w->end = m->base + m->at[step->last + 1];
	w->sep = '&';
}

static void
put_changed(struct writer *w, const struct row *row,
    const struct shape_step *step, struct slice val)
{
	const struct shape_map *m = &row->map;

	put_kept(w);
	w->p = put(w->p, slice_of(m->base + m->at[step->first] + 1,
			     row->shape->skip[step->first]));
	w->p = put(w->p, val);
	*w->p++ = '&';
}

/*
 * What becomes of a value with an address of the web: NULL, it stays; else what
 * it is to be, or, when it is too long to be looked at, nothing at all.
 */
static inline struct slice
scrub(struct referrer *rf, const struct row *row, const struct shape_step *step,
    bool *leaves)
{
	struct slice val = shape_value(row->shape, &row->map, step->first);

	*leaves = val.n > ROW_URL_MAX;
	if (*leaves)
		return SLICE_NULL;
	/* A broken map may have two of http_referer. */
	if (step->kind != SHAPE_REFERER || step->first != row->shape->referer)
		return referrer_scrub(rf, val, step->kind == SHAPE_ARGS);
	if (row->referral->changed)
		return referral_text(row->referral, REFERRAL_SCRUBBED);
	return SLICE_NULL;
}

static void
put_masked(const struct conf_anonymize *c, struct writer *w,
    const struct row *row, const struct shape_step *step)
{
	char buf[LONG + COPY]; /* more than put() can read */
	struct slice val = masked_address(
	    c, shape_value(row->shape, &row->map, step->first), buf);

	if (val.p == NULL)
		put_kept(w);
	else
		put_changed(w, row, step, val);
}

/* Every pair is written with an '&' behind. */
static void
put_map(const struct row_writer *rw, struct writer *w, const struct row *row)
{
	const struct shape_step *step = row->shape->steps;
	const struct shape_step *end = step + row->shape->nsteps;
	struct slice new;
	bool leaves;

	for (; step < end; step++) {
		switch ((enum shape_kind)step->kind) {
		case SHAPE_KEEP:
			keep(w, &row->map, step);
			break;
		case SHAPE_AGENT:
			put_kept(w);
			w->p = put(w->p,
			    agent_pairs(row->agent, step->from, step->to));
			break;
		case SHAPE_SOURCE:
			put_kept(w);
			w->p = put_source(w->p, row, step->from, step->to);
			break;
		case SHAPE_REFERER:
		case SHAPE_URL:
		case SHAPE_ARGS:
			new = scrub(rw->referrer, row, step, &leaves);
			if (leaves)
				put_kept(w);
			else if (new.p == NULL)
				keep(w, &row->map, step);
			else
				put_changed(w, row, step, new);
			break;
		case SHAPE_MASK:
			put_masked(rw->anonymize, w, row, step);
			break;
		}
	}
	put_kept(w);
}

/* Bytes of values that may be written anew: encoded, or "::a:a" as
 * "::0.10.0.10", each takes up to TEXT_GROWTH. */
static size_t
changing_bytes(const struct row *row)
{
	const struct shape *s = row->shape;
	size_t i, n = 0;

	for (i = 0; i < s->nsteps; i++)
		if (s->steps[i].kind >= SHAPE_MASK)
			n += shape_value(s, &row->map, s->steps[i].first).n;
	return n;
}

/* More than the row can take: what came in, values written anew, and what is
 * derived; and what whole blocks pass the end by. */
static inline size_t
row_bound(const struct row *row)
{
	const uint32_t *at = row->map.at + row->map.n;
	size_t n =
	    (size_t)(row->base + *at - event_row_text(row->base, row->ev));

	n += (n <= SHORT_ROW ? n : changing_bytes(row)) * (TEXT_GROWTH - 1);
	n += strlen("\t\t\n") + UTC_DATE_LEN + COPY;
	if (row->shape->enriched)
		return n;
	return n + sizeof(*row->client) + row->agent->at[DERIVED_OF_AGENT] +
	       agent_column(row->agent).n + row->source[0].n + row->source[1].n;
}

/* Does any value have to be written anew?  At least one may. */
static inline bool
changes(const struct row *row)
{
	const struct shape *s = row->shape;
	struct slice val;
	size_t i;

	if (!s->plain || row->referral->changed)
		return true;
	for (i = 0; i < s->nurls; i++) {
		val = shape_value(s, &row->map, s->urls[i]);
		if (val.n > ROW_URL_MAX || referrer_may_hold(val))
			return true;
	}
	return s->referer != SHAPE_NONE &&
	       shape_value(s, &row->map, s->referer).n > ROW_URL_MAX;
}

/* The columns before those that write_pieces() begins with. */
static inline __attribute__((__always_inline__)) char *
write_columns(char *p, const struct row *row)
{
	const struct client *c = row->client;

	p = put_short(p, event_row_column(row->base, row->ev, EV_USER_ID));
	*p++ = '\t';
	memcpy(p, c->id, CLIENT_COLUMN);
	p += c->id_n;
	p = put_short(p, row->host);
	*p++ = '\t';
	memcpy(p, c->country, sizeof(c->country));
	p += sizeof(c->country);
	return put_short(p, agent_column(row->agent));
}

/* ds and the LF, behind a map whose last '&' becomes the TAB. */
static inline __attribute__((__always_inline__)) char *
write_end(char *p, const struct row *row)
{
	p -= p[-1] == '&';
	*p++ = '\t';
	memcpy(p, event_row_ds(row->base, row->ev), UTC_DATE_LEN);
	p += UTC_DATE_LEN;
	*p++ = '\n';
	return p;
}

/* A row of which no value changes; where it ends. */
static inline __attribute__((__always_inline__)) char *
write_pieces(char *p, const struct row *row)
{
	const struct shape_piece *piece = row->shape->pieces;
	const struct shape_piece *end = piece + row->shape->npieces;
	const uint32_t *at = row->map.at;
	const char *from;

	if (!row->shape->enriched)
		p = write_columns(p, row);
	for (; piece < end; piece++) {
		from = row->base + (uint32_t)(at[piece->first] + 1);
		p = put(p, slice_of(from,
			       (size_t)(row->base + at[piece->end] - from)));
		*p++ = piece->sep;
		if (piece->agent_to > 0)
			p = put(p, agent_pairs(row->agent, piece->agent_from,
				       piece->agent_to));
		if (piece->source_to > 0)
			p = put_source(
			    p, row, piece->source_from, piece->source_to);
	}
	return write_end(p, row);
}

static char *
write_base(char *p, const struct row *row)
{
	return write_pieces(p, row);
}

#ifdef __x86_64__
static __attribute__((__target__("avx2"))) char *
write_avx2(char *p, const struct row *row)
{
	return write_pieces(p, row);
}
#endif

/* Vectors of 32 bytes halve what is left of most rows: copying. */
static row_write_fn *
best_write(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return write_avx2;
#endif
	return write_base;
}

/* Any row. */
static char *
write_steps(const struct row_writer *rw, char *p, const struct row *row)
{
	const struct event_row *ev = row->ev;
	struct writer w = { p, event_row_text(row->base, ev),
		row->base + ev->at[EV_EVENT_TIMESTAMP], '\t' };

	if (!row->shape->enriched) {
		w.p = write_columns(p, row);
		w.from = row->base + ev->at[EV_DIM_DEVICE_BRAND] + 1;
	}
	put_map(rw, &w, row);
	return write_end(w.p, row);
}

void
row_writer_init(struct row_writer *rw, const struct conf_anonymize *anonymize,
    struct referrer *referrer)
{
	*rw = (struct row_writer){ anonymize, referrer, best_write() };
}

void
row_write(const struct row_writer *rw, const struct row *row, struct out *o)
{
	char *p = out_reserve(o, row_bound(row)), *end;

	end = changes(row) ? write_steps(rw, p, row) : rw->pieces(p, row);
	out_advance(o, (size_t)(end - p));
}
