/*
 * list: what a table holds, as TSV; and which days were changed of late.
 *
 * Both read manifests only, and wait for nobody.
 */
#ifndef EV_PARTITION_LIST_H
#define EV_PARTITION_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/out.h"
#include "facts/table.h"

/*
 * A line for each part: sequence, batch, revision, ds=..., rows, bytes, path,
 * and the names of the sources, comma-separated.  0, or -1 (reported).
 */
int list_parts(const struct table *t, struct out *o, bool header);

/*
 * "ds=...", and the last sequence that changed it, for the partitions that
 * manifests after since have changed; sorted.
 */
int list_dirty(
    const struct table *t, uint64_t since, struct out *o, bool header);

#endif
