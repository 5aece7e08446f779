/*
 * parse: the loop of ev-parse, sources in, an event stream out.
 *
 *	parse_init(&ps, plan, rules, &out, &rejects);
 *	parse_threads(&ps, threads);          if more than one
 *	parse_begin(&ps, marks, header);      the begin mark, the header
 *	r = parse_file(&ps, path);            for each; NULL is stdin
 *	r = parse_replay(&ps, path);          the same for a rejects file
 *	parse_end(&ps);                       the end mark
 *	parse_release(&ps);
 *
 * lines = events + rejected + dropped + skipped holds after each line.  An
 * over-long line counts once.
 */
#ifndef EV_PARSE_PARSE_H
#define EV_PARSE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lines.h"
#include "base/mark.h"
#include "base/out.h"
#include "base/progress.h"
#include "parse/common.h"
#include "parse/guess.h"
#include "parse/record.h"
#include "parse/rejects.h"
#include "parse/resume.h"

struct parse {
	const struct plan *plan;
	struct record *record;
	struct common common;
	struct crew *crew; /* NULL: one thread */
	struct out *out;
	struct rejects *rejects;
	struct guess *guess; /* shown what is rejected; may be NULL */
	struct lines lines;
	struct progress progress;
	struct marks marks;	     /* the sources, so far */
	const struct resume *resume; /* skip what it has; may be NULL */
	bool rebuild; /* or do not, but tell its steps (ident.h) */
	uint64_t nlines, events, dropped, skipped, hole_bytes;
	uint64_t chosen_dropped; /* by threads */
	uint64_t max_rejects;	 /* more stop the run; UINT64_MAX: any number */
};

/* parse_file(): as far as the threshold allows. */
#define PARSE_THRESHOLD (-2)

void parse_init(struct parse *ps, const struct plan *plan, struct rules *rules,
    struct out *out, struct rejects *rejects);
void parse_release(struct parse *ps);
/* So many parse long logs, with the same result; before the first file. */
void parse_threads(struct parse *ps, unsigned threads);
/* Paths that reached the match limit of a rule's regex. */
uint64_t parse_limited(const struct parse *ps);
/* 0; -1 on an error (reported), what came before it being written;
 * PARSE_THRESHOLD when there are more rejects than max_rejects. */
int parse_file(struct parse *ps, const char *path);
/* The lines of a rejects file, anew.  What is rejected again keeps its source
 * and place. */
int parse_replay(struct parse *ps, const char *path);
void parse_begin(struct parse *ps, bool marks, bool header);
void parse_end(struct parse *ps);

#endif
