/*
 * collect: what a measure keeps of an event, and its lines.
 *
 *	collect(t, measure, cell);         for tally.c, in the record loop
 *	collect_emit(t);                   all states to t->out
 *
 * The kinds of measures, and how each takes an event and writes its states,
 * are one table in collect.c.
 */
#ifndef EV_AGG_COLLECT_H
#define EV_AGG_COLLECT_H

#include "agg/tally.h"

void collect(struct tally *t, unsigned measure, uint32_t cell);
size_t collect_bytes(const struct tally *t, unsigned measure);
void collect_emit(struct tally *t);

/* xgrow(), and what is new is zero. */
void *tally_grow(void *p, size_t *cap, size_t want, size_t size);
/* The number (dict.h) of this event's value of the field. */
uint32_t tally_field_id(struct tally *t, unsigned field);

#endif
