/*
 * crew: lines of a long source, worked on by several threads into one output.
 *
 *	struct crew *crew = crew_new(&trade, arg);
 *	inbuf_read_ahead(in, threads, crew_work, crew);
 *	run = crew_run(crew, in);              at a line; NULL: none begins here
 *	...                                    run->text goes out, and the run's
 *	                                       bytes are consumed
 *	crew_free(crew);
 *
 * Each thread has a member of the crew, with caches of its own, which does the
 * common lines of the thread's block, one run of them after the other, and
 * leaves what is uncommon to the one that uses the runs: errors, their
 * numbers, marks and thresholds are as they are with one thread.  What becomes
 * of a common line must be a function of the line, and not of those before it.
 */
#ifndef EV_BASE_CREW_H
#define EV_BASE_CREW_H

#include <stddef.h>
#include <stdint.h>

#include "base/inbuf.h"
#include "base/out.h"
#include "base/slice.h"

/* What a trade counts of lines. */
#define CREW_COUNTS 2

/* Lines that follow each other, borrowed until the next inbuf_fill(). */
struct crew_run {
	size_t from, bytes; /* of the block */
	uint64_t lines, count[CREW_COUNTS];
	size_t text_from;
	struct slice text; /* what was put */
};

/* What a crew can do; all are called by a member's own thread but release. */
struct crew_trade {
	/* Before the member's first block.  Thread 0 is who uses the runs. */
	void *(*member)(void *arg, unsigned thread);
	void (*release)(void *member);
	/*
	 * Puts the common lines that whole begins with, all with their LF, and
	 * counts them in run; the bytes of them, 0 when the first is uncommon.
	 * at is where whole begins in the block.
	 */
	size_t (*lines)(void *member, struct slice whole, size_t at,
	    struct out *o, struct crew_run *run);
};

struct crew;

/* Both outlive it. */
struct crew *crew_new(const struct crew_trade *trade, void *arg);
/* NULL is fine. */
void crew_free(struct crew *crew);

/* An ahead_fn; arg is the crew. */
void crew_work(void *arg, unsigned thread, struct ahead_block *block);
/* The run whose lines begin at in's start, where a line begins: reads when
 * nothing is at hand. */
const struct crew_run *crew_run(struct crew *crew, struct inbuf *in);
/* The member of a thread, while none is at work, or NULL; crew may be NULL. */
void *crew_member(const struct crew *crew, unsigned thread);

#endif
