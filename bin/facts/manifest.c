#include "config.h"

#include "facts/manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "facts/json.h"
#include "facts/table.h"

#define CHUNK_HEX 16

static const char *const level_names[CHUNKS_LEVELS] = {
	[CHUNKS_COARSE] = "coarse",
	[CHUNKS_FINE] = "fine",
	[CHUNKS_LINES] = "lines",
};

static const char *const identity_names[] = {
	[MANIFEST_SOURCES] = "sources",
	[MANIFEST_ROWS] = "rows",
	[MANIFEST_PARTS] = "parts",
	[MANIFEST_DROP] = "drop",
};
#define NIDENTITIES (sizeof(identity_names) / sizeof(identity_names[0]))

static void
source_release(struct manifest_source *s)
{
	size_t i;

	for (i = 0; i < CHUNKS_LEVELS; i++)
		free(s->chunks[i].v);
	free(s->name);
}

void
manifest_texts_release(struct manifest_texts *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->v[i]);
	free(t->v);
	*t = (struct manifest_texts){ 0 };
}

void
manifest_release(struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->nsources; i++)
		source_release(&m->sources[i]);
	for (i = 0; i < m->nreplays; i++) {
		source_release(&m->replays[i].of);
		free(m->replays[i].settings);
	}
	for (i = 0; i < m->nparts; i++) {
		free(m->parts[i].dir);
		free(m->parts[i].path);
		free(m->parts[i].staged);
		free(m->parts[i].origins.v);
	}
	for (i = 0; i < m->ncounters; i++)
		free(m->counters[i].name);
	free(m->replaces);
	free(m->sources);
	free(m->replays);
	free(m->parts);
	free(m->counters);
	manifest_texts_release(&m->removes);
	manifest_texts_release(&m->dropped);
	manifest_texts_release(&m->settings);
	manifest_texts_release(&m->keys);
	manifest_texts_release(&m->databases);
	*m = MANIFEST_INIT;
}

/* Where s stands, or would.  A compacted day removes thousands of paths, and
 * each run reads all manifests. */
