/*
 * sketch: quantiles of any number of values from a few thousand counters.
 *
 * A DDSketch (Masson, Rim and Lee, 2019) with a logarithm that is linear
 * between powers of two, so that it is integers alone: a value, in
 * billionths (decimal.h), counts in the bucket of its exponent and the seven
 * bits behind its first.  A bucket's middle is at most 1/256 off any value in
 * it; rounded to four digits, the result is within half a percent.  Values
 * below 256 billionths and 0 have buckets of their own.
 *
 * Sketches of the same values are equal whatever the order, and their sum is
 * that of their counters.
 */
#ifndef EV_AGG_SKETCH_H
#define EV_AGG_SKETCH_H

#include "agg/decimal.h"

/* Buckets are -SKETCH_MAX to SKETCH_MAX, in the order of their values. */
#define SKETCH_MAX 15487

int sketch_bucket(decimal v);
decimal sketch_value(int bucket);

#endif
