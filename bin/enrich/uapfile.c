#include "config.h"

#include "enrich/uapfile.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

void
uapfile_start(struct uapfile *f, struct strbuf *text)
{
	f->p = text->buf;
	f->end = text->buf + text->len;
}

/*
 * A character beyond ASCII that is one to YAML 1.1, too, and no line end: NEL
 * is among the controls.  Its length, or 0.
 */
static size_t
wide_len(const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t n = text_utf8_len(u, (size_t)(end - p));

	if (n == 2 && u[0] == 0xc2 && u[1] < 0xa0)
		return 0;
	/* U+2028 and U+2029; a byte order mark, and what is none. */
	if (n == 3 && u[0] == 0xe2 && u[1] == 0x80 && u[2] >= 0xa8)
		return 0;
	if (n == 3 && u[0] == 0xef && u[1] >= 0xbb)
		return 0;
	return n;
}

/* Of eight bytes: is each from ' ' to '~'?  False for some that are. */
static bool
all_ascii(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return ((v | (v - ones * ' ') | (v + ones)) & ones * 0x80) == 0;
}

static bool
is_plain(const char *p, const char *end)
{
	size_t n;

	for (; p < end; p += n) {
		n = 1;
		if (end - p >= 8 && all_ascii(p))
			n = 8;
		else if ((unsigned char)*p >= 0x80)
			n = wide_len(p, end);
		else if (*p < ' ' || *p == 0x7f)
			return false;
		if (n == 0)
			return false;
	}
	return true;
}

/* The next line that is neither empty nor a comment; 1, 0 or -1. */
static int
next_line(struct uapfile *f, char **start, char **end)
{
	char *p, *lf;

	do {
		if (f->p == f->end)
			return 0;
		lf = memchr(f->p, '\n', (size_t)(f->end - f->p));
		*start = f->p;
		*end = lf == NULL ? f->end : lf;
		f->p = lf == NULL ? f->end : lf + 1;
		if (!is_plain(*start, *end))
			return -1;
		for (p = *start; p < *end && *p == ' '; p++)
			;
	} while (p == *end || *p == '#');
	return 1;
}

/* "key:" and what follows; NULL: no key. */
static char *
take_key(char *p, char *end, struct slice *key)
{
	char *start = p;

	while (p < end && ((*p >= 'a' && *p <= 'z') || *p == '_' ||
			      (*p >= '0' && *p <= '9')))
		p++;
	*key = slice_of(start, (size_t)(p - start));
	return p > start && p < end && *p == ':' ? p + 1 : NULL;
}

/* "'...'" to the end of the line; -1: something else. */
static int
take_value(char *p, char *end, struct uapfile_line *line)
{
	if (end - p < 3 || p[0] != ' ' || p[1] != '\'')
		return -1;
	line->value = p += 2;
	for (;;) {
		p = memchr(p, '\'', (size_t)(end - p));
		if (p == NULL)
			return -1;
		if (p + 1 == end)
			break;
		if (p[1] != '\'')
			return -1;
		p += 2;
	}
	line->value_n = (size_t)(p - line->value);
	return 0;
}

int
uapfile_next(struct uapfile *f, struct uapfile_line *line)
{
	char *p, *end;
	int r = next_line(f, &p, &end);

	if (r != 1)
		return r;
	if (end - p > 4 && memcmp(p, "  - ", 4) == 0)
		line->kind = UAPFILE_RULE;
	else if (end - p > 4 && memcmp(p, "    ", 4) == 0)
		line->kind = UAPFILE_KEY;
	else
		line->kind = UAPFILE_LIST;
	p = take_key(line->kind == UAPFILE_LIST ? p : p + 4, end, &line->key);
	if (p == NULL)
		return -1;
	if (line->kind == UAPFILE_LIST)
		return p == end ? 1 : -1;
	return take_value(p, end, line) == -1 ? -1 : 1;
}

const char *
uapfile_value(struct uapfile_line *line)
{
	const char *from = line->value, *end = from + line->value_n;
	char *to = line->value;

	while (from < end) {
		if (*from == '\'')
			from++; /* of two */
		*to++ = *from++;
	}
	*to = '\0';
	return line->value;
}
