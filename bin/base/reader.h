/*
 * reader: event streams and part files, record by record.
 *
 *	event_reader_init(&r);
 *	event_reader_attach(&r, src);
 *	while ((n = event_reader_next(&r, &ev)) == 1)
 *		...                      ev's slices are borrowed
 *	n == 0: the end; r.marks tells whether it was complete
 *	n == -1: reported with name and line number
 *
 * Reads nine columns, or eight without ds: then ds is the date of
 * event_timestamp.  A header line and the marks are recognised anywhere and
 * are no records; marks go into r.marks, which is of the present source
 * (attach starts it anew).  Empty lines are an error: every record has
 * columns.  The last line may lack its LF; so may a cut one, which is why
 * the marks are there.  An end mark without its LF does not count: it may
 * have lost its tail.
 *
 * Columns are not validated beyond their number, a CR at the line's end,
 * and the shape of the timestamp and ds: who wrote the stream did.
 */
#ifndef EV_BASE_READER_H
#define EV_BASE_READER_H

#include <stdint.h>

#include "base/event.h"
#include "base/inbuf.h"
#include "base/mark.h"

/*
 * A log line has at most 1 MiB; percent-encoding triples it and its
 * arguments may stand twice.
 */
#define EVENT_MAX ((size_t)16 << 20)

struct event_scan;
typedef bool event_scan_fn(struct event_scan *sc, const char *p, size_t n);

struct event_reader {
	struct inbuf in;
	struct marks marks;  /* rows_read is kept up to date */
	uint64_t line;	     /* of the last line read, from 1 */
	bool saw_begin;	     /* a #begin has been read */
	event_scan_fn *scan; /* the widest that this machine has */
};

void event_reader_init(struct event_reader *r);
/* src stays the caller's; it is read to its end or abandoned. */
void event_reader_attach(struct event_reader *r, struct source *src);
void event_reader_release(struct event_reader *r);
int event_reader_next(struct event_reader *r, struct event *ev);

#endif
