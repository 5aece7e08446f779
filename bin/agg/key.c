#include "config.h"

#include "agg/key.h"

#include <string.h>

/* "1 c " */
#define HEAD 4

void
key_begin(struct strbuf *sb, char kind, struct slice id)
{
	const char head[HEAD] = { KEY_VERSION, ' ', kind, ' ' };

	strbuf_clear(sb);
	strbuf_add(sb, head, HEAD);
	strbuf_add_slice(sb, id);
}

/* The second byte of what stands for c, or 0. */
static inline char
escape(char c)
{
	switch (c) {
	case '\t':
		return '!';
	case ' ':
		return '"';
	case '!':
		return '#';
	default:
		return 0;
	}
}

void
key_add(struct strbuf *sb, struct slice part)
{
	size_t from = 0;
	char c;

	strbuf_grow(sb, part.n + 1);
	strbuf_addch(sb, ' ');
	for (size_t i = 0; i < part.n; i++) {
		c = escape(part.p[i]);
		if (c == 0)
			continue;
		strbuf_add(sb, part.p + from, i - from);
		strbuf_addch(sb, '!');
		strbuf_addch(sb, c);
		from = i + 1;
	}
	if (part.n > from)
		strbuf_add(sb, part.p + from, part.n - from);
}

void
key_add_encoded(struct strbuf *sb, struct slice part)
{
	strbuf_addch(sb, ' ');
	strbuf_add_slice(sb, part);
}

int
key_split(struct key *k, struct slice text)
{
	const char *p = text.p, *end = p + text.n, *stop;

	*k = (struct key){ 0 };
	if (text.n < HEAD + KEY_ID || p[0] != KEY_VERSION || p[1] != ' ' ||
	    p[3] != ' ')
		return -1;
	k->kind = p[2];
	k->id = slice_of(p + HEAD, KEY_ID);
	for (p += HEAD + KEY_ID; p < end; p = stop) {
		if (*p++ != ' ' || k->n == KEY_PARTS)
			return -1;
		stop = memchr(p, ' ', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		k->part[k->n++] = slice_of(p, (size_t)(stop - p));
	}
	return 0;
}

void
key_decode(struct strbuf *sb, struct slice part)
{
	const char *p = part.p, *end = part.p + part.n, *stop;

	while (p < end) {
		stop = memchr(p, '!', (size_t)(end - p));
		/* A "!" at the end stands for itself. */
		if (stop == NULL || stop + 1 == end)
			stop = end;
		strbuf_add(sb, p, (size_t)(stop - p));
		if (stop == end)
			return;
		if (stop[1] == '!')
			strbuf_addch(sb, '\t');
		else
			strbuf_addch(sb, stop[1] == '"' ? ' ' : '!');
		p = stop + 2;
	}
}
