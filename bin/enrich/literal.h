/*
 * literal: strings that a match of a regex cannot do without.
 *
 *	struct literal_parser *ps = literal_parser_new();
 *	info = literal_required(ps, "(?:iPhone|iPad).+OS (\\d+)");
 *	info->clause[0] is {iphone, ipad}, info->clause[1] is {os + a digit}
 *	literal_parser_free(ps);
 *
 * Each clause is a set; every match holds at least one string of every
 * clause.  No clause means that nothing is known, and the regex has to be
 * tried on every subject.  Behind a string there may be a class, of which the
 * next byte is; and of a clause that begins the subject does, with one of its
 * strings.  Everything is lower case (ASCII), so the subject must be, too; a
 * regex that minds case is then tried somewhat too often, never too seldom.
 *
 * Understands the syntax of uap-core and of the crawler lists; whatever it
 * does not understand gives no clause.  The idea is that of FilteredRE2
 * (Russ Cox, "Regular Expression Matching with a Trigram Index").
 */
#ifndef EV_ENRICH_LITERAL_H
#define EV_ENRICH_LITERAL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Of longer strings, pieces are required.  As many as let what the prefilter
 * has of one be half a line of the processor's cache. */
#define LITERAL_MAX 20
/* uap-core's longest list of crawlers has some 190. */
#define LITERAL_SET 256
#define LITERAL_CLAUSES 3
/* Classes that are told apart: uap-core has some 40. */
#define LITERAL_TAILS 256

struct literal {
	uint8_t n;
	uint8_t tail; /* class of the next byte; 0: any, or none */
	char s[LITERAL_MAX];
};

struct literal_set {
	unsigned n;
	bool begins; /* the subject, with one of them */
	struct literal v[LITERAL_SET];
};

struct literal_info {
	unsigned nclause;
	int score[LITERAL_CLAUSES];		    /* by which they are it */
	struct literal_set clause[LITERAL_CLAUSES]; /* the best first */
};

/* Bytes, one bit each. */
struct literal_class {
	uint64_t bits[4];
};

struct literal_parser;

/* What many agents of browsers hold: a literal that is all part of it tells
 * little, and is required only where nothing better is. */
extern const char literal_usual[];

/* The score of a clause that tells nothing where there is a better one. */
#define LITERAL_TRITE 0

struct literal_parser *literal_parser_new(void);
/* NULL is fine. */
void literal_parser_free(struct literal_parser *ps);

/* Borrowed until the next one.  Of what is not understood, no clauses. */
const struct literal_info *literal_required(
    struct literal_parser *ps, const char *regex);

/* What tails mean: LITERAL_TAILS of them, but for the first.  Borrowed. */
const struct literal_class *literal_classes(const struct literal_parser *ps);

static inline bool
literal_eq(const struct literal *a, const struct literal *b)
{
	return a->n == b->n && a->tail == b->tail &&
	       memcmp(a->s, b->s, a->n) == 0;
}

static inline bool
literal_class_has(const struct literal_class *c, unsigned char byte)
{
	return (c->bits[byte / 64] >> (byte % 64) & 1) != 0;
}

#endif
