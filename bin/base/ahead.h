/*
 * ahead: a source read, and worked on, ahead of who uses it, by threads.
 *
 *	struct ahead *a = ahead_start(src, threads, work, arg, line, n);
 *	while ((n = ahead_next(a, &block)) > 0) {
 *		... block->data[0, n) ...
 *		ahead_done(a, block);       it may be filled again
 *	}
 *	ahead_stop(a);                      before the source is touched
 *
 * The threads read blocks in turn, one at a time, so that the source, with
 * its decoder and hashes, is as it would be with one reader; then each calls
 * work() on its own block, at the same time as the others.  ahead_next() gives
 * the blocks in the order of the source.
 *
 * A block ends with a line wherever that is possible: what follows its last LF
 * begins the next one.
 *
 * The user is the first of the threads: while the next block is not ready, it
 * works on another.  Of a source that may wait, such as a pipe, it reads only
 * what is there, and gives a block as soon as it is ready.
 */
#ifndef EV_BASE_AHEAD_H
#define EV_BASE_AHEAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/source.h"

/* Read at once. */
#ifndef AHEAD_SIZE
#define AHEAD_SIZE ((size_t)192 << 10)
#endif
/* A line of so many bytes is moved to the next block; a longer one is not. */
#ifndef AHEAD_CARRY
#define AHEAD_CARRY ((size_t)64 << 10)
#endif
/* Where so much of a source was read, threads are worth it. */
#ifndef AHEAD_MIN
#define AHEAD_MIN ((uint64_t)1 << 20)
#endif

#define AHEAD_THREADS 8
/* Each thread has two, so that they stay in its processor's cache. */
#define AHEAD_BLOCKS (2 * AHEAD_THREADS)
/* NUL bytes behind a block. */
#define AHEAD_PAD 128

struct ahead;

struct ahead_block {
	char *data;
	size_t n;
	size_t whole;	      /* of them, from the first on: whole lines */
	unsigned slot;	      /* which of AHEAD_BLOCKS this is */
	uint64_t stored_read; /* of the source, when this was read */
};

typedef void ahead_fn(void *arg, unsigned thread, struct ahead_block *block);

/* The n <= AHEAD_CARRY bytes at line, where a line begins, come first; then
 * what the source has not given yet.  threads is at most AHEAD_THREADS. */
struct ahead *ahead_start(struct source *src, unsigned threads, ahead_fn *work,
    void *arg, const char *line, size_t n);
/* > 0: the bytes of the next block; 0 at the end, -1 on error (reported), and
 * again whenever it is asked. */
ssize_t ahead_next(struct ahead *a, struct ahead_block **block);
void ahead_done(struct ahead *a, const struct ahead_block *block);
/* Waits for the threads, of which one that waits for input is told.  NULL is
 * fine. */
void ahead_stop(struct ahead *a);

#endif
