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
 */
#ifndef EV_PARSE_REJECTS_H
#define EV_PARSE_REJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lines.h"
#include "base/out.h"
#include "parse/reason.h"

struct rejects {
	uint64_t count[REASON_COUNT];
	uint64_t total;
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
/* The summary on stderr when there is anything to say. */
void rejects_report(const struct rejects *rej, uint64_t lines);
/* Writes the file out; 0, or -1 (reported). */
int rejects_close(struct rejects *rej);

#endif
