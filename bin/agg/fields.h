/*
 * fields: the columns and properties that the metrics need, once an event.
 *
 *	struct fields f = { 0 };
 *	i = fields_add(&f, SLICE_LIT("referrer"));     at config time
 *	i = fields_add_first(&f, &list);               the first not NULL
 *	fields_finish(&f);
 *	fields_get(&f, &ev, val);                      val[i], borrowed
 *
 * A field is a column, a property, or "hour", the hour of event_timestamp,
 * which shadows a property of that name.
 *
 * The properties come out of one walk over the map.  A key with its '=' is
 * compared by its first eight bytes at once, the rest only where these are
 * equal.
 */
#ifndef EV_AGG_FIELDS_H
#define EV_AGG_FIELDS_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
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
	uint64_t word, mask; /* its first bytes, as they lie in memory */
	unsigned field;
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
	unsigned lists; /* the first FIELD_FIRST, or n */
	struct field_property *property;
	unsigned nproperties;
	int hour; /* the field that is FIELD_HOUR, or -1 */
	/* Sorted by key: those that begin with c are at begin[c] up to, and
	 * without, begin[c + 1]. */
	unsigned begin[UCHAR_MAX + 2];
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

/* val has room for f->n; INBUF_PAD bytes behind the map may be read. */
void fields_get(
    const struct fields *f, const struct event *ev, struct slice *val);

#endif
