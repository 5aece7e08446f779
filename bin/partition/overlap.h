/*
 * overlap: bytes of a log that are delivered, or stored, a second time.
 *
 *	if (overlap_within(&m, &ov)) ...             in the stream itself
 *	if (overlap_stored(&catalog, &m, skip, &ov)) ...   with a live manifest
 *
 * Two sources of one hash and length overlap where their ranges do.  Other
 * ones overlap when they share a coarse chunk (io/chunks.h), or half of the
 * fine ones or of the lines that the one with fewer of them has: logs of two
 * idle servers may well share a few lines, of a probe that asks both.
 */
#ifndef EV_PARTITION_OVERLAP_H
#define EV_PARTITION_OVERLAP_H

#include <stdbool.h>

#include "facts/catalog.h"
#include "facts/manifest.h"

enum overlap_kind {
	OVERLAP_NONE,
	OVERLAP_RANGE, /* the same bytes of the same log */
	OVERLAP_GROWN, /* given begins as stored does, and is longer */
	OVERLAP_CHUNKS /* they share lines somewhere */
};

struct overlap {
	enum overlap_kind kind;
	const struct manifest *manifest; /* that stores it; NULL within */
	const struct manifest_source *stored;
	const struct manifest_source *given;
};

bool overlap_within(const struct manifest *m, struct overlap *ov);
/* skip, an entry for each manifest of c, says which are not asked. */
bool overlap_stored(const struct catalog *c, const struct manifest *m,
    const bool *skip, struct overlap *ov);

/* Is all that old was made of, byte for byte, among m's sources?  Its replays
 * are rejoin.h's. */
bool overlap_covers(const struct manifest *m, const struct manifest *old);
/* Has m those bytes, be it in several steps? */
bool overlap_has(const struct manifest *m, const struct manifest_source *s);

#endif
