#include "config.h"

#include "base/inbuf.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/progress.h"

void
inbuf_init(struct inbuf *in, size_t max)
{
	*in = (struct inbuf){ 0 };
	in->max = max < INBUF_SIZE ? INBUF_SIZE : max;
	in->cap = INBUF_SIZE;
	in->buf = xmalloc(in->cap + INBUF_PAD);
	/* The pad is loaded by vectors before it was ever written. */
	memset(in->buf + in->cap, 0, INBUF_PAD);
}

void
inbuf_attach(struct inbuf *in, struct source *src)
{
	in->src = src;
	in->start = in->end = 0;
	in->offset = 0;
	in->eof = false;
	memset(in->buf, 0, INBUF_PAD);
}

void
inbuf_release(struct inbuf *in)
{
	free(in->buf);
	*in = (struct inbuf){ 0 };
}

static void
grow(struct inbuf *in)
{
	size_t cap = in->cap <= in->max / 2 ? in->cap * 2 : in->max;

	in->buf = xreallocarray(in->buf, cap + INBUF_PAD, 1);
	memset(in->buf + cap, 0, INBUF_PAD);
	in->cap = cap;
}

int
inbuf_fill(struct inbuf *in)
{
	ssize_t n;

	if (in->eof)
		return 0;
	if (in->start > 0) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->offset += in->start;
		in->end -= in->start;
		in->start = 0;
	}
	if (in->end == in->cap) {
		if (in->cap >= in->max)
			return -2;
		grow(in);
	}
	n = source_read(in->src, in->buf + in->end, in->cap - in->end);
	if (n < 0)
		return -1;
	if (n == 0) {
		in->eof = true;
		return 0;
	}
	in->end += (size_t)n;
	memset(in->buf + in->end, 0, INBUF_PAD);
	if (in->progress != NULL)
		progress_tick(in->progress, in->src, (uint64_t)n);
	return 1;
}
