/*
 * ident: the identity of a source, taken while it is read.
 *
 *	src = ident_open(path);          decompressed, NULL on error (reported)
 *	if (ident_resume(src, &at, &lines) == -1) ...       reported
 *	... source_read(src) to the end ...
 *	ident_put(src, &marks);          "source" and "chunks" (mark.h)
 *	source_close(src);
 *
 * What counts is the decompressed content: a log is the same one renamed or
 * compressed anew.  The name is for messages.
 *
 * ident_resume(), called or not before the first read, goes on where another
 * run has left the log: it consumes what is stored, and from then on a last
 * line without its LF is kept back, for it is still being written; neither
 * digest nor length know of it.  A line of more than LINES_MAX bytes is not
 * kept back: it is a reject, complete or not.
 *
 * ident_steps(), before the first read, tells where runs have left this log or
 * others: a log of whose begin a table has some is then one source for each of
 * the steps in which it was stored, and one for what follows them.
 */
#ifndef EV_PARSE_IDENT_H
#define EV_PARSE_IDENT_H

#include <stdint.h>

#include "base/mark.h"
#include "base/source.h"
#include "base/strbuf.h"
#include "facts/manifest.h"
#include "io/digest.h"

/* Where a log was left: its first length bytes are stored. */
struct ident_place {
	uint64_t length;
	char hash[DIGEST_HEX + 1]; /* of them; empty: nothing is stored */
};

/* NULL or "-" is stdin. */
struct source *ident_open(const char *path);
/*
 * The lines consumed into *lines, the bytes into *from: place->length, or
 * more where a line was stored without its end, whose rest is skipped.  0,
 * or -1 when the log is not what place says any more (reported).
 */
int ident_resume(struct source *src, const struct ident_place *place,
    uint64_t *from, uint64_t *lines);
/* What is stored, by length; borrowed until the source is closed. */
void ident_steps(
    struct source *src, const struct manifest_source *const *v, size_t n);
/* Adds the mark's entries; src is one of ident_open(). */
void ident_put(const struct source *src, struct marks *marks);
/* "HASH,LENGTH,FROM,TO" of all that was read, to the end of sb. */
void ident_range(const struct source *src, struct strbuf *sb);

#endif
