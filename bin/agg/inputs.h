/*
 * inputs: what the operands of ev-agg stand for, as a list of files.
 *
 *	struct inputs in = { 0 };
 *	for each operand
 *		if (inputs_add(&in, operand) == -1)      reported
 *			...
 *	inputs_warn_twice(&in);
 *	src = inputs_open(&in.v[i]);                     i < in.n; NULL reported
 *	inputs_release(&in);
 *
 * A file is itself, "-" is stdin.  A directory that is a fact table, or a
 * partition in one (KEY=VALUE), is what its manifests say (facts/): the
 * parts of each batch, all or none, also those that are not yet in place.
 * Any other directory is its part files, part-*.tsv with or without .gz or
 * .zst, and those of the partitions in it, in the order of their names.
 * Other names are not looked at: those with "_" or "." in front are the
 * table's own, and half-written ones.
 */
#ifndef EV_AGG_INPUTS_H
#define EV_AGG_INPUTS_H

#include <stddef.h>

#include "base/source.h"
#include "facts/catalog.h"

struct input {
	char *path;
	char *staged; /* where a part may still be, else NULL */
};

struct inputs {
	struct input *v;
	size_t n, cap;
	char *root; /* of the catalog that was read last; NULL: none */
	struct catalog catalog;
};

/* 0, or -1 (reported); a directory without a part file is warned about. */
int inputs_add(struct inputs *in, const char *operand);
/* Warns where one file came by two operands. */
void inputs_warn_twice(const struct inputs *in);
void inputs_release(struct inputs *in);
struct source *inputs_open(const struct input *in);
/* The same, of a file as it is stored; -1 reported. */
int inputs_fd(const struct input *in);

#endif
