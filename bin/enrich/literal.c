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
/* And this, as what a piece begins with. */
#define HEAD_MAX 64
/* So often at most is a repetition spelled out. */
#define REPEAT_MAX 3
/* A class of at most so many letters is spelled out. */
#define CLASS_MAX 4
/* A larger one says nothing of what comes next. */
#define TAIL_MAX 64

/* Parts of literals that are looked up among the usual ones, by a hash. */
#define GRAM 4
#define GRAM_BITS 13

/*
 * What is known of a piece of a regex: either all the strings that it can
 * match (exact), or sets of which each match holds a member, and what each
 * match begins with.  Of one that is not exact, exact is what its end can
 * match.
 */
struct piece {
	bool is_exact;
	struct literal_set exact;
	struct literal_set head; /* when it is not exact; none: unknown */
	struct literal_info req;
	struct piece *spare; /* the next one that is not in use */
};

struct literal_parser {
	const char *p;
	unsigned depth;
	bool multiline; /* "^" is no beginning */
	struct piece *spare;
	struct piece *result;
	struct literal_class class[LITERAL_TAILS]; /* [0] is none */
	unsigned nclass;
	uint64_t usual[(1U << GRAM_BITS) / 64]; /* parts of literal_usual */
};

static int parse_alternation(struct literal_parser *ps, struct piece *out);

const char literal_usual[] =
    "mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, "
    "like gecko) chrome/1.0.0.0 mobile safari/537.36 mozilla/5.0 (linux; u; "
    "android 10; en-us; build/ build) version/4.0 mozilla/5.0 (iphone; cpu "
    "iphone os 17_0 like mac os x) mobile/15e148 mozilla/5.0 (macintosh; "
    "intel mac os x 10_15_7) mozilla/5.0 (x11; linux x86_64) mozilla/5.0 "
    "(compatible; msie 6.0; windows nt 5.1) gecko/20100101 firefox/1.0";

static uint32_t
gram_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, GRAM);
	return v * UINT32_C(2654435769) >> (32 - GRAM_BITS);
}

static void
note_usual(struct literal_parser *ps)
{
	const char *p;
	uint32_t gram;

	for (p = literal_usual; p[GRAM - 1] != '\0'; p++) {
		gram = gram_at(p);
		ps->usual[gram / 64] |= UINT64_C(1) << (gram % 64);
	}
}

struct literal_parser *
literal_parser_new(void)
{
	struct literal_parser *ps = xcalloc(1, sizeof(*ps));

	ps->nclass = 1;
	note_usual(ps);
	ps->result = xmalloc(sizeof(*ps->result));
	return ps;
}

void
literal_parser_free(struct literal_parser *ps)
{
	struct piece *pc;

	if (ps == NULL)
		return;
	while ((pc = ps->spare) != NULL) {
		ps->spare = pc->spare;
		free(pc);
	}
	free(ps->result);
	free(ps);
}

/* A piece is large, and as many are in use as groups are open. */
static struct piece *
piece_take(struct literal_parser *ps)
{
	struct piece *pc = ps->spare;

	if (pc == NULL)
		return xmalloc(sizeof(*pc));
	ps->spare = pc->spare;
	return pc;
}

static void
piece_give(struct literal_parser *ps, struct piece *pc)
{
	pc->spare = ps->spare;
	ps->spare = pc;
}

/* -1: no room. */
static int
set_add(struct literal_set *set, const struct literal *lit)
{
	unsigned i;

	for (i = 0; i < set->n; i++)
		if (literal_eq(&set->v[i], lit))
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
	to->begins = from->begins;
	memcpy(to->v, from->v, from->n * sizeof(*from->v));
}

/* The empty string, or a byte of a class. */
static void
set_empty(struct literal_set *set, unsigned tail)
{
	set->n = 1;
	set->begins = false;
	set->v[0].n = 0;
	set->v[0].tail = (uint8_t)tail;
}

static int
set_union(struct literal_set *a, const struct literal_set *b)
{
	unsigned i;

	a->begins = a->begins && b->begins;
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
	pc->head.n = 0;
	pc->req.nclause = 0;
}

