/*
 * keep: one day of a table made one part, or dropped.
 *
 * Both are commits like any other: a manifest whose "removes" names the
 * parts that it takes away.  What these were made of stays in their own
 * manifests, so a log delivered again is still stored already, and its rows
 * do not come back.
 */
#ifndef EV_PARTITION_KEEP_H
#define EV_PARTITION_KEEP_H

#include "conf/partition.h"
#include "facts/table.h"
#include "io/codec.h"
#include "partition/stage.h"

/*
 * The day's rows, in the order of the manifests, as one part for each
 * directory.  With the table's lock, recovered; s is an empty stage, gone
 * afterwards or left for recovery.  0, also when there is nothing to do, or
 * -1 (reported).
 */
int keep_compact(const struct table *t, struct stage *s, const char *day,
    const struct conf_partition *conf, enum codec codec, const char *suffix);
int keep_drop(const struct table *t, struct stage *s, const char *day);

#endif
