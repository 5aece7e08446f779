/*
 * rejoin: rejects that were read again (ev-parse --replay), and the log that
 * they are lines of.
 *
 *	if (rejoin_refused(&catalog, &m, replaced, &rj)) ...
 *	if (rejoin_covers(&catalog, &m, old, replaced)) ...
 *
 * A replay holds events of a log's lines that the batch of the log has not,
 * for they were rejects then.  It goes only beside a log that is stored as it
 * was when they were rejected: by other settings they may be events of the
 * log itself.  Of one log's rejects each line is stored once: the first replay
 * may be of any, and each later one of what the one before it has left.
 *
 * Who replaces a log replaces its replays.
 */
#ifndef EV_PARTITION_REJOIN_H
#define EV_PARTITION_REJOIN_H

#include <stdbool.h>

#include "facts/catalog.h"
#include "facts/manifest.h"

enum rejoin_kind {
	REJOIN_UNSTORED, /* the log is not there */
	REJOIN_OTHER,	 /* manifest stores it by other settings */
	REJOIN_AGAIN,	 /* manifest has lines of it, and these are not left */
	REJOIN_HALF	 /* manifest, with more than this, cannot be replaced */
};

struct rejoin {
	enum rejoin_kind kind;
	const struct manifest_replay *replay;
	const struct manifest *manifest; /* NULL: none */
};

/* May m not be stored beside what c has, less what is replaced? */
bool rejoin_refused(const struct catalog *c, const struct manifest *m,
    const bool *replaced, struct rejoin *rj);

/* Are all of old's replays of m's logs, or of what m replays?  replaced says
 * which manifests before old are. */
bool rejoin_covers(const struct catalog *c, const struct manifest *m,
    const struct manifest *old, const bool *replaced);

#endif