static void
piece_empty(struct piece *pc)
{
	piece_unknown(pc);
	pc->is_exact = true;
	set_empty(&pc->exact, 0);
}

static void
piece_byte(struct piece *pc, char c)
{
	piece_empty(pc);
	pc->exact.v[0].n = 1;
	pc->exact.v[0].s[0] = text_lower(c);
}

static bool
is_empty(const struct literal_set *set)
{
	return set->n == 1 && set->v[0].n == 0 && set->v[0].tail == 0;
}

/* Is each part of it part of what is usual? */
static bool
is_usual(const struct literal_parser *ps, const struct literal *lit)
{
	uint32_t gram;
	unsigned i;

	if (lit->n < GRAM)
		return lit->tail == 0 &&
		       memmem(literal_usual, strlen(literal_usual), lit->s,
			   lit->n) != NULL;
	for (i = 0; i + GRAM <= lit->n; i++) {
		gram = gram_at(lit->s + i);
		if ((ps->usual[gram / 64] >> (gram % 64) & 1) == 0)
			return false;
	}
	return true;
}

/* The more the better; below 0: worth nothing. */
static int
score(const struct literal_parser *ps, const struct literal_set *set)
{
	unsigned i, n, shortest = UINT_MAX;
	bool usual = false;

	for (i = 0; i < set->n; i++) {
		if (set->v[i].n < (set->begins ? 1 : 2))
			return -1;
		/* That the next byte is of a class is half of one. */
		n = set->v[i].n * 2U + (set->v[i].tail != 0);
		if (n < shortest)
			shortest = n;
		if (!usual)
			usual = is_usual(ps, &set->v[i]);
	}
	if (set->n == 0)
		return -1;
	if (set->begins)
		shortest += 8;
	if (shortest > 16)
		shortest = 16;
	if (usual)
		return shortest < 2 * GRAM ? LITERAL_TRITE : LITERAL_TRITE + 1;
	return LITERAL_TRITE + 1 + (int)(shortest * 8) -
	       (int)(set->n < 64 ? set->n / 4 : 16);
}

static bool
set_eq(const struct literal_set *a, const struct literal_set *b)
{
	unsigned i;

	if (a->n != b->n || a->begins != b->begins)
		return false;
	for (i = 0; i < a->n; i++)
		if (!literal_eq(&a->v[i], &b->v[i]))
			return false;
	return true;
}

static void
add_scored(struct literal_info *req, const struct literal_set *set, int s)
{
	unsigned i, n;

	if (s < 0)
		return;
	for (i = 0; i < req->nclause; i++) {
		if (s > req->score[i])
			break;
		if (s == req->score[i] && set_eq(set, &req->clause[i]))
			return;
	}
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
add_clause(const struct literal_parser *ps, struct literal_info *req,
    const struct literal_set *set)
{
	add_scored(req, set, score(ps, set));
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
		a->v[i].n = (uint8_t)(a->v[i].n + lit->n);
		a->v[i].tail = lit->tail;
	}
	return 0;
}

/*
 * a := every string of a followed by every one of b; -1: more than max, or
 * longer than we keep.  Those of a have no tails.  "^" may stand in front of
 * any: what comes before it is empty then.
 */
static int
set_product(struct literal_set *a, const struct literal_set *b, unsigned max)
{
	bool begins = a->begins || b->begins;
	struct literal_set out;
	struct literal lit;
	unsigned i, j;

	if (is_empty(a)) {
		set_copy(a, b);
		a->begins = begins;
		return 0;
	}
	if (a->n * b->n > max)
		return -1;
	if (b->n == 1) {
		a->begins = begins;
		return append_one(a, &b->v[0]);
	}
	out.n = 0;
	out.begins = begins;
	for (i = 0; i < a->n; i++)
		for (j = 0; j < b->n; j++) {
			if (a->v[i].n + b->v[j].n > LITERAL_MAX)
				return -1;
			lit = a->v[i];
			memcpy(lit.s + lit.n, b->v[j].s, b->v[j].n);
			lit.n = (uint8_t)(lit.n + b->v[j].n);
			lit.tail = b->v[j].tail;
			if (set_add(&out, &lit) == -1)
				return -1;
		}
	set_copy(a, &out);
	return 0;
}

