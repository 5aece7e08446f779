/*
 * render FORMAT [FILE]: what ev-parse read of each line, written again.
 *
 * Each line goes through record_line(), and its fields as nginx had them go
 * back through nginx's own escaping (ngx_http_log_module.c: written here from
 * its rules, sharing no code with the decoder) and the format's literals.
 * That must be the line, or something was lost.  What a record does not keep,
 * the zone of a time, the case of a host, an argument that nobody chose, is
 * so compared too.  Apache's hex digits are of lower case: a line has the
 * one or the other.
 *
 * Prints the lines, the accepted and the rejected ones; exits 1 at the first
 * line that is not what it was.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/lines.h"
#include "base/msg.h"
#include "io/codec.h"
#include "parse/record.h"

struct render {
	struct format format;
	struct plan *plan;
	struct record *record;
	struct out out;
	struct strbuf line;
	bool lower; /* the hex digits of \xXX */
	uint64_t lines, accepted, rejected;
};

static void
put_default(struct strbuf *sb, struct slice v, bool lower)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < v.n; i++) {
		c = (unsigned char)v.p[i];
		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			strbuf_addf(sb, lower ? "\\x%02x" : "\\x%02X", c);
		else
			strbuf_addch(sb, v.p[i]);
	}
}

static void
put_json(struct strbuf *sb, struct slice v)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < v.n; i++) {
		c = (unsigned char)v.p[i];
		switch (c) {
		case '"':
		case '\\':
			strbuf_addch(sb, '\\');
			strbuf_addch(sb, v.p[i]);
			break;
		case '\n':
			strbuf_adds(sb, "\\n");
			break;
		case '\r':
			strbuf_adds(sb, "\\r");
			break;
		case '\t':
			strbuf_adds(sb, "\\t");
			break;
		case '\b':
			strbuf_adds(sb, "\\b");
			break;
		case '\f':
			strbuf_adds(sb, "\\f");
			break;
		default:
			if (c < 0x20)
				strbuf_addf(sb, "\\u%04X", c);
			else
				strbuf_addch(sb, v.p[i]);
		}
	}
}

static void
put_value(struct render *r, struct slice v)
{
	switch (r->format.escape) {
	case FORMAT_DEFAULT:
		if (v.p == NULL)
			strbuf_addch(&r->line, '-');
		else
			put_default(&r->line, v, r->lower);
		break;
	case FORMAT_JSON:
		put_json(&r->line, v);
		break;
	case FORMAT_NONE:
		strbuf_add_slice(&r->line, v);
		break;
	}
}

static void
render(struct render *r)
{
	const struct format_part *part;
	unsigned field = 0;
	size_t i;

	strbuf_clear(&r->line);
	for (i = 0; i < r->format.n; i++) {
		part = &r->format.part[i];
		if (part->variable)
			put_value(r, r->record->val[field++]);
		else
			strbuf_add_slice(&r->line, part->text);
	}
}

static bool
is_rendered(struct render *r, const struct line *line, bool lower)
{
	r->lower = lower;
	render(r);
	return slice_eq(strbuf_slice(&r->line), line->text);
}

static int
one_line(struct render *r, const struct line *line)
{
	enum reason reason;

	if (line->part == LINE_FIRST || line->part == LINE_WHOLE)
		r->lines++;
	if (line->part != LINE_WHOLE || line->text.n == 0)
		return 0;
	r->out.len = 0;
	if (record_line(r->record, line->text, &r->out, &reason) ==
	    RECORD_REJECTED) {
		r->rejected++;
		return 0;
	}
	r->accepted++;
	if (is_rendered(r, line, false) || is_rendered(r, line, true))
		return 0;
	msg_error("line %" PRIu64 ": read as %s", line->number, r->line.buf);
	return -1;
}

static void
start(struct render *r, const char *format)
{
	static const struct conf conf;
	struct strbuf why = STRBUF_INIT;

	r->plan = plan_new(&conf, format, &why);
	if (r->plan == NULL || format_parse(&r->format, format, &why) == -1)
		msg_die(EV_EXIT_USAGE, "%s", why.buf);
	r->record = record_new(
	    r->plan, rules_new(conf_actions_in_force(&conf.actions)));
	r->line = STRBUF_INIT;
	out_init_fd(&r->out, -1, "nowhere");
}

int
main(int argc, char *argv[])
{
	struct render r = { 0 };
	struct source *src;
	struct lines lines;
	struct line line;
	int next;

	msg_init("render");
	if (argc < 2 || argc > 3)
		msg_die(EV_EXIT_USAGE, "usage: render FORMAT [FILE]");
	start(&r, argv[1]);
	if ((src = codec_open(argv[2])) == NULL)
		return EV_EXIT_FAIL;
	lines_init(&lines, LINES_MAX);
	lines_attach(&lines, src);
	while ((next = lines_next(&lines, &line)) == 1)
		if (one_line(&r, &line) == -1)
			return EV_EXIT_FAIL;
	if (next == -1)
		return EV_EXIT_FAIL;
	printf("%" PRIu64 " lines, %" PRIu64 " accepted, %" PRIu64
	       " rejected\n",
	    r.lines, r.accepted, r.rejected);
	return ferror(stdout) ? EV_EXIT_FAIL : EV_EXIT_OK;
}
