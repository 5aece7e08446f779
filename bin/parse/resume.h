/*
 * resume: where the logs were left that a table has.
 *
 *	if (resume_open(&rs, root) == -1) ...        reported
 *	if (resume_find(&rs, path, &place) == -1) ... reported
 *	resume_release(&rs);
 *
 * A log is where it was left when the table has sources that are its first
 * bytes, one behind the other from the first one on: it is known by its
 * content, under whatever name, so a rotated log goes on, and the new one in
 * its place begins.  To find that out the log is read as far as the longest
 * source reaches, unless its first line is no stored log's.
 */
#ifndef EV_PARSE_RESUME_H
#define EV_PARSE_RESUME_H

#include <stddef.h>

#include "facts/catalog.h"
#include "parse/ident.h"

struct resume {
	struct catalog catalog;
	const struct manifest_source **v; /* by length, then by from */
	size_t n, cap;
};

/* A table that does not exist has nothing.  0, or -1 (reported). */
int resume_open(struct resume *rs, const char *root);
void resume_release(struct resume *rs);

/* 0, or -1 when it is no file that can be read twice, or on an error. */
int resume_find(
    const struct resume *rs, const char *path, struct ident_place *place);

#endif
