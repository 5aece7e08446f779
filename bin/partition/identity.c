#include "config.h"

#include "partition/identity.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/text.h"

#define RANGE_FIELDS 4 /* HASH,LENGTH,FROM,TO */

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

/* The next of the fields that commas part; what follows stays in text. */
static int
take_field(struct slice *text, struct slice *field)
{
	const char *comma = memchr(text->p, ',', text->n);

	if (comma == NULL)
		return -1;
	*field = slice_of(text->p, (size_t)(comma - text->p));
	text->p = comma + 1;
	text->n -= field->n + 1;
	return 0;
}

/* "HASH,LENGTH,FROM,TO," of a source or of its chunks. */
static int
take_range(struct manifest_source *s, struct slice *text)
{
	struct slice f[RANGE_FIELDS];
	size_t i;

	for (i = 0; i < RANGE_FIELDS; i++)
		if (take_field(text, &f[i]) == -1)
			return -1;
	if (!is_digest(f[0]) || number_u64(f[1], &s->length) == -1 ||
	    number_u64(f[2], &s->from) == -1 ||
	    number_u64(f[3], &s->to) == -1 || s->from > s->to ||
	    s->to > s->length)
		return -1;
	memcpy(s->hash, f[0].p, DIGEST_HEX);
	s->hash[DIGEST_HEX] = '\0';
	return 0;
}

static int
bad_entry(const char *key, struct slice text, const char *form)
{
	char *s = encoded(slice_of(text.p, text.n < 200 ? text.n : 200));

	msg_error("end mark: %s: '%s' is not %s", key, s, form);
	free(s);
	return -1;
}

/* "HASH,LENGTH,FROM,TO,NAME", where NAME may hold commas. */
static int
take_sources(struct manifest *m, const struct marks *marks)
{
	const struct mark_entry *e;
	struct manifest_source s;
	struct slice text;
	size_t i = 0;

	m->sources = xcalloc(marks->n, sizeof(*m->sources));
	while ((e = marks_next_text(marks, "source", &i)) != NULL) {
		text = slice_of(e->text, e->text_n);
		s = (struct manifest_source){ 0 };
		if (take_range(&s, &text) == -1)
			return bad_entry("source", slice_of(e->text, e->text_n),
			    "HASH,LENGTH,FROM,TO,NAME");
		/* Nothing of it is new. */
		if (s.from == s.to && s.length > 0)
			continue;
		s.name = encoded(text);
		m->sources[m->nsources++] = s;
	}
	qsort(
	    m->sources, m->nsources, sizeof(*m->sources), manifest_source_cmp);
	return 0;
}

static bool
same_range(const struct manifest_source *a, const struct manifest_source *b)
{
	return strcmp(a->hash, b->hash) == 0 && a->length == b->length &&
	       a->from == b->from && a->to == b->to;
}

/* To each source of that range; a source delivered twice has them twice. */
static int
give_chunks(
    struct manifest *m, const struct manifest_source *range, struct slice text)
{
	struct manifest_source *s;
	struct slice rest, list;
	size_t i, k;

	for (i = 0; i < m->nsources; i++) {
		s = &m->sources[i];
		if (!same_range(s, range) || s->chunks[0].v != NULL)
			continue;
		rest = text;
		for (k = 0; k < CHUNKS_LEVELS; k++) {
			if (k + 1 == CHUNKS_LEVELS)
				list = rest;
			else if (take_field(&rest, &list) == -1)
				return -1;
			if (manifest_chunks_take(&s->chunks[k], list) == -1)
				return -1;
		}
	}
	return 0;
}

/* "HASH,LENGTH,FROM,TO,COARSE,FINE,LINES". */
static int
take_chunks(struct manifest *m, const struct marks *marks)
{
	const struct mark_entry *e;
	struct manifest_source range;
	struct slice text;
	size_t i = 0;

	while ((e = marks_next_text(marks, "chunks", &i)) != NULL) {
		text = slice_of(e->text, e->text_n);
		range = (struct manifest_source){ 0 };
		if (take_range(&range, &text) == -1 ||
		    give_chunks(m, &range, text) == -1)
			return bad_entry("chunks", slice_of(e->text, e->text_n),
			    "HASH,LENGTH,FROM,TO,COARSE,FINE,LINES");
	}
	return 0;
}

/* "HASH,LENGTH,FROM,TO,IN,REST,SETTINGS,NAME" */
static int
take_replay(struct manifest_replay *r, struct slice text)
{
	struct slice in, rest, settings;

	*r = (struct manifest_replay){ 0 };
	if (take_range(&r->of, &text) == -1 || take_field(&text, &in) == -1 ||
	    take_field(&text, &rest) == -1 ||
	    take_field(&text, &settings) == -1 || !is_digest(in) ||
	    !is_digest(rest))
		return -1;
	memcpy(r->in, in.p, DIGEST_HEX);
	memcpy(r->rest, rest.p, DIGEST_HEX);
	r->settings = encoded(settings);
	r->of.name = encoded(text);
	return 0;
}

static int
take_replays(struct manifest *m, const struct marks *marks)
{
	const struct mark_entry *e;
	struct slice text;
	size_t i = 0;

	m->replays = xcalloc(marks->n, sizeof(*m->replays));
	while ((e = marks_next_text(marks, "replay", &i)) != NULL) {
		text = slice_of(e->text, e->text_n);
		if (take_replay(&m->replays[m->nreplays], text) == -1)
			return bad_entry("replay", text,
			    "HASH,LENGTH,FROM,TO,IN,REST,SETTINGS,NAME");
		m->nreplays++;
	}
	qsort(
	    m->replays, m->nreplays, sizeof(*m->replays), manifest_replay_cmp);
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
	size_t i;

	if (no_marks) {
		m->identity = MANIFEST_ROWS;
		m->counters = xcalloc(1, sizeof(*m->counters));
		take_counter(m, "rows", marks->rows_read);
		return 0;
	}
	if (take_sources(m, marks) == -1 || take_chunks(m, marks) == -1 ||
	    take_replays(m, marks) == -1)
		return -1;
	i = 0;
	if (m->nreplays == 0 && marks_next_text(marks, "source", &i) == NULL)
		m->identity = MANIFEST_ROWS;
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
add_replays(struct strbuf *sb, const struct manifest *m)
{
	const struct manifest_replay *r;
	size_t i;

	for (i = 0; i < m->nreplays; i++) {
		r = &m->replays[i];
		strbuf_addf(sb,
		    "replay %s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s\n",
		    r->of.hash, r->of.length, r->of.from, r->of.to, r->in);
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

	if (m->identity == MANIFEST_ROWS) {
		add_rows(&sb, m);
	} else {
		add_sources(&sb, m);
		add_replays(&sb, m);
	}
	digest_of(strbuf_slice(&sb), m->batch);
	strbuf_release(&sb);
}
