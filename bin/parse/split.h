/*
 * split: a line into the fields of its layout.
 *
 *	struct split *split = split_new(&layout, scan);     keeps no part of it
 *	reason = split_line(split, line, field, &clean);
 *	split_free(split);
 *
 * field[i] is the text of layout variable i as it stands in the line, still
 * escaped and borrowed from it; its p is NULL where nginx wrote what it writes
 * for a variable that is not set.  clean says whether the line has
 * neither a backslash nor 00-1F nor 7F-FF.  Nothing is allocated for a line.
 * SCAN_PAD bytes behind the line may be read.
 */
#ifndef EV_PARSE_SPLIT_H
#define EV_PARSE_SPLIT_H

#include <stdbool.h>

#include "base/slice.h"
#include "conf/layout.h"
#include "parse/reason.h"

struct scan;
struct split;

struct split *split_new(const struct layout *l, const struct scan *scan);
void split_free(struct split *split);
enum reason split_line(const struct split *split, struct slice line,
    struct slice *field, bool *clean);
/*
 * Where the list of upstreams ends that begins at p, its values between ", " or
 * " : ", before end or the blank behind it.  *values is their number: they
 * must be so many, but for 0, which becomes what they are.  NULL: they are
 * not.
 */
const char *split_list(const char *p, const char *end, size_t *values);

#endif
