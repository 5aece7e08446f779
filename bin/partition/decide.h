/*
 * decide: what becomes of a batch, given what the table has.
 *
 *	outcome = decide_alone(&table, &m, &how)        before the lock
 *	outcome = decide(&table, &catalog, &m, &how)    with it
 *
 * Both report what they find where it is not PUBLISH_DONE.  The rules are the
 * table in ev-partition(1): known by its content, a batch is stored already, or
 * was with other settings, or overlaps (overlap.h), or is of rejects whose log
 * is not there as it was (rejoin.h).  With how->rebuild it replaces its former
 * self and the batches that it covers.
 */
#ifndef EV_PARTITION_DECIDE_H
#define EV_PARTITION_DECIDE_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "conf/partition.h"
#include "facts/catalog.h"
#include "facts/manifest.h"
#include "facts/table.h"
#include "io/codec.h"

struct publish_how {
	unsigned wait;	    /* seconds for the table's lock */
	bool rebuild;	    /* replace the batch where it is stored */
	bool overlap;	    /* store bytes that are stored already */
	enum codec codec;   /* of part files */
	const char *suffix; /* ".tsv.zst" */
	const struct conf_partition *conf;
};

enum publish_outcome {
	PUBLISH_DONE,
	PUBLISH_SAME,	 /* it is stored already: nothing to do */
	PUBLISH_BUSY,	 /* another writer holds the table */
	PUBLISH_CONFLICT /* it overlaps what is stored */
};

/* What m alone tells: that it holds nothing, or something twice. */
enum publish_outcome decide_alone(const struct table *t,
    const struct manifest *m, const struct publish_how *how);

/*
 * PUBLISH_DONE: there is something to publish; m knows its sequence, its
 * revision and what it replaces, and has no parts of days that were dropped.
 */
enum publish_outcome decide(const struct table *t, const struct catalog *c,
    struct manifest *m, const struct publish_how *how);

/* A message's words for a batch: what it was made of, if that is known. */
void decide_describe(struct strbuf *sb, const struct manifest *m);

#endif
