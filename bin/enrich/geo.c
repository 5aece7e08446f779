#include "config.h"

#include "enrich/geo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/number.h"
#include "base/text.h"

/* Answers by the places of their entries: 2 MiB. */
#define MEMO_BITS 11

/* What is read at once, and about what is written.  A longer line passes as
 * it is: so long a map is nobody's visit. */
#define CHUNK ((size_t)1 << 20)

const char *const geo_names[GEO_KINDS] = {
	[GEO_ASN] = "autonomous_system_number",
	[GEO_ORGANIZATION] = "autonomous_system_organization",
	[GEO_CITY] = "city",
	[GEO_SUBDIVISION] = "subdivision",
};

#define PATHS 3

/* Where the values are, first that of MaxMind's and DB-IP's databases; traits
 * are those of Enterprise, flat ones those of ip-location-db. */
static const char *const paths[GEO_KINDS][PATHS][5] = {
	[GEO_ASN] = { { "autonomous_system_number" },
	    { "traits", "autonomous_system_number" } },
	[GEO_ORGANIZATION] = { { "autonomous_system_organization" },
	    { "traits", "autonomous_system_organization" } },
	[GEO_CITY] = { { "city", "names", "en" }, { "city" } },
	[GEO_SUBDIVISION] = { { "subdivisions", "0", "iso_code" },
	    { "subdivisions", "0", "names", "en" }, { "state1" } },
};

/* Longer ones are cut: no name of a place or a company has as much. */
#define TEXT_MAX 255

/* An answer: finished pairs, "city=London", or empty. */
struct pairs {
	uint16_t n[GEO_KINDS];
	char text[GEO_KINDS][TEXT_MAX + 1];
};

struct geo_memo {
	uint64_t key;
	struct {
		uint32_t place[2]; /* of entries, plus 1; 0: none */
		struct pairs pairs;
	} slot[1U << MEMO_BITS];
};

static bool
note_wanted(struct geo *g, const struct conf_country *c)
{
	size_t i;

	for (i = 0; i < c->add.n; i++)
		if (strcmp(c->add.v[i].s, "city") == 0)
			g->wanted[GEO_CITY] = true;
		else if (strcmp(c->add.v[i].s, "subdivision") == 0)
			g->wanted[GEO_SUBDIVISION] = true;
		else
			g->wanted[GEO_ASN] = g->wanted[GEO_ORGANIZATION] = true;
	return c->add.n > 0;
}

void
geo_init(struct geo *g, const struct conf_enrich *conf,
    const struct mmdb *country, struct mmdb *asn)
{
	struct hash_key key;

	*g = (struct geo){ .place = country, .asn = asn };
	if ((!note_wanted(g, &conf->country) || country == NULL) && asn == NULL)
		return;
	if (asn != NULL)
		g->wanted[GEO_ASN] = g->wanted[GEO_ORGANIZATION] = true;
	hash_key_random(&key);
	g->memo = xcalloc(1, sizeof(*g->memo));
	g->memo->key = key.k[0] | 1;
}

void
geo_close(struct geo *g)
{
	mmdb_close(g->asn);
	free(g->memo);
}

int
geo_kind_of(struct slice name)
{
	int k;

	for (k = 0; k < GEO_KINDS; k++)
		if (slice_is(name, geo_names[k]))
			return k;
	return -1;
}

/* Whole characters of it that have room. */
static struct slice
cut(struct slice s, size_t room)
{
	size_t n = 0, len;

	if (s.n <= room)
		return s;
	while (n < room) {
		len = text_utf8_len((const unsigned char *)s.p + n, s.n - n);
		if (n + (len == 0 ? 1 : len) > room)
			break;
		n += len == 0 ? 1 : len;
	}
	return slice_of(s.p, n);
}

