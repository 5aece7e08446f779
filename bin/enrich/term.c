#include "config.h"

#include "enrich/term.h"

#include <string.h>

#include "base/text.h"

/*
 * Of Matomo's list of search engines those arguments that many of them share,
 * or one that is large: p is Yahoo's, text Yandex's, wd Baidu's.
 */
static const char *const arguments[] = { "q", "query", "search_query", "text",
	"wd", "word", "p", "search", "searchfor", "search_word", "searchtext",
	"keyword", "keywords", "kw", "k", "qt", "qs", "term", "terms" };

/* The value of an argument of the query, as it was sent; NULL: it has none. */
static struct slice
find_argument(struct slice query, const char *name)
{
	const char *p = query.p, *end = p + query.n, *next;
	size_t n = strlen(name);

	for (; p < end; p = next == end ? end : next + 1) {
		next = memchr(p, '&', (size_t)(end - p));
		if (next == NULL)
			next = end;
		if ((size_t)(next - p) > n && p[n] == '=' &&
		    memcmp(p, name, n) == 0)
			return slice_of(p + n + 1, (size_t)(next - p) - n - 1);
	}
	return SLICE_NULL;
}

/* What stands between '?' and '#'. */
static struct slice
find_query(struct slice url)
{
	const char *p = memchr(url.p, '?', url.n), *end = url.p + url.n, *hash;

	if (p == NULL)
		return SLICE_NULL;
	p++;
	hash = memchr(p, '#', (size_t)(end - p));
	return slice_of(p, (size_t)((hash == NULL ? end : hash) - p));
}

static void
decode(struct strbuf *sb, struct slice val)
{
	size_t i;

	strbuf_clear(sb);
	strbuf_add_slice(sb, val);
	for (i = 0; i < sb->len; i++)
		if (sb->buf[i] == '+')
			sb->buf[i] = ' ';
	sb->len = text_decode(sb->buf, strbuf_slice(sb));
}

/* Whole characters, and no blanks around. */
static void
tidy(struct strbuf *sb)
{
	const unsigned char *p = (const unsigned char *)sb->buf;
	size_t from = 0, n, len;

	while (from < sb->len && p[from] == ' ')
		from++;
	for (n = from; n < sb->len; n += len) {
		len = text_utf8_len(p + n, sb->len - n);
		if (len == 0)
			len = 1;
		if (n + len - from > TERM_MAX)
			break;
	}
	while (n > from && p[n - 1] == ' ')
		n--;
	memmove(sb->buf, sb->buf + from, n - from);
	sb->len = n - from;
	sb->buf[sb->len] = '\0';
}

bool
term_find(struct strbuf *sb, struct slice url)
{
	struct slice query = find_query(url), val;
	size_t i;

	if (query.p == NULL)
		return false;
	for (i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		val = find_argument(query, arguments[i]);
		if (val.n == 0)
			continue;
		decode(sb, val);
		tidy(sb);
		if (sb->len > 0)
			return true;
	}
	return false;
}
