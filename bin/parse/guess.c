#include "config.h"

#include "parse/guess.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/out.h"
#include "base/slice.h"
#include "parse/record.h"

/* More formats are not tried: a line costs each of them a microsecond. */
#define GUESS_FORMATS 16
/* Nor are more lines, so that a log of nothing but garbage is still read at
 * its usual speed. */
#define GUESS_LINES 100000
/* Nor longer lines: each format's record keeps eight times their length. */
#define GUESS_LENGTH ((size_t)64 << 10)

struct candidate {
	const char *name;
	struct plan *plan;
	struct record *record;
	uint64_t lines; /* that it fits */
	char *source;	/* of the first of them, or NULL */
	uint64_t number;
};

struct guess {
	const struct conf *conf;
	const struct nginx *nginx;
	struct rules *rules;
	struct candidate candidate[GUESS_FORMATS];
	size_t n;
	uint64_t tried; /* lines */
	bool events;	/* one of them begins a stream of events */
	struct out out; /* where records go that nobody wants */
};

struct guess *
guess_new(
    const struct conf *conf, const struct nginx *nginx, struct rules *rules)
{
	struct guess *g = xcalloc(1, sizeof(*g));

	g->conf = conf;
	g->nginx = nginx;
	g->rules = rules;
	out_init_memory(&g->out);
	return g;
}

void
guess_free(struct guess *g)
{
	size_t i;

	if (g == NULL)
		return;
	for (i = 0; i < g->n; i++) {
		record_free(g->candidate[i].record);
		plan_free(g->candidate[i].plan);
		free(g->candidate[i].source);
	}
	out_abandon(&g->out);
	free(g);
}

/* A format that cannot be split is no candidate. */
static void
add_candidate(struct guess *g, const char *name, const char *text)
{
	struct strbuf why = STRBUF_INIT;
	struct candidate *c = &g->candidate[g->n];

	if (g->n == GUESS_FORMATS)
		return;
	c->name = name;
	c->plan = plan_new(g->conf, text, &why);
	strbuf_release(&why);
	if (c->plan == NULL)
		return;
	c->record = record_new(c->plan, g->rules);
	g->n++;
}

static void
start(struct guess *g)
{
	const struct format_known *k;
	size_t i;

	for (i = 0; i < g->nginx->nformats; i++)
		if (g->nginx->format[i].file != NULL)
			add_candidate(g, g->nginx->format[i].name,
			    g->nginx->format[i].text);
	for (k = format_knowns; k->name != NULL; k++)
		if (nginx_find_format(g->nginx, k->name) == NULL ||
		    k == format_knowns)
			add_candidate(g, k->name, k->format);
}

void
guess_line(struct guess *g, const char *source, const struct line *line)
{
	struct candidate *c, *end;
	enum reason reason;

	if (g->tried == GUESS_LINES || line->text.n > GUESS_LENGTH)
		return;
	if (g->tried++ == 0)
		start(g);
	if (line->number == 1 &&
	    slice_starts(line->text, SLICE_LIT("#begin\tversion=")))
		g->events = true;
	for (c = g->candidate, end = c + g->n; c < end; c++) {
		g->out.len = 0;
		if (record_line(c->record, line->text, &g->out, &reason) ==
		    RECORD_REJECTED)
			continue;
		if (c->lines++ == 0) {
			c->source = xstrdup(source);
			c->number = line->number;
		}
	}
}

void
guess_report(const struct guess *g)
{
	const struct candidate *best = NULL;
	size_t i;

	if (g->events)
		msg_info("events are no log: what ev-parse wrote is for "
			 "ev-enrich");
	for (i = 0; i < g->n; i++)
		if (g->candidate[i].lines > 0 &&
		    (best == NULL || g->candidate[i].lines > best->lines))
			best = &g->candidate[i];
	if (best == NULL)
		return;
	msg_info("%" PRIu64 " of %" PRIu64 " rejected lines fit the format %s, "
		 "from %s:%" PRIu64 " on; --format %s reads such, with "
		 "--replay those kept",
	    best->lines, g->tried, best->name, best->source, best->number,
	    best->name);
}
