/*
 * identity: what was delivered, told by its content.
 *
 *	identity_take(&m, &marks, no_marks)    after the last row
 *	identity_name(&m)                      when m.parts is there too
 *
 * A source is the digest and the length of its decompressed bytes and the
 * range of them that was consumed: the marks' "source" entries (mark.h).
 * The batch is the digest of
 *
 *	"sources\n", then "HASH,LENGTH,FROM,TO\n" of each source, sorted, then
 *	"replay HASH,LENGTH,FROM,TO,IN\n" of each replay, sorted
 *
 * so neither names, order, compression nor time matter.  Empty ranges are
 * left out: an empty log beside another adds nothing that could be stored
 * twice.  (m has no source that ev-parse --resume found stored whole.)  Where
 * the marks name no source, or do not count (--no-marks):
 *
 *	"rows\n", then "DIRECTORY\tHASH\n" of each partition, sorted
 *
 * where HASH is that of its rows in their order.
 */
#ifndef EV_PARTITION_IDENTITY_H
#define EV_PARTITION_IDENTITY_H

#include <stdbool.h>

#include "base/mark.h"
#include "facts/manifest.h"

/*
 * Fills m's sources, replays, settings, keys, databases and counters.  0, or -1
 * for a source entry that is none (reported).
 */
int identity_take(struct manifest *m, const struct marks *marks, bool no_marks);

/* Fills m's batch. */
void identity_name(struct manifest *m);

#endif
