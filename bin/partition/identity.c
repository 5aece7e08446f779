#include "config.h"

#include "partition/identity.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/text.h"

#define SOURCE_FIELDS 4 /* HASH,LENGTH,FROM,TO before the name */

/* What a message or a manifest can hold, whatever the bytes. */
static char *
encoded(struct slice s)
{
	struct strbuf sb = STRBUF_INIT;

	text_encode_strbuf(&sb, s, TEXT_COLUMN);
	return strbuf_detach(&sb);
}

static bool
is_digest(struct slice s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') &&
		    (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return s.n == DIGEST_HEX;
}

/* "HASH,LENGTH,FROM,TO,NAME", where NAME may hold commas. */
static int
parse_source(struct manifest_source *s, struct slice text)
{
	struct slice f[SOURCE_FIELDS];
	const char *comma;
	size_t i;

	for (i = 0; i < SOURCE_FIELDS; i++) {
		comma = memchr(text.p, ',', text.n);
		if (comma == NULL)
			return -1;
		f[i] = slice_of(text.p, (size_t)(comma - text.p));
		text.p = comma + 1;
		text.n -= f[i].n + 1;
	}
	if (!is_digest(f[0]) || number_u64(f[1], &s->length) == -1 ||
	    number_u64(f[2], &s->from) == -1 ||
	    number_u64(f[3], &s->to) == -1 || s->from > s->to ||
	    s->to > s->length)
		return -1;
	memcpy(s->hash, f[0].p, DIGEST_HEX);
	s->hash[DIGEST_HEX] = '\0';
	s->name = encoded(text);
	return 0;
}

static int
take_sources(struct manifest *m, const struct marks *marks)
{
	const struct mark_entry *e;
	size_t i = 0;
	char *text;

	m->sources = xcalloc(marks->n, sizeof(*m->sources));
	while ((e = marks_next_text(marks, "source", &i)) != NULL) {
		if (parse_source(&m->sources[m->nsources],
			slice_of(e->text, e->text_n)) == -1) {
			text = encoded(slice_of(e->text, e->text_n));
			msg_error("end mark: source: '%s' is not "
				  "HASH,LENGTH,FROM,TO,NAME",
			    text);
			free(text);
			return -1;
		}
		m->nsources++;
	}
	qsort(
	    m->sources, m->nsources, sizeof(*m->sources), manifest_source_cmp);
	return 0;
}

static void
take_texts(struct manifest_texts *t, const struct marks *marks, const char *key)
{
	const struct mark_entry *e;
	size_t i = 0;
	char *text;

	while ((e = marks_next_text(marks, key, &i)) != NULL) {
		text = encoded(slice_of(e->text, e->text_n));
		manifest_texts_add(t, slice_str(text));
		free(text);
	}
}

static int
counter_cmp(const void *pa, const void *pb)
{
	const struct manifest_counter *a = pa, *b = pb;

	return strcmp(a->name, b->name);
}

static void
take_counter(struct manifest *m, const char *name, uint64_t value)
{
	struct manifest_counter *c = &m->counters[m->ncounters++];

	c->name = encoded(slice_str(name));
	c->value = value;
}

static void
take_counters(struct manifest *m, const struct marks *marks)
{
	size_t i;

	m->counters = xcalloc(marks->n, sizeof(*m->counters));
	for (i = 0; i < marks->n; i++)
		if (marks->v[i].text == NULL)
			take_counter(m, marks->v[i].key, marks->v[i].sum);
	qsort(m->counters, m->ncounters, sizeof(*m->counters), counter_cmp);
}

int
identity_take(struct manifest *m, const struct marks *marks, bool no_marks)
{
	if (no_marks) {
		m->by_rows = true;
		m->counters = xcalloc(1, sizeof(*m->counters));
		take_counter(m, "rows", marks->rows_read);
		return 0;
	}
	if (take_sources(m, marks) == -1)
		return -1;
	m->by_rows = m->nsources == 0;
	take_texts(&m->settings, marks, "settings");
	take_texts(&m->keys, marks, "key");
	take_texts(&m->databases, marks, "database");
	take_counters(m, marks);
	return 0;
}

static void
add_sources(struct strbuf *sb, const struct manifest *m)
{
	const struct manifest_source *s;
	size_t i;

	strbuf_adds(sb, "sources\n");
	for (i = 0; i < m->nsources; i++) {
		s = &m->sources[i];
		if (s->from < s->to)
			strbuf_addf(sb,
			    "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", s->hash,
			    s->length, s->from, s->to);
	}
}

static void
add_rows(struct strbuf *sb, const struct manifest *m)
{
	const struct manifest_part *p;
	size_t i;

	strbuf_adds(sb, "rows\n");
	for (i = 0; i < m->nparts; i++) {
		p = &m->parts[i];
		strbuf_addf(sb, "%s\t%s\n", p->dir, p->text_hash);
	}
}

void
identity_name(struct manifest *m)
{
	struct strbuf sb = STRBUF_INIT;

	if (m->by_rows)
		add_rows(&sb, m);
	else
		add_sources(&sb, m);
	digest_of(strbuf_slice(&sb), m->batch);
	strbuf_release(&sb);
}

static bool
share_bytes(const struct manifest_source *a, const struct manifest_source *b)
{
	return a->length == b->length && strcmp(a->hash, b->hash) == 0 &&
	       a->from < b->to && b->from < a->to && a->from < a->to &&
	       b->from < b->to;
}

bool
identity_twice(const struct manifest *m, const struct manifest_source **a,
    const struct manifest_source **b)
{
	const struct manifest_source *before = NULL, *s;
	size_t i;

	/* Sorted by hash and start: neighbours overlap, or none do. */
	for (i = 0; i < m->nsources; i++) {
		s = &m->sources[i];
		if (before != NULL && share_bytes(before, s)) {
			*a = before;
			*b = s;
			return true;
		}
		if (s->from < s->to)
			before = s;
	}
	return false;
}

/* The first of the sorted sources with this hash or a greater one. */
static size_t
lower_bound(const struct manifest *m, const char *hash)
{
	size_t low = 0, high = m->nsources, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (strcmp(m->sources[mid].hash, hash) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
overlap(const struct manifest *a, const struct manifest *b,
    const struct manifest_source **in_a, const struct manifest_source **in_b)
{
	const struct manifest_source *s;
	size_t i, k;

	for (i = 0; i < b->nsources; i++) {
		s = &b->sources[i];
		for (k = lower_bound(a, s->hash);
		     k < a->nsources &&
		     strcmp(a->sources[k].hash, s->hash) == 0;
		     k++)
			if (share_bytes(&a->sources[k], s)) {
				*in_a = &a->sources[k];
				*in_b = s;
				return true;
			}
	}
	return false;
}

const struct manifest *
identity_stored(const struct catalog *c, const struct manifest *m,
    const struct manifest_source **stored, const struct manifest_source **given)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (overlap(m, &c->v[i], given, stored))
			return &c->v[i];
	return NULL;
}