/* What acc ended in is a clause, and if it was all of it, its head. */
static void
end_exact(const struct literal_parser *ps, struct piece *acc)
{
	add_clause(ps, &acc->req, &acc->exact);
	if (acc->is_exact)
		set_copy(&acc->head, &acc->exact);
	acc->is_exact = false;
}

/*
 * acc grows by one piece to its right.  acc.exact holds what the pieces
 * since the last inexact one can match.
 */
static void
append(
    const struct literal_parser *ps, struct piece *acc, const struct piece *pc)
{
	if (pc->is_exact) {
		if (set_product(&acc->exact, &pc->exact, EXACT_MAX) == 0)
			return;
		end_exact(ps, acc);
		set_copy(&acc->exact, &pc->exact);
		return;
	}
	if (pc->head.n > 0)
		(void)set_product(&acc->exact, &pc->head, HEAD_MAX);
	end_exact(ps, acc);
	add_clauses(&acc->req, &pc->req);
	set_empty(&acc->exact, 0);
}

/* As append(), of a byte, which most pieces are. */
static void
append_byte(const struct literal_parser *ps, struct piece *acc, char c)
{
	const struct literal byte = { 1, 0, { text_lower(c) } };

	if (append_one(&acc->exact, &byte) == 0)
		return;
	end_exact(ps, acc);
	acc->exact.n = 1;
	acc->exact.begins = false;
	acc->exact.v[0] = byte;
}

static void
forget_exact(const struct literal_parser *ps, struct piece *pc)
{
	if (!pc->is_exact)
		return;
	end_exact(ps, pc);
	pc->exact.n = 0;
}

/* out := out | alt */
static void
alternate(struct literal_parser *ps, struct piece *out, struct piece *alt)
{
	struct piece *both = piece_take(ps);
	struct literal_set *set = &both->exact;

	if (out->is_exact && alt->is_exact) {
		set_copy(set, &out->exact);
		if (set_union(set, &alt->exact) == 0) {
			set_copy(&out->exact, set);
			goto out;
		}
	}
	forget_exact(ps, out);
	forget_exact(ps, alt);
	if (out->head.n > 0 &&
	    (alt->head.n == 0 || set_union(&out->head, &alt->head) == -1))
		out->head.n = 0;
	if (out->req.nclause > 0 && alt->req.nclause > 0) {
		set_copy(set, &out->req.clause[0]);
		out->req.nclause = 0;
		if (set_union(set, &alt->req.clause[0]) == 0)
			add_clause(ps, &out->req, set);
	} else {
		out->req.nclause = 0;
	}
out:
	piece_give(ps, both);
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
repeat_exact(
    struct literal_parser *ps, struct piece *pc, unsigned min, unsigned max)
{
	struct piece *room;
	struct literal_set *power, *all;
	bool ok = true;
	unsigned i;

	if (!pc->is_exact || pc->exact.begins || max > REPEAT_MAX)
		return false;
	room = piece_take(ps);
	power = &room->head;
	all = &room->exact;
	all->n = 0;
	all->begins = false;
	set_empty(power, 0);
	for (i = 0; i <= max && ok; i++) {
		ok = i < min || set_union(all, power) == 0;
		if (ok && i < max)
			ok = set_product(power, &pc->exact, EXACT_MAX) == 0;
	}
	if (ok)
		set_copy(&pc->exact, all);
	piece_give(ps, room);
	return ok;
}

static void
quantify(struct literal_parser *ps, struct piece *pc)
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
	if (repeat_exact(ps, pc, min, max))
		return;
	if (min > 0)
		forget_exact(ps, pc);
	else
		piece_unknown(pc);
}

/* One byte of a class that is not spelled out. */
static void
piece_class(
    struct literal_parser *ps, struct piece *pc, const struct literal_class *c)
{
	unsigned i;

