/*
 * chunks: content-defined pieces of a log, by which parts of it are known
 * again wherever they stand.
 *
 *	c = chunks_new();
 *	chunks_add(c, p, n);             the log from its begin, in any blocks
 *	chunks_add(c, NULL, 0);          does nothing
 *	list = chunks_list(c, CHUNKS_COARSE, &n);
 *	chunks_free(c);
 *
 * A chunk ends behind a line whose cheap hash is small, below len / BYTES of
 * its range, len being the line's length: so there is an end each BYTES on
 * average whatever the lines' lengths.  The bytes of the line alone decide,
 * so two logs that share a run of lines cut it alike, and share the chunks
 * that lie whole in it.  What follows the last end is no chunk.
 *
 * There are three levels:
 *
 *	coarse    192 KiB and 64 KiB on average, of the whole log; as lines of
 *	          the 192 KiB are not looked at, two logs may need a few chunks
 *	          to cut alike: of shared runs of 1 MiB 82 in 100 have a chunk
 *	          in common, of 2 MiB 98, of 3 MiB 99.8 (simulated)
 *	fine      4 KiB, of its first 256 KiB, for logs too short for coarse
 *	lines     each line of its first 8 KiB, for logs too short for fine
 *
 * Past CHUNKS_MAX coarse ones (64 GiB) every other one is forgotten, by its
 * value, so that two logs forget the same ones.
 *
 * A chunk is known by XXH3-64, seed 0, of its bytes: of 10^6 chunks of one
 * table and 10^4 of a new log two that differ are alike once in 10^9 tables.
 */
#ifndef EV_IO_CHUNKS_H
#define EV_IO_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum chunks_level { CHUNKS_COARSE, CHUNKS_FINE, CHUNKS_LINES, CHUNKS_LEVELS };

#define CHUNKS_MAX ((size_t)1 << 18)

struct chunks;

struct chunks *chunks_new(void);
void chunks_add(struct chunks *c, const void *p, size_t n);
/* So far, in the order of the log; borrowed. */
const uint64_t *chunks_list(
    const struct chunks *c, enum chunks_level level, size_t *n);
void chunks_free(struct chunks *c);

/* What a line is as a chunk of its own, LF included. */
uint64_t chunks_of(const void *p, size_t n);

#endif
