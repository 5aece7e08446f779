#include "config.h"

#include "parse/ident.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "io/codec.h"
#include "io/digest.h"

struct ident {
	struct source base;
	struct source *inner;
	struct digest *digest;
	uint64_t length;
};

static ssize_t
ident_read(struct source *src, void *buf, size_t n)
{
	struct ident *id = (struct ident *)src;
	ssize_t got = source_read(id->inner, buf, n);

	src->stored_read = id->inner->stored_read;
	if (got > 0) {
		digest_add(id->digest, buf, (size_t)got);
		id->length += (uint64_t)got;
	}
	return got;
}

static void
ident_close(struct source *src)
{
	struct ident *id = (struct ident *)src;

	source_close(id->inner);
	digest_free(id->digest);
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
	id->inner = inner;
	id->digest = digest_new();
	return &id->base;
}

void
ident_put(const struct source *src, struct marks *marks)
{
	const struct ident *id = (const struct ident *)src;
	struct strbuf sb = STRBUF_INIT;
	char hex[DIGEST_HEX + 1];

	digest_hex(id->digest, hex);
	strbuf_addf(&sb, "%s,%" PRIu64 ",0,%" PRIu64 ",%s", hex, id->length,
	    id->length, src->name);
	marks_text(marks, "source", strbuf_slice(&sb));
	strbuf_release(&sb);
}
