/*
 * prefilter: which of many regexes a subject could match at all.
 *
 *	pf = prefilter_new();
 *	prefilter_add(pf, regex0); prefilter_add(pf, regex1); ...
 *	prefilter_seal(pf);
 *	prefilter_seen_init(&seen, pf);        each thread has one
 *	prefilter_run(pf, &seen, lower, n, bits);     bit i: rule i may match
 *
 * One pass over the subject finds the literals of all rules (literal.h); a
 * rule is a candidate when each of its clauses was found, or when it has none.
 * A rule that is no candidate cannot match; so trying the candidates in order
 * gives what trying all the rules in order gives.
 *
 * A literal is looked for by four bytes of it, those that other literals and
 * common agents have least.  Whether the four bytes at a place are those of
 * any literal is one bit of a table that stays in the nearest cache; places do
 * not wait for each other, as the steps of an automaton do, whose table of
 * seven thousand literals has megabytes.  The idea is that of Wu and Manber,
 * "A fast algorithm for multi-pattern searching" (1994).
 */
#ifndef EV_ENRICH_PREFILTER_H
#define EV_ENRICH_PREFILTER_H

#include <stddef.h>
#include <stdint.h>

struct prefilter;

#define PREFILTER_WORDS(rules) (((rules) + 63) / 64)

/* So many bytes behind a subject are read. */
#define PREFILTER_PAD 16

struct prefilter *prefilter_new(void);
/* Rules are numbered in the order of adding, from 0. */
void prefilter_add(struct prefilter *pf, const char *regex);
void prefilter_seal(struct prefilter *pf);

/* Which clauses the present run has found. */
struct prefilter_seen {
	struct prefilter_clause
	    *clause; /* the prefilter's, and who found them */
	uint32_t run;
};
void prefilter_seen_init(
    struct prefilter_seen *seen, const struct prefilter *pf);
void prefilter_seen_release(struct prefilter_seen *seen);
/*
 * lower is the subject in lower case (ASCII); bits has room for
 * PREFILTER_WORDS(rules).
 */
void prefilter_run(const struct prefilter *pf, struct prefilter_seen *seen,
    const char *lower, size_t n, uint64_t *bits);
void prefilter_free(struct prefilter *pf);
/* Does without vectors, for tests: the result must be the same. */
void prefilter_set_plain(struct prefilter *pf);

struct prefilter_stats {
	size_t rules, always, literals, clauses;
	size_t longest; /* so many literals are looked for at one place */
};
void prefilter_stats(const struct prefilter *pf, struct prefilter_stats *st);

#endif
