#include "config.h"

#include "conf/nginxlex.h"

#include <stdbool.h>
#include <string.h>

#include "base/msg.h"

void
nginx_lex_init(struct nginx_lex *lex, const char *path, struct slice text)
{
	*lex = (struct nginx_lex){ .path = path,
		.p = text.p,
		.limit = text.p + text.n,
		.now = 1,
		.buf = STRBUF_INIT };
}

void
nginx_lex_release(struct nginx_lex *lex)
{
	strbuf_release(&lex->buf);
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char
advance(struct nginx_lex *lex)
{
	if (*lex->p == '\n')
		lex->now++;
	return *lex->p++;
}

static void
skip_blanks(struct nginx_lex *lex)
{
	while (lex->p < lex->limit) {
		if (*lex->p == '#')
			while (lex->p < lex->limit && *lex->p != '\n')
				lex->p++;
		else if (blank(*lex->p))
			advance(lex);
		else
			break;
	}
}

/* At a backslash with a byte behind it. */
static void
put_sequence(struct nginx_lex *lex)
{
	static const char from[] = "\"'\\trn", to[] = "\"'\\\t\r\n";
	const char *hit;
	char c;

	advance(lex);
	c = advance(lex);
	hit = c == '\0' ? NULL : strchr(from, c);
	if (hit == NULL)
		strbuf_addch(&lex->buf, '\\');
	strbuf_addch(&lex->buf, hit == NULL ? c : to[hit - from]);
}

static void
put_byte(struct nginx_lex *lex)
{
	if (*lex->p == '\\' && lex->limit - lex->p > 1)
		put_sequence(lex);
	else
		strbuf_addch(&lex->buf, advance(lex));
}

static int
quoted_word(struct nginx_lex *lex)
{
	unsigned start = lex->now;
	char quote = advance(lex);

	while (lex->p < lex->limit && *lex->p != quote)
		put_byte(lex);
	if (lex->p == lex->limit) {
		msg_error("%s:%u: a quote that does not end", lex->path, start);
		return -1;
	}
	lex->p++;
	if (lex->p < lex->limit && !blank(*lex->p) &&
	    strchr(";{)", *lex->p) == NULL) {
		msg_error("%s:%u: '%c' behind the end of a quote", lex->path,
		    lex->now, *lex->p);
		return -1;
	}
	return 0;
}

static void
bare_word(struct nginx_lex *lex)
{
	bool variable = false; /* the byte before is '$' */
	char c;

	while (lex->p < lex->limit) {
		c = *lex->p;
		if (blank(c) || c == ';' || (c == '{' && !variable))
			break;
		variable = c == '$';
		put_byte(lex);
	}
}

/* Words are noted as offsets while the buffer may still move. */
static int
read_word(struct nginx_lex *lex, size_t *offset)
{
	if (lex->nwords == NGINX_WORDS) {
		msg_error("%s:%u: more than %d words in a directive", lex->path,
		    lex->line, NGINX_WORDS);
		return -1;
	}
	if (lex->nwords == 0)
		lex->line = lex->now;
	offset[lex->nwords] = lex->buf.len;
	if (*lex->p == '"' || *lex->p == '\'') {
		if (quoted_word(lex) == -1)
			return -1;
	} else {
		bare_word(lex);
	}
	lex->word[lex->nwords].n = lex->buf.len - offset[lex->nwords];
	strbuf_addch(&lex->buf, '\0');
	lex->nwords++;
	return 0;
}

static int
end_of_text(const struct nginx_lex *lex)
{
	if (lex->nwords == 0)
		return 0;
	msg_error("%s:%u: a directive that does not end in ';'", lex->path,
	    lex->line);
	return -1;
}

int
nginx_lex_next(struct nginx_lex *lex)
{
	size_t offset[NGINX_WORDS], i;
	char c;

	strbuf_clear(&lex->buf);
	lex->nwords = 0;
	for (;;) {
		skip_blanks(lex);
		if (lex->p == lex->limit)
			return end_of_text(lex);
		c = *lex->p;
		if (c == ';' || c == '{' || (c == '}' && lex->nwords == 0))
			break;
		if (read_word(lex, offset) == -1)
			return -1;
	}
	lex->p++;
	lex->end = c == ';'   ? NGINX_SEMICOLON
		   : c == '{' ? NGINX_OPEN
			      : NGINX_CLOSE;
	for (i = 0; i < lex->nwords; i++)
		lex->word[i].p = lex->buf.buf + offset[i];
	if (lex->nwords > 0 || lex->end == NGINX_CLOSE)
		return 1;
	msg_error("%s:%u: '%c' without a directive", lex->path, lex->now, c);
	return -1;
}

/* Behind the "[[", "[=[" and so on that begins at p: 2, 3, ...; else 0. */
static size_t
lua_long(const struct nginx_lex *lex)
{
	const char *p = lex->p;

	if (p == lex->limit || *p++ != '[')
		return 0;
	while (p < lex->limit && *p == '=')
		p++;
	return p < lex->limit && *p == '[' ? (size_t)(p - lex->p) + 1 : 0;
}

/* Behind such a bracket of n bytes: up to the one that closes it. */
static void
skip_lua_long(struct nginx_lex *lex, size_t n)
{
	size_t i;

	lex->p += n;
	while (lex->p < lex->limit) {
		if (advance(lex) != ']' ||
		    (size_t)(lex->limit - lex->p) < n - 1)
			continue;
		for (i = 0; i < n - 2 && lex->p[i] == '='; i++)
			;
		if (i == n - 2 && lex->p[i] == ']') {
			lex->p += n - 1;
			return;
		}
	}
}

static void
skip_lua_string(struct nginx_lex *lex, char quote)
{
	while (lex->p < lex->limit && *lex->p != quote) {
		if (*lex->p == '\\' && lex->limit - lex->p > 1)
			advance(lex);
		advance(lex);
	}
	if (lex->p < lex->limit)
		lex->p++;
}

/* Lua's strings and comments, behind whose c we are, may hold braces that are
 * none. */
static void
skip_lua(struct nginx_lex *lex, char c)
{
	size_t n;

	if (c == '-' && lex->p < lex->limit && *lex->p == '-') {
		lex->p++;
		n = lua_long(lex);
		if (n > 0)
			skip_lua_long(lex, n);
		while (n == 0 && lex->p < lex->limit && *lex->p != '\n')
			lex->p++;
	} else if (c == '[') {
		lex->p--;
		n = lua_long(lex);
		if (n > 0)
			skip_lua_long(lex, n);
		else
			lex->p++;
	} else if (c == '"' || c == '\'') {
		skip_lua_string(lex, c);
	}
}

int
nginx_lex_skip_block(struct nginx_lex *lex)
{
	unsigned depth = 1, start = lex->line;
	char c;

	while (lex->p < lex->limit) {
		c = advance(lex);
		skip_lua(lex, c);
		depth += c == '{';
		if (c == '}' && --depth == 0)
			return 0;
	}
	msg_error("%s:%u: a block that does not end", lex->path, start);
	return -1;
}