	piece_unknown(pc);
	for (i = 1; i < ps->nclass; i++)
		if (memcmp(&ps->class[i], c, sizeof(*c)) == 0)
			break;
	if (i == LITERAL_TAILS)
		return;
	if (i == ps->nclass)
		ps->class[ps->nclass++] = *c;
	set_empty(&pc->head, i);
}

static void
class_add(struct literal_class *c, unsigned from, unsigned to)
{
	for (; from <= to; from++)
		c->bits[from / 64] |= UINT64_C(1) << (from % 64);
}

/* \d, \w, \s and their opposites; false: c is none of them. */
static bool
class_add_escape(struct literal_class *to, char c)
{
	struct literal_class k = { { 0 } };
	unsigned i;

	switch (c | 0x20) {
	case 'd':
		class_add(&k, '0', '9');
		break;
	case 'w':
		class_add(&k, '0', '9');
		class_add(&k, 'A', 'Z');
		class_add(&k, 'a', 'z');
		class_add(&k, '_', '_');
		break;
	case 's':
		class_add(&k, '\t', '\r');
		class_add(&k, ' ', ' ');
		break;
	default:
		return false;
	}
	for (i = 0; i < 4; i++)
		to->bits[i] |= c >= 'a' ? k.bits[i] : ~k.bits[i];
	return true;
}

/* As the subject is: of a letter of either case, the lower. */
static void
class_fold(struct literal_class *c)
{
	const uint64_t upper = ((UINT64_C(1) << 26) - 1) << ('A' - 64);

	c->bits[1] |= (c->bits[1] & upper) << ('a' - 'A');
	c->bits[1] &= ~upper;
}

static unsigned
class_size(const struct literal_class *c)
{
	unsigned i, n = 0;

	for (i = 0; i < 4; i++)
		n += (unsigned)__builtin_popcountll(c->bits[i]);
	return n;
}

/* Few letters are exact; many, nothing. */
static void
take_class(struct literal_parser *ps, struct piece *pc, struct literal_class *c)
{
	unsigned i, n;

	class_fold(c);
	n = class_size(c);
	if (n > CLASS_MAX || n == 0) {
		piece_unknown(pc);
		if (n > 0 && n <= TAIL_MAX)
			piece_class(ps, pc, c);
		return;
	}
	piece_empty(pc);
	pc->exact.n = 0;
	for (i = 0; i < 256; i++)
		if (literal_class_has(c, (unsigned char)i)) {
			pc->exact.v[pc->exact.n].n = 1;
			pc->exact.v[pc->exact.n].tail = 0;
			pc->exact.v[pc->exact.n++].s[0] = (char)i;
		}
}

/* A backslash and what follows.  -1: not understood. */
static int
parse_escape(struct literal_parser *ps, struct piece *pc)
{
	struct literal_class class = { { 0 } };
	char c = ps->p[1];

	if (c == '\0' || isdigit((unsigned char)c))
		return -1;
	ps->p += 2;
	if (!isalpha((unsigned char)c)) {
		piece_byte(pc, c);
		return 0;
	}
	if (class_add_escape(&class, c)) {
		take_class(ps, pc, &class);
		return 0;
	}
	if (strchr("bBAzZ", c) == NULL)
		return -1;
	piece_empty(pc);
	return 0;
}

/* A byte of a class; -1: it is none, and not understood. */
static int
class_byte(struct literal_parser *ps)
{
	int c = (unsigned char)*ps->p;

	if (c == '\\') {
		c = (unsigned char)ps->p[1];
		if (isalnum(c))
			return -1;
		ps->p++;
	}
	if (c == '\0')
		return -1;
	ps->p++;
	return c;
}

/* One byte, a range, or what \d and the like mean. */
static int
parse_member(struct literal_parser *ps, struct literal_class *class)
{
	int from, to;

	if (ps->p[0] == '[' && ps->p[1] == ':')
		return -1;
	if (ps->p[0] == '\\' && class_add_escape(class, ps->p[1])) {
		ps->p += 2;
		/* A hyphen behind it is itself, where it is the last. */
		return ps->p[0] == '-' && ps->p[1] != ']' ? -1 : 0;
	}
	from = to = class_byte(ps);
	if (ps->p[0] == '-' && ps->p[1] != ']') {
		ps->p++;
		to = class_byte(ps);
	}
	if (from == -1 || to < from)
		return -1;
	class_add(class, (unsigned)from, (unsigned)to);
	return 0;
}

