/*
 * unfilled: metrics that need a column that nobody filled, or filled so that
 * its values cannot be compared.
 *
 * Visitors of a stream that ev-enrich has not seen are 0, which looks like
 * an answer.  So a field that is NULL in every event, and that a metric
 * groups by, counts or compares with a value, is named in a warning.  So are
 * visitors of several streams with a random key each.
 */
#ifndef EV_AGG_UNFILLED_H
#define EV_AGG_UNFILLED_H

#include "agg/fold.h"

void unfilled_warn(const struct fold *f);

#endif
