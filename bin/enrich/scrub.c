#include "config.h"

#include "enrich/scrub.h"

#include "base/text.h"

/* Names past this are compared by their first bytes. */
#define NAME_MAX_BYTES 128

/* A byte of the text, decoded as often as it goes. */
struct token {
	char c;
	unsigned level; /* how often it was encoded */
	size_t n;	/* bytes that it takes in the text */
};

/* Where the argument at hand begins, and behind what. */
struct opener {
	char c;		/* ? & ; # or =; NUL: the text's own start */
	unsigned level; /* of c */
	size_t n;	/* bytes of c in the text */
	const char *arg;
};

struct scrub {
	struct strbuf *sb;
	const struct policy *policy;
	const char *p, *end; /* what is not yet looked at */
	const char *from;    /* what is not yet copied to sb */
	struct opener open;  /* arg is NULL: there is no argument */
	bool inside;	     /* of arguments */
	bool users;	     /* an address may begin here */
	bool changed;
};

/* "%2541" is %41, which is A: two levels. */
static struct token
encoded(const char *p, const char *end)
{
	struct token t = { .c = '%', .level = 0, .n = 1 };
	int hi, lo;

	for (;;) {
		if ((size_t)(end - p) < t.n + 2)
			return t;
		hi = text_hex((unsigned char)p[t.n]);
		lo = text_hex((unsigned char)p[t.n + 1]);
		if (hi == -1 || lo == -1)
			return t;
		t.c = (char)(hi << 4 | lo);
		t.n += 2;
		if (t.level < SCRUB_LEVELS)
			t.level++;
		if (t.c != '%')
			return t;
	}
}

static inline struct token
token_at(const char *p, const char *end)
{
	if (*p == '%')
		return encoded(p, end);
	return (struct token){ *p, 0, 1 };
}

static bool
separates(char c)
{
	return c == '?' || c == '&' || c == ';' || c == '#';
}

/* White space is no part of an address, unless it is encoded. */
static bool
is_blank(const struct token *t)
{
	return t->level == 0 &&
	       (t->c == ' ' || t->c == '\t' || t->c == '\n' || t->c == '\r');
}

static bool
denied(const char *p, const char *end, const struct policy *policy)
{
	char buf[NAME_MAX_BYTES];
	struct token t;
	size_t n = 0;

	for (; p < end && n < sizeof(buf); p += t.n) {
		t = token_at(p, end);
		buf[n++] = text_lower(t.c);
	}
	return policy_arg_denied(policy, slice_of(buf, n));
}

static void
copy(struct scrub *s, const char *to)
{
	strbuf_add(s->sb, s->from, (size_t)(to - s->from));
}

/* Leaves out all up to where. */
static void
skip_to(struct scrub *s, const char *where)
{
	s->p = s->from = where;
	s->changed = true;
}

/* The mark that ends a value of this level, with its place, or the end. */
static const char *
value_end(const struct scrub *s, const char *p, unsigned level, struct token *t)
{
	for (; p < s->end; p += t->n) {
		*t = token_at(p, s->end);
		if (is_blank(t) || (separates(t->c) && t->level <= level))
			return p;
	}
	*t = (struct token){ '\0', 0, 0 };
	return p;
}

/*
 * Takes out the argument whose '=' this is, and closes the gap: "?a=1&" +
 * "&b=2" keeps one '&', "?" + "&b=2" the '?', "?" + "" nothing.
 */
static void
take_out(struct scrub *s, const struct token *eq)
{
	struct opener *o = &s->open;
	unsigned level = eq->level > o->level ? eq->level : o->level;
	struct token next;
	const char *to = value_end(s, s->p + eq->n, level, &next);
	bool first = o->c == '?' || o->c == '=' || o->c == '\0';
	bool more =
	    (next.c == '&' || next.c == ';') &&
	    (o->c == '=' ? next.level > o->level : next.level >= o->level);

	copy(s, o->arg);
	if (first && more)
		to += next.n;
	else if (o->c == '?' || !first)
		s->sb->len -= o->n;
	skip_to(s, to);
	o->arg = first && more ? to : NULL;
}

/* May a user have it?  '&' and ';' he may, but in arguments they end one. */
static bool
ends_user(const struct scrub *s, const struct token *t, unsigned level)
{
	if (is_blank(t) || (separates(t->c) && t->level < level))
		return true;
	return t->level <= level &&
	       (t->c == '/' || t->c == '?' || t->c == '#' || t->c == '\\' ||
		   (s->inside && separates(t->c)));
}

/*
 * Where the host begins behind "://" at p, when user or password stand
 * before it; else NULL.
 */
static const char *
find_host(const struct scrub *s, const char *p, unsigned level)
{
	const char *host = NULL;
	struct token t;

	for (; p < s->end; p += t.n) {
		t = token_at(p, s->end);
		if (ends_user(s, &t, level))
			break;
		if (t.c == '@' && t.level <= level)
			host = p + t.n;
	}
	return host;
}

/* A ':' was seen at p: takes out what may stand behind "://". */
static void
take_user(struct scrub *s, const struct token *colon)
{
	const char *p = s->p + colon->n, *host;
	struct token t;
	int i;

	for (i = 0; i < 2; i++, p += t.n) {
		if (p == s->end)
			return;
		t = token_at(p, s->end);
		if (t.c != '/')
			return;
	}
	host = find_host(s, p, t.level);
	if (host == NULL)
		return;
	copy(s, p);
	skip_to(s, host);
	s->open.arg = NULL;
}

/* A mark at p that begins an argument, or ends the name of one. */
static void
step_mark(struct scrub *s, const struct token *t)
{
	struct opener *o = &s->open;

	if (t->c == '=') {
		if (!s->inside)
			return;
		/* What is in a value is encoded once more. */
		if (o->arg != NULL && (o->c != '=' || t->level > o->level) &&
		    denied(o->arg, s->p, s->policy)) {
			take_out(s, t);
			return;
		}
	}
	*o = (struct opener){ t->c, t->level, t->n, s->p + t->n };
	s->inside = s->users = true;
}

static void
step(struct scrub *s)
{
	struct token t = token_at(s->p, s->end);
	const char *p = s->p;

	if (separates(t.c) || t.c == '=') {
		step_mark(s, &t);
	} else if (is_blank(&t)) {
		s->open.arg = NULL;
		s->inside = false;
	} else if (t.c == ':' || t.c == '/') {
		if (t.c == ':' && s->users)
			take_user(s, &t);
		/* A path: no name of an argument. */
		if (s->open.c == '=')
			s->open.arg = NULL;
		/* Nor does an address begin in one. */
		if (s->open.c == '\0')
			s->users = false;
	}
	if (s->p == p)
		s->p += t.n;
}

bool
scrub_url(
    struct strbuf *sb, struct slice url, bool args, const struct policy *policy)
{
	struct scrub s = { .sb = sb,
		.policy = policy,
		.p = url.p,
		.end = url.p + url.n,
		.from = url.p,
		.open = { .arg = args ? url.p : NULL },
		.inside = args,
		.users = true };

	strbuf_clear(sb);
	while (s.p < s.end)
		step(&s);
	if (s.changed)
		copy(&s, s.end);
	return s.changed;
}
