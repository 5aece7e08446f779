/*
 * reader: event streams and part files, record by record.
 *
 *	event_reader_init(&r);
 *	event_reader_attach(&r, src);
 *	while ((n = event_reader_next(&r, &ev)) == 1)
 *		...                      ev's slices are borrowed
 *	n = event_reader_batch(&r, &batch)      or some, not taken apart
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
#include "base/places.h"

/*
 * A log line has at most 1 MiB; percent-encoding triples it and its
 * arguments may stand twice.
 */
#define EVENT_MAX ((size_t)16 << 20)

/* So many records at once are enough to fetch from afar what they need. */
#define EVENT_ROWS 32

struct event_batch {
	const char *base; /* of all their places */
	int n;
	struct event_row row[EVENT_ROWS];
};

struct event_reader {
	struct inbuf in;
	struct marks marks; /* rows_read is kept up to date */
	uint64_t line;	    /* of the last line read, from 1 */
	bool saw_begin;	    /* a #begin has been read */

	/* What is ahead in the buffer is looked over a block at a time. */
	places_fn *places; /* the fastest that this machine has */
	uint32_t *at;	   /* whole lines: at[0] is -1, the last an LF's */
	char *kind;	   /* the bytes there */
	size_t block;	   /* where in in.buf they count from */
	size_t next, n;	   /* of at: those of the next line, and their end */
	uint32_t *odd;	   /* of a line that is not plain */
	size_t cap_odd;
};

void event_reader_init(struct event_reader *r);
/* src stays the caller's; it is read to its end or abandoned. */
void event_reader_attach(struct event_reader *r, struct source *src);
void event_reader_release(struct event_reader *r);
int event_reader_next(struct event_reader *r, struct event *ev);
/*
 * The same for some records at once; n is their number, and the last stands on
 * line r->line, the others on those before it, with no mark between them.
 */
int event_reader_batch(struct event_reader *r, struct event_batch *b);
/* The same for one, and not looking at the next. */
int event_reader_one(struct event_reader *r, struct event_batch *b);
/* Is the source read ahead from the next line on?  inbuf_is_ahead(). */
bool event_reader_is_ahead(struct event_reader *r);
/* Somebody else has read the next lines, all of them records. */
void event_reader_took(struct event_reader *r, size_t bytes, uint64_t lines);
/*
 * For who has whole lines and no source: the records at their begin that are
 * plain, some at once.  0: the next line, at in.start of the text, is not; what
 * is wrong with it, if anything, a reader of the source will find.
 */
void event_reader_text(struct event_reader *r, struct slice lines);
int event_reader_plain(struct event_reader *r, struct event_batch *b);
/* Takes one of them apart; borrowed as they are. */
void event_batch_get(const struct event_batch *b, int i, struct event *ev);

#endif
