/*
 * lines: a source as lines, in flat memory whatever it holds.
 *
 *	lines_init(&lines, LINES_MAX);
 *	lines_attach(&lines, src);
 *	while ((r = lines_next(&lines, &line)) == 1)
 *		...                       line.text is borrowed
 *
 * text has neither the LF nor a CR before it.  A line longer than max comes
 * in parts of at most max bytes, so that a 1 GiB line needs no memory: its
 * parts say LINE_FIRST, LINE_MORE ..., LINE_LAST.
 *
 * A run of NUL bytes at the start of a line is the hole that logrotate's
 * copytruncate leaves when the writer keeps its offset.  It belongs to no
 * line: it is skipped and counted in hole_bytes.
 */
#ifndef EV_BASE_LINES_H
#define EV_BASE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/inbuf.h"
#include "base/slice.h"

#define LINES_MAX ((size_t)1 << 20)

enum line_part { LINE_WHOLE, LINE_FIRST, LINE_MORE, LINE_LAST };

struct line {
	struct slice text;   /* borrowed until the next call; never NULL */
	uint64_t number;     /* from 1, as an editor counts */
	uint64_t offset;     /* of text in the decompressed source */
	enum line_part part; /* LINE_WHOLE but for over-long lines */
	bool newline;	     /* ended by LF; false only at the very end */
	bool cr;	     /* a CR before the LF was taken off */
};

struct lines {
	struct inbuf in;
	size_t max;
	uint64_t number;
	uint64_t hole_bytes; /* of this source */
	bool in_long;	     /* the next part continues a long line */
};

void lines_init(struct lines *l, size_t max);
void lines_attach(struct lines *l, struct source *src);
void lines_release(struct lines *l);
/* 1 a line, 0 the end, -1 read error (reported). */
int lines_next(struct lines *l, struct line *line);

/*
 * For who finds a line's end himself: the bytes at hand, which begin a line,
 * perhaps none; NUL bytes follow them (inbuf.h).  lines_took() consumes the
 * first n of them, which are so many whole lines with their LF.
 */
static inline struct slice
lines_at_hand(const struct lines *l)
{
	const struct inbuf *in = &l->in;

	return slice_of(
	    in->buf + in->start, l->in_long ? 0 : in->end - in->start);
}

/* Where they begin in the decompressed source. */
static inline uint64_t
lines_offset(const struct lines *l)
{
	return l->in.offset + l->in.start;
}

static inline void
lines_took(struct lines *l, size_t n, uint64_t lines)
{
	l->in.start += n;
	l->number += lines;
}

#endif
