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
