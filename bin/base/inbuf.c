#include "config.h"

#include "base/inbuf.h"

#include <stdlib.h>
#include <string.h>

#include "base/ahead.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/progress.h"

_Static_assert(AHEAD_PAD >= INBUF_PAD, "blocks are buffers");

void
inbuf_init(struct inbuf *in, size_t max)
{
	*in = (struct inbuf){ 0 };
	in->max = max < INBUF_SIZE ? INBUF_SIZE : max;
	in->cap = INBUF_SIZE;
	in->buf = in->own = xmalloc(in->cap + INBUF_PAD);
	/* The pad is loaded by vectors before it was ever written. */
	memset(in->own + in->cap, 0, INBUF_PAD);
}

void
inbuf_read_ahead(struct inbuf *in, unsigned threads, ahead_fn *work, void *arg)
{
	in->threads = threads;
	in->ahead_from = AHEAD_MIN;
	in->work = work;
	in->arg = arg;
}

void
inbuf_detach(struct inbuf *in)
{
	ahead_stop(in->ahead);
	in->ahead = NULL;
	in->block = NULL;
	in->buf = in->own;
	in->start = in->end = 0;
	memset(in->own, 0, INBUF_PAD);
}

void
inbuf_attach(struct inbuf *in, struct source *src)
{
	inbuf_detach(in);
	in->src = src;
	in->offset = 0;
	in->eof = false;
}

void
inbuf_over(struct inbuf *in, struct slice text)
{
	inbuf_detach(in);
	in->src = NULL;
	in->buf = (char *)(uintptr_t)text.p;
	in->end = text.n;
	in->offset = 0;
	in->eof = true;
}

void
inbuf_release(struct inbuf *in)
{
	ahead_stop(in->ahead);
	free(in->own);
	*in = (struct inbuf){ 0 };
}

/* Room for n bytes in the own buffer. */
static void
grow(struct inbuf *in, size_t n)
{
	if (n <= in->cap)
		return;
	in->own = xreallocarray(in->own, n + INBUF_PAD, 1);
	memset(in->own + n, 0, INBUF_PAD);
	in->cap = n;
	if (in->block == NULL)
		in->buf = in->own;
}

/* What is not consumed goes to the front of the own buffer. */
static void
move_front(struct inbuf *in)
{
	memmove(in->own, in->buf + in->start, in->end - in->start);
	in->buf = in->own;
	in->offset += in->start;
	in->end -= in->start;
	in->start = 0;
}

/* n more bytes were read. */
static void
tick(struct inbuf *in, uint64_t stored_read, ssize_t n)
{
	if (in->progress != NULL)
		progress_tick(in->progress, stored_read, in->src->stored_size,
		    (uint64_t)n);
}

/* What is not consumed of the block goes to the own buffer. */
static void
leave_block(struct inbuf *in)
{
	if (in->block == NULL)
		return;
	grow(in, in->end - in->start);
	move_front(in);
	memset(in->own + in->end, 0, INBUF_PAD);
	ahead_done(in->ahead, in->block);
	in->block = NULL;
}

static void
use_block(struct inbuf *in, const struct ahead_block *block)
{
	in->offset += in->end;
	in->buf = block->data;
	in->start = 0;
	in->end = block->n;
	in->block = block;
}

/* Behind what is not consumed. */
static void
add_block(struct inbuf *in, const struct ahead_block *block)
{
	move_front(in);
	grow(in, in->end + block->n);
	memcpy(in->own + in->end, block->data, block->n);
	in->end += block->n;
	memset(in->own + in->end, 0, INBUF_PAD);
	ahead_done(in->ahead, block);
}

static int
fill_from_ahead(struct inbuf *in)
{
	struct ahead_block *block;
	ssize_t n;

	if (in->end - in->start >= in->max)
		return -2;
	leave_block(in);
	n = ahead_next(in->ahead, &block);
	in->eof = n == 0;
	if (n <= 0)
		return (int)n;
	tick(in, block->stored_read, n);
	if (in->start == in->end)
		use_block(in, block);
	else
		add_block(in, block);
	return 1;
}

bool
inbuf_begin_ahead(struct inbuf *in)
{
	/* What is at hand comes with the first block. */
	if (in->eof || in->end - in->start > AHEAD_CARRY)
		return false;
	in->ahead = ahead_start(in->src, in->threads, in->work, in->arg,
	    in->buf + in->start, in->end - in->start);
	in->offset += in->start;
	in->start = in->end = 0;
	msg_debug("%s: %u threads read ahead", in->src->name, in->threads);
	return true;
}

int
inbuf_fill(struct inbuf *in)
{
	ssize_t n;

	if (in->eof)
		return 0;
	if (in->ahead != NULL)
		return fill_from_ahead(in);
	if (in->start > 0)
		move_front(in);
	if (in->end == in->cap) {
		if (in->cap >= in->max)
			return -2;
		grow(in, in->cap <= in->max / 2 ? in->cap * 2 : in->max);
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
	tick(in, in->src->stored_read, n);
	return 1;
}
