/*
 * unfilled: metrics that need a column that nobody filled.
 *
 * Visitors of a stream that ev-enrich has not seen are 0, which looks like
 * an answer.  So a field that is NULL in every event, and that a metric
 * groups by, counts or compares with a value, is named in a warning.
 */
#ifndef EV_AGG_UNFILLED_H
#define EV_AGG_UNFILLED_H

#include "agg/fold.h"

void unfilled_warn(const struct fold *f);

#endif
