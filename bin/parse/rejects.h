/*
 * rejects: lines that are no events, counted by reason and kept.
 *
 *	rejects_init(&rej);
 *	if (rejects_open(&rej, path) == -1)      path may be NULL: only counts
 *	rejects_add(&rej, reason, source, &line)
 *	if (rejects_close(&rej) == -1)
 *
 * A row is reason, source, line number, byte offset and the line's bytes,
 * TAB-separated; source and bytes are percent-encoded as a text column is,
 * so decoding gives every byte back.  An over-long line comes in parts, and
 * its row is written part by part.  The file holds what strangers sent, so
 * only its owner may read it.
 *
 * Behind the rows of each source stands a line that says which one it was and
 * by what settings they were rejected, so that what is read again later joins
 * it (replay.h):
 *
 *	#source TAB HASH,LENGTH,FROM,TO TAB parse:SETTINGS TAB NAME
 */
#ifndef EV_PARSE_REJECTS_H
#define EV_PARSE_REJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lines.h"
#include "base/out.h"
#include "base/slice.h"
#include "parse/reason.h"

#define REJECTS_SOURCE "#source\t"

struct rejects {
	uint64_t count[REASON_COUNT];
	uint64_t total;
	uint64_t rows; /* since the last source's end */
	struct out out;
	bool open;
	/* The first of all, for the summary. */
	char *first_source;
	uint64_t first_line;
};

void rejects_init(struct rejects *rej);
int rejects_open(struct rejects *rej, const char *path);
/* Counts a line once, at its first part. */
void rejects_add(struct rejects *rej, enum reason reason, const char *source,
    const struct line *line);
/* A row of another rejects file, too long to be anything else, in parts: its
 * bytes go into this one.  source and number are of its line. */
void rejects_pass(struct rejects *rej, const char *source, uint64_t number,
    const struct line *row);
/* The rows' source is at its end: its line, if there are any.  settings are
 * the plan's; range is ident_range()'s. */
void rejects_source(struct rejects *rej, struct slice range,
    const char *settings, const char *name);
/* The same, as another file has it. */
void rejects_source_again(struct rejects *rej, struct slice line);
/* The summary on stderr when there is anything to say. */
void rejects_report(const struct rejects *rej, uint64_t lines);
/* Writes the file out; 0, or -1 (reported). */
int rejects_close(struct rejects *rej);

#endif
