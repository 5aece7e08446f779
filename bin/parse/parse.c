#include "config.h"

#include "parse/parse.h"

#include <inttypes.h>

#include "base/event.h"
#include "base/msg.h"
#include "base/strbuf.h"
#include "parse/ident.h"
#include "parse/replay.h"
#include "parse/resume.h"

void
parse_init(struct parse *ps, const struct plan *plan, struct rules *rules,
    struct out *out, struct rejects *rejects)
{
	*ps = (struct parse){ .plan = plan,
		.out = out,
		.common = { plan, rules },
		.rejects = rejects,
		.max_rejects = UINT64_MAX };
	ps->record = record_new(plan, rules);
	lines_init(&ps->lines, LINES_MAX);
	progress_init(&ps->progress);
	ps->lines.in.progress = &ps->progress;
}

void
parse_threads(struct parse *ps, unsigned threads)
{
	if (threads < 2)
		return;
	ps->crew = crew_new(&common_trade, &ps->common);
	inbuf_read_ahead(&ps->lines.in, threads, crew_work, ps->crew);
}

uint64_t
parse_limited(const struct parse *ps)
{
	return rules_limited(ps->common.rules) + common_limited(ps->crew);
}

void
parse_release(struct parse *ps)
{
	progress_end(&ps->progress);
	lines_release(&ps->lines);
	crew_free(ps->crew);
	record_free(ps->record);
	marks_release(&ps->marks);
}

static void
one_line(struct parse *ps, const char *source, const struct line *line)
{
	enum reason reason = REASON_TOO_LONG;

	if (line->part != LINE_WHOLE) {
		ps->nlines += line->part == LINE_FIRST;
		rejects_add(ps->rejects, reason, source, line);
		return;
	}
	ps->nlines++;
	if (line->text.n == 0) {
		ps->dropped++;
		return;
	}
	switch (record_line(ps->record, line->text, ps->out, &reason)) {
	case RECORD_EVENT:
		ps->events++;
		break;
	case RECORD_DROPPED:
		ps->dropped++;
		break;
	case RECORD_REJECTED:
		rejects_add(ps->rejects, reason, source, line);
		if (ps->guess != NULL)
			guess_line(ps->guess, source, line);
		break;
	}
}

/* The common lines at hand, if a thread has parsed them. */
static bool
one_run(struct parse *ps)
{
	const struct crew_run *run = NULL;
	uint64_t events;

	if (!ps->lines.in_long)
		run = crew_run(ps->crew, &ps->lines.in);
	if (run == NULL)
		return false;
	events = run->count[COMMON_EVENTS];
	out_put_whole(ps->out, run->text.p, run->text.n);
	lines_took(&ps->lines, run->bytes, run->lines);
	ps->nlines += run->lines;
	ps->events += events;
	ps->dropped += run->lines - events;
	ps->chosen_dropped += run->count[COMMON_CHOSEN_DROPPED];
	return true;
}

/* The line at hand, if it is a common one. */
static bool
one_quickly(struct parse *ps)
{
	enum record_result result;
	struct slice rest;
	size_t n;

	if (ps->crew != NULL && one_run(ps))
		return true;
	rest = lines_at_hand(&ps->lines);
	n = record_quick(
	    ps->record, rest, lines_offset(&ps->lines), ps->out, &result);
	if (n == 0)
		return false;
	lines_took(&ps->lines, n, 1);
	ps->nlines++;
	if (result == RECORD_EVENT)
		ps->events++;
	else
		ps->dropped++;
	return true;
}

/* After each line: 0, or why to stop. */
static int
must_stop(const struct parse *ps)
{
	if (ps->out->err != 0 || ps->rejects->out.err != 0)
		return -1;
	return ps->rejects->total > ps->max_rejects ? PARSE_THRESHOLD : 0;
}

/* The source, ps->lines being where it goes on; NULL (reported). */
static struct source *
open_log(struct parse *ps, const char *path)
{
	struct ident_place place = { 0 };
	uint64_t from = 0, skipped = 0;
	struct source *src;

	if (ps->resume != NULL && !ps->rebuild &&
	    resume_find(ps->resume, path, &place) == -1)
		return NULL;
	src = ident_open(path);
	if (src == NULL)
		return NULL;
	if (ps->resume != NULL &&
	    ident_resume(src, &place, &from, &skipped) == -1) {
		source_close(src);
		return NULL;
	}
	if (ps->rebuild)
		ident_steps(src, ps->resume->v, ps->resume->n);
	if (from > 0)
		msg_debug("%s: %" PRIu64 " bytes, %" PRIu64
			  " lines are stored already",
		    src->name, from, skipped);
	lines_attach(&ps->lines, src);
	ps->lines.in.offset = from;
	ps->lines.number = skipped;
	ps->skipped += skipped;
	record_restart(ps->record);
	return src;
}

