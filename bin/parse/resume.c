#include "config.h"

#include "parse/resume.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/inbuf.h"
#include "base/msg.h"
#include "io/codec.h"

static int
by_length(const void *pa, const void *pb)
{
	const struct manifest_source *const *a = pa, *const *b = pb;

	if ((*a)->length != (*b)->length)
		return (*a)->length < (*b)->length ? -1 : 1;
	return ((*a)->from > (*b)->from) - ((*a)->from < (*b)->from);
}

static void
take_sources(struct resume *rs, const struct manifest *m)
{
	const struct manifest_source *s;
	size_t i;

	for (i = 0; i < m->nsources; i++) {
		s = &m->sources[i];
		if (s->from == s->to || s->to != s->length)
			continue;
		rs->v = xgrow(rs->v, &rs->cap, rs->n + 1, sizeof(*rs->v));
		rs->v[rs->n++] = s;
	}
}

int
resume_open(struct resume *rs, const char *root)
{
	struct table t;
	size_t i;
	int r;

	*rs = (struct resume){ 0 };
	r = table_open_read(&t, root);
	if (r != 1)
		return r;
	r = catalog_load(&rs->catalog, &t);
	table_close(&t);
	if (r == -1)
		return -1;
	for (i = 0; i < rs->catalog.n; i++)
		take_sources(rs, &rs->catalog.v[i]);
	if (rs->n > 0)
		qsort(rs->v, rs->n, sizeof(*rs->v), by_length);
	return 0;
}

void
resume_release(struct resume *rs)
{
	free(rs->v);
	catalog_release(&rs->catalog);
}

/* Does a stored log begin as these first bytes of one do? */
static bool
may_be_stored(const struct resume *rs, const char *p, size_t n)
{
	const struct manifest_chunks *lines;
	const char *lf = memchr(p, '\n', n);
	uint64_t first;
	size_t i;

	if (lf == NULL)
		return true;
	first = chunks_of(p, (size_t)(lf - p) + 1);
	for (i = 0; i < rs->n; i++) {
		lines = &rs->v[i]->chunks[CHUNKS_LINES];
		if (rs->v[i]->from == 0 &&
		    (lines->n == 0 || lines->v[0] == first))
			return true;
	}
	return false;
}

/* The stored sources, shortest first, against the digest of the log. */
struct match {
	const struct resume *rs;
	struct digest *digest;
	uint64_t length; /* of what the digest has */
	size_t next;	 /* the source to be compared */
	struct ident_place *place;
};

static void
compare(struct match *m)
{
	const struct manifest_source *s = m->rs->v[m->next++];
	char hex[DIGEST_HEX + 1];

	/* One behind a gap tells nothing of what stands in the gap. */
	if (s->from > m->place->length)
		return;
	digest_hex(m->digest, hex);
	if (strcmp(hex, s->hash) != 0)
		return;
	m->place->length = s->length;
	memcpy(m->place->hash, hex, sizeof(hex));
}

static void
add_block(struct match *m, const char *p, size_t n)
{
	size_t step;

	while (
	    m->next < m->rs->n && m->rs->v[m->next]->length - m->length <= n) {
		step = (size_t)(m->rs->v[m->next]->length - m->length);
		digest_add(m->digest, p, step);
		m->length += step;
		p += step;
		n -= step;
		compare(m);
	}
	digest_add(m->digest, p, n);
	m->length += n;
}

static int
match_source(struct match *m, struct source *src)
{
	char *buf = xmalloc(INBUF_SIZE);
	ssize_t n = 0;

	while (
	    m->next < m->rs->n && (n = source_read(src, buf, INBUF_SIZE)) > 0) {
		if (m->length == 0 && !may_be_stored(m->rs, buf, (size_t)n))
			break;
		add_block(m, buf, (size_t)n);
	}
	free(buf);
	return n < 0 ? -1 : 0;
}

int
resume_find(
    const struct resume *rs, const char *path, struct ident_place *place)
{
	struct match m = { .rs = rs, .place = place };
	struct source *src;
	struct stat st;
	int r;

	*place = (struct ident_place){ 0 };
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		msg_error(
		    "%s: --resume needs a file, which it reads twice", path);
		return -1;
	}
	src = codec_open(path);
	if (src == NULL)
		return -1;
	m.digest = digest_new();
	r = match_source(&m, src);
	digest_free(m.digest);
	source_close(src);
	return r;
}
