/*
 * text: what a field may hold, and percent-encoding for what it may not.
 *
 * A field of an event never holds a control (C0, DEL, C1 as U+0080-U+009F),
 * a backslash or a byte that is not valid UTF-8 (ev-events(5)).  Such bytes
 * are written %XX.  In a text column '%' is encoded too; in keys and values
 * of the map also '&', '=' and '+', so that url_decode reads them back.
 *
 * Valid UTF-8 is that of Unicode's table 3-7: no surrogates, no overlong
 * forms, at most U+10FFFF.
 */
#ifndef EV_BASE_TEXT_H
#define EV_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "base/strbuf.h"

enum text_kind {
	TEXT_COLUMN, /* columns 3-6, and any other field that is encoded */
	TEXT_MAP     /* a key or a value of the map column */
};

/* An encoded byte takes three. */
#define TEXT_GROWTH 3

/*
 * Encodes n bytes of src to dst, which has room for TEXT_GROWTH * n + 16
 * bytes (whole vectors are stored); returns the bytes written.
 */
size_t text_encode(char *dst, const char *src, size_t n, enum text_kind kind);
void text_encode_strbuf(struct strbuf *sb, struct slice raw,
    enum text_kind kind);

/*
 * Undoes %XX (either case); a '%' that two hex digits do not follow stays.
 * dst has room for src.n bytes and may be src.p.  Returns the length.
 */
size_t text_decode(char *dst, struct slice src);

/* Length of the valid UTF-8 sequence at p (n >= 1 bytes), 0 if invalid. */
size_t text_utf8_len(const unsigned char *p, size_t n);

/* Is s what a field of this kind may hold as it stands? */
bool text_valid(struct slice s, enum text_kind kind);

/* ASCII alone: what hosts, arguments and headers fold. */
static inline char
text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* n bytes of src to dst, which may be src. */
static inline void
text_lower_copy(char *dst, const char *src, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		dst[i] = text_lower(src[i]);
}

/* -1 when c is no hex digit. */
int text_hex(unsigned char c);

/* The last LF of n bytes, or NULL. */
static inline const char *
text_last_lf(const char *p, size_t n)
{
	while (n > 0)
		if (p[--n] == '\n')
			return p + n;
	return NULL;
}

#endif
