/*
 * inbuf: one large read buffer over a source.
 *
 * The bytes not yet consumed are buf[start, end).  inbuf_fill() moves them
 * to the front and reads more behind them, so slices into the buffer are
 * borrowed until the next fill.  The INBUF_PAD bytes behind end may always be
 * read and are NUL: vector code loads whole blocks and stops there.
 *
 * 256 KiB: a pipe of 1 MiB is drained in a few reads, and the buffer still
 * stays in the second-level cache; larger ones measured no faster.
 *
 * After inbuf_read_ahead() threads may read what follows the first MiB
 * (ahead.h), and each of their blocks is the buffer in its turn.
 */
#ifndef EV_BASE_INBUF_H
#define EV_BASE_INBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ahead.h"
#include "base/slice.h"
#include "base/source.h"

#ifndef INBUF_SIZE
#define INBUF_SIZE ((size_t)256 << 10)
#endif
#define INBUF_PAD 128

struct progress;

struct inbuf {
	struct source *src;	   /* not owned */
	struct progress *progress; /* told of each fill; may be NULL */
	char *buf;		   /* own, or the data of block */
	char *own;		   /* cap + INBUF_PAD bytes */
	size_t cap;
	size_t max;	 /* cap may grow to this, for one long record */
	size_t start;	 /* first byte not consumed */
	size_t end;	 /* behind the last byte read */
	uint64_t offset; /* of buf[0] in the source */
	bool eof;	 /* the source has ended */
	/* What to read ahead with; below 2 threads: nothing. */
	unsigned threads;
	uint64_t ahead_from; /* AHEAD_MIN */
	ahead_fn *work;
	void *arg;
	struct ahead *ahead; /* NULL: this source is read when needed */
	const struct ahead_block *block; /* that buf is; NULL: own */
};

void inbuf_init(struct inbuf *in, size_t max);
/* From the next source on, for lines that end with LF, as ahead_start() has
 * it. */
void inbuf_read_ahead(
    struct inbuf *in, unsigned threads, ahead_fn *work, void *arg);
/* Begins another source; what was buffered is forgotten. */
void inbuf_attach(struct inbuf *in, struct source *src);
/* These bytes and no source, INBUF_PAD bytes behind them being readable. */
void inbuf_over(struct inbuf *in, struct slice text);
/* Before the source is asked or closed, if it may be read ahead; what was
 * buffered is forgotten.  Not needed at its end, nor before the others. */
void inbuf_detach(struct inbuf *in);
void inbuf_release(struct inbuf *in);

/*
 * 1: more bytes are there; 0: the source is at its end; -1: read error
 * (reported); -2: buf[start, end) fills max bytes, there is no room.
 */
int inbuf_fill(struct inbuf *in);

/* Begins to read ahead, if that is worth it from here on; false: not yet. */
bool inbuf_begin_ahead(struct inbuf *in);

/* Where a line begins: is the source read ahead, or will be from now on? */
static inline bool
inbuf_is_ahead(struct inbuf *in)
{
	return in->ahead != NULL ||
	       (in->threads > 1 && in->offset + in->start >= in->ahead_from &&
		   inbuf_begin_ahead(in));
}

#endif
