/*
 * mark: the first and the last line of an event stream (ev-events(5)).
 *
 *	#begin TAB version=1 TAB columns=user_id,...,ds
 *	...
 *	#end TAB rows=N TAB lines=N TAB ... TAB key=value
 *
 * End of file does not mean success: a killed filter looks like one that
 * finished.  So a reader adds up the marks that it meets, wherever they
 * stand (sort moves them, cat repeats them), and compares the rows that
 * they promise with the rows it read.
 *
 * Values are percent-encoded as in the map.  A value of digits only is a
 * counter and is summed; any other is text and is kept: each different one
 * once, but every "source" and "replay", so that one delivered twice shows.
 *
 * The keys in use:
 *	rows        rows between the marks
 *	lines events rejected dropped skipped hole_bytes   ev-parse's count
 *	enriched    rows that passed ev-enrich
 *	settings    "parse:HEX", "enrich:HEX": hash of what shaped the events
 *	source      "HASH,LENGTH,FROM,TO,NAME": identity of what was read:
 *	            digest and length of the decompressed bytes, the range
 *	            that was consumed, and a name for messages only
 *	chunks      "HASH,LENGTH,FROM,TO,COARSE,FINE,LINES": the chunks of
 *	            that range (io/chunks.h), 16 hex digits each
 *	replay      "HASH,LENGTH,FROM,TO,IN,REST,SETTINGS,NAME": rejects of
 *	            that source, by those settings, read again: digests of
 *	            which lines were read, and of which are rejects still
 *	key         "random", or the public fingerprint of the visitors' keys
 *	database    "country:TYPE:BUILD", or "asn:...": what was looked up in
 */
#ifndef EV_BASE_MARK_H
#define EV_BASE_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"
#include "base/slice.h"

#define MARK_VERSION 1

enum mark_state {
	MARK_NONE,     /* no mark at all: part files, or --no-marks */
	MARK_COMPLETE, /* every begin has its end, and the rows agree */
	MARK_CUT       /* begun and cut, or the rows do not agree */
};

struct mark_entry {
	char *key;     /* decoded, NUL-terminated */
	char *text;    /* decoded text, NULL for a counter */
	size_t text_n; /* text may hold NUL bytes */
	uint64_t sum;  /* of a counter */
};

struct marks {
	uint64_t begins;
	uint64_t ends;
	uint64_t rows_read; /* counted by the reader */
	bool overflow;	    /* a counter passed 2^64 - 1 */
	struct mark_entry *v;
	size_t n, cap;
};

#define MARKS_INIT ((struct marks){ 0 })

void marks_release(struct marks *m);

/* Does the line begin with "#begin" or "#end"? */
bool mark_is(struct slice line);
/* Adds one mark line; 0, or -1 when it is none or has a newer version
 * (why points to a constant message). */
int marks_add_line(struct marks *m, struct slice line, const char **why);
/* Adds all of b, entry by entry. */
void marks_add(struct marks *m, const struct marks *b);

void marks_count(struct marks *m, const char *key, uint64_t add);
void marks_text(struct marks *m, const char *key, struct slice text);

/* The counter, 0 if absent. */
uint64_t marks_counter(const struct marks *m, const char *key);
/* The next text of that key from *i on, or NULL; i starts at 0. */
const struct mark_entry *marks_next_text(
    const struct marks *m, const char *key, size_t *i);
/* Is this one of the key's texts? */
bool marks_have_text(const struct marks *m, const char *key, const char *text);

enum mark_state marks_state(const struct marks *m);

void mark_put_begin(struct out *o);
/* One end mark with all entries but "rows", which is rows. */
void mark_put_end(struct out *o, const struct marks *m, uint64_t rows);

#endif
