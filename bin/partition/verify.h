/*
 * verify: is the table what its manifests say, and nothing else?
 *
 * Each part's bytes and rows are read and compared; each file below ds=...
 * must be a part.  What is wrong is reported, each by its path.
 */
#ifndef EV_PARTITION_VERIFY_H
#define EV_PARTITION_VERIFY_H

#include "facts/manifest.h"
#include "facts/table.h"

/* With the table's lock, recovered.  0, or -1 (reported). */
int verify_table(const struct table *t);

/* One part that is in place: 0, or -1 (reported). */
int verify_part(const struct table *t, const struct manifest_part *p);
/* Its file's bytes alone. */
int verify_file(const struct table *t, const struct manifest_part *p);

#endif