/* [...]  -1: no end, or not understood. */
static int
parse_class(struct literal_parser *ps, struct piece *pc)
{
	struct literal_class class = { { 0 } };
	bool negated = false;
	unsigned i;

	ps->p++;
	if (*ps->p == '^') {
		negated = true;
		ps->p++;
	}
	do /* a ']' that comes first is a member */
		if (parse_member(ps, &class) == -1)
			return -1;
	while (*ps->p != ']');
	ps->p++;
	for (i = 0; i < 4 && negated; i++)
		class.bits[i] = ~class.bits[i];
	take_class(ps, pc, &class);
	return 0;
}

/* What stands behind "(?": 0 a group, 1 nothing more, -1 unknown. */
static int
parse_group_kind(struct literal_parser *ps, bool *zero_width)
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
parse_group(struct literal_parser *ps, struct piece *pc)
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
parse_atom(struct literal_parser *ps, struct piece *pc)
{
	switch (*ps->p) {
	case '(':
		return parse_group(ps, pc);
	case '[':
		return parse_class(ps, pc);
	case '\\':
		return parse_escape(ps, pc);
	case '.':
		ps->p++;
		piece_unknown(pc);
		return 0;
	case '^':
	case '$':
		piece_empty(pc);
		pc->exact.begins = *ps->p++ == '^' && !ps->multiline;
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

/* Of one letter only: does it mean something else to a regex? */
static bool
is_special(char c)
{
	switch (c) {
	case '\0':
	case '(':
	case ')':
	case '[':
	case '\\':
	case '.':
	case '^':
	case '$':
	case '|':
	case '*':
	case '+':
	case '?':
		return true;
	default:
		return false;
	}
}

/* A letter that nothing repeats. */
static bool
is_single(const char *p)
{
	return !is_special(p[0]) && p[1] != '*' && p[1] != '+' && p[1] != '?' &&
	       p[1] != '{';
}

static int
parse_concat(struct literal_parser *ps, struct piece *out)
{
	struct piece *pc = piece_take(ps);
	int r = 0;

	piece_empty(out);
	while (*ps->p != '\0' && *ps->p != '|' && *ps->p != ')') {
		if (is_single(ps->p)) {
			append_byte(ps, out, *ps->p++);
			continue;
		}
		r = parse_atom(ps, pc);
		if (r == -1)
			break;
		quantify(ps, pc);
		append(ps, out, pc);
	}
	if (!out->is_exact)
		add_clause(ps, &out->req, &out->exact);
	piece_give(ps, pc);
	return r;
}

static int
parse_alternation(struct literal_parser *ps, struct piece *out)
{
	struct piece *alt;
	int r;

	r = parse_concat(ps, out);
	if (r == -1 || *ps->p != '|')
		return r;
	alt = piece_take(ps);
	while (r == 0 && *ps->p == '|') {
		ps->p++;
		r = parse_concat(ps, alt);
		if (r == 0)
			alternate(ps, out, alt);
	}
	piece_give(ps, alt);
	return r;
}

/* Is "m" among the options that the regex sets somewhere? */
static bool
sets_multiline(const char *regex)
{
	const char *p = regex;

	while ((p = strstr(p, "(?")) != NULL) {
		p += 2;
		if (p[strspn(p, "isxUJn-^")] == 'm')
			return true;
	}
	return false;
}

const struct literal_info *
literal_required(struct literal_parser *ps, const char *regex)
{
	struct piece *pc = ps->result;

	ps->p = regex;
	ps->depth = 0;
	ps->multiline = sets_multiline(regex);
	if (parse_alternation(ps, pc) == 0 && *ps->p == '\0')
		forget_exact(ps, pc);
	else
		pc->req.nclause = 0;
	return &pc->req;
}

const struct literal_class *
literal_classes(const struct literal_parser *ps)
{
	return ps->class;
}
