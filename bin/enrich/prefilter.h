/*
 * prefilter: which of many regexes a subject could match at all.
 *
 *	pf = prefilter_new();
 *	prefilter_add(pf, regex0); prefilter_add(pf, regex1); ...
 *	prefilter_build(pf);
 *	prefilter_run(pf, lower, n, bits);     bit i: rule i may match
 *
 * One pass of an Aho-Corasick automaton over the subject finds all the
 * literals of all rules (literal.h); a rule is a candidate when each of its
 * clauses was found, or when it has none.  A rule that is no candidate
 * cannot match; so trying the candidates in order gives what trying all the
 * rules in order gives.
 *
 * Aho, Corasick, "Efficient string matching: an aid to bibliographic
 * search" (1975); the automaton is completed, so a byte costs one step.
 */
#ifndef EV_ENRICH_PREFILTER_H
#define EV_ENRICH_PREFILTER_H

#include <stddef.h>
#include <stdint.h>

struct prefilter;

#define PREFILTER_WORDS(rules) (((rules) + 63) / 64)

struct prefilter *prefilter_new(void);
/* Rules are numbered in the order of adding, from 0. */
void prefilter_add(struct prefilter *pf, const char *regex);
void prefilter_build(struct prefilter *pf);
/*
 * lower is the subject in lower case (ASCII); bits has room for
 * PREFILTER_WORDS(rules).
 */
void prefilter_run(
    struct prefilter *pf, const char *lower, size_t n, uint64_t *bits);
void prefilter_free(struct prefilter *pf);

struct prefilter_stats {
	size_t rules, always, literals, states, bytes;
};
void prefilter_stats(const struct prefilter *pf, struct prefilter_stats *st);

#endif
