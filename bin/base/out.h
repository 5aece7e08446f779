/*
 * out: checked, buffered output; nothing is lost in silence.
 *
 *	struct out out;
 *	if (out_open(&out, path) == -1)         NULL or "-": stdout
 *		return EV_EXIT_FAIL;
 *	p = out_reserve(&out, worst);            write at p ...
 *	out_advance(&out, n);                    ... n <= worst bytes
 *	out_put(&out, s, n);
 *	if (out.err != 0) ...                    in the record loop: stop
 *	if (out_close(&out) == -1)               flush, fsync -o, rename
 *		return EV_EXIT_FAIL;
 *
 * The first failed write is reported and kept in err; what is put after it
 * is thrown away, so a loop need not check each put, and out_close() fails.
 * With a path the file is temporary until out_close() (temp.h);
 * out_abandon() removes it.  Where the path is a symbolic link, the file it
 * leads to is replaced and the link stays; a link to what stdout is, such as
 * /dev/stdout, is stdout.  A pipe is enlarged to 1 MiB where allowed.
 *
 * out_init_memory() makes one that only collects: buf has the len bytes put,
 * and grows.
 */
#ifndef EV_BASE_OUT_H
#define EV_BASE_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"

/* Whole writes of a quarter MiB: a pipe's reader gets them in few calls. */
#define OUT_SIZE ((size_t)256 << 10)

struct out {
	char *buf;
	size_t len; /* bytes waiting in buf */
	size_t cap;
	int fd;		   /* -1: in memory, or closed */
	int err;	   /* errno of the first failure, else 0 */
	const char *name;  /* for messages; borrowed */
	const char *final; /* -o: the name to be, else NULL; real or borrowed */
	char *real;	   /* -o: what a link leads to, else NULL */
	const char *temp;  /* -o: the name so far; temp.h's */
	uint64_t written;  /* bytes that left the buffer */
};

int out_open(struct out *o, const char *path);
/* Over a descriptor, which out_close() closes and out_abandon() does not. */
void out_init_fd(struct out *o, int fd, const char *name);
void out_init_memory(struct out *o);
/* Nothing for one in memory. */
int out_flush(struct out *o);
int out_close(struct out *o);
void out_abandon(struct out *o);
/* The slow half of out_reserve. */
char *out_make_room(struct out *o, size_t n);

static inline char *
out_reserve(struct out *o, size_t n)
{
	if (o->cap - o->len >= n)
		return o->buf + o->len;
	return out_make_room(o, n);
}

static inline void
out_advance(struct out *o, size_t n)
{
	o->len += n;
}

static inline void
out_put(struct out *o, const void *p, size_t n)
{
	if (n > 0)
		memcpy(out_reserve(o, n), p, n);
	o->len += n;
}

/* The same for many bytes, which are not copied. */
void out_put_whole(struct out *o, const void *p, size_t n);

static inline void
out_puts(struct out *o, const char *s)
{
	out_put(o, s, strlen(s));
}

static inline void
out_put_slice(struct out *o, struct slice s)
{
	out_put(o, s.p, s.n);
}

static inline void
out_putc(struct out *o, char c)
{
	*out_reserve(o, 1) = c;
	o->len++;
}

void out_put_u64(struct out *o, uint64_t v);

#endif
