/*
 * literal: strings that a match of a regex cannot do without.
 *
 *	struct literal_info info;
 *	literal_required(&info, "(?:iPhone|iPad).+OS (\\d+)");
 *	info.clause[0] is {iphone, ipad}, info.clause[1] is {os }
 *
 * Each clause is a set; every match holds at least one string of every
 * clause.  No clause means that nothing is known, and the regex has to be
 * tried on every subject.  Everything is lower case (ASCII), so the subject
 * must be, too; a regex that minds case is then tried somewhat too often,
 * never too seldom.
 *
 * Understands the syntax of uap-core and of the crawler lists; whatever it
 * does not understand gives no clause.  The idea is that of FilteredRE2
 * (Russ Cox, "Regular Expression Matching with a Trigram Index").
 */
#ifndef EV_ENRICH_LITERAL_H
#define EV_ENRICH_LITERAL_H

#include <stdbool.h>

/* Longer strings are cut to their first bytes, which are required too. */
#define LITERAL_MAX 23
/* uap-core's longest list of crawlers has some 190. */
#define LITERAL_SET 256
#define LITERAL_CLAUSES 3

struct literal {
	unsigned char n;
	char s[LITERAL_MAX];
};

struct literal_set {
	unsigned n;
	struct literal v[LITERAL_SET];
};

struct literal_info {
	unsigned nclause;
	struct literal_set clause[LITERAL_CLAUSES]; /* the best first */
	int score[LITERAL_CLAUSES];		    /* by which they are it */
};

/* False: not understood, and there are no clauses. */
bool literal_required(struct literal_info *info, const char *regex);

#endif
