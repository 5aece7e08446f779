/*
 * rules: ordered lists of regexes; the first that matches wins.
 *
 *	rules = rules_new();
 *	rules_add(rules, RULES_DEVICE, regex, icase);  in order
 *	rules_seal(rules);
 *	rules_subject(rules, agent);                one agent
 *	i = rules_first(rules, RULES_DEVICE);       index, RULES_NONE, ...
 *	rules_group(rules, 1)                       of the last match
 *	again = rules_again(rules)                  for another thread
 *
 * A list has over 600 regexes; compiling one for the JIT takes some 50 us.
 * So each is compiled when an agent first needs it, once for all threads.  The
 * prefilter says which rules can match; the others are not tried.
 *
 * PCRE2 in bytes, not UTF: agents are bytes.  '$' is the very end, as in
 * the JavaScript of uap-core's reference implementation.
 *
 * Backtracking: a subject has one budget for all the rules, RULES_BUDGET, in
 * bytes looked at.  Before a regex is tried it is charged the most that it can
 * take:
 *
 *	n + starts * limit * (8 + run)
 *
 * n is the subject's length.  starts is how many of its bytes can begin a
 * match at all, which PCRE2 knows of each regex: anchored, a first byte, or a
 * set of them.  limit is PCRE2's match limit, which holds from each start anew.
 * run is how far one step that it counts can run, in a loop of its own: the
 * longest repetition of one character in the regex, at most n, of \d at most
 * the digits in a row that the subject has.  The limit is low first, and raised
 * for the regex that needs more, which is charged again.
 *
 * So the match limits of all tries, each times its starts and what a step may
 * run over, never pass the budget.  What would is not tried, and the search
 * ends: RULES_LIMIT.
 */
#ifndef EV_ENRICH_RULES_H
#define EV_ENRICH_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "enrich/prefilter.h"

enum rules_kind {
	RULES_BROWSER,
	RULES_OS,
	RULES_DEVICE,
	RULES_BOT,     /* ours: these win over the device rules */
	RULES_CRAWLER, /* imported: asked last */
	RULES_KINDS
};

enum { RULES_NONE = -1, RULES_LIMIT = -2 };

/*
 * Of 17,992 agents of uap-core's tests half are charged less than 27 thousand,
 * one in a thousand more than 610 thousand, and one of 242 bytes 950 thousand.
 */
#define RULES_BUDGET 1500000

struct rules;

struct rules *rules_new(void);
/* Kinds come in any order; within one, the order of adding counts.
 * regex is borrowed to the end. */
void rules_add(
    struct rules *r, enum rules_kind kind, const char *regex, bool icase);
void rules_seal(struct rules *r);
/* The same rules, once sealed, with a subject of their own; freed before from.
 */
struct rules *rules_again(const struct rules *from);
void rules_free(struct rules *r);

/* Compiles all; 0, or -1 (each bad one reported, after what). */
int rules_check(struct rules *r);

/* The subject is borrowed until the next one. */
void rules_subject(struct rules *r, struct slice subject);
/*
 * The number of the first rule of its kind that matches, from 0; RULES_NONE
 * or RULES_LIMIT.  Asked for again it is remembered, its groups are not.
 */
int rules_first(struct rules *r, enum rules_kind kind);
/* Of the last match; NULL when the group took no part. */
struct slice rules_group(const struct rules *r, unsigned group);

/* NULL: there is none of that number. */
const char *rules_regex(const struct rules *r, enum rules_kind kind, int i);

/* What the present subject was charged. */
uint64_t rules_charged(struct rules *r);

/* Tries every rule in order, on no budget, for tests: the result must be the
 * same. */
void rules_set_prefilter(struct rules *r, bool on);
/* Does without vectors, once sealed; for tests too. */
void rules_set_plain(struct rules *r);
void rules_stats(const struct rules *r, struct prefilter_stats *st);

#endif
