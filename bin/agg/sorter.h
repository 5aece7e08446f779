/*
 * sorter: lines of key and state, in order of the keys, in bounded memory.
 *
 *	sorter_init(&s, memory, state_merge);
 *	sorter_add(&s, key, state);             in any order
 *	if (sorter_finish(&s) == -1)            reported
 *		...
 *	while ((n = sorter_next(&s, &key, &state)) == 1)
 *		...                             borrowed until the next call
 *	sorter_release(&s);
 *
 * States of equal keys become one by merge().  Lines are kept until they and
 * their places take `memory' bytes; then they are sorted and written to a
 * run, a file in $TMPDIR (or /tmp) that has no name any more when the first
 * byte is written, so whatever ends the program ends the file.  Runs are
 * merged where they are SORTER_FAN_IN, with others of their size: what is
 * written grows with the input, not with its square.  A run keeps of each key
 * only what differs from the key before.
 *
 * A run that another process wrote (sorter_write(), ev-agg -j) is one more
 * run, beyond SORTER_FAN_IN where there are many.
 *
 * The first failure is reported and kept: what is added after it is lost, and
 * sorter_finish() and sorter_next() return -1.
 */
#ifndef EV_AGG_SORTER_H
#define EV_AGG_SORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/keysort.h"
#include "base/slice.h"
#include "base/strbuf.h"

#define SORTER_FAN_IN 64

/* Both states into *into, cleared before; 0, or -1 (reported). */
typedef int sorter_merge_fn(
    struct strbuf *into, struct slice key, struct slice a, struct slice b);

struct sorter_run {
	int fd;
	unsigned level; /* merges that made it; the last run has the least */
	char *buf;	/* what was read ahead */
	size_t start, end;
	struct strbuf key, state; /* of the present line */
	bool more;		  /* there is a present line */
};

struct sorter {
	sorter_merge_fn *merge;
	size_t memory;
	char *arena; /* records */
	size_t len, cap;
	struct keysort_item *item;
	size_t n, item_cap, next;
	struct sorter_run *run;
	size_t nruns, run_cap;
	size_t *heap; /* of runs, the least key first */
	size_t nheap;
	struct strbuf key, state, other; /* of the line handed out */
	int err;			 /* -1 after a failure */
};

void sorter_init(struct sorter *s, size_t memory, sorter_merge_fn *merge);
void sorter_release(struct sorter *s);
void sorter_add(struct sorter *s, struct slice key, struct slice state);
/* The run at the beginning of fd, which is taken over. */
void sorter_adopt(struct sorter *s, int fd);
/* All that is left to fd, as a run, in place of sorter_next(); 0 or -1. */
int sorter_write(struct sorter *s, int fd);
int sorter_finish(struct sorter *s);
int sorter_next(struct sorter *s, struct slice *key, struct slice *state);

/* A file without a name in $TMPDIR; -1 (reported). */
int sorter_temp(void);

#endif
