/*
 * ident: the identity of a source, taken while it is read.
 *
 *	src = ident_open(path);          decompressed, NULL on error (reported)
 *	... source_read(src) to the end ...
 *	ident_put(src, &marks);          "HASH,LENGTH,FROM,TO,NAME"
 *	source_close(src);
 *
 * What counts is the decompressed content: a log is the same one renamed or
 * compressed anew.  The name is for messages.
 */
#ifndef EV_PARSE_IDENT_H
#define EV_PARSE_IDENT_H

#include "base/mark.h"
#include "base/source.h"

/* NULL or "-" is stdin. */
struct source *ident_open(const char *path);
/* Adds the mark's "source" entry; src is one of ident_open(). */
void ident_put(const struct source *src, struct marks *marks);

#endif
