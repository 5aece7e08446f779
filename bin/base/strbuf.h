/*
 * strbuf: a byte string that grows.
 *
 *	struct strbuf sb = STRBUF_INIT;
 *	strbuf_add(&sb, p, n);
 *	strbuf_addf(&sb, "%s/%u", dir, i);
 *	strbuf_clear(&sb);      length 0, memory kept
 *	strbuf_release(&sb);    memory freed, as after STRBUF_INIT
 *
 * buf always ends in a NUL that len does not count, and is never NULL.
 */
#ifndef EV_BASE_STRBUF_H
#define EV_BASE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/msg.h"
#include "base/slice.h"

struct strbuf {
	char *buf;
	size_t len; /* bytes used, without the NUL */
	size_t cap; /* bytes allocated; 0: buf is the shared empty string */
};

extern char strbuf_empty[1];
#define STRBUF_INIT ((struct strbuf){ strbuf_empty, 0, 0 })

void strbuf_release(struct strbuf *sb);
void strbuf_clear(struct strbuf *sb);
/* Room for n more bytes and the NUL. */
void strbuf_grow(struct strbuf *sb, size_t n);
void strbuf_add(struct strbuf *sb, const void *p, size_t n);
void strbuf_adds(struct strbuf *sb, const char *s);
void strbuf_add_slice(struct strbuf *sb, struct slice s);
void strbuf_addf(struct strbuf *sb, const char *fmt, ...) MSG_PRINTF(2, 3);
void strbuf_addvf(struct strbuf *sb, const char *fmt, va_list ap);
/* The string, to be freed by the caller; sb is as after STRBUF_INIT. */
char *strbuf_detach(struct strbuf *sb);

/* Inlined, for most texts are put together with single bytes between. */
static inline void
strbuf_addch(struct strbuf *sb, char c)
{
	if (sb->cap - sb->len < 2)
		strbuf_grow(sb, 1);
	sb->buf[sb->len++] = c;
	sb->buf[sb->len] = '\0';
}

static inline struct slice
strbuf_slice(const struct strbuf *sb)
{
	return slice_of(sb->buf, sb->len);
}

#endif
