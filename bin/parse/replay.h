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
 */
#ifndef EV_PARSE_REPLAY_H
#define EV_PARSE_REPLAY_H

#include "base/lines.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "base/text.h"

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
};

void replay_init(struct replay *rp);
void replay_release(struct replay *rp);
/* text is a row, or the begin of one that is longer than REPLAY_MAX. */
int replay_read(struct replay *rp, struct slice text);

#endif
