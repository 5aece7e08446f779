#include "config.h"

#include "facts/json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/text.h"

struct parser {
	char *p; /* the copy, decoded in place: no string grows */
	size_t n;
	size_t at;
	struct json *nodes;
	size_t used;
	const char *why;
};

/* Before each value stands one of these, or nothing before the first. */
static size_t
count_values(struct slice s)
{
	size_t i, n = 1;

	for (i = 0; i < s.n; i++)
		n += s.p[i] == ',' || s.p[i] == ':' || s.p[i] == '[';
	return n;
}

static int
fail(struct parser *ps, const char *why)
{
	ps->why = why;
	return -1;
}

static void
skip_space(struct parser *ps)
{
	while (ps->at < ps->n && strchr(" \t\n\r", ps->p[ps->at]) != NULL &&
	       ps->p[ps->at] != '\0')
		ps->at++;
}

/* Is c the next byte behind white space?  Then it is taken. */
static bool
take(struct parser *ps, char c)
{
	skip_space(ps);
	if (ps->at == ps->n || ps->p[ps->at] != c)
		return false;
	ps->at++;
	return true;
}

static int
take_hex4(struct parser *ps, unsigned *v)
{
	int digit, i;

	*v = 0;
	if (ps->n - ps->at < 4)
		return fail(ps, "\\u without four hex digits");
	for (i = 0; i < 4; i++) {
		digit = text_hex((unsigned char)ps->p[ps->at++]);
		if (digit == -1)
			return fail(ps, "\\u without four hex digits");
		*v = *v << 4 | (unsigned)digit;
	}
	return 0;
}

