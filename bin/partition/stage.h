/*
 * stage: a directory where one writer prepares its parts.
 *
 *	stage_create(&s, &table);            _stage/RANDOM, locked
 *	... openat(s.fd, ...), stage_put(&s, file, text) ...
 *	stage_name(&s, sequence);            _stage/SEQUENCE, before commit
 *	stage_drop(&s);                      gone with all that is in it
 *	stage_leave(&s);                     left for recovery
 *
 * A stage is held by a flock(2) on the file "lock" in it, which goes with
 * the process: a stage whose lock nobody holds is an orphan.  It may be
 * taken for one between its mkdir and its lock; so who makes a stage looks,
 * once he has the lock, whether the file is still there, and else makes
 * another.
 *
 * The name says what a stage is: 16 hex digits are somebody's work, 10
 * digits are the stage of the manifest with that sequence number.  So the
 * manifest need not hold a random name, and the same input gives the same
 * manifest, to the byte.
 */
#ifndef EV_PARTITION_STAGE_H
#define EV_PARTITION_STAGE_H

#include <stdint.h>

#include "base/slice.h"
#include "facts/manifest.h"
#include "facts/table.h"

#define STAGE_LOCK "lock"
#define STAGE_MANIFEST "manifest"
#define STAGE_RANDOM 16

struct stage {
	const struct table *table;
	int fd;	  /* of the directory */
	int lock; /* of its lock file */
	char name[STAGE_RANDOM + 1];
};

/* 0, or -1 (reported). */
int stage_create(struct stage *s, const struct table *t);

enum stage_kind {
	STAGE_OTHER,	/* no stage of ours */
	STAGE_WORK,	/* of 16 hex digits */
	STAGE_COMMITTED /* of 10 digits: *sequence */
};
enum stage_kind stage_kind(const char *name, uint64_t *sequence);

/*
 * Takes over a stage that another process left behind: 1 it is ours, 0 its
 * owner is alive or it has gone meanwhile, -1 (reported).
 */
int stage_adopt(struct stage *s, const struct table *t, const char *name);

/* A file of it, whole and on the disk: 0, or -1 (reported). */
int stage_put(const struct stage *s, const char *name, struct slice text);

/*
 * Renames it after its manifest and makes the new name durable.  Needs the
 * table's lock.
 */
int stage_name(struct stage *s, uint64_t sequence);

/* Removes it, unless another process takes it over at this moment. */
int stage_drop(struct stage *s);
void stage_leave(struct stage *s);

#endif
