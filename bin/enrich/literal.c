#include "config.h"

#include "enrich/literal.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/* Deeper groups than any regex of the lists; recursion needs a bound. */
#define DEPTH_MAX 24
/* A product of alternatives past this is given up as an exact set. */
#define EXACT_MAX 16
/* So often at most is a repetition spelled out. */
#define REPEAT_MAX 3
/* A class of at most so many letters is spelled out. */
#define CLASS_MAX 4

/*
 * What is known of a piece of a regex: either all the strings that it can
 * match (exact), or sets of which each match holds a member.
 */
struct piece {
	bool is_exact;
	struct literal_set exact;
	struct literal_info req;
};

struct parser {
	const char *p;
	unsigned depth;
};

static int parse_alternation(struct parser *ps, struct piece *out);

/* -1: no room. */
static int
set_add(struct literal_set *set, const struct literal *lit)
{
	unsigned i;

	for (i = 0; i < set->n; i++)
		if (set->v[i].n == lit->n &&
		    memcmp(set->v[i].s, lit->s, lit->n) == 0)
			return 0;
	if (set->n == LITERAL_SET)
		return -1;
	set->v[set->n++] = *lit;
	return 0;
}

/* Only the strings that are there: a set has room for many more. */
static void
set_copy(struct literal_set *to, const struct literal_set *from)
{
	to->n = from->n;
	memcpy(to->v, from->v, from->n * sizeof(*from->v));
}

static int
set_union(struct literal_set *a, const struct literal_set *b)
{
	unsigned i;

	for (i = 0; i < b->n; i++)
		if (set_add(a, &b->v[i]) == -1)
			return -1;
	return 0;
}

static void
piece_unknown(struct piece *pc)
{
	pc->is_exact = false;
	pc->exact.n = 0;
	pc->req.nclause = 0;
}

static void
piece_empty(struct piece *pc)
{
	piece_unknown(pc);
	pc->is_exact = true;
	pc->exact.n = 1;
	pc->exact.v[0].n = 0;
}

static void
piece_byte(struct piece *pc, char c)
{
	piece_empty(pc);
	pc->exact.v[0].n = 1;
	pc->exact.v[0].s[0] = text_lower(c);
}

/*
 * Words that most agents hold: a clause of them tells little.  Measured on
 * the agents of uap-core's own tests.
 */
static bool
is_common(const struct literal *lit)
{
#define WORD(s)                                                                \
	{                                                                      \
		sizeof(s) - 1, s                                               \
	}
	static const struct literal words[] = { WORD("mozilla"),
		WORD("mozilla/"), WORD("android"), WORD("linux"),
		WORD("mobile"), WORD("safari"), WORD("safari/"),
		WORD("applewebkit"), WORD("applewebkit/"), WORD("build"),
		WORD("build/"), WORD("gecko"), WORD("like"), WORD("version/"),
		WORD("windows"), WORD(" build"), WORD("android "),
		WORD("chrome"), WORD("chrome/"), WORD("mobile/"),
		WORD("mozilla/5.0 ("), WORD("; "), WORD(" (") };
#undef WORD
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].n == lit->n &&
		    memcmp(words[i].s, lit->s, lit->n) == 0)
			return true;
	return false;
}

/* The more the better; below 0: worth nothing. */
static int
score(const struct literal_set *set)
{
	unsigned i, shortest = UINT_MAX;
	bool common = false;

	for (i = 0; i < set->n; i++) {
		if (set->v[i].n < shortest)
			shortest = set->v[i].n;
		if (!common)
			common = is_common(&set->v[i]);
	}
	if (set->n == 0 || shortest < 2)
		return -1;
	if (shortest > 8)
		shortest = 8;
	if (common)
		return 1;
	return (int)(shortest * 16) - (int)(set->n < 64 ? set->n / 4 : 16);
}

static void
add_scored(struct literal_info *req, const struct literal_set *set, int s)
{
	unsigned i, n;

	if (s < 0)
		return;
	for (i = 0; i < req->nclause; i++)
		if (s > req->score[i])
			break;
	if (i == LITERAL_CLAUSES)
		return;
	if (req->nclause < LITERAL_CLAUSES)
		req->nclause++;
	for (n = req->nclause - 1; n > i; n--) {
		set_copy(&req->clause[n], &req->clause[n - 1]);
		req->score[n] = req->score[n - 1];
	}
	set_copy(&req->clause[i], set);
	req->score[i] = s;
}

static void
add_clause(struct literal_info *req, const struct literal_set *set)
{
	add_scored(req, set, score(set));
}

static void
add_clauses(struct literal_info *req, const struct literal_info *more)
{
	unsigned i;

	for (i = 0; i < more->nclause; i++)
		add_scored(req, &more->clause[i], more->score[i]);
}

/* The same behind each string of a: what differs goes on to; -1: no room. */
static int
append_one(struct literal_set *a, const struct literal *lit)
{
	unsigned i;

	for (i = 0; i < a->n; i++)
		if (a->v[i].n + lit->n > LITERAL_MAX)
			return -1;
	for (i = 0; i < a->n; i++) {
		memcpy(a->v[i].s + a->v[i].n, lit->s, lit->n);
		a->v[i].n = (unsigned char)(a->v[i].n + lit->n);
	}
	return 0;
}

