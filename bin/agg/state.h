/*
 * state: partial states, lines of `key TAB state', and how two become one.
 *
 * The kinds, by the letter in the key (key.h), and the parts behind the id:
 *
 *	o  DAY				events read of that day
 *	f  FIELD			some event had a value
 *	w  FLAW				inputs with it (worker.h)
 *	c  PERIOD DIMS			events
 *	d  PERIOD DIMS [VALUE]		a value; without one, their number
 *					where they are not kept, else 0
 *	h  PERIOD DIMS			HyperLogLog registers
 *	s  PERIOD DIMS			numbers and their sum
 *	i, x  PERIOD DIMS		the least or greatest number, or none
 *	b  PERIOD DIMS [BUCKET]		values in a bucket of a sketch
 *	e  VISITOR ...			what a visitor did (visits.h)
 *	p, r, v  PERIOD DIMS ...	what became of that (visits.h)
 *
 * Merging is associative and commutative, so any split, order and tree of
 * merges gives the same states.  Counters are checked: one that overflows is
 * an error.
 */
#ifndef EV_AGG_STATE_H
#define EV_AGG_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/decimal.h"
#include "agg/key.h"
#include "base/slice.h"
#include "base/strbuf.h"

#define STATE_NO_ID "----------------"

/* a and b, states of key, into *into; 0, or -1 (reported).  sorter.h's. */
int state_merge(
    struct strbuf *into, struct slice key, struct slice a, struct slice b);
/* Is text a state of key? */
bool state_valid(const struct key *key, struct slice text);

/* Exactly n numbers with a blank between; 0 or -1. */
int state_counts(struct slice text, uint64_t *v, unsigned n);
/* "N SUM" */
int state_sum(struct slice text, uint64_t *n, decimal *sum);

#endif