static size_t
put_utf8(char *dst, unsigned c)
{
	if (c < 0x80) {
		dst[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		dst[0] = (char)(0xc0 | c >> 6);
		dst[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		dst[0] = (char)(0xe0 | c >> 12);
		dst[1] = (char)(0x80 | (c >> 6 & 0x3f));
		dst[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	dst[0] = (char)(0xf0 | c >> 18);
	dst[1] = (char)(0x80 | (c >> 12 & 0x3f));
	dst[2] = (char)(0x80 | (c >> 6 & 0x3f));
	dst[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Behind "\u"; RFC 8259, section 7: beyond the BMP two surrogates. */
static int
take_unicode(struct parser *ps, char *dst, size_t *len)
{
	unsigned c, low;

	if (take_hex4(ps, &c) == -1)
		return -1;
	if (c >= 0xd800 && c <= 0xdfff) {
		if (c >= 0xdc00 || ps->n - ps->at < 6 ||
		    ps->p[ps->at] != '\\' || ps->p[ps->at + 1] != 'u')
			return fail(ps, "a lone surrogate");
		ps->at += 2;
		if (take_hex4(ps, &low) == -1)
			return -1;
		if (low < 0xdc00 || low > 0xdfff)
			return fail(ps, "a lone surrogate");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	*len += put_utf8(dst + *len, c);
	return 0;
}

/* Behind the backslash. */
static int
take_escape(struct parser *ps, char *dst, size_t *len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *f;
	char c;

	if (ps->at == ps->n)
		return fail(ps, "a string without its end");
	c = ps->p[ps->at++];
	if (c == 'u')
		return take_unicode(ps, dst, len);
	f = c != '\0' ? strchr(from, c) : NULL;
	if (f == NULL)
		return fail(ps, "an unknown escape");
	dst[(*len)++] = to[f - from];
	return 0;
}

/* Decoded over its own text: every escape is longer than what it means. */
static int
take_string(struct parser *ps, struct slice *out)
{
	char *dst;
	size_t len = 0, k;
	unsigned char c;

	if (!take(ps, '"'))
		return fail(ps, "a string is expected");
	dst = ps->p + ps->at;
	for (;;) {
		if (ps->at == ps->n)
			return fail(ps, "a string without its end");
		c = (unsigned char)ps->p[ps->at];
		if (c == '"')
			break;
		if (c < 0x20)
			return fail(ps, "a control character in a string");
		if (c == '\\') {
			ps->at++;
			if (take_escape(ps, dst, &len) == -1)
				return -1;
			continue;
		}
		k = text_utf8_len(
		    (const unsigned char *)ps->p + ps->at, ps->n - ps->at);
		if (k == 0)
			return fail(ps, "invalid UTF-8");
		memmove(dst + len, ps->p + ps->at, k);
		len += k;
		ps->at += k;
	}
	ps->at++;
	dst[len] = '\0'; /* over the quote, or before it */
	*out = slice_of(dst, len);
	return 0;
}

static int
take_number(struct parser *ps, uint64_t *out)
{
	const char *p = ps->p + ps->at;
	size_t n = 0;

	while (ps->at + n < ps->n && p[n] >= '0' && p[n] <= '9')
		n++;
	if (n == 0)
		return fail(ps, "a value is expected");
	if ((n > 1 && p[0] == '0') || number_u64(slice_of(p, n), out) == -1)
		return fail(ps, "not an integer from 0 to 2^64-1");
	ps->at += n;
	return 0;
}

static struct json *take_value(struct parser *ps, unsigned depth);

static int
take_key(struct parser *ps, const struct json *object, struct slice *key)
{
	const struct json *v;

	if (take_string(ps, key) == -1)
		return -1;
	for (v = object->child; v != NULL; v = v->next)
		if (slice_eq(v->key, *key))
			return fail(ps, "a key is there twice");
	if (!take(ps, ':'))
		return fail(ps, "':' is expected");
	return 0;
}

/* Behind the opening bracket. */
static int
take_children(struct parser *ps, struct json *of, unsigned depth)
{
	char close = of->kind == JSON_OBJECT ? '}' : ']';
	struct json **tail = &of->child, *v;
	struct slice key = SLICE_NULL;

	if (depth == JSON_DEPTH)
		return fail(ps, "nested too deeply");
	if (take(ps, close))
		return 0;
	do {
		if (of->kind == JSON_OBJECT && take_key(ps, of, &key) == -1)
			return -1;
		v = take_value(ps, depth + 1);
		if (v == NULL)
			return -1;
		v->key = key;
		*tail = v;
		tail = &v->next;
	} while (take(ps, ','));
	if (!take(ps, close))
		return fail(ps, "',' or a closing bracket is expected");
	return 0;
}

/* NULL on error. */
static struct json *
take_value(struct parser *ps, unsigned depth)
{
	struct json *v = &ps->nodes[ps->used++];
	int r;

	skip_space(ps);
	if (ps->at < ps->n && ps->p[ps->at] == '"') {
		v->kind = JSON_STRING;
		r = take_string(ps, &v->text);
	} else if (take(ps, '{')) {
		v->kind = JSON_OBJECT;
		r = take_children(ps, v, depth);
	} else if (take(ps, '[')) {
		v->kind = JSON_ARRAY;
		r = take_children(ps, v, depth);
	} else {
		v->kind = JSON_NUMBER;
		r = take_number(ps, &v->number);
	}
	return r == 0 ? v : NULL;
}

int
json_parse(struct json_doc *doc, struct slice text, const char **why)
{
	struct parser ps = { .n = text.n };

	doc->text = ps.p = xmemdup(text.p, text.n);
	doc->nodes = ps.nodes = xcalloc(count_values(text), sizeof(*ps.nodes));
	doc->root = take_value(&ps, 0);
	if (doc->root != NULL) {
		skip_space(&ps);
		if (ps.at == ps.n)
			return 0;
		fail(&ps, "more than one value");
	}
	*why = ps.why;
	json_release(doc);
	return -1;
}

void
json_release(struct json_doc *doc)
{
	free(doc->text);
	free(doc->nodes);
	*doc = (struct json_doc){ 0 };
}

const struct json *
json_get(const struct json *object, const char *key)
{
	const struct json *v;

	if (object == NULL || object->kind != JSON_OBJECT)
		return NULL;
	for (v = object->child; v != NULL; v = v->next)
		if (slice_is(v->key, key))
			return v;
	return NULL;
}

void
json_put_string(struct strbuf *sb, struct slice s)
{
	unsigned char c;
	size_t i;

	strbuf_addch(sb, '"');
	for (i = 0; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (c < 0x20) {
			strbuf_addf(sb, "\\u%04x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			strbuf_addch(sb, '\\');
		strbuf_addch(sb, (char)c);
	}
	strbuf_addch(sb, '"');
}
