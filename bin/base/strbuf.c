#include "config.h"

#include "base/strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Never written but with the NUL that is there. */
char strbuf_empty[1];

void
strbuf_release(struct strbuf *sb)
{
	if (sb->cap != 0)
		free(sb->buf);
	*sb = STRBUF_INIT;
}

void
strbuf_clear(struct strbuf *sb)
{
	sb->len = 0;
	if (sb->cap != 0)
		sb->buf[0] = '\0';
}

void
strbuf_grow(struct strbuf *sb, size_t n)
{
	size_t want;

	if (__builtin_add_overflow(sb->len, n, &want) || want == SIZE_MAX)
		msg_die(EV_EXIT_FAIL, "out of memory: %zu bytes", n);
	want++;
	if (want > sb->cap)
		sb->buf =
		    xgrow(sb->cap != 0 ? sb->buf : NULL, &sb->cap, want, 1);
}

void
strbuf_add(struct strbuf *sb, const void *p, size_t n)
{
	strbuf_grow(sb, n);
	if (n > 0)
		memcpy(sb->buf + sb->len, p, n);
	sb->len += n;
	sb->buf[sb->len] = '\0';
}

void
strbuf_adds(struct strbuf *sb, const char *s)
{
	strbuf_add(sb, s, strlen(s));
}

void
strbuf_add_slice(struct strbuf *sb, struct slice s)
{
	strbuf_add(sb, s.p, s.n);
}

void
strbuf_addvf(struct strbuf *sb, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		msg_die(EV_EXIT_FAIL, "cannot format '%s'", fmt);
	strbuf_grow(sb, (size_t)n);
	vsnprintf(sb->buf + sb->len, (size_t)n + 1, fmt, ap);
	sb->len += (size_t)n;
}

void
strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_addvf(sb, fmt, ap);
	va_end(ap);
}

char *
strbuf_detach(struct strbuf *sb)
{
	char *p;

	strbuf_grow(sb, 0);
	sb->buf[sb->len] = '\0';
	p = sb->buf;
	*sb = STRBUF_INIT;
	return p;
}
