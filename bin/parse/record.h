/*
 * record: one line of a log into one record of the event stream.
 *
 *	struct record *rec = record_new(plan, rules);
 *	switch (record_line(rec, line, &out, &reason)) ...
 *	record_free(rec);
 *
 * The typed fields are rec->val (as nginx had them; a p of NULL is missing),
 * by the plan's slots; they are filled before anything is written.  Nothing
 * is allocated for a line, but the scratch memory grows to the longest one.
 *
 * A line without backslashes and odd bytes, as nearly all are, is split in one
 * pass by record_quick() and written as it stands; any other, and any value
 * that the vectors stop at, takes the exact way, which gives the same bytes.
 */
#ifndef EV_PARSE_RECORD_H
#define EV_PARSE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/out.h"
#include "base/slice.h"
#include "base/text.h"
#include "parse/host.h"
#include "parse/plan.h"
#include "parse/quick.h"
#include "parse/reason.h"
#include "parse/rules.h"
#include "parse/scan.h"
#include "parse/split.h"
#include "parse/user.h"
#include "parse/when.h"

/* Properties chosen by glob, for an event (DESIGN, section 1). */
#define RECORD_CHOSEN 64

enum record_result { RECORD_EVENT, RECORD_DROPPED, RECORD_REJECTED };

/*
 * What the globs said about a name, for names repeat from line to line: 256
 * short ones, by hash; a stranger's overwrite them, and cost only time.
 */
#define RECORD_NAMES 256
#define RECORD_NAME_MAX 31

struct record_name {
	const struct plan_globs *globs; /* NULL: empty */
	unsigned char n;		/* of name */
	unsigned char key_n;		/* of key; 0: not taken */
	char name[RECORD_NAME_MAX];	/* as logged */
	char key[TEXT_GROWTH * RECORD_NAME_MAX];
};

/* What a field must hold. */
struct record_check {
	unsigned field;
	enum layout_type type;
};

/* A property, or a family of them, and how it is written. */
enum record_put_kind {
	RECORD_PUT_SHORT, /* by vectors, as it stands */
	RECORD_PUT_TEXT,
	RECORD_PUT_ARGS, /* a family of args alone */
	RECORD_PUT_FAMILY
};

struct record_put {
	enum record_put_kind kind;
	unsigned key_n;
	const struct slice *val;
	const char *key; /* "&name=", the plan's: vectors are read of it */
	const struct plan_put *plan;
};

/*
 * What became of a query string, for links, and so their strings, repeat: on
 * half the lines of a log it saves 250 instructions of 400.  Longer ones are
 * taken apart anew.
 */
#define RECORD_MEMOS 512
#define RECORD_MEMO_ARGS 96
#define RECORD_MEMO_TEXT 160

struct record_memo {
	unsigned char n;	     /* of args */
	unsigned char text_n;	     /* of text */
	unsigned char chosen;	     /* pairs in it */
	char args[RECORD_MEMO_ARGS]; /* NUL behind short ones */
	char text[RECORD_MEMO_TEXT]; /* whole vectors of it are copied */
};

struct record_pair {
	struct slice key; /* encoded, without the family's prefix */
	struct slice val; /* not encoded */
};

struct record {
	const struct plan *plan;
	struct rules *rules;
	const struct scan *scan;
	struct quick *common; /* NULL: all lines go the exact way */
	struct split *split;
	struct record_check check[LAYOUT_FIELDS];
	struct record_check quick_check[LAYOUT_FIELDS]; /* of a common line */
	size_t nchecks, nquick;
	struct record_put *put;
	size_t nputs;
	struct user *user; /* NULL: the log has no user_id */
	struct slice val[PLAN_SLOTS];
	struct slice none; /* NULL, for what the format does not have */
	const struct slice *method, *uri, *status; /* of val, or none */
	size_t most; /* bytes that a record has beside the line's own */
	struct slice *derived; /* val of the plan's derived slots */
	struct when when;
	struct slice host;	/* the column, encoded, in host_text; EV_NULL */
	struct slice host_fact; /* the same for the rules; p may be NULL */

	/* The host of the line before, for the next is often the same. */
	char last_host[HOST_MAX + 1];
	size_t last_host_n;
	bool have_last_host;
	char host_clean[HOST_MAX];
	char host_text[TEXT_GROWTH * HOST_MAX + SCAN_PAD];

	char *scratch, *next; /* of the line: what is decoded, and its end */
	size_t scratch_n;
	struct record_pair pair[RECORD_CHOSEN];
	size_t npairs, nchosen;
	struct hash_key hash;
	struct record_name name[RECORD_NAMES];
	struct record_memo memo[RECORD_MEMOS];
	uint64_t chosen_dropped; /* by the limit, over all lines */
};

struct record *record_new(const struct plan *plan, struct rules *rules);
void record_free(struct record *rec);

/* Before each source. */
void record_restart(struct record *rec);
/*
 * The common line that begins rest, which begins at that offset of the source:
 * an event, or dropped.  The bytes of it, with its LF; 0 for any other, which
 * record_line() takes.  SCAN_PAD bytes behind rest may be read.
 */
size_t record_quick(struct record *rec, struct slice rest, uint64_t offset,
    struct out *o, enum record_result *result);

/* Its time in UTC, until the next line, if the line is one of the format. */
bool record_time(struct record *rec, struct slice line, struct slice *time);

/* SCAN_PAD bytes behind the line may be read. */
enum record_result record_line(
    struct record *rec, struct slice line, struct out *o, enum reason *reason);

#endif
