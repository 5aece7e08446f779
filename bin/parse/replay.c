#include "config.h"

#include "parse/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "parse/reason.h"
#include "parse/scan.h"

void
replay_init(struct replay *rp)
{
	*rp = (struct replay){ .source = STRBUF_INIT };
}

void
replay_release(struct replay *rp)
{
	strbuf_release(&rp->source);
	free(rp->buf);
}

static int
take_column(struct slice *rest, struct slice *column)
{
	const char *tab = memchr(rest->p, '\t', rest->n);

	if (tab == NULL)
		return -1;
	*column = slice_of(rest->p, (size_t)(tab - rest->p));
	*rest = slice_of(tab + 1, rest->n - column->n - 1);
	return 0;
}

static bool
is_reason(struct slice s)
{
	int i;

	for (i = 1; i < REASON_COUNT; i++)
		if (slice_is(s, reason_names[i]))
			return true;
	return false;
}

static void
decode_source(struct replay *rp, struct slice encoded)
{
	strbuf_clear(&rp->source);
	strbuf_grow(&rp->source, encoded.n);
	rp->source.len = text_decode(rp->source.buf, encoded);
	rp->source.buf[rp->source.len] = '\0';
}

/* The line's bytes, and behind them what vectors may load. */
static void
decode_line(struct replay *rp, struct slice encoded)
{
	struct line *line = &rp->line;
	size_t n;

	if (encoded.n + SCAN_PAD > rp->cap)
		rp->buf = xgrow(rp->buf, &rp->cap, encoded.n + SCAN_PAD, 1);
	n = text_decode(rp->buf, encoded);
	memset(rp->buf + n, 0, SCAN_PAD);
	line->newline = true;
	line->cr = n > 0 && rp->buf[n - 1] == '\r';
	line->text = slice_of(rp->buf, line->cr ? n - 1 : n);
	line->part = line->text.n > LINES_MAX ? LINE_FIRST : LINE_WHOLE;
}

int
replay_read(struct replay *rp, struct slice text)
{
	struct slice reason, source, number, offset;

	if (take_column(&text, &reason) == -1 ||
	    take_column(&text, &source) == -1 ||
	    take_column(&text, &number) == -1 ||
	    take_column(&text, &offset) == -1 || !is_reason(reason) ||
	    number_u64(number, &rp->line.number) == -1 ||
	    number_u64(offset, &rp->line.offset) == -1 ||
	    memchr(text.p, '\t', text.n) != NULL)
		return -1;
	decode_source(rp, source);
	decode_line(rp, text);
	return 0;
}
