#include "config.h"

#include "parse/ident.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "facts/manifest.h"
#include "io/codec.h"

/* A line of LINES_MAX bytes, its CR and LF, and as much as is read at once. */
#define HELD_MAX (LINES_MAX + INBUF_SIZE + 2)

struct ident {
	struct source base;
	struct source *inner;
	struct digest *digest; /* of all bytes so far */
	struct chunks *chunks; /* of those from from on */
	uint64_t length;
	uint64_t from;	/* of the present step */
	uint64_t first; /* of all */
	/* ident_steps(): those that may come, and what became of the others. */
	const struct manifest_source *const *steps;
	size_t nsteps, step;
	struct marks done;
	/* ident_resume() was called: what was read and not given on. */
	bool whole_lines;
	bool eof;
	char *held;
	size_t start, ready, end; /* [start, ready) are whole lines */
};

static ssize_t
read_inner(struct ident *id, void *buf, size_t n)
{
	ssize_t got = source_read(id->inner, buf, n);

	id->base.stored_read = id->inner->stored_read;
	return got;
}

/* They are a part of what is identified. */
static void
took_bytes(struct ident *id, const char *p, size_t n)
{
	digest_add(id->digest, p, n);
	chunks_add(id->chunks, p, n);
	id->length += n;
}

static void
put_range(struct strbuf *sb, const struct ident *id, uint64_t from)
{
	char hex[DIGEST_HEX + 1];

	digest_hex(id->digest, hex);
	strbuf_addf(sb, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64, hex, id->length,
	    from, id->length);
}

static void
put_source(const struct ident *id, struct marks *marks)
{
	struct strbuf sb = STRBUF_INIT;
	const uint64_t *v;
	size_t i, n;

	put_range(&sb, id, id->from);
	strbuf_addf(&sb, ",%s", id->base.name);
	marks_text(marks, "source", strbuf_slice(&sb));
	strbuf_clear(&sb);
	put_range(&sb, id, id->from);
	for (i = 0; i < CHUNKS_LEVELS; i++) {
		strbuf_addch(&sb, ',');
		v = chunks_list(id->chunks, (enum chunks_level)i, &n);
		manifest_chunks_put(&sb, v, n);
	}
	marks_text(marks, "chunks", strbuf_slice(&sb));
	strbuf_release(&sb);
}

/* As many bytes as a stored source has: was it this log? */
static void
end_step(struct ident *id, const struct manifest_source *s)
{
	char hex[DIGEST_HEX + 1];

	if (s->from < id->from || id->from == id->length)
		return;
	digest_hex(id->digest, hex);
	if (strcmp(hex, s->hash) != 0)
		return;
	put_source(id, &id->done);
	id->from = id->length;
	chunks_free(id->chunks);
	id->chunks = chunks_new();
}

static void
took(struct ident *id, const char *p, size_t n)
{
	const struct manifest_source *s;
	size_t k;

	while (id->step < id->nsteps &&
	       id->steps[id->step]->length - id->length <= n) {
		s = id->steps[id->step++];
		k = (size_t)(s->length - id->length);
		took_bytes(id, p, k);
		p += k;
		n -= k;
		end_step(id, s);
	}
	took_bytes(id, p, n);
}

/* More held bytes, whole lines or not: 1, 0 at the end, -1. */
static int
hold_more(struct ident *id)
{
	const char *lf;
	ssize_t n;

	if (id->eof)
		return 0;
	memmove(id->held, id->held + id->start, id->end - id->start);
	id->end -= id->start;
	id->ready -= id->start;
	id->start = 0;
	n = read_inner(id, id->held + id->end, HELD_MAX - id->end);
	if (n < 0)
		return -1;
	id->eof = n == 0;
	lf = text_last_lf(id->held + id->end, (size_t)n);
	id->end += (size_t)n;
	if (lf != NULL)
		id->ready = (size_t)(lf - id->held) + 1;
	return n > 0;
}

static ssize_t
read_held(struct ident *id, void *buf, size_t n)
{
	int r;

	while (id->start == id->ready) {
		if (id->end - id->start > LINES_MAX + 2)
			id->ready = id->end;
		else if ((r = hold_more(id)) <= 0)
			return r;
	}
	if (n > id->ready - id->start)
		n = id->ready - id->start;
	memcpy(buf, id->held + id->start, n);
	id->start += n;
	return (ssize_t)n;
}

