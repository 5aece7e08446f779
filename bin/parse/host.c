#include "config.h"

#include "parse/host.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* Takes ":digits" off the end. */
static struct slice
without_port(struct slice s)
{
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] >= '0' && s.p[n - 1] <= '9')
		n--;
	if (n > 0 && s.p[n - 1] == ':')
		s.n = n - 1;
	return s;
}

static size_t
clean_literal(char *dst, struct slice s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	size_t i;

	if (s.n < 4 || s.n - 2 >= sizeof(text) || s.p[s.n - 1] != ']' ||
	    memchr(s.p, '\0', s.n) != NULL)
		return 0;
	memcpy(text, s.p + 1, s.n - 2);
	text[s.n - 2] = '\0';
	if (inet_pton(AF_INET6, text, &addr) != 1)
		return 0;
	for (i = 0; i < s.n; i++)
		dst[i] = s.p[i] >= 'A' && s.p[i] <= 'F'
			     ? (char)(s.p[i] + ('a' - 'A'))
			     : s.p[i];
	return s.n;
}

/* Bytes of a label: letters, digits, '-', '_', and UTF-8 above U+009F. */
static size_t
label_byte(char *dst, const unsigned char *p, size_t n)
{
	size_t len;

	if (*p >= 'A' && *p <= 'Z') {
		*dst = (char)(*p + ('a' - 'A'));
		return 1;
	}
	*dst = (char)*p;
	if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' ||
	    *p == '_')
		return 1;
	if (*p < 0x80 || (len = text_utf8_len(p, n)) == 0 ||
	    (p[0] == 0xc2 && p[1] < 0xa0))
		return 0;
	memcpy(dst, p, len);
	return len;
}

size_t
host_clean(char *dst, struct slice raw)
{
	const unsigned char *p;
	struct slice s = without_port(raw);
	bool label = false; /* the present label has a byte */
	size_t i, len;

	if (s.n > 0 && s.p[0] == '[')
		return clean_literal(dst, s);
	if (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	if (s.n > HOST_MAX)
		return 0;
	p = (const unsigned char *)s.p;
	for (i = 0; i < s.n; i += len) {
		len = 1;
		if (p[i] == '.') {
			if (!label)
				return 0;
			dst[i] = '.';
			label = false;
			continue;
		}
		len = label_byte(dst + i, p + i, s.n - i);
		if (len == 0)
			return 0;
		label = true;
	}
	return label ? s.n : 0;
}
