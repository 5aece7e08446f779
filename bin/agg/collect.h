/*
 * collect: what a measure keeps of an event, and its lines.
 *
 *	collect(t, measure, rows);         for tally.c, in the record loop
 *	collect_emit(t);                   all states to t->out
 *
 * The kinds of measures, and how each takes an event and writes its states,
 * are one table in collect.c.
 */
#ifndef EV_AGG_COLLECT_H
#define EV_AGG_COLLECT_H

#include "agg/tally.h"

/* Rows whose cells are known, and the numbers of values to be counted. */
void collect(struct tally *t, unsigned measure, uint32_t rows);
size_t collect_bytes(const struct tally *t, unsigned measure);
void collect_emit(struct tally *t);

/* xgrow(), and what is new is zero. */
void *tally_grow(void *p, size_t *cap, size_t want, size_t size);

#endif
