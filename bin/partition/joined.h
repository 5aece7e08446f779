/*
 * joined: rows of several batches in one part, and how they come apart again.
 *
 *	joined_copy(&ps, &reader, &table, &part, NULL, NULL)   --compact
 *	joined_part(&table, &stage, &catalog, &conf, codec, &m)
 *
 * A part that --compact made remembers of which manifests its rows are, run by
 * run ("origins", facts/manifest.h).  So a batch can be rebuilt after it: the
 * parts that hold rows of what is replaced are made anew without them, and the
 * manifest that replaces it carries those, too; their rows are still those of
 * their own batches, whoever carries them.
 */
#ifndef EV_PARTITION_JOINED_H
#define EV_PARTITION_JOINED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reader.h"
#include "base/slice.h"
#include "facts/catalog.h"
#include "facts/manifest.h"
#include "facts/table.h"
#include "io/codec.h"
#include "partition/parts.h"
#include "partition/stage.h"

/*
 * The part's rows, each with its origin, but those of the manifests that m, if
 * it is not NULL, replaces.  The part is verified first.  0, or -1 (reported).
 */
int joined_copy(struct parts *ps, struct event_reader *reader,
    const struct table *t, const struct catalog_part *from,
    const struct manifest *m);

/* Are rows of that manifest in a part of the day that is there, joined? */
bool joined_has(const struct catalog *c, uint64_t sequence, struct slice day);

/*
 * m replaces manifests of c: what their rows were joined with goes into parts
 * of m, and the old parts are removed.  With the table's lock; s has m's own
 * parts.  0, or -1 (reported).
 */
int joined_part(const struct table *t, const struct stage *s,
    const struct catalog *c, const struct conf_partition *conf,
    enum codec codec, struct manifest *m);

#endif
