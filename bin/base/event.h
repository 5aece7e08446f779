/*
 * event: one record of core.fct_website_events, and its columns.
 *
 * The columns stand in this order in every stream (ev-events(5)).  A column
 * is a slice of the line as written: NULL (p == NULL) for "\N", else the
 * text, still percent-encoded in columns 3-6 and in the map.
 */
#ifndef EV_BASE_EVENT_H
#define EV_BASE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/out.h"
#include "base/slice.h"

enum event_column {
	EV_USER_ID,
	EV_LOGGED_OUT_USER_ID,
	EV_DIM_HOSTNAME,
	EV_DIM_COUNTRY,
	EV_DIM_DEVICE_BRAND,
	EV_ACTION_TYPE,
	EV_EVENT_TIMESTAMP,
	EV_OTHER_PROPERTIES,
	EV_DS,
	EV_COLUMNS
};

#define EV_NULL "\\N"

struct event {
	struct slice col[EV_COLUMNS];
	struct slice text; /* the whole line, without LF */
};

/* So many TABs stand before the map. */
#define EV_MAP_TABS EV_OTHER_PROPERTIES

/*
 * The same record not taken apart: places that count from some base on, with
 * what ends the map being a TAB, or without ds the end of the line.
 *
 *	at[-1]                          what stands before the line
 *	at[0] ... at[EV_MAP_TABS - 1]   the TABs before the map
 *	at[EV_MAP_TABS] ...             the '&' of the map, amps in number
 *	at[EV_MAP_TABS + amps]          what ends the map
 *	at[EV_MAP_TABS + amps + 1]      with ds: what ends the line
 *
 * The first may be -1, and is, as they all are, 32 bits wide.  Behind the last
 * are EVENT_PLACES_PAD more, of anything that may be read.
 */
#define EVENT_PLACES_PAD 4

struct event_row {
	const uint32_t *at;
	size_t amps;
	bool has_ds;
};

/* More '&' than that are not looked for. */
#define EVENT_AMPS_MAX 65536

static inline const char *
event_row_text(const char *base, const struct event_row *row)
{
	return base + (uint32_t)(row->at[-1] + 1);
}

/* One of the columns before the map, as it is written: NULL is "\\N". */
static inline struct slice
event_row_column(const char *base, const struct event_row *row, int i)
{
	const char *p = base + (uint32_t)(row->at[i - 1] + 1);

	return slice_of(p, (size_t)(base + row->at[i] - p));
}

/* ds, or the date that stands for it. */
static inline const char *
event_row_ds(const char *base, const struct event_row *row)
{
	const uint32_t *end = row->at + EV_MAP_TABS + row->amps;

	return base + (row->has_ds ? *end : row->at[EV_EVENT_TIMESTAMP - 1]) +
	       1;
}

extern const char *const event_column_names[EV_COLUMNS];

/* The column of that name, or -1 (then it may be a property). */
int event_column_find(struct slice name);

/* Is ds a column of the text, the last one, or made of the timestamp? */
static inline bool
event_has_ds(const struct event *ev)
{
	return ev->col[EV_DS].p + ev->col[EV_DS].n == ev->text.p + ev->text.n;
}

/* The header line: the names, TAB-separated, LF. */
void event_put_header(struct out *o);
/* A record as it was read, all nine columns, LF. */
void event_put(struct out *o, const struct event *ev);

#endif