/* "city=London", encoded; nothing when it is no text and no number. */
static void
put_pair(struct pairs *pairs, int kind, const struct mmdb_value *v)
{
	char encoded[TEXT_MAX * TEXT_GROWTH + 16], number[NUMBER_MAX];
	size_t head = strlen(geo_names[kind]) + 1, n;
	struct slice s = v->text;

	if (v->type == MMDB_UINT32 || v->type == MMDB_UINT16)
		s = slice_of(number, number_put_u64(number, v->number));
	else if (v->type != MMDB_STRING || s.n == 0)
		return;
	s = cut(s, TEXT_MAX - head);
	n = text_encode(encoded, s.p, s.n, TEXT_MAP);
	while (n > TEXT_MAX - head) { /* what has to be encoded is longer */
		s = cut(s, s.n - 1);
		n = text_encode(encoded, s.p, s.n, TEXT_MAP);
	}
	memcpy(pairs->text[kind], geo_names[kind], head - 1);
	pairs->text[kind][head - 1] = '=';
	memcpy(pairs->text[kind] + head, encoded, n);
	pairs->n[kind] = (uint16_t)(head + n);
}

static void
read_entries(const struct geo *g, const uint32_t at[2], struct pairs *pairs)
{
	const struct mmdb *m;
	struct mmdb_value v;
	unsigned i;
	bool own;
	int k;

	for (k = 0; k < GEO_KINDS; k++) {
		own = k <= GEO_ORGANIZATION && g->asn != NULL;
		m = own ? g->asn : g->place;
		pairs->n[k] = 0;
		if (!g->wanted[k] || m == NULL)
			continue;
		for (i = 0;
		     i < PATHS && paths[k][i][0] != NULL && pairs->n[k] == 0;
		     i++)
			if (mmdb_get(m, at[own], paths[k][i], &v))
				put_pair(pairs, k, &v);
	}
}

/* Borrowed until the next one. */
static const struct pairs *
find(struct geo *g, const struct address *a)
{
	uint32_t at[2] = { MMDB_NONE, MMDB_NONE };
	struct geo_memo *memo = g->memo;
	size_t i;

	if (!address_is_special(a)) {
		if (g->place != NULL)
			at[0] = mmdb_find(g->place, a);
		if (g->asn != NULL)
			at[1] = mmdb_find(g->asn, a);
	}
	i = (((uint64_t)at[0] << 32 | at[1]) + 1) * memo->key >>
	    (64 - MEMO_BITS);
	if (memo->slot[i].place[0] != at[0] + 1 ||
	    memo->slot[i].place[1] != at[1] + 1) {
		memo->slot[i].place[0] = at[0] + 1;
		memo->slot[i].place[1] = at[1] + 1;
		read_entries(g, at, &memo->slot[i].pairs);
	}
	return &memo->slot[i].pairs;
}

/* A source of rows with more properties than its inner one. */
struct geo_stream {
	struct source base;
	struct source *inner;
	struct geo *geo;
	char *in; /* CHUNK bytes, and what address_parse() reads behind */
	size_t in_n;
	bool in_long; /* the rest of a line that passes */
	bool more;    /* whole lines are left in it */
	struct strbuf out;
	size_t out_at; /* so much of it is read */
};

/* The map, with its pairs between its own. */
static void
put_map(struct strbuf *sb, struct slice map, const struct pairs *pairs)
{
	struct map_pair pair;
	const char *sep = "";
	int k = 0;

	for (;;) {
		bool more = map_next(&map, &pair);

		for (; k < GEO_KINDS &&
		       (!more ||
			   slice_cmp(slice_str(geo_names[k]), pair.key) <= 0);
		     k++) {
			if (pairs->n[k] == 0)
				continue;
			strbuf_adds(sb, sep);
			strbuf_add(sb, pairs->text[k], pairs->n[k]);
			sep = "&";
		}
		if (!more)
			return;
		if (geo_kind_of(pair.key) != -1)
			continue;
		strbuf_adds(sb, sep);
		strbuf_add_slice(sb, pair.key);
		if (pair.val.p != NULL) {
			strbuf_addch(sb, '=');
			strbuf_add_slice(sb, pair.val);
		}
		sep = "&";
	}
}

/* The column's place in the row; false: it has none of that number. */
static bool
find_column(struct slice row, int column, struct slice *s)
{
	const char *tab;

	while (column-- > 0) {
		tab = memchr(row.p, '\t', row.n);
		if (tab == NULL)
			return false;
		row.n -= (size_t)(tab + 1 - row.p);
		row.p = tab + 1;
	}
	tab = memchr(row.p, '\t', row.n);
	*s = slice_of(row.p, tab == NULL ? row.n : (size_t)(tab - row.p));
	return true;
}

