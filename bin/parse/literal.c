#include "config.h"

#include "parse/literal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* (a|b)(c|d) multiplies; past this PCRE2 is as good. */
#define ALTERNATIVES 64

static void
add(struct literal *lit, size_t *cap, struct slice head, struct slice tail)
{
	char *p = xmalloc(head.n + tail.n + 1);

	memcpy(p, head.p, head.n);
	memcpy(p + head.n, tail.p, tail.n);
	lit->alt = xgrow(lit->alt, cap, lit->n + 1, sizeof(*lit->alt));
	lit->alt[lit->n++] = slice_of(p, head.n + tail.n);
}

void
literal_release(struct literal *lit)
{
	size_t i;

	for (i = 0; i < lit->n; i++)
		free((void *)(uintptr_t)lit->alt[i].p);
	free(lit->alt);
	*lit = (struct literal){ 0 };
}

/* Every text so far with every one of tails behind it. */
static bool
multiply(struct literal *lit, const struct slice *tails, size_t n)
{
	struct literal out = { lit->at_start, lit->at_end, NULL, 0 };
	size_t i, k, cap = 0;

	if (lit->n * n > ALTERNATIVES)
		return false;
	for (i = 0; i < lit->n; i++)
		for (k = 0; k < n; k++)
			add(&out, &cap, lit->alt[i], tails[k]);
	literal_release(lit);
	*lit = out;
	return true;
}

/*
 * One literal byte at *p, an escaped one included; false at anything else.
 * A quantifier behind it makes it none, too.
 */
static bool
take_byte(const char **p, const char *end, char *out)
{
	static const char special[] = "\\^$.[]|()?*+{}";
	const char *s = *p;

	if (s == end)
		return false;
	if (*s == '\\') {
		/* Only punctuation stands for itself behind a backslash. */
		if (++s == end || *s == '\0' ||
		    strchr("\\^$.[]|()?*+{}/-_~!@#%&=:;,<>\"'", *s) == NULL)
			return false;
	} else if (*s == '\0' || strchr(special, *s) != NULL) {
		return false;
	}
	if (s + 1 < end &&
	    (s[1] == '?' || s[1] == '*' || s[1] == '+' || s[1] == '{'))
		return false;
	*out = *s;
	*p = s + 1;
	return true;
}

/* (a|b|c) or (?:a|b|c) at *p, into buf and tails. */
static bool
take_group(
    const char **p, const char *end, char *buf, struct slice *tails, size_t *n)
{
	const char *s = *p + 1;
	char *d = buf;

	if (end - s >= 2 && s[0] == '?' && s[1] == ':')
		s += 2;
	*n = 0;
	tails[0].p = d;
	for (;;) {
		if (take_byte(&s, end, d)) {
			d++;
			continue;
		}
		if (s == end || (*s != '|' && *s != ')'))
			return false;
		tails[*n].n = (size_t)(d - tails[*n].p);
		if (++*n == ALTERNATIVES)
			return false;
		tails[*n].p = d;
		if (*s++ == ')')
			break;
	}
	/* A quantifier, or '{', that is none of ours. */
	if (s < end && strchr("?*+{", *s) != NULL)
		return false;
	*p = s;
	return true;
}

static bool
parse(struct literal *lit, const char *p, const char *end, char *buf)
{
	struct slice tails[ALTERNATIVES];
	size_t n;
	char *d;

	if (p < end && *p == '^') {
		lit->at_start = true;
		p++;
	}
	while (p < end) {
		if (end - p == 1 && *p == '$') {
			lit->at_end = true;
			return true;
		}
		if (*p == '(') {
			if (!take_group(&p, end, buf, tails, &n))
				return false;
		} else {
			for (d = buf; take_byte(&p, end, d); d++)
				;
			if (d == buf)
				return false;
			tails[0] = slice_of(buf, (size_t)(d - buf));
			n = 1;
		}
		if (!multiply(lit, tails, n))
			return false;
	}
	return true;
}

bool
literal_from_regex(struct literal *lit, struct slice regex)
{
	char *buf = xmalloc(regex.n + 1);
	size_t cap = 0;
	bool ok;

	*lit = (struct literal){ 0 };
	add(lit, &cap, slice_of("", 0), slice_of("", 0));
	ok = parse(lit, regex.p, regex.p + regex.n, buf);
	free(buf);
	if (!ok)
		literal_release(lit);
	return ok;
}

static bool
match_one(const struct literal *lit, struct slice alt, struct slice s)
{
	if (s.n < alt.n)
		return false;
	if (lit->at_start && lit->at_end)
		return s.n == alt.n && memcmp(s.p, alt.p, s.n) == 0;
	if (lit->at_start)
		return memcmp(s.p, alt.p, alt.n) == 0;
	if (lit->at_end)
		return memcmp(s.p + s.n - alt.n, alt.p, alt.n) == 0;
	return memmem(s.p, s.n, alt.p, alt.n) != NULL;
}

bool
literal_match(const struct literal *lit, struct slice s)
{
	size_t i;

	for (i = 0; i < lit->n; i++)
		if (match_one(lit, lit->alt[i], s))
			return true;
	return false;
}
