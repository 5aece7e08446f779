#include "config.h"

#include "parse/rejects.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/strbuf.h"
#include "base/text.h"

/* An over-long line is encoded in pieces, so that memory stays flat. */
#define PIECE ((size_t)16 << 10)

void
rejects_init(struct rejects *rej)
{
	*rej = (struct rejects){ 0 };
}

int
rejects_open(struct rejects *rej, const char *path)
{
	mode_t mask;
	int r;

	if (path == NULL)
		return 0;
	mask = umask(077);
	r = out_open(&rej->out, path);
	umask(mask);
	rej->open = r == 0;
	return r;
}

static void
put_encoded(struct out *o, struct slice s)
{
	size_t done, n;
	char *d;

	for (done = 0; done < s.n; done += n) {
		n = s.n - done < PIECE ? s.n - done : PIECE;
		d = out_reserve(o, TEXT_GROWTH * n + 16);
		out_advance(o, text_encode(d, s.p + done, n, TEXT_COLUMN));
	}
}

static void
put_head(struct out *o, enum reason reason, const char *source,
    const struct line *line)
{
	out_puts(o, reason_names[reason]);
	out_putc(o, '\t');
	put_encoded(o, slice_str(source));
	out_putc(o, '\t');
	out_put_u64(o, line->number);
	out_putc(o, '\t');
	out_put_u64(o, line->offset);
	out_putc(o, '\t');
}

static void
count(struct rejects *rej, enum reason reason, const char *source,
    uint64_t number)
{
	rej->count[reason]++;
	rej->rows++;
	if (rej->total++ == 0) {
		rej->first_source = xstrdup(source);
		rej->first_line = number;
	}
}

void
rejects_add(struct rejects *rej, enum reason reason, const char *source,
    const struct line *line)
{
	bool first = line->part == LINE_WHOLE || line->part == LINE_FIRST;

	if (first)
		count(rej, reason, source, line->number);
	if (!rej->open)
		return;
	if (first)
		put_head(&rej->out, reason, source, line);
	put_encoded(&rej->out, line->text);
	/* The CR before the LF is one of the line's bytes. */
	if (line->cr)
		out_puts(&rej->out, "%0D");
	if (line->part == LINE_WHOLE || line->part == LINE_LAST)
		out_putc(&rej->out, '\n');
}

void
rejects_pass(struct rejects *rej, const char *source, uint64_t number,
    const struct line *row)
{
	if (row->part == LINE_WHOLE || row->part == LINE_FIRST)
		count(rej, REASON_TOO_LONG, source, number);
	if (!rej->open)
		return;
	out_put_slice(&rej->out, row->text);
	if (row->part == LINE_WHOLE || row->part == LINE_LAST)
		out_putc(&rej->out, '\n');
}

/* Is there a row before it? */
static bool
ends_rows(struct rejects *rej)
{
	bool any = rej->rows > 0;

	rej->rows = 0;
	return any && rej->open;
}

void
rejects_source(struct rejects *rej, struct slice range, const char *settings,
    const char *name)
{
	if (!ends_rows(rej))
		return;
	out_puts(&rej->out, REJECTS_SOURCE);
	out_put_slice(&rej->out, range);
	out_puts(&rej->out, "\tparse:");
	out_puts(&rej->out, settings);
	out_putc(&rej->out, '\t');
	put_encoded(&rej->out, slice_str(name));
	out_putc(&rej->out, '\n');
}

void
rejects_source_again(struct rejects *rej, struct slice line)
{
	if (!ends_rows(rej))
		return;
	out_put_slice(&rej->out, line);
	out_putc(&rej->out, '\n');
}

void
rejects_report(const struct rejects *rej, uint64_t lines)
{
	struct strbuf sb = STRBUF_INIT;
	int i;

	if (rej->total == 0)
		return;
	for (i = 1; i < REASON_COUNT; i++)
		if (rej->count[i] > 0)
			strbuf_addf(&sb, "%s%" PRIu64 " %s (%s)",
			    sb.len > 0 ? ", " : "", rej->count[i],
			    reason_names[i], reason_help[i]);
	msg_info("rejected %" PRIu64 " of %" PRIu64
		 " lines, the first at %s:%" PRIu64 ": %s%s",
	    rej->total, lines, rej->first_source, rej->first_line, sb.buf,
	    rej->open ? "" : "; --rejects FILE keeps them");
	strbuf_release(&sb);
}

int
rejects_close(struct rejects *rej)
{
	int r = 0;

	if (rej->open)
		r = out_close(&rej->out);
	rej->open = false;
	free(rej->first_source);
	rej->first_source = NULL;
	return r;
}
