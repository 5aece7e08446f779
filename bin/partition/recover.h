/*
 * recover: what dead writers left, finished or removed; and the two steps
 * of publishing that can be done any number of times.  publish.h explains.
 *
 * All but recover_needed() needs the table's lock.
 */
#ifndef EV_PARTITION_RECOVER_H
#define EV_PARTITION_RECOVER_H

#include "facts/manifest.h"
#include "facts/table.h"
#include "partition/stage.h"

/* Is there any stage?  1, 0, or -1 (reported).  Needs no lock. */
int recover_needed(const struct table *t);

/* All stages of the dead.  0, or -1 (reported). */
int recover(const struct table *t);

/*
 * The parts of a committed manifest into place, those of the manifests that
 * it replaces out of it; all fsynced.  0, or -1 (reported).
 */
int recover_place(
    const struct table *t, const struct stage *s, const struct manifest *m);

#endif
