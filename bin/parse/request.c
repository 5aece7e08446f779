#include "config.h"

#include "parse/request.h"

#include <string.h>

#include "base/text.h"
#include "parse/scan.h"

static bool
method_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* HTTP/ digits . digits */
static bool
is_protocol(struct slice s)
{
	size_t i = 5, dot;

	if (s.n < 8 || memcmp(s.p, "HTTP/", 5) != 0)
		return false;
	while (i < s.n && digit(s.p[i]))
		i++;
	dot = i;
	if (dot == 5 || dot == s.n || s.p[dot] != '.')
		return false;
	for (i++; i < s.n && digit(s.p[i]); i++)
		;
	return i == s.n && i > dot + 1;
}

/* Takes "http://authority" off an absolute URI; false when it is neither
 * that nor a path. */
static bool
take_authority(struct slice *uri)
{
	/* Whole blocks of it are loaded, as of a line. */
	static const char root[1 + SCAN_PAD] = "/";
	const char *p = uri->p, *end = p + uri->n;

	if (p < end && *p == '/')
		return true;
	while (p < end &&
	       (letter(*p) || digit(*p) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	if (p == uri->p || end - p < 3 || memcmp(p, "://", 3) != 0)
		return false;
	p += 3;
	while (p < end && *p != '/' && *p != '?' && *p != '#')
		p++;
	if (p < end && *p == '/')
		*uri = slice_of(p, (size_t)(end - p));
	else if (p == end)
		*uri = slice_of(root, 1);
	else
		return false; /* nginx: a host cannot hold '?' or '#' */
	return true;
}

/* Does the URI hold a byte that nginx refuses since 1.21.1? */
static bool
has_blank(struct slice uri)
{
	size_t i;

	for (i = 0; i < uri.n; i++)
		if ((unsigned char)uri.p[i] <= ' ' || uri.p[i] == 0x7f)
			return true;
	return false;
}

static const char *
last_blank(const char *p, const char *end)
{
	while (end > p)
		if (*--end == ' ')
			return end;
	return NULL;
}

bool
request_split(struct slice line, bool blanks, struct request *r)
{
	const char *p = line.p, *end = p + line.n, *blank;
	struct slice tail;

	while (p < end && method_byte(*p))
		p++;
	if (p == line.p || p == end || *p != ' ')
		return false;
	r->method = slice_of(line.p, (size_t)(p - line.p));
	while (p < end && *p == ' ')
		p++;
	while (end > p && end[-1] == ' ')
		end--;
	r->protocol = SLICE_NULL;
	blank = last_blank(p, end);
	if (blank != NULL) {
		tail = slice_of(blank + 1, (size_t)(end - blank - 1));
		if (is_protocol(tail)) {
			r->protocol = tail;
			end = blank;
			while (end > p && end[-1] == ' ')
				end--;
		} else {
			return false;
		}
	}
	r->uri = slice_of(p, (size_t)(end - p));
	if (!blanks && has_blank(r->uri))
		return false;
	return take_authority(&r->uri);
}

void
request_uri_split(struct slice uri, struct slice *path, struct slice *args)
{
	const char *end = uri.p + uri.n, *hash, *query;

	hash = scan_byte(uri.p, end, '#');
	if (hash != NULL)
		end = hash;
	query = scan_byte(uri.p, end, '?');
	if (query == NULL) {
		*path = slice_of(uri.p, (size_t)(end - uri.p));
		*args = SLICE_NULL;
	} else {
		*path = slice_of(uri.p, (size_t)(query - uri.p));
		*args = slice_of(query + 1, (size_t)(end - query - 1));
	}
}

/* Does the path need more than a look? */
static bool
is_normal(struct slice path)
{
	const char *p = path.p, *end = p + path.n, *slash;

	if (scan_byte(p, end, '%') != NULL)
		return false;
	for (; (slash = scan_byte(p, end, '/')) != NULL; p = slash + 1)
		if (slash + 1 < end && (slash[1] == '/' || slash[1] == '.'))
			return false;
	return true;
}

/* Ends a path segment at d; its new end, or NULL above the root. */
static char *
end_segment(char *dst, char *d)
{
	char *slash = d;

	while (slash[-1] != '/')
		slash--;
	if (d - slash == 1 && slash[0] == '.')
		return slash;
	if (d - slash != 2 || slash[0] != '.' || slash[1] != '.')
		return d;
	/* slash is behind the '/' that ends the parent. */
	if (slash - dst < 2)
		return NULL;
	slash--;
	while (slash[-1] != '/')
		slash--;
	return slash;
}

bool
request_normalise(struct slice path, char *dst, struct slice *uri)
{
	const char *p = path.p, *end = p + path.n;
	char *d = dst;
	int c, hi, lo;

	if (path.n == 0 || *p != '/')
		return false;
	if (is_normal(path)) {
		*uri = path;
		return true;
	}
	*d++ = *p++;
	while (p < end) {
		c = (unsigned char)*p++;
		if (c == '%') {
			if (end - p < 2 ||
			    (hi = text_hex((unsigned char)p[0])) < 0 ||
			    (lo = text_hex((unsigned char)p[1])) < 0)
				return false;
			c = hi << 4 | lo;
			p += 2;
			if (c == 0)
				return false;
		}
		if (c != '/') {
			*d++ = (char)c;
			continue;
		}
		if ((d = end_segment(dst, d)) == NULL)
			return false;
		if (d[-1] != '/')
			*d++ = '/';
	}
	if ((d = end_segment(dst, d)) == NULL)
		return false;
	*uri = slice_of(dst, (size_t)(d - dst));
	return true;
}

int
request_next_arg(struct slice *rest, struct slice *name, struct slice *val)
{
	const char *p = rest->p, *end = p + rest->n, *amp, *eq;

	while (p < end) {
		amp = scan_byte(p, end, '&');
		if (amp == NULL)
			amp = end;
		eq = scan_byte(p, amp, '=');
		if (eq != NULL && eq > p) {
			*name = slice_of(p, (size_t)(eq - p));
			*val = slice_of(eq + 1, (size_t)(amp - eq - 1));
			p = amp < end ? amp + 1 : end;
			*rest = slice_of(p, (size_t)(end - p));
			return 1;
		}
		p = amp < end ? amp + 1 : end;
	}
	*rest = slice_of(end, 0);
	return 0;
}

int
request_next_cookie(struct slice *rest, struct slice *name, struct slice *val)
{
	const char *p = rest->p, *end = p + rest->n, *semi, *eq, *n, *v;

	while (p < end) {
		semi = scan_byte(p, end, ';');
		if (semi == NULL)
			semi = end;
		n = p;
		p = semi < end ? semi + 1 : end;
		while (n < semi && (*n == ' ' || *n == '\t'))
			n++;
		eq = scan_byte(n, semi, '=');
		if (eq == NULL || eq == n)
			continue;
		v = eq + 1;
		while (eq > n && eq[-1] == ' ')
			eq--;
		while (v < semi && *v == ' ')
			v++;
		*name = slice_of(n, (size_t)(eq - n));
		*val = slice_of(v, (size_t)(semi - v));
		*rest = slice_of(p, (size_t)(end - p));
		return 1;
	}
	*rest = slice_of(end, 0);
	return 0;
}

struct slice
request_decode_value(struct slice val, char *dst)
{
	const char *end = val.p + val.n;
	size_t i, n;

	if (scan_byte(val.p, end, '%') == NULL &&
	    scan_byte(val.p, end, '+') == NULL)
		return val;
	for (i = 0; i < val.n; i++)
		dst[i] = val.p[i] == '+' ? ' ' : val.p[i];
	n = text_decode(dst, slice_of(dst, val.n));
	return slice_of(dst, n);
}
