#include "config.h"

#include "parse/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "parse/reason.h"
#include "parse/rejects.h"
#include "parse/scan.h"

void
replay_init(struct replay *rp)
{
	*rp = (struct replay){ .source = STRBUF_INIT };
	rp->in = digest_new();
	rp->rest = digest_new();
}

void
replay_release(struct replay *rp)
{
	strbuf_release(&rp->source);
	free(rp->buf);
	digest_free(rp->in);
	digest_free(rp->rest);
}

/* What stands before the next such byte; what follows it stays in rest. */
static int
take_until(struct slice *rest, char end, struct slice *field)
{
	const char *at = memchr(rest->p, end, rest->n);

	if (at == NULL)
		return -1;
	*field = slice_of(rest->p, (size_t)(at - rest->p));
	*rest = slice_of(at + 1, rest->n - field->n - 1);
	return 0;
}

static int
take_column(struct slice *rest, struct slice *column)
{
	return take_until(rest, '\t', column);
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

void
replay_took(struct replay *rp, bool again)
{
	uint64_t offset = rp->line.offset;
	unsigned char le[sizeof(offset)];
	size_t i;

	for (i = 0; i < sizeof(le); i++)
		le[i] = (unsigned char)(offset >> (8 * i));
	digest_add(rp->in, le, sizeof(le));
	if (again)
		digest_add(rp->rest, le, sizeof(le));
	if (rp->nrows++ == 0)
		rp->first = rp->last = offset;
	if (offset < rp->first)
		rp->first = offset;
	if (offset > rp->last)
		rp->last = offset;
}

bool
replay_is_source(struct slice text)
{
	return slice_starts(text, SLICE_LIT(REJECTS_SOURCE));
}

/* "HASH,LENGTH,FROM,TO": are the rows of that range? */
static bool
is_range_of(const struct replay *rp, struct slice range)
{
	struct slice hash, length, from;
	uint64_t n, begin, end;

	if (take_until(&range, ',', &hash) == -1 ||
	    take_until(&range, ',', &length) == -1 ||
	    take_until(&range, ',', &from) == -1 || hash.n != DIGEST_HEX ||
	    number_u64(length, &n) == -1 || number_u64(from, &begin) == -1 ||
	    number_u64(range, &end) == -1)
		return false;
	return rp->nrows == 0 || (rp->first >= begin && rp->last < end);
}

static void
put_replay(struct replay *rp, struct slice range, struct slice settings,
    struct marks *marks)
{
	struct strbuf sb = STRBUF_INIT;
	char in[DIGEST_HEX + 1], rest[DIGEST_HEX + 1];

	digest_hex(rp->in, in);
	digest_hex(rp->rest, rest);
	strbuf_add(&sb, range.p, range.n);
	strbuf_addf(&sb, ",%s,%s,", in, rest);
	strbuf_add(&sb, settings.p, settings.n);
	strbuf_addch(&sb, ',');
	strbuf_add(&sb, rp->source.buf, rp->source.len);
	marks_text(marks, "replay", strbuf_slice(&sb));
	strbuf_release(&sb);
}

int
replay_source(struct replay *rp, struct slice text, struct marks *marks)
{
	struct slice begin, range, settings;

	if (take_column(&text, &begin) == -1 ||
	    take_column(&text, &range) == -1 ||
	    take_column(&text, &settings) == -1 || !is_range_of(rp, range) ||
	    !slice_starts(settings, SLICE_LIT("parse:")) ||
	    memchr(settings.p, ',', settings.n) != NULL ||
	    memchr(text.p, '\t', text.n) != NULL)
		return -1;
	decode_source(rp, text);
	if (rp->nrows > 0)
		put_replay(rp, range, settings, marks);
	rp->joined = true;
	rp->nrows = 0;
	digest_reset(rp->in);
	digest_reset(rp->rest);
	return 0;
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
