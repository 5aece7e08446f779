/*
 * replay: the rows of a rejects file, back to the lines that they were.
 *
 *	struct replay rp;
 *	replay_init(&rp);
 *	if (replay_read(&rp, text) == -1)
 *		...                            no row of a rejects file
 *	rp.line, rp.source.buf                 as lines_next() gave them
 *	replay_release(&rp);
 *
 * A line that was too long is LINE_FIRST: its bytes stay where they are.
 *
 *	replay_took(&rp, again);              after each row; again: rejected
 *	if (replay_is_source(text) && replay_source(&rp, text, &marks) == -1)
 *		...                            none, or not that of these rows
 *
 * The line behind a source's rows (rejects.h) makes them one "replay" of the
 * end mark, which names the source, so that ev-partition joins what became of
 * them to it.  Which lines of it they were, and which are left, is told by
 * digests over their offsets, 8 bytes each, little-endian, in their order.
 */
#ifndef EV_PARSE_REPLAY_H
#define EV_PARSE_REPLAY_H

#include "base/lines.h"
#include "base/mark.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "io/digest.h"

/*
 * The longest row whose line may fit, each of its bytes encoded: the CR, and
 * PATH_MAX bytes of a source, too, and the numbers.
 */
#define REPLAY_MAX (TEXT_GROWTH * (LINES_MAX + 1 + 4096) + 128)

struct replay {
	struct strbuf source;
	struct line line; /* text is borrowed from buf until the next row */
	char *buf;
	size_t cap;
	/* Since the last source's line. */
	uint64_t nrows, first, last; /* first, last: the offsets' bounds */
	struct digest *in, *rest;    /* of all offsets, of those left */
	bool joined;		     /* there was such a line */
};

void replay_init(struct replay *rp);
void replay_release(struct replay *rp);
/* text is a row, or the begin of one that is longer than REPLAY_MAX. */
int replay_read(struct replay *rp, struct slice text);

void replay_took(struct replay *rp, bool again);
bool replay_is_source(struct slice text);
int replay_source(struct replay *rp, struct slice text, struct marks *marks);

#endif
