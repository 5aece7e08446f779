/*
 * crew: the common lines of long logs, parsed by several threads.
 *
 *	struct crew *crew = crew_new(plan, rules);
 *	inbuf_read_ahead(in, threads, crew_work, crew);
 *	run = crew_run(crew, in);              NULL: none begins here
 *	...                                    run->text[0, text_n) goes out,
 *	                                       and run->bytes are consumed
 *	crew_free(crew);
 *
 * A thread parses the lines of its block that record_quick() takes, one run
 * of them after the other, and leaves all that is uncommon: rejects, their
 * numbers and thresholds, holes and long lines are as they are with one
 * thread, for the one that uses the runs does them.  Nor do the events
 * depend on the threads: they are a function of the line.
 */
#ifndef EV_PARSE_CREW_H
#define EV_PARSE_CREW_H

#include <stdint.h>

#include "base/inbuf.h"
#include "base/slice.h"
#include "parse/plan.h"
#include "parse/rules.h"

/* Lines that follow each other, borrowed until the next inbuf_fill(). */
struct crew_run {
	size_t from, bytes;	/* of the block */
	uint64_t lines, events; /* the other lines are dropped */
	size_t text_from;	/* the thread's */
	struct slice text;	/* their records */
};

struct crew;

/* Both outlive it; each thread has its own rules, of the same config. */
struct crew *crew_new(const struct plan *plan, const struct rules *rules);
void crew_free(struct crew *crew);

/* An ahead_fn; arg is the crew. */
void crew_work(void *arg, unsigned thread, struct ahead_block *block);
/* The run whose lines begin at in's start. */
const struct crew_run *crew_run(struct crew *crew, const struct inbuf *in);

/* Over all lines, while no thread is at work. */
uint64_t crew_chosen_dropped(const struct crew *crew);
uint64_t crew_limited(const struct crew *crew);

#endif