/* a := every string of a followed by every one of b; -1: too many. */
static int
set_product(struct literal_set *a, const struct literal_set *b)
{
	struct literal_set out;
	struct literal lit;
	unsigned i, j;

	if (a->n * b->n > EXACT_MAX)
		return -1;
	if (b->n == 1)
		return append_one(a, &b->v[0]);
	out.n = 0;
	for (i = 0; i < a->n; i++)
		for (j = 0; j < b->n; j++) {
			if (a->v[i].n + b->v[j].n > LITERAL_MAX)
				return -1;
			lit = a->v[i];
			memcpy(lit.s + lit.n, b->v[j].s, b->v[j].n);
			lit.n = (unsigned char)(lit.n + b->v[j].n);
			if (set_add(&out, &lit) == -1)
				return -1;
		}
	set_copy(a, &out);
	return 0;
}

/*
 * acc grows by one piece to its right.  acc.exact holds what the pieces
 * since the last inexact one can match.
 */
static void
append(struct piece *acc, const struct piece *pc)
{
	if (pc->is_exact) {
		if (set_product(&acc->exact, &pc->exact) == 0)
			return;
		add_clause(&acc->req, &acc->exact);
		set_copy(&acc->exact, &pc->exact);
	} else {
		add_clause(&acc->req, &acc->exact);
		add_clauses(&acc->req, &pc->req);
		acc->exact.n = 1;
		acc->exact.v[0].n = 0;
	}
	acc->is_exact = false;
}

static void
forget_exact(struct piece *pc)
{
	if (!pc->is_exact)
		return;
	pc->is_exact = false;
	add_clause(&pc->req, &pc->exact);
	pc->exact.n = 0;
}

/* out := out | alt */
static void
alternate(struct piece *out, struct piece *alt)
{
	struct literal_set both;

	if (out->is_exact && alt->is_exact) {
		set_copy(&both, &out->exact);
		if (set_union(&both, &alt->exact) == 0) {
			set_copy(&out->exact, &both);
			return;
		}
	}
	forget_exact(out);
	forget_exact(alt);
	if (out->req.nclause == 0 || alt->req.nclause == 0) {
		piece_unknown(out);
		return;
	}
	set_copy(&both, &out->req.clause[0]);
	if (set_union(&both, &alt->req.clause[0]) == -1) {
		piece_unknown(out);
		return;
	}
	out->req.nclause = 0;
	add_clause(&out->req, &both);
}

/* {m}, {m,} or {m,n} at p: the end, or NULL when it is literal text. */
static const char *
braces(const char *p, unsigned *min, unsigned *max)
{
	char *end;

	if (!isdigit((unsigned char)p[1]))
		return NULL;
	*min = *max = (unsigned)strtoul(p + 1, &end, 10);
	if (*end == ',') {
		*max = UINT_MAX;
		if (isdigit((unsigned char)end[1]))
			*max = (unsigned)strtoul(end + 1, &end, 10);
		else
			end++;
	}
	return *end == '}' ? end + 1 : NULL;
}

/*
 * All that min to max of an exact piece can match, when that is few: most of
 * uap-core's device rules begin with "; {0,2}", and what follows is worth
 * more with the semicolon in front.  False, and pc as it was, otherwise.
 */
static bool
repeat_exact(struct piece *pc, unsigned min, unsigned max)
{
	struct literal_set power, all;
	unsigned i;

	if (!pc->is_exact || max > REPEAT_MAX)
		return false;
	all.n = 0;
	power.n = 1;
	power.v[0].n = 0;
	for (i = 0; i <= max; i++) {
		if (i >= min && set_union(&all, &power) == -1)
			return false;
		if (i < max && set_product(&power, &pc->exact) == -1)
			return false;
	}
	set_copy(&pc->exact, &all);
	return true;
}

static void
quantify(struct parser *ps, struct piece *pc)
{
	unsigned min = 1, max = 1;
	const char *end;

	switch (*ps->p) {
	case '?':
		min = 0;
		ps->p++;
		break;
	case '*':
		min = 0;
		max = UINT_MAX;
		ps->p++;
		break;
	case '+':
		max = UINT_MAX;
		ps->p++;
		break;
	case '{':
		end = braces(ps->p, &min, &max);
		if (end == NULL)
			return;
		ps->p = end;
		break;
	default:
		return;
	}
	if (*ps->p == '?' || *ps->p == '+') /* lazy, possessive */
		ps->p++;
	if (min == 1 && max == 1)
		return;
	if (repeat_exact(pc, min, max))
		return;
	if (min > 0)
		forget_exact(pc);
	else
		piece_unknown(pc);
}

/*
 * A backslash and what follows.  -1: not understood.  In a class, \b is a
 * backspace and the anchors do not exist.
 */