static ssize_t
ident_read(struct source *src, void *buf, size_t n)
{
	struct ident *id = (struct ident *)src;
	ssize_t got;

	got = id->whole_lines ? read_held(id, buf, n) : read_inner(id, buf, n);
	if (got > 0)
		took(id, buf, (size_t)got);
	return got;
}

static void
ident_close(struct source *src)
{
	struct ident *id = (struct ident *)src;

	source_close(id->inner);
	digest_free(id->digest);
	chunks_free(id->chunks);
	marks_release(&id->done);
	free(id->held);
	free(src->name);
	free(id);
}

struct source *
ident_open(const char *path)
{
	struct source *inner = codec_open(path);
	struct ident *id;

	if (inner == NULL)
		return NULL;
	id = xcalloc(1, sizeof(*id));
	id->base.read = ident_read;
	id->base.close = ident_close;
	id->base.name = xstrdup(inner->name);
	id->base.stored_size = inner->stored_size;
	id->base.wait_fd = inner->wait_fd;
	id->inner = inner;
	id->digest = digest_new();
	id->chunks = chunks_new();
	id->done = MARKS_INIT;
	return &id->base;
}

static void
skip(struct ident *id, size_t n, uint64_t *lines)
{
	const char *p = id->held + id->start, *end = p + n;

	digest_add(id->digest, p, n);
	id->length += n;
	id->start += n;
	if (id->ready < id->start)
		id->ready = id->start;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		++*lines;
		p++;
	}
}

/* The stored bytes: 0, or -1. */
static int
skip_stored(struct ident *id, uint64_t length, uint64_t *lines, char *last)
{
	size_t n;
	int r;

	while (length > 0) {
		if (id->start == id->end && (r = hold_more(id)) <= 0) {
			if (r == 0)
				msg_error("%s: became shorter while it was "
					  "read",
				    id->base.name);
			return -1;
		}
		n = id->end - id->start;
		if (n > length)
			n = (size_t)length;
		*last = id->held[id->start + n - 1];
		skip(id, n, lines);
		length -= n;
	}
	return 0;
}

/* What is left of a line whose begin is stored: 0, or -1. */
static int
skip_rest(struct ident *id, uint64_t *lines)
{
	const char *p, *lf;
	int r;

	for (;;) {
		p = id->held + id->start;
		lf = memchr(p, '\n', id->end - id->start);
		if (lf != NULL) {
			skip(id, (size_t)(lf - p) + 1, lines);
			return 0;
		}
		skip(id, id->end - id->start, lines);
		if ((r = hold_more(id)) <= 0)
			return r;
	}
}

int
ident_resume(struct source *src, const struct ident_place *place,
    uint64_t *from, uint64_t *lines)
{
	struct ident *id = (struct ident *)src;
	char hex[DIGEST_HEX + 1], last = '\n';

	id->whole_lines = true;
	id->held = xmalloc(HELD_MAX);
	*lines = 0;
	if (skip_stored(id, place->length, lines, &last) == -1)
		return -1;
	digest_hex(id->digest, hex);
	if (place->length > 0 && strcmp(hex, place->hash) != 0) {
		msg_error("%s: changed while it was read", src->name);
		return -1;
	}
	if (last != '\n' && skip_rest(id, lines) == -1)
		return -1;
	/* The range goes on where the last one ended, without a gap. */
	id->from = id->first = place->length;
	*from = id->length;
	return 0;
}

void
ident_steps(
    struct source *src, const struct manifest_source *const *v, size_t n)
{
	struct ident *id = (struct ident *)src;

	id->steps = v;
	id->nsteps = n;
}

void
ident_range(const struct source *src, struct strbuf *sb)
{
	const struct ident *id = (const struct ident *)src;

	put_range(sb, id, id->first);
}

void
ident_put(const struct source *src, struct marks *marks)
{
	const struct ident *id = (const struct ident *)src;

	marks_add(marks, &id->done);
	/* Behind the last step there may be nothing. */
	if (id->done.n == 0 || id->from < id->length)
		put_source(id, marks);
}