/* A row without its line feed, or a mark, a header, or no row at all. */
static void
put_row(struct geo_stream *st, struct slice row)
{
	struct slice id, map, val;
	const char *rest;
	struct address a;

	if (row.n == 0 || row.p[0] == '#' ||
	    !find_column(row, EV_LOGGED_OUT_USER_ID, &id) ||
	    !slice_is(id, EV_NULL) ||
	    !find_column(row, EV_OTHER_PROPERTIES, &map) ||
	    !map_get(map, SLICE_LIT("remote_addr"), &val) ||
	    val.n >= ADDRESS_TEXT || address_parse(&a, val) == -1) {
		strbuf_add_slice(&st->out, row);
		return;
	}
	strbuf_add(&st->out, row.p, (size_t)(map.p - row.p));
	put_map(&st->out, map, find(st->geo, &a));
	rest = map.p + map.n;
	strbuf_add(&st->out, rest, (size_t)(row.p + row.n - rest));
}

/* A line, or the rest of one, without its line feed. */
static void
put_line(struct geo_stream *st, const char *p, const char *end)
{
	if (st->in_long)
		strbuf_add(&st->out, p, (size_t)(end - p));
	else
		put_row(st, slice_of(p, (size_t)(end - p)));
}

/* Moves whole lines from in to out; the last, without an end, too when the
 * input is over, and what fills all of in. */
static void
put_lines(struct geo_stream *st, bool over)
{
	const char *p = st->in, *end = st->in + st->in_n, *lf = p;

	strbuf_clear(&st->out);
	st->out_at = 0;
	while (st->out.len < CHUNK &&
	       (lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		put_line(st, p, lf);
		strbuf_addch(&st->out, '\n');
		st->in_long = false;
		p = lf + 1;
	}
	st->more = lf != NULL && p < end;
	if (lf == NULL && p < end && (over || st->in_n == CHUNK) &&
	    p == st->in) {
		st->in_long = st->in_long || !over;
		put_line(st, p, end);
		p = end;
	}
	st->in_n = (size_t)(end - p);
	memmove(st->in, p, st->in_n);
}

/* 1: there is something in out, 0: there is no more, -1. */
static int
fill(struct geo_stream *st)
{
	bool over = false;
	ssize_t got;

	do {
		if (!st->more && !over) {
			got = source_read(
			    st->inner, st->in + st->in_n, CHUNK - st->in_n);
			st->base.stored_read = st->inner->stored_read;
			if (got == -1)
				return -1;
			over = got == 0;
			st->in_n += (size_t)got;
		}
		if (over && st->in_n == 0)
			return 0;
		put_lines(st, over);
	} while (st->out.len == 0);
	return 1;
}

static ssize_t
stream_read(struct source *src, void *buf, size_t n)
{
	struct geo_stream *st = (struct geo_stream *)src;
	int r = 1;

	if (st->out_at == st->out.len)
		r = fill(st);
	if (r <= 0)
		return r;
	if (n > st->out.len - st->out_at)
		n = st->out.len - st->out_at;
	memcpy(buf, st->out.buf + st->out_at, n);
	st->out_at += n;
	return (ssize_t)n;
}

static void
stream_close(struct source *src)
{
	struct geo_stream *st = (struct geo_stream *)src;

	source_close(st->inner);
	free(st->in);
	strbuf_release(&st->out);
	free(src->name);
	free(st);
}

struct source *
geo_source(struct geo *g, struct source *src)
{
	struct geo_stream *st = xcalloc(1, sizeof(*st));

	st->base = (struct source){ .read = stream_read,
		.close = stream_close,
		.name = xstrdup(src->name),
		.stored_read = src->stored_read,
		.stored_size = src->stored_size,
		.wait_fd = src->wait_fd };
	st->inner = src;
	st->geo = g;
	st->in = xcalloc(CHUNK + ADDRESS_PAD, 1);
	st->out = STRBUF_INIT;
	return &st->base;
}
