/*
 * pieces: files, and parts of large ones, as what a job does at once.
 *
 *	pieces_plan(&p, &inputs, jobs);
 *	src = pieces_open(&p.v[i], &inputs);    i < p.n; NULL reported
 *	pieces_release(&p);
 *
 * A plain file that is large is cut in several; one that is compressed, or
 * comes through a pipe, is one piece.  A piece begins and ends with a line,
 * wherever the cut falls: those of a file, one behind the other, are the file.
 *
 * The name of a piece that is not the first of its file says where it begins,
 * as its lines are numbered from there.
 */
#ifndef EV_AGG_PIECES_H
#define EV_AGG_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/inputs.h"
#include "base/source.h"

#define PIECE_END UINT64_MAX

struct piece {
	size_t file;	   /* of the inputs */
	uint64_t from, to; /* lines that begin in [from, to) */
};

struct pieces {
	struct piece *v; /* those of a file follow each other */
	size_t n, cap;
};

void pieces_plan(struct pieces *p, const struct inputs *files, unsigned jobs);
void pieces_release(struct pieces *p);
struct source *pieces_open(const struct piece *p, const struct inputs *files);

/* Is it all of its file? */
static inline bool
piece_is_whole(const struct piece *p)
{
	return p->from == 0 && p->to == PIECE_END;
}

#endif
