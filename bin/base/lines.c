#include "config.h"

#include "base/lines.h"

#include <string.h>

void
lines_init(struct lines *l, size_t max)
{
	*l = (struct lines){ 0 };
	/* A line of max bytes comes with its CR and LF. */
	inbuf_init(&l->in, max + 2);
	l->max = max;
}

void
lines_attach(struct lines *l, struct source *src)
{
	inbuf_attach(&l->in, src);
	l->number = 0;
	l->hole_bytes = 0;
	l->in_long = false;
}

void
lines_release(struct lines *l)
{
	inbuf_release(&l->in);
}

/* Takes n bytes and an LF if there is one; sets all but part. */
static void
take(struct lines *l, struct line *line, size_t n, bool newline)
{
	struct inbuf *in = &l->in;
	const char *p = in->buf + in->start;

	line->offset = in->offset + in->start;
	line->newline = newline;
	line->cr = newline && n > 0 && p[n - 1] == '\r';
	line->text = slice_of(p, line->cr ? n - 1 : n);
	line->number = l->number;
	in->start += n + (newline ? 1 : 0);
}

/* 1: the next byte begins a line; 0: nothing is left; -1: read error. */
static int
skip_hole(struct lines *l)
{
	struct inbuf *in = &l->in;
	int r;

	for (;;) {
		while (in->start < in->end && in->buf[in->start] == '\0') {
			in->start++;
			l->hole_bytes++;
		}
		if (in->start < in->end)
			return 1;
		if ((r = inbuf_fill(in)) <= 0)
			return r;
	}
}

/*
 * More input for a line of which have bytes are here.  1: look again; 0:
 * the source ends here; -1: error; 2: max bytes are here and no LF.
 */
static int
more(struct lines *l, size_t have)
{
	/* One beyond max may still be the CR of a line that fits. */
	if (have > l->max + 1)
		return 2;
	return inbuf_fill(&l->in);
}

/* One part of a line that does not fit. */
static int
long_part(struct lines *l, struct line *line, size_t n, bool newline)
{
	bool first = !l->in_long;

	if (newline || (n <= l->max && l->in.eof)) {
		take(l, line, n, newline);
		line->part = first ? LINE_FIRST : LINE_LAST;
		l->in_long = false;
		return 1;
	}
	take(l, line, l->max, false);
	line->part = first ? LINE_FIRST : LINE_MORE;
	l->in_long = true;
	return 1;
}

static int
whole_or_first(struct lines *l, struct line *line, size_t n, bool newline)
{
	struct inbuf *in = &l->in;
	size_t text = n;

	if (newline && n > 0 && in->buf[in->start + n - 1] == '\r')
		text--;
	if (text > l->max)
		return long_part(l, line, l->max + 1, false);
	take(l, line, n, newline);
	line->part = LINE_WHOLE;
	return 1;
}

/* Any line, also one that is not whole in the buffer. */
static int
next_slowly(struct lines *l, struct line *line)
{
	struct inbuf *in = &l->in;
	size_t seen = 0, have;
	const char *lf;
	int r;

	if (!l->in_long) {
		if (in->start == in->end || in->buf[in->start] == '\0') {
			if ((r = skip_hole(l)) <= 0)
				return r;
		}
		l->number++;
	}
	for (;;) {
		have = in->end - in->start;
		lf = memchr(in->buf + in->start + seen, '\n', have - seen);
		if (lf != NULL) {
			have = (size_t)(lf - (in->buf + in->start));
			if (l->in_long && have <= l->max)
				return long_part(l, line, have, true);
			if (l->in_long)
				return long_part(l, line, have, false);
			return whole_or_first(l, line, have, true);
		}
		seen = have;
		r = more(l, have);
		if (r == 1)
			continue;
		if (r < 0)
			return -1;
		if (r == 2)
			return long_part(l, line, have, false);
		if (l->in_long)
			return long_part(l, line, have, false);
		return whole_or_first(l, line, have, false);
	}
}

int
lines_next(struct lines *l, struct line *line)
{
	struct inbuf *in = &l->in;
	const char *p = in->buf + in->start, *lf;
	size_t have = in->end - in->start;

	if (l->in_long || have == 0 || *p == '\0' ||
	    (lf = memchr(p, '\n', have)) == NULL || (size_t)(lf - p) > l->max)
		return next_slowly(l, line);
	l->number++;
	take(l, line, (size_t)(lf - p), true);
	line->part = LINE_WHOLE;
	return 1;
}
