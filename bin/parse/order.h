/*
 * order: the logs of a rotated set, oldest first.
 *
 *	order_files(plan, files, n);
 *
 * A shell's access.log* has the newest log first, and access.log.10.gz before
 * access.log.2.gz.  The time of a log is that of its first line which has one,
 * of those in its first quarter MiB; logs are sorted by it, those of one time
 * stay as they were named.  A log without a time (empty, or of another format)
 * stays behind the one that it was named behind.
 *
 * Only regular files are looked at: where one operand is none, or may not be
 * read, all stay.  What cannot be read fails when its turn comes, not here, but
 * where an archive's begin is broken, both say so.
 */
#ifndef EV_PARSE_ORDER_H
#define EV_PARSE_ORDER_H

#include <stddef.h>

#include "parse/plan.h"

void order_files(const struct plan *plan, char **files, size_t n);

#endif
