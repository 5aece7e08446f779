/*
 * intake: events, or partial states, of files into lines of state.
 *
 *	intake_run(&in, &inputs);           0, or -1: some file was not read
 *	                                    whole (reported); the rest was
 *
 * in.lines gets the states, and is not finished.  Several jobs are processes
 * of their own: each takes one file, or piece of a large one (pieces.h), after
 * the other, sorts its states and writes them to a run (sorter.h), which is
 * merged with those of the others.
 */
#ifndef EV_AGG_INTAKE_H
#define EV_AGG_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/inputs.h"
#include "agg/plan.h"
#include "agg/sorter.h"

struct intake {
	const struct plan *plan;
	struct sorter *lines;
	size_t memory;
	unsigned jobs;
	bool merge;   /* the files hold partial states */
	bool partial; /* the lines are for merging with others */
	bool no_marks;
	uint64_t missing; /* operands that were not found, or not read */
	bool some;	  /* states of other metrics may be there, and are not
			   * wanted */
};

int intake_run(struct intake *in, const struct inputs *files);

#endif
