#include "config.h"

#include "parse/unescape.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Bytes that escape=default writes as they are. */
static bool
stands(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* At a backslash with n bytes left; the sequence's length, 0 if it is none. */
static size_t
sequence_default(const char *p, size_t n, char *out)
{
	int hi, lo;

	if (n < 4 || p[1] != 'x' || (hi = text_hex((unsigned char)p[2])) < 0 ||
	    (lo = text_hex((unsigned char)p[3])) < 0)
		return 0;
	if (stands((unsigned char)(hi << 4 | lo)))
		return 0;
	*out = (char)(hi << 4 | lo);
	return 4;
}

static size_t
sequence_json(const char *p, size_t n, char *out)
{
	static const char from[] = "\"\\nrtbf", to[] = "\"\\\n\r\t\b\f";
	const char *hit;
	int hi, lo;

	if (n < 2)
		return 0;
	if (p[1] != '\0' && (hit = strchr(from, p[1])) != NULL) {
		*out = to[hit - from];
		return 2;
	}
	if (n < 6 || p[1] != 'u' || p[2] != '0' || p[3] != '0' ||
	    (hi = text_hex((unsigned char)p[4])) < 0 || hi > 1 ||
	    (lo = text_hex((unsigned char)p[5])) < 0 || p[5] >= 'a')
		return 0;
	*out = (char)(hi << 4 | lo);
	/* These have a letter. */
	if (*out != '\0' && strchr("\n\r\t\b\f", *out) != NULL)
		return 0;
	return 6;
}

enum reason
unescape(char *dst, size_t *n, struct slice src, enum format_escape escape)
{
	const char *p = src.p, *end = p + src.n;
	unsigned char c;
	char *d = dst;
	size_t len;

	while (p < end) {
		c = (unsigned char)*p;
		if (c == '\0')
			return REASON_NUL;
		if (escape == FORMAT_NONE || stands(c) ||
		    (c >= 0x7f && escape == FORMAT_JSON)) {
			*d++ = *p++;
			continue;
		}
		if (c == '"')
			return REASON_QUOTE;
		if (c != '\\')
			return REASON_ESCAPE;
		len = escape == FORMAT_JSON
			  ? sequence_json(p, (size_t)(end - p), d)
			  : sequence_default(p, (size_t)(end - p), d);
		if (len == 0)
			return REASON_ESCAPE;
		d++;
		p += len;
	}
	*n = (size_t)(d - dst);
	return REASON_NONE;
}
