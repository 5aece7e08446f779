/*
 * publish: a staged batch into the table, once.
 *
 *	publish_tidy(&table)                     before staging
 *	publish(&table, &stage, &m, &how, &outcome)
 *
 * The order, and what a death at each point leaves behind:
 *
 *  1. The parts lie in _stage/RANDOM/, fsynced.  Death: an orphan, whose
 *     lock nobody holds; the next run removes it.
 *  2. Take the table's lock.  From here on there is one writer.
 *  3. Recover, as below: what follows sees a table without loose ends.
 *  4. Compare the batch with the live manifests; this is the place where
 *     it turns out to be stored already.
 *  5. Link _columns.tsv where it is missing, and fsync the root.  Look
 *     that each part's place is free and its directory no symbolic link:
 *     after the commit it would be too late to refuse.  Write
 *     _stage/RANDOM/manifest and fsync it, then the directory, which names
 *     the parts too; rename the stage to _stage/SEQUENCE and fsync _stage.
 *     Now all that the manifest promises is on the disk.
 *  6. link(2) the manifest to _manifests/SEQUENCE.json, which fails if the
 *     number is taken, and fsync _manifests.  This is the commit: before,
 *     the batch is not there, and recovery removes the stage; after, it is,
 *     and recovery finishes what follows.
 *  7. link(2) each part into place; fsync the directories and the root.
 *     Unlink the parts of the manifests that this one replaces; fsync.
 *     Each step can be done again: a link that is there already is done, an
 *     old part that has gone too.
 *  8. Remove the stage.  It may go in any order, since a part that is in
 *     place needs no stage.  Nothing is fsynced: should it come back after
 *     a loss of power, it is removed again.
 *
 * Recovery, under the table's lock: a stage with a number whose manifest is
 * committed goes through 7 and 8; one without goes, as does a RANDOM one
 * whose lock is free.
 *
 * A failed fsync is never tried again, for the kernel may have dropped the
 * pages that it could not write: before the commit the run fails, and its
 * stage goes; after it, the stage stays for recovery.
 */
#ifndef EV_PARTITION_PUBLISH_H
#define EV_PARTITION_PUBLISH_H

#include "facts/manifest.h"
#include "facts/table.h"
#include "partition/decide.h"
#include "partition/stage.h"

/*
 * m has its parts, sources and batch; publish fills in the rest.  The
 * stage is gone afterwards, or left for recovery.  0 and the outcome, which
 * has been reported, or -1 (reported).
 */
int publish(struct table *t, struct stage *s, struct manifest *m,
    const struct publish_how *how, enum publish_outcome *outcome);

/*
 * Steps 5, but for _columns.tsv (columns.h), to 8, for a manifest with its
 * sequence, batch and what it removes; its parts get their paths.  With the
 * table's lock, recovered.  0, or -1 (reported); the stage is gone afterwards,
 * or left for recovery.
 */
int publish_commit(const struct table *t, struct stage *s, struct manifest *m,
    const char *suffix);

/* The table's lock: 1, 0 when another writer has it (reported, too), -1. */
int publish_lock(struct table *t, unsigned wait);

/*
 * Recovers when there is something to recover and nobody holds the table:
 * a dead run's stage could be what fills the disk.  0, or -1 (reported).
 */
int publish_tidy(struct table *t);

#endif
