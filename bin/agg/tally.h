/*
 * tally: the counts of all measures, for each day and group.
 *
 *	struct tally t;
 *	tally_init(&t, &plan);
 *	tally_add(&t, &ev);            for each event, in any order
 *	tally_value(&t, measure, cell), ...
 *	tally_release(&t);
 *
 * Fields, days and groups are small numbers (dict.h, pairs.h).  A group's
 * combination of values is a number as well: 0 for a total, the value's own
 * for one field, a chain of pairs for more.  A combination on a day is a
 * cell, and each measure has its counts by cell.
 *
 * Distinct is exact.  Most values meet one cell of a measure only (a person
 * has one country), so the first is kept in an array by value, four bytes
 * each, and only further ones go to a table.
 *
 * All state hangs off this one struct and is read through the functions
 * below, in terms of days, values and counts: what it holds can be written
 * out and begun anew without the callers knowing.
 */
#ifndef EV_AGG_TALLY_H
#define EV_AGG_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/dict.h"
#include "agg/index.h"
#include "agg/pairs.h"
#include "agg/plan.h"
#include "base/event.h"
#include "base/hash.h"
#include "base/slice.h"
#include "base/utc.h"

/* What is kept of a field; dict is used by groups and distincts only. */
struct tally_field {
	struct dict dict;
	uint64_t event; /* id is of this event */
	uint32_t id;
	bool filled; /* some event had a value */
};

/* The cell of a combination on the day when it was met last. */
struct tally_memo {
	uint32_t day, cell;
};

struct tally_group {
	struct pairs *chain;	 /* one less than the group has fields */
	struct pairs cells;	 /* (combination, day) */
	struct tally_memo *memo; /* by combination */
	size_t memo_cap;
	uint64_t event; /* cell is of this event */
	uint32_t cell;
};

struct tally_measure {
	uint64_t *events; /* that fulfil the where, by cell */
	uint64_t *values; /* distinct ones, by cell; else NULL */
	size_t cap;	  /* of both */
	uint32_t *first;  /* by value: the first cell it was met in */
	size_t first_cap;
	struct index more; /* (value, cell): all further ones */
};

struct tally {
	const struct plan *plan; /* not owned */
	struct hash_key key;
	uint64_t events; /* added so far */
	struct tally_field *field;
	struct tally_group *group;
	struct tally_measure *measure;

	struct index day_ids;
	char (*day)[UTC_DATE_LEN]; /* of id 1 at 0 */
	size_t ndays, day_cap;
	char last_ds[UTC_DATE_LEN]; /* of the event before */
	uint32_t last_day;	    /* its id, 0 before the first */

	struct slice *val;  /* this event's: by field, ... */
	bool *cond, *where; /* ... condition and where */
};

/* t stays where it is: its parts point into it. */
void tally_init(struct tally *t, const struct plan *plan);
void tally_release(struct tally *t);

/* 0, or -1 when ds is no date (not reported; the event is not counted). */
int tally_add(struct tally *t, const struct event *ev);

/* Days have the numbers 1 to ndays, in no order. */
struct slice tally_day(const struct tally *t, uint32_t day);
/* The cells of a group have the numbers 1 to this. */
uint32_t tally_cells(const struct tally *t, unsigned group);
uint32_t tally_cell_day(const struct tally *t, unsigned group, uint32_t cell);
/* The cell's combination of values. */
uint32_t tally_combination(
    const struct tally *t, unsigned group, uint32_t cell);
/* All combinations are below this; 0 is one unless it has many fields. */
size_t tally_combinations(const struct tally *t, unsigned group);
/* The ids (dict.h) of a combination, one for each field of the group. */
void tally_values(
    const struct tally *t, unsigned group, uint32_t combination, uint32_t *ids);

/* Did an event fulfil the measure's where in this cell? */
bool tally_seen(const struct tally *t, unsigned measure, uint32_t cell);
/* The count of the cell; 0 where not seen. */
uint64_t tally_count(const struct tally *t, unsigned measure, uint32_t cell);

#endif
