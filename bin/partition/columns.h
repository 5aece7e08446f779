/*
 * columns: _columns.tsv beside the data, what a part's columns are.
 *
 *	if (columns_put(&table, &stage, &conf.partition) == -1) ...  reported
 *
 * "name TAB type TAB row" for each column of a part, in their order, and
 * "name TAB type TAB directory" for each that is the name of one, in theirs.
 * Written with the first batch.  A batch whose config partitions otherwise is
 * refused: half of a table in another layout is no table.
 */
#ifndef EV_PARTITION_COLUMNS_H
#define EV_PARTITION_COLUMNS_H

#include "conf/partition.h"
#include "facts/table.h"
#include "partition/stage.h"

#define COLUMNS_FILE "_columns.tsv"

/* With the table's lock; fsyncs the root.  0, or -1 (reported). */
int columns_put(const struct table *t, const struct stage *s,
    const struct conf_partition *conf);

#endif