static size_t
texts_place(const struct manifest_texts *t, struct slice s)
{
	size_t low = 0, high = t->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (slice_cmp(slice_str(t->v[mid]), s) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void
manifest_texts_add(struct manifest_texts *t, struct slice s)
{
	size_t i = texts_place(t, s);

	if (i < t->n && slice_eq(slice_str(t->v[i]), s))
		return;
	t->v = xgrow(t->v, &t->cap, t->n + 1, sizeof(*t->v));
	memmove(t->v + i + 1, t->v + i, (t->n - i) * sizeof(*t->v));
	t->v[i] = xmemdup(s.p, s.n);
	t->n++;
}

bool
manifest_texts_eq(
    const struct manifest_texts *a, const struct manifest_texts *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

void
manifest_texts_list(struct strbuf *sb, const struct manifest_texts *t)
{
	size_t i;

	if (t->n == 0)
		strbuf_adds(sb, "none");
	for (i = 0; i < t->n; i++)
		strbuf_addf(sb, "%s%s", i > 0 ? ", " : "", t->v[i]);
}

void
manifest_origins_add(struct manifest_origins *o, uint64_t sequence)
{
	if (o->n == 0 || o->v[o->n - 1].sequence != sequence) {
		o->v = xgrow(o->v, &o->cap, o->n + 1, sizeof(*o->v));
		o->v[o->n++] = (struct manifest_run){ .sequence = sequence };
	}
	o->v[o->n - 1].rows++;
}

void
manifest_chunks_put(struct strbuf *sb, const uint64_t *v, size_t n)
{
	size_t i;

	strbuf_grow(sb, n * CHUNK_HEX);
	for (i = 0; i < n; i++) {
		number_put_hex64(sb->buf + sb->len, v[i]);
		sb->len += CHUNK_HEX;
	}
	sb->buf[sb->len] = '\0';
}

int
manifest_chunks_take(struct manifest_chunks *c, struct slice hex)
{
	size_t i, n = hex.n / CHUNK_HEX;

	if (hex.n % CHUNK_HEX != 0)
		return -1;
	c->v = xcalloc(n, sizeof(*c->v));
	c->n = n;
	for (i = 0; i < n; i++)
		if (number_hex64(hex.p + i * CHUNK_HEX, &c->v[i]) == -1)
			return -1;
	return 0;
}

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int
manifest_source_cmp(const void *pa, const void *pb)
{
	const struct manifest_source *a = pa, *b = pb;
	int r = strcmp(a->hash, b->hash);

	if (r == 0)
		r = cmp_u64(a->length, b->length);
	if (r == 0)
		r = cmp_u64(a->from, b->from);
	if (r == 0)
		r = cmp_u64(a->to, b->to);
	return r != 0 ? r : strcmp(a->name, b->name);
}

int
manifest_replay_cmp(const void *pa, const void *pb)
{
	const struct manifest_replay *a = pa, *b = pb;
	int r = manifest_source_cmp(&a->of, &b->of);

	return r != 0 ? r : strcmp(a->in, b->in);
}

/* Writing: a line for each entry, so that grep and diff show one. */

static void
put_string(struct strbuf *sb, const char *key, const char *val)
{
	strbuf_addf(sb, "\"%s\": ", key);
	json_put_string(sb, slice_str(val));
}

static void
put_texts(struct strbuf *sb, const char *key, const struct manifest_texts *t)
{
	size_t i;

	strbuf_addf(sb, ",\n\"%s\": [", key);
	for (i = 0; i < t->n; i++) {
		strbuf_adds(sb, i > 0 ? ", " : "");
		json_put_string(sb, slice_str(t->v[i]));
	}
	strbuf_addch(sb, ']');
}

/* Its members, for the begin of an object. */
static void
put_range(struct strbuf *sb, const struct manifest_source *s)
{
	strbuf_adds(sb, "\n{");
	put_string(sb, "hash", s->hash);
	strbuf_addf(sb,
	    ", \"length\": %" PRIu64 ", \"from\": %" PRIu64 ", \"to\": %" PRIu64
	    ", ",
	    s->length, s->from, s->to);
	put_string(sb, "name", s->name);
}

static void
put_source(struct strbuf *sb, const struct manifest_source *s)
{
	const struct manifest_chunks *c;
	size_t i;

	put_range(sb, s);
	for (i = 0; i < CHUNKS_LEVELS; i++) {
		c = &s->chunks[i];
		if (c->n == 0)
			continue;
		strbuf_addf(sb, ", \"%s\": \"", level_names[i]);
		manifest_chunks_put(sb, c->v, c->n);
		strbuf_addch(sb, '"');
	}
	strbuf_addch(sb, '}');
}

static void
put_replays(struct strbuf *sb, const struct manifest *m)
{
	const struct manifest_replay *r;
	size_t i;

	strbuf_adds(sb, ",\n\"replays\": [");
	for (i = 0; i < m->nreplays; i++) {
		r = &m->replays[i];
		strbuf_adds(sb, i > 0 ? "," : "");
		put_range(sb, &r->of);
		strbuf_adds(sb, ", ");
		put_string(sb, "settings", r->settings);
		strbuf_adds(sb, ", ");
		put_string(sb, "in", r->in);
		strbuf_adds(sb, ", ");
		put_string(sb, "rest", r->rest);
		strbuf_addch(sb, '}');
	}
	strbuf_addch(sb, ']');
}

static void
put_origins(struct strbuf *sb, const struct manifest_origins *o)
{
	size_t i;

	strbuf_adds(sb, ", \"origins\": [");
	for (i = 0; i < o->n; i++)
		strbuf_addf(sb, "%s[%" PRIu64 ", %" PRIu64 "]",
		    i > 0 ? ", " : "", o->v[i].sequence, o->v[i].rows);
	strbuf_addch(sb, ']');
}

static void
put_part(struct strbuf *sb, const struct manifest_part *p)
{
	strbuf_adds(sb, "\n{");
	put_string(sb, "path", p->path);
	strbuf_adds(sb, ", ");
	put_string(sb, "staged", p->staged);
	strbuf_addf(sb, ", \"rows\": %" PRIu64 ", \"bytes\": %" PRIu64 ", ",
	    p->rows, p->bytes);
	put_string(sb, "hash", p->hash);
	strbuf_addf(sb, ", \"text_bytes\": %" PRIu64 ", ", p->text_bytes);
	put_string(sb, "text_hash", p->text_hash);
	if (p->origins.n > 0)
		put_origins(sb, &p->origins);
	strbuf_addch(sb, '}');
}

static void
put_head(struct strbuf *sb, const struct manifest *m)
{
	size_t i;

	strbuf_addf(sb,
	    "{\n\"version\": %d,\n\"sequence\": %" PRIu64
	    ",\n\"batch\": \"%s\",\n\"revision\": %" PRIu64
	    ",\n\"identity\": \"%s\",\n\"replaces\": [",
	    MANIFEST_VERSION, m->sequence, m->batch, m->revision,
	    identity_names[m->identity]);
	for (i = 0; i < m->nreplaces; i++)
		strbuf_addf(
		    sb, "%s%" PRIu64, i > 0 ? ", " : "", m->replaces[i]);
	strbuf_addch(sb, ']');
}

void
manifest_write(const struct manifest *m, struct strbuf *sb)
{
	size_t i;

	put_head(sb, m);
	if (m->removes.n > 0)
		put_texts(sb, "removes", &m->removes);
	if (m->dropped.n > 0)
		put_texts(sb, "dropped", &m->dropped);
	strbuf_adds(sb, ",\n\"sources\": [");
	for (i = 0; i < m->nsources; i++) {
		strbuf_adds(sb, i > 0 ? "," : "");
		put_source(sb, &m->sources[i]);
	}
	strbuf_addch(sb, ']');
	if (m->nreplays > 0)
		put_replays(sb, m);
	strbuf_adds(sb, ",\n\"parts\": [");
	for (i = 0; i < m->nparts; i++) {
		strbuf_adds(sb, i > 0 ? "," : "");
		put_part(sb, &m->parts[i]);
	}
	strbuf_adds(sb, "],\n\"counters\": {");
	for (i = 0; i < m->ncounters; i++) {
		strbuf_adds(sb, i > 0 ? ", " : "");
		json_put_string(sb, slice_str(m->counters[i].name));
		strbuf_addf(sb, ": %" PRIu64, m->counters[i].value);
	}
	strbuf_addch(sb, '}');
	put_texts(sb, "settings", &m->settings);
	put_texts(sb, "key", &m->keys);
	put_texts(sb, "database", &m->databases);
	strbuf_adds(sb, "\n}\n");
}

/* Reading: the getters return 0, or -1 when the member is not as it must. */

static int
get_u64(const struct json *object, const char *key, uint64_t *out)
{
	const struct json *v = json_get(object, key);

	if (v == NULL || v->kind != JSON_NUMBER)
		return -1;
	*out = v->number;
	return 0;
}

static bool
is_string(const struct json *v)
{
	return v != NULL && v->kind == JSON_STRING &&
	       memchr(v->text.p, '\0', v->text.n) == NULL;
}

static int
get_string(const struct json *object, const char *key, char **out)
{
	const struct json *v = json_get(object, key);

	if (!is_string(v))
		return -1;
	*out = xmemdup(v->text.p, v->text.n);
	return 0;
}

static int
get_hash(const struct json *object, const char *key, char *hex)
{
	const struct json *v = json_get(object, key);

	if (!is_string(v) || v->text.n != DIGEST_HEX ||
	    strspn(v->text.p, "0123456789abcdef") != DIGEST_HEX)
		return -1;
	memcpy(hex, v->text.p, DIGEST_HEX + 1);
	return 0;
}

/* A list, and the number of its values. */
static const struct json *
get_list(
    const struct json *object, const char *key, enum json_kind kind, size_t *n)
{
	const struct json *list = json_get(object, key), *v;

	*n = 0;
	if (list == NULL || list->kind != kind)
		return NULL;
	for (v = list->child; v != NULL; v = v->next)
		++*n;
	return list;
}

static int
read_texts(const struct json *doc, const char *key, struct manifest_texts *t)
{
	const struct json *list, *v;
	size_t n;

	list = get_list(doc, key, JSON_ARRAY, &n);
	if (list == NULL)
		return -1;
	for (v = list->child; v != NULL; v = v->next) {
		if (!is_string(v))
			return -1;
		manifest_texts_add(t, v->text);
	}
	return 0;
}

/* Paths that are opened or unlinked: a file below ds=.... */
static bool
path_valid(const char *path)
{
	const char *leaf = strrchr(path, '/');

	return strncmp(path, "ds=", 3) == 0 && leaf != NULL && leaf[1] != '\0';
}

/* And the stage's own. */
static bool
staged_valid(const struct manifest *m, const char *staged)
{
	struct strbuf stage = STRBUF_INIT;
	const char *number;
	bool ok;

	strbuf_addf(&stage, "%s/%0*" PRIu64 "/", TABLE_STAGES, SEQUENCE_DIGITS,
	    m->sequence);
	ok = strncmp(staged, stage.buf, stage.len) == 0;
	number = staged + (ok ? stage.len : 0);
	ok = ok && *number != '\0' &&
	     number[strspn(number, "0123456789")] == '\0';
	strbuf_release(&stage);
	return ok;
}

static int
read_removes(struct manifest *m, const struct json *doc)
{
	size_t i;

	if (read_texts(doc, "removes", &m->removes) == -1)
		return -1;
	for (i = 0; i < m->removes.n; i++)
		if (!path_valid(m->removes.v[i]))
			return -1;
	return 0;
}

static int
read_head(struct manifest *m, const struct json *doc)
{
	const struct json *list, *v;
	size_t i = 0, n;

	v = json_get(doc, "identity");
	if (!is_string(v) || get_u64(doc, "sequence", &m->sequence) == -1 ||
	    m->sequence > SEQUENCE_MAX ||
	    get_hash(doc, "batch", m->batch) == -1 ||
	    get_u64(doc, "revision", &m->revision) == -1)
		return -1;
	while (i < NIDENTITIES && !slice_is(v->text, identity_names[i]))
		i++;
	if (i == NIDENTITIES)
		return -1;
	m->identity = (enum manifest_identity)i;
	list = get_list(doc, "replaces", JSON_ARRAY, &n);
	if (list == NULL)
		return -1;
	m->replaces = xcalloc(n, sizeof(*m->replaces));
	for (v = list->child; v != NULL; v = v->next) {
		if (v->kind != JSON_NUMBER)
			return -1;
		m->replaces[m->nreplaces++] = v->number;
	}
	if (json_get(doc, "removes") != NULL && read_removes(m, doc) == -1)
		return -1;
	if (json_get(doc, "dropped") == NULL)
		return 0;
	return read_texts(doc, "dropped", &m->dropped);
}

/* Older manifests have none. */
static int
read_chunks(const struct json *v, struct manifest_source *s)
{
	const struct json *list;
	size_t i;

	for (i = 0; i < CHUNKS_LEVELS; i++) {
		list = json_get(v, level_names[i]);
		if (list != NULL &&
		    (list->kind != JSON_STRING ||
			manifest_chunks_take(&s->chunks[i], list->text) == -1))
			return -1;
	}
	return 0;
}

static int
read_range(const struct json *v, struct manifest_source *s)
{
	if (get_hash(v, "hash", s->hash) == -1 ||
	    get_u64(v, "length", &s->length) == -1 ||
	    get_u64(v, "from", &s->from) == -1 ||
	    get_u64(v, "to", &s->to) == -1 ||
	    get_string(v, "name", &s->name) == -1)
		return -1;
	return 0;
}

static int
read_source(const struct json *v, struct manifest_source *s)
{
	return read_range(v, s) == -1 ? -1 : read_chunks(v, s);
}

static int
read_replay(const struct json *v, struct manifest_replay *r)
{
	if (read_range(v, &r->of) == -1 ||
	    get_string(v, "settings", &r->settings) == -1 ||
	    get_hash(v, "in", r->in) == -1 ||
	    get_hash(v, "rest", r->rest) == -1)
		return -1;
	return 0;
}

static int
read_replays(struct manifest *m, const struct json *doc)
{
	const struct json *list, *v;
	size_t n;

	if (json_get(doc, "replays") == NULL)
		return 0;
	list = get_list(doc, "replays", JSON_ARRAY, &n);
	if (list == NULL)
		return -1;
	m->replays = xcalloc(n, sizeof(*m->replays));
	for (v = list->child; v != NULL; v = v->next)
		if (read_replay(v, &m->replays[m->nreplays++]) == -1)
			return -1;
	return 0;
}

static int
read_sources(struct manifest *m, const struct json *doc)
{
	const struct json *list, *v;
	size_t n;

	list = get_list(doc, "sources", JSON_ARRAY, &n);
	if (list == NULL)
		return -1;
	m->sources = xcalloc(n, sizeof(*m->sources));
	for (v = list->child; v != NULL; v = v->next)
		if (read_source(v, &m->sources[m->nsources++]) == -1)
			return -1;
	return 0;
}

/* All rows of the part, as [SEQUENCE, ROWS], or none. */
static int
read_origins(const struct json *v, struct manifest_part *p)
{
	struct manifest_origins *o = &p->origins;
	const struct json *list, *run;
	uint64_t rows = 0;
	size_t n;

	if (json_get(v, "origins") == NULL)
		return 0;
	list = get_list(v, "origins", JSON_ARRAY, &n);
	if (list == NULL)
		return -1;
	o->v = xcalloc(n, sizeof(*o->v));
	o->cap = n;
	for (v = list->child; v != NULL; v = v->next) {
		run = v->kind == JSON_ARRAY ? v->child : NULL;
		if (run == NULL || run->kind != JSON_NUMBER ||
		    run->next == NULL || run->next->kind != JSON_NUMBER ||
		    run->next->next != NULL ||
		    __builtin_add_overflow(rows, run->next->number, &rows))
			return -1;
		o->v[o->n++] =
		    (struct manifest_run){ run->number, run->next->number };
	}
	return rows == p->rows ? 0 : -1;
}

static int
read_part(const struct json *v, struct manifest_part *p)
{
	if (get_string(v, "path", &p->path) == -1 ||
	    get_string(v, "staged", &p->staged) == -1 ||
	    get_u64(v, "rows", &p->rows) == -1 ||
	    get_u64(v, "bytes", &p->bytes) == -1 ||
	    get_hash(v, "hash", p->hash) == -1 ||
	    get_u64(v, "text_bytes", &p->text_bytes) == -1 ||
	    get_hash(v, "text_hash", p->text_hash) == -1)
		return -1;
	return read_origins(v, p);
}

static int
read_parts(struct manifest *m, const struct json *doc)
{
	const struct json *list, *v;
	struct manifest_part *p;
	size_t n;

	list = get_list(doc, "parts", JSON_ARRAY, &n);
	if (list == NULL)
		return -1;
	m->parts = xcalloc(n, sizeof(*m->parts));
	for (v = list->child; v != NULL; v = v->next) {
		p = &m->parts[m->nparts++];
		if (read_part(v, p) == -1 || !path_valid(p->path) ||
		    !staged_valid(m, p->staged))
			return -1;
	}
	return 0;
}

static int
read_counters(struct manifest *m, const struct json *doc)
{
	const struct json *list, *v;
	struct manifest_counter *c;
	size_t n;

	list = get_list(doc, "counters", JSON_OBJECT, &n);
	if (list == NULL)
		return -1;
	m->counters = xcalloc(n, sizeof(*m->counters));
	for (v = list->child; v != NULL; v = v->next) {
		if (v->kind != JSON_NUMBER ||
		    memchr(v->key.p, '\0', v->key.n) != NULL)
			return -1;
		c = &m->counters[m->ncounters++];
		c->name = xmemdup(v->key.p, v->key.n);
		c->value = v->number;
	}
	return 0;
}

static int
read_members(struct manifest *m, const struct json *doc, const char **why)
{
	uint64_t version;

	if (get_u64(doc, "version", &version) == -1) {
		*why = "no manifest: it has no version";
		return -1;
	}
	if (version != MANIFEST_VERSION) {
		*why = "written by another version of ev-partition";
		return -1;
	}
	*why = "not a manifest that ev-partition wrote: head";
	if (read_head(m, doc) == -1)
		return -1;
	*why = "not a manifest that ev-partition wrote: sources";
	if (read_sources(m, doc) == -1)
		return -1;
	*why = "not a manifest that ev-partition wrote: replays";
	if (read_replays(m, doc) == -1)
		return -1;
	*why = "not a manifest that ev-partition wrote: parts";
	if (read_parts(m, doc) == -1)
		return -1;
	*why = "not a manifest that ev-partition wrote: counters, settings, "
	       "key or database";
	if (read_counters(m, doc) == -1 ||
	    read_texts(doc, "settings", &m->settings) == -1 ||
	    read_texts(doc, "key", &m->keys) == -1 ||
	    read_texts(doc, "database", &m->databases) == -1)
		return -1;
	return 0;
}

int
manifest_read(struct manifest *m, struct slice text, const char **why)
{
	struct json_doc doc;
	int r;

	*m = MANIFEST_INIT;
	if (json_parse(&doc, text, why) == -1)
		return -1;
	r = read_members(m, doc.root, why);
	json_release(&doc);
	if (r == -1)
		manifest_release(m);
	return r;
}
