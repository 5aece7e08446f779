/*
 * tally: the states of all measures, for each period and group.
 *
 *	struct tally t;
 *	tally_init(&t, &plan, &out);
 *	why = tally_add(&t, &batch, &n);   all events, in any order
 *	if (tally_bytes(&t) > limit)
 *		tally_flush(&t, true);
 *	tally_flush(&t, false);            all states, as lines to out
 *	tally_release(&t);
 *
 * Fields, periods and groups are small numbers (dict.h, pairs.h).  A group's
 * combination of values is a number as well: 0 for a total, the value's own
 * for one field, a chain of pairs for more.  A combination in a period is a
 * cell, and each measure has its states by cell.
 *
 * Events come some at once, as rows, and a set of them is a mask.  Each step is
 * taken for all rows before the next one: the values of the fields, the masks
 * of those that fulfil each where, the numbers of the values, the cells of the
 * groups, the states.  So what a step needs stays at hand, and what it has to
 * fetch from memory is asked for before it is waited for.
 *
 * Distinct is exact.  While there are few cells, a mask by value tells which
 * ones it was met in, four bytes each.  Of more cells most values meet one
 * only (a person has one country), so that one is kept in their place, and
 * only further ones go to a table.
 *
 * Values are borrowed from the reader's buffer: more than DICT_SHORT bytes may
 * be read where one begins, however short it is (INBUF_PAD).
 *
 * tally_flush() writes the states as lines (state.h) and forgets them, so
 * what is held is begun anew without the callers knowing: memory that is
 * used up, the end of the input and partial states are one thing.  What
 * visitors did in time goes to the lines at once (visits.h).
 */
#ifndef EV_AGG_TALLY_H
#define EV_AGG_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/conds.h"
#include "agg/decimal.h"
#include "agg/dict.h"
#include "agg/index.h"
#include "agg/pairs.h"
#include "agg/plan.h"
#include "agg/set.h"
#include "agg/sorter.h"
#include "agg/visits.h"
#include "base/hash.h"
#include "base/reader.h"
#include "base/slice.h"
#include "base/utc.h"

/* What is kept of a field; dict is used by groups and distincts only. */
struct tally_field {
	struct dict dict;
	uint32_t id[EVENT_ROWS]; /* of the rows at hand where it is needed */
	bool filled;		 /* some event had a value */
	uint32_t parsed;	 /* rows of which it is known ... */
	uint32_t numbers; /* ... whether they have a number, those that do */
	decimal number[EVENT_ROWS];

	/*
	 * Of all distinct counts of the field, a lane each, so that a value's
	 * lie in one place: a mask of its cells, or the first.
	 */
	uint32_t *met;	/* by value and lane */
	size_t met_cap; /* in values */
	unsigned lanes;
};

/* The cell of a combination in the period when it was met last. */
struct tally_memo {
	uint32_t period, cell;
};

struct tally_group {
	const struct plan_list *by; /* the plan's */
	enum conf_period period;
	struct pairs *chain;	 /* one less than the group has fields */
	struct pairs cells;	 /* (combination, period) */
	struct tally_memo *memo; /* by combination */
	size_t memo_cap;
	uint32_t cell[EVENT_ROWS]; /* of the rows at hand where it is needed */
	uint32_t one_cell; /* of them all; 0: it is not known to be one */
};

/* Arrays are by cell, NULL where the kind does not need them. */
struct tally_measure {
	uint64_t *events; /* that fulfil the where */
	uint64_t *values; /* distinct ones, or numbers */
	decimal *sum;	  /* of the numbers; or the least or greatest */
	uint8_t **reg;	  /* hll.h */
	size_t cap;	  /* of all of them */
	size_t nreg;	  /* registers allocated, in cells */

	unsigned lane;	 /* distinct: of the field's */
	bool spread;	 /* there are more cells than a mask has bits */
	struct set more; /* (value, cell): all further ones */

	struct pairs buckets; /* (cell, bucket) of a sketch */
	uint64_t *bucket;     /* its values, by the pair's id */
	size_t bucket_cap;
};

struct tally_day {
	char date[UTC_DATE_LEN];
	uint64_t events;	 /* of that day; 0: it only begins a period */
	uint32_t first[PERIODS]; /* the id of the period's first day */
};

struct tally {
	const struct plan *plan; /* not owned */
	struct sorter *out;	 /* not owned */
	struct visits_collector visits;
	struct hash_key key;
	bool overflow; /* of a sum */
	bool flushed;  /* states went out before the end */
	bool whole;    /* members of sets are wanted, not their number */
	struct tally_field *field;
	struct tally_group *group;
	struct tally_measure *measure;

	struct index day_ids;
	struct tally_day *day; /* of id 1 at 0 */
	size_t ndays, day_cap;
	char last_ds[UTC_DATE_LEN]; /* of the event before */
	uint32_t last_day;	    /* its id, 0 before the first */

	/* Of the rows at hand: */
	uint32_t one_day;	      /* their day, if it is one, else 0 */
	uint32_t row_day[EVENT_ROWS]; /* days' ids */
	uint32_t period[PERIODS][EVENT_ROWS]; /* the ids of its first days */
	uint32_t *found;		      /* fields_get()'s own */
	struct slice (*val)[EVENT_ROWS];      /* by field */
	struct conds_rows conds;
	uint32_t *where; /* masks, by where */

	/* Of a row by itself, for visits; NULL: there are none. */
	struct slice *one_val;
	bool *one_where;

	struct strbuf name; /* of a value, while it is needed */
	unsigned *empty;    /* fields that had no value so far */
	unsigned nempty;
};

/*
 * t stays where it is: its parts point into it.  whole: the lines are for
 * merging with others.
 */
void tally_init(
    struct tally *t, const struct plan *plan, struct sorter *out, bool whole);
void tally_release(struct tally *t);

/*
 * NULL, or why event *n, the first of which is 0, is none.  Those before it
 * are counted, those behind it are not.
 */
const char *tally_add(struct tally *t, const struct event_batch *b, int *n);
/* Of memory that grows with the input. */
size_t tally_bytes(const struct tally *t);
/* more: events are to follow. */
void tally_flush(struct tally *t, bool more);

#endif
