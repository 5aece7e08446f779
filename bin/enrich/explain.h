/*
 * explain: why an event became what it is.
 *
 *	explain_row(&e, number, &ev, &out)
 *
 * Writes lines of four fields with TAB between: the number of the row, what,
 * the value, and the reason.  "what" is a column or a property that ev-enrich
 * fills, each of them, with \N for NULL; or one that leaves the record, with
 * "-" for its value.  Reasons are for people; rules are given as
 * FILE NUMBER: REGEX, counted from 1 in their list.
 */
#ifndef EV_ENRICH_EXPLAIN_H
#define EV_ENRICH_EXPLAIN_H

#include <stdint.h>

#include "base/event.h"
#include "base/out.h"
#include "enrich/enrich.h"

void explain_row(
    struct enrich *e, uint64_t number, const struct event *ev, struct out *o);

#endif
