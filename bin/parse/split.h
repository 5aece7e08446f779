/*
 * split: a line into the fields of its layout.
 *
 * field[i] is the text of layout variable i as it stands in the line, still
 * escaped, never NULL, borrowed from it.  Nothing is allocated.  SCAN_PAD
 * bytes behind the line may be read.
 */
#ifndef EV_PARSE_SPLIT_H
#define EV_PARSE_SPLIT_H

#include "base/slice.h"
#include "conf/layout.h"
#include "parse/reason.h"

enum reason split_line(
    const struct layout *l, struct slice line, struct slice *field);

#endif
