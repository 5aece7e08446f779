/*
 * worker: one process's part of the reading.
 *
 *	worker_init(&w, &in, &lines, memory, &progress);
 *	for each piece of a file
 *		if (worker_read(&w, src, &tell) == -1)      reported
 *			...
 *	worker_finish(&w);                  all states are in lines; 0, or -1:
 *	                                    some were of a flawed input
 *	                                    (reported)
 *	worker_release(&w);
 *
 * What the marks of a piece say is in tell: whether a stream was cut is known
 * when all pieces of its file are read, see worker_check().
 */
#ifndef EV_AGG_WORKER_H
#define EV_AGG_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/intake.h"
#include "agg/sorter.h"
#include "agg/tally.h"
#include "base/lines.h"
#include "base/progress.h"
#include "base/reader.h"
#include "base/source.h"

/* Of the marks of a file, or a piece of one. */
struct worker_tell {
	uint64_t begins, ends, promised, rows;
	bool overflow;
	bool random; /* the key of the visitors was of one run */
};

struct worker {
	const struct intake *in;
	struct sorter *lines;
	size_t memory;
	struct tally tally;
	struct event_reader reader;
	struct lines text; /* merge */
	size_t unchecked;  /* bytes since the tables were looked at */
	uint64_t limited;  /* regexes that gave up, as states tell */
	/* merge: dimensions that fit, as a key part, and whose */
	struct strbuf fit;
	const struct plan_measure *fit_of;
	struct strbuf dims;
	bool flawed; /* some states are of a flawed input */
};

/* progress may be NULL. */
void worker_init(struct worker *w, const struct intake *in,
    struct sorter *lines, size_t memory, struct progress *progress);
void worker_release(struct worker *w);
/* To the end of src; 0 or -1 (reported). */
int worker_read(struct worker *w, struct source *src, struct worker_tell *tell);
int worker_finish(struct worker *w);

/* Was the stream complete?  0 or -1 (reported). */
int worker_check(
    const struct intake *in, const char *name, const struct worker_tell *tell);
/*
 * States tell who merges them that n inputs were not read whole, or cut: a run
 * that failed may have been one of many, and its exit status lost.  And of how
 * many the visitors' key was random.
 */
void worker_put_flaw(struct sorter *lines, const char *flaw, uint64_t n);

#define FLAW_CUT "cut"
#define FLAW_UNREAD "unread"
#define FLAW_RANDOM "random"

#endif