/* It was read whole: what it was, for the end mark and for its rejects. */
static void
end_source(struct parse *ps, const struct source *src)
{
	struct strbuf range = STRBUF_INIT;

	ident_put(src, &ps->marks);
	ident_range(src, &range);
	rejects_source(
	    ps->rejects, strbuf_slice(&range), ps->plan->settings, src->name);
	strbuf_release(&range);
}

int
parse_file(struct parse *ps, const char *path)
{
	struct source *src = open_log(ps, path);
	struct line line;
	int r = 0;

	if (src == NULL)
		return -1;
	while (one_quickly(ps) || (r = lines_next(&ps->lines, &line)) == 1) {
		if (r == 1)
			one_line(ps, src->name, &line);
		if ((r = must_stop(ps)) != 0)
			break;
	}
	ps->hole_bytes += ps->lines.hole_bytes;
	inbuf_detach(&ps->lines.in);
	if (r == 0)
		end_source(ps, src);
	source_close(src);
	return r;
}

static int
bad_row(const char *name, const struct line *row, const char *what)
{
	msg_error("%s:%" PRIu64 ": %s", name, row->number, what);
	return -1;
}

/* The line behind a source's rows. */
static int
one_source(struct parse *ps, struct replay *rp, const char *name,
    const struct line *row)
{
	if (row->part != LINE_WHOLE ||
	    replay_source(rp, row->text, &ps->marks) == -1)
		return bad_row(name, row,
		    "not the line of the source of the rows before it");
	rejects_source_again(ps->rejects, row->text);
	return 0;
}

/* A row, or a part of one whose line is still too long. */
static int
one_row(struct parse *ps, struct replay *rp, const char *name,
    const struct line *row)
{
	uint64_t before = ps->rejects->total;

	if (row->part == LINE_MORE || row->part == LINE_LAST) {
		rejects_pass(ps->rejects, NULL, 0, row);
		return must_stop(ps);
	}
	if (replay_is_source(row->text))
		return one_source(ps, rp, name, row);
	if (replay_read(rp, row->text) == -1)
		return bad_row(name, row, "not a row of a rejects file");
	if (row->part == LINE_WHOLE && rp->line.part == LINE_WHOLE) {
		one_line(ps, rp->source.buf, &rp->line);
	} else {
		ps->nlines++;
		rejects_pass(ps->rejects, rp->source.buf, rp->line.number, row);
	}
	replay_took(rp, ps->rejects->total > before);
	return must_stop(ps);
}

/*
 * What the rows were rejected of.  A file that has no such lines, as older
 * ones, is known by its own bytes.
 */
static int
end_replay(struct parse *ps, const struct replay *rp, const struct source *src)
{
	if (!rp->joined) {
		ident_put(src, &ps->marks);
		return 0;
	}
	if (rp->nrows == 0)
		return 0;
	msg_error("%s: the last %" PRIu64 " rows have no %.7s line behind "
		  "them: the file was cut, or its run failed",
	    src->name, rp->nrows, REJECTS_SOURCE);
	return -1;
}

int
parse_replay(struct parse *ps, const char *path)
{
	struct source *src = ident_open(path);
	struct replay rp;
	struct lines rows;
	struct line row;
	int r;

	if (src == NULL)
		return -1;
	replay_init(&rp);
	lines_init(&rows, REPLAY_MAX);
	rows.in.progress = &ps->progress;
	lines_attach(&rows, src);
	while ((r = lines_next(&rows, &row)) == 1)
		if ((r = one_row(ps, &rp, src->name, &row)) != 0)
			break;
	if (r == 0)
		r = end_replay(ps, &rp, src);
	lines_release(&rows);
	replay_release(&rp);
	source_close(src);
	return r;
}

void
parse_begin(struct parse *ps, bool marks, bool header)
{
	if (marks)
		mark_put_begin(ps->out);
	if (header)
		event_put_header(ps->out);
}

void
parse_end(struct parse *ps)
{
	struct strbuf sb = STRBUF_INIT;
	struct marks *m = &ps->marks;

	marks_count(m, "lines", ps->nlines + ps->skipped);
	marks_count(m, "events", ps->events);
	marks_count(m, "rejected", ps->rejects->total);
	marks_count(m, "dropped", ps->dropped);
	marks_count(m, "skipped", ps->skipped);
	marks_count(m, "hole_bytes", ps->hole_bytes);
	marks_count(m, "properties_dropped",
	    ps->record->chosen_dropped + ps->chosen_dropped);
	strbuf_addf(&sb, "parse:%s", ps->plan->settings);
	marks_text(m, "settings", strbuf_slice(&sb));
	mark_put_end(ps->out, m, ps->events);
	strbuf_release(&sb);
}
