/*
 * processors: how many there are, and how they are shared with who is at the
 * other end of a pipe.
 *
 *	processors_share();             before threads are made
 *	n = processors_usual(most, nfiles > 0);
 */
#ifndef EV_BASE_PROCESSORS_H
#define EV_BASE_PROCESSORS_H

#include <stdbool.h>

/*
 * For filters that work in bulk.  At the end of a pipe they ask to be
 * scheduled as such (SCHED_BATCH), unless somebody has set a policy: else a
 * reader is run in place of the writer that wakes it, for the little that
 * there is to read, again and again.
 */
void processors_share(void);

/*
 * The threads of a filter whose -j does not say, no more than most: one a
 * processor, less one for who is at the other end of a pipe, who has work of
 * its own; but two in the middle of a pipe, if there are two processors.  Has
 * the program no files, it reads stdin.
 */
unsigned processors_usual(unsigned most, bool has_files);

#endif
