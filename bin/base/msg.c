#include "config.h"

#include "base/msg.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* A line that a terminal shows whole; longer ones are cut. */
#define MSG_MAX 4096

static const char *program = "ev";
static enum msg_level level = MSG_NORMAL;

void
msg_init(const char *name)
{
	program = name;
}

void
msg_set_level(enum msg_level l)
{
	level = l;
}

enum msg_level
msg_level(void)
{
	return level;
}

const char *
msg_program(void)
{
	return program;
}

const char *
msg_errno(int errnum)
{
	return strerror(errnum);
}

/*
 * Copies s to dst with everything that drives a terminal as \xXX, as much as
 * fits; *all tells whether that was all of it.
 */
static size_t
make_safe(char *dst, size_t cap, const char *s, size_t n, bool *all)
{
	static const char hex[] = "0123456789ABCDEF";
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0, len = 0, seq;

	while (i < n && len + 4 <= cap) {
		seq = text_utf8_len(p + i, n - i);
		if (seq == 0 || p[i] < 0x20 || p[i] == 0x7f ||
		    (p[i] == 0xc2 && p[i + 1] < 0xa0)) {
			dst[len++] = '\\';
			dst[len++] = 'x';
			dst[len++] = hex[p[i] >> 4];
			dst[len++] = hex[p[i] & 15];
			i++;
			continue;
		}
		memcpy(dst + len, p + i, seq);
		len += seq;
		i += seq;
	}
	*all = i == n;
	return len;
}

void
msg_vline(const char *fmt, va_list ap)
{
	char raw[MSG_MAX], line[MSG_MAX + 8];
	size_t n = 0, len;
	ssize_t w;
	bool all;
	int r, saved = errno;

	r = vsnprintf(raw, sizeof(raw), fmt, ap);
	if (r < 0)
		r = 0;
	len = (size_t)r < sizeof(raw) ? (size_t)r : sizeof(raw) - 1;
	n = (size_t)snprintf(line, 64, "%s: ", program);
	if (n > 63)
		n = 63;
	n += make_safe(line + n, MSG_MAX - n, raw, len, &all);
	if (!all || (size_t)r > len) {
		memcpy(line + n, "...", 3);
		n += 3;
	}
	line[n++] = '\n';
	/* Nowhere is left to report that stderr fails. */
	do
		w = write(STDERR_FILENO, line, n);
	while (w == -1 && errno == EINTR);
	errno = saved;
}

void
msg_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	msg_vline(fmt, ap);
	va_end(ap);
}

void
msg_warn(const char *fmt, ...)
{
	va_list ap;

	if (level < MSG_NORMAL)
		return;
	va_start(ap, fmt);
	msg_vline(fmt, ap);
	va_end(ap);
}

void
msg_info(const char *fmt, ...)
{
	va_list ap;

	if (level < MSG_NORMAL)
		return;
	va_start(ap, fmt);
	msg_vline(fmt, ap);
	va_end(ap);
}

void
msg_debug(const char *fmt, ...)
{
	va_list ap;

	if (level < MSG_VERBOSE)
		return;
	va_start(ap, fmt);
	msg_vline(fmt, ap);
	va_end(ap);
}

void
msg_die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	msg_vline(fmt, ap);
	va_end(ap);
	exit(status);
}
