#include "config.h"

#include "enrich/scrub.h"

#include <string.h>

#include "base/text.h"

/* Names past this are compared by their first bytes. */
#define NAME_MAX_BYTES 128

static bool
separates(char c)
{
	return c == '?' || c == '&' || c == ';' || c == '#';
}

static bool
ends(char c)
{
	return separates(c) || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
denied(struct slice arg, const struct policy *policy)
{
	const char *eq = memchr(arg.p, '=', arg.n);
	char buf[NAME_MAX_BYTES];
	size_t i, n;

	if (eq == NULL)
		return false;
	n = (size_t)(eq - arg.p);
	n = text_decode(
	    buf, slice_of(arg.p, n < sizeof(buf) ? n : sizeof(buf)));
	for (i = 0; i < n; i++)
		if (buf[i] >= 'A' && buf[i] <= 'Z')
			buf[i] = (char)(buf[i] + 32);
	return policy_arg_denied(policy, slice_of(buf, n));
}

/* Closes the gap: "?a=1&" + "&b=2", "?" + "" and the like. */
static void
drop_separator(struct strbuf *sb, char next)
{
	char last = sb->len > 0 ? sb->buf[sb->len - 1] : '\0';

	if (separates(last) && (next == '\0' || ends(next)) &&
	    !(last == '?' && (next == '&' || next == ';')))
		sb->buf[--sb->len] = '\0';
}

/*
 * The place of user and password, with the '@': user is where it begins;
 * returns where the host does, NULL for none.
 */
static const char *
find_user(struct slice url, const char **user)
{
	const char *p = url.p, *end = url.p + url.n, *at = NULL;

	while (p < end && *p != '/' && *p != '?' && *p != '#')
		p++;
	if (end - p < 2 || p == url.p || p[-1] != ':' || p[1] != '/')
		return NULL;
	*user = p += 2;
	for (; p < end && strchr("/?#\\ ", *p) == NULL; p++)
		if (*p == '@')
			at = p + 1;
	return at;
}

bool
scrub_url(
    struct strbuf *sb, struct slice url, bool args, const struct policy *policy)
{
	const char *p = url.p, *end = url.p + url.n, *q, *user;
	bool changed = false, in_args = args;

	strbuf_clear(sb);
	q = args ? NULL : find_user(url, &user);
	if (q != NULL) {
		strbuf_add(sb, p, (size_t)(user - p));
		p = q;
		changed = true;
	}
	while (p < end) {
		for (q = p; q < end && !ends(*q); q++)
			;
		if (in_args && denied(slice_of(p, (size_t)(q - p)), policy)) {
			changed = true;
			drop_separator(sb, q < end ? *q : '\0');
			/* "?a=1&b=2" without a is "?b=2" */
			if (q < end && (*q == '&' || *q == ';') &&
			    (sb->len == 0 || sb->buf[sb->len - 1] == '?'))
				q++;
			p = q;
			continue;
		}
		strbuf_add(sb, p, (size_t)(q - p));
		p = q;
		if (p < end) {
			in_args = separates(*p);
			strbuf_addch(sb, *p++);
		}
	}
	return changed;
}
