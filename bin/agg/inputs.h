/*
 * inputs: what the operands of ev-agg stand for, as a list of files.
 *
 *	struct inputs in = { 0 };
 *	for each operand
 *		if (inputs_add(&in, operand) == -1)      reported
 *			...
 *	in.v[0 .. in.n)                                  paths, "-" is stdin
 *	inputs_release(&in);
 *
 * A file is itself.  A directory is its part files, part-*.tsv with or
 * without .gz or .zst, and those of the partitions in it (KEY=VALUE), in
 * the order of their names.  Other names are not looked at: those with "_"
 * or "." in front are the table's own, and half-written ones.
 */
#ifndef EV_AGG_INPUTS_H
#define EV_AGG_INPUTS_H

#include <stddef.h>

struct inputs {
	char **v;
	size_t n, cap;
};

/* 0, or -1 (reported); a directory without a part file is warned about. */
int inputs_add(struct inputs *in, const char *operand);
void inputs_release(struct inputs *in);

#endif