static int
parse_escape(struct parser *ps, bool in_class, struct piece *pc)
{
	char c = ps->p[1];

	if (c == '\0' || isdigit((unsigned char)c))
		return -1;
	ps->p += 2;
	if (!isalpha((unsigned char)c)) {
		piece_byte(pc, c);
		return 0;
	}
	switch (c) {
	case 'd':
	case 'D':
	case 'w':
	case 'W':
	case 's':
	case 'S':
		piece_unknown(pc);
		return 0;
	case 'b':
	case 'B':
	case 'A':
	case 'z':
	case 'Z':
		if (in_class)
			return -1;
		piece_empty(pc);
		return 0;
	default:
		return -1;
	}
}

/* [...]: the few letters that it can be, or unknown.  -1: no end. */
static int
parse_class(struct parser *ps, struct piece *pc)
{
	struct literal_set set;
	bool known = true;
	struct piece *one = xmalloc(sizeof(*one));
	int r = -1;

	set.n = 0;
	ps->p++;
	if (*ps->p == '^') {
		known = false;
		ps->p++;
	}
	do {
		if (*ps->p == '\0')
			goto out;
		if (ps->p[0] == '[' && ps->p[1] == ':')
			goto out;
		if (*ps->p == '\\') {
			if (parse_escape(ps, true, one) == -1)
				goto out;
		} else {
			piece_byte(one, *ps->p++);
		}
		if (!one->is_exact || set_union(&set, &one->exact) == -1)
			known = false;
		if (ps->p[0] == '-' && ps->p[1] != ']')
			known = false; /* a range, or an odd text: as one */
	} while (*ps->p != ']');
	ps->p++;
	piece_unknown(pc);
	if (known && set.n <= CLASS_MAX) {
		pc->is_exact = true;
		set_copy(&pc->exact, &set);
	}
	r = 0;
out:
	free(one);
	return r;
}

/* What stands behind "(?": 0 a group, 1 nothing more, -1 unknown. */
static int
parse_group_kind(struct parser *ps, bool *zero_width)
{
	const char *p = ps->p;

	*zero_width = false;
	if (*p == ':' || *p == '>') {
		ps->p = p + 1;
		return 0;
	}
	if (*p == '=' || *p == '!') {
		*zero_width = true;
		ps->p = p + 1;
		return 0;
	}
	if (p[0] == '<' && (p[1] == '=' || p[1] == '!')) {
		*zero_width = true;
		ps->p = p + 2;
		return 0;
	}
	p += strspn(p, "im"); /* case is folded anyway */
	if (*p == ')' || *p == ':') {
		ps->p = p + 1;
		return *p == ')';
	}
	return -1;
}

static int
parse_group(struct parser *ps, struct piece *pc)
{
	bool zero_width = false;
	int kind;

	ps->p++;
	if (*ps->p == '*')
		return -1; /* a verb */
	if (*ps->p == '?') {
		ps->p++;
		kind = parse_group_kind(ps, &zero_width);
		if (kind == -1)
			return -1;
		if (kind == 1) {
			piece_empty(pc);
			return 0;
		}
	}
	if (++ps->depth > DEPTH_MAX || parse_alternation(ps, pc) == -1 ||
	    *ps->p != ')')
		return -1;
	ps->depth--;
	ps->p++;
	if (zero_width)
		piece_empty(pc);
	return 0;
}

static int
parse_atom(struct parser *ps, struct piece *pc)
{
	switch (*ps->p) {
	case '(':
		return parse_group(ps, pc);
	case '[':
		return parse_class(ps, pc);
	case '\\':
		return parse_escape(ps, false, pc);
	case '.':
		ps->p++;
		piece_unknown(pc);
		return 0;
	case '^':
	case '$':
		ps->p++;
		piece_empty(pc);
		return 0;
	case '*':
	case '+':
	case '?':
		return -1;
	default:
		piece_byte(pc, *ps->p++);
		return 0;
	}
}

static int
parse_concat(struct parser *ps, struct piece *out)
{
	struct piece *pc = xmalloc(sizeof(*pc));
	int r = 0;

	piece_empty(out);
	while (*ps->p != '\0' && *ps->p != '|' && *ps->p != ')') {
		r = parse_atom(ps, pc);
		if (r == -1)
			break;
		quantify(ps, pc);
		append(out, pc);
	}
	if (!out->is_exact)
		add_clause(&out->req, &out->exact);
	free(pc);
	return r;
}

static int
parse_alternation(struct parser *ps, struct piece *out)
{
	struct piece *alt;
	int r;

	r = parse_concat(ps, out);
	if (r == -1 || *ps->p != '|')
		return r;
	alt = xmalloc(sizeof(*alt));
	while (r == 0 && *ps->p == '|') {
		ps->p++;
		r = parse_concat(ps, alt);
		if (r == 0)
			alternate(out, alt);
	}
	free(alt);
	return r;
}

bool
literal_required(struct literal_info *info, const char *regex)
{
	struct parser ps = { regex, 0 };
	struct piece *pc = xmalloc(sizeof(*pc));
	bool ok;

	ok = parse_alternation(&ps, pc) == 0 && *ps.p == '\0';
	if (ok)
		forget_exact(pc);
	else
		pc->req.nclause = 0;
	info->nclause = 0;
	add_clauses(info, &pc->req);
	free(pc);
	return ok;
}
