/*
 * fields: the columns and properties that the metrics need, some events at
 * once.
 *
 *	struct fields f = { 0 };
 *	i = fields_add(&f, SLICE_LIT("referrer"));     at config time
 *	i = fields_add_first(&f, &list);               the first not NULL
 *	fields_finish(&f);
 *
 *	uint32_t *found = fields_found(&f);
 *	fields_get(&f, found, base, row, n, val);      val[i][k] of row k,
 *	                                               borrowed
 *
 * A field is a column, a property, or "hour", the hour of event_timestamp,
 * which shadows a property of that name.
 *
 * Where the pairs of a map are is known (event.h).  A pair is compared with
 * the wanted keys that begin as it does, or with as many that are none: maps
 * differ in their pairs from row to row, so that what is skipped by a branch
 * costs more than it saves.
 */
#ifndef EV_AGG_FIELDS_H
#define EV_AGG_FIELDS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/reader.h"
#include "base/slice.h"
#include "base/text.h"
#include "conf/read.h"

struct field {
	struct slice name; /* as in the config; owned, NUL-terminated */
	struct slice key;  /* as written in a map; owned */
	int column;	   /* or FIELD_PROPERTY, FIELD_FIRST, FIELD_HOUR */
	unsigned *first;   /* FIELD_FIRST: of these, all before this one */
	unsigned nfirst;
};

#define FIELD_PROPERTY (-1)
#define FIELD_FIRST (-2)
#define FIELD_HOUR (-3) /* "hour": of event_timestamp, 00 to 23 */

/* A wanted property and where its value goes. */
struct field_property {
	char *key; /* with its '='; owned */
	size_t n;
	unsigned field;
};

/* Its first bytes, as they lie in memory. */
#define FIELD_HEAD 16
struct field_look {
	uint64_t word[FIELD_HEAD / 8], mask[FIELD_HEAD / 8];
	uint32_t property; /* from 1 */
	bool more;	   /* there are others behind them */
};

/* A field that is a column. */
struct field_column {
	unsigned field;
	int column;
};

struct fields {
	struct field *v;
	unsigned n;
	size_t cap;
	struct field_column *column;
	unsigned ncolumns;
	unsigned lists;			 /* the first FIELD_FIRST, or n */
	struct field_property *property; /* sorted by key */
	unsigned nproperties;
	int hour; /* the field that is FIELD_HOUR, or -1 */
	/* What a pair is compared with, by its first byte: nlooks each, with
	 * those of no property, which fill up, having the number 0. */
	const struct field_look *first[UCHAR_MAX + 1];
	struct field_look *look; /* all of them */
	unsigned nlooks;
	bool some_more; /* some key is longer than FIELD_HEAD */
};

/* The number of the field of that name, a new one where it is new. */
unsigned fields_add(struct fields *f, struct slice name);
/*
 * The field whose value is that of the first of the list that is not NULL;
 * of one, that one.  Its name has them with a comma between.
 */
unsigned fields_add_first(struct fields *f, const struct conf_list *list);
/* No fields are added after this. */
void fields_finish(struct fields *f);
void fields_release(struct fields *f);

/* How values of the field are encoded. */
enum text_kind field_text_kind(const struct field *f);

/* What fields_get() notes its finds in; to be freed. */
uint32_t *fields_found(const struct fields *f);
/* Of n rows; INBUF_PAD bytes behind their maps may be read. */
void fields_get(const struct fields *f, uint32_t *found, const char *base,
    const struct event_row *row, int n, struct slice (*val)[EVENT_ROWS]);

#endif
