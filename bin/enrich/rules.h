/*
 * rules: ordered lists of regexes; the first that matches wins.
 *
 *	rules = rules_new();
 *	rules_add(rules, RULES_DEVICE, regex, icase, index);  in order
 *	rules_seal(rules);
 *	rules_subject(rules, agent, n);             one agent
 *	i = rules_first(rules, RULES_DEVICE);       index, RULES_NONE, ...
 *	rules_group(rules, 1)                       of the last match
 *
 * A list has over 600 regexes; compiling one for the JIT takes some 50 us.
 * So each is compiled when an agent first needs it.  The prefilter says
 * which rules can match; the others are not tried.
 *
 * PCRE2 in bytes, not UTF: agents are bytes.  '$' is the very end, as in
 * the JavaScript of uap-core's reference implementation.
 *
 * Backtracking: an agent has one budget for all the rules, RULES_BUDGET
 * steps, shared out among its candidates.  A rule that exhausts its share
 * ends the search: RULES_LIMIT.
 */
#ifndef EV_ENRICH_RULES_H
#define EV_ENRICH_RULES_H

#include <stdbool.h>
#include <stddef.h>

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

struct rules;

struct rules *rules_new(void);
/* Kinds come in any order; within one, the order of adding counts.
 * regex is borrowed to the end. */
void rules_add(
    struct rules *r, enum rules_kind kind, const char *regex, bool icase);
void rules_seal(struct rules *r);
void rules_free(struct rules *r);

/* Compiles all; 0, or -1 (each bad one reported, after what). */
int rules_check(struct rules *r);

/* The subject is borrowed until the next one. */
void rules_subject(struct rules *r, struct slice subject);
/* The number of the first rule of its kind that matches, from 0. */
int rules_first(struct rules *r, enum rules_kind kind);
/* Of the last match; NULL when the group took no part. */
struct slice rules_group(const struct rules *r, unsigned group);

const char *rules_regex(const struct rules *r, enum rules_kind kind, int i);

/* Tries every rule in order, for tests: the result must be the same. */
void rules_set_prefilter(struct rules *r, bool on);
void rules_stats(const struct rules *r, struct prefilter_stats *st);

#endif
