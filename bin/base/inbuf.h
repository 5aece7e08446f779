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
 */
#ifndef EV_BASE_INBUF_H
#define EV_BASE_INBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/source.h"

#define INBUF_SIZE ((size_t)256 << 10)
#define INBUF_PAD 64

struct progress;

struct inbuf {
	struct source *src;	   /* not owned */
	struct progress *progress; /* told of each fill; may be NULL */
	char *buf;		   /* cap + INBUF_PAD bytes */
	size_t cap;
	size_t max;	 /* cap may grow to this, for one long record */
	size_t start;	 /* first byte not consumed */
	size_t end;	 /* behind the last byte read */
	uint64_t offset; /* of buf[0] in the source */
	bool eof;	 /* the source has ended */
};

void inbuf_init(struct inbuf *in, size_t max);
/* Begins another source; what was buffered is forgotten. */
void inbuf_attach(struct inbuf *in, struct source *src);
void inbuf_release(struct inbuf *in);

/*
 * 1: more bytes are there; 0: the source is at its end; -1: read error
 * (reported); -2: buf[start, end) fills max bytes, there is no room.
 */
int inbuf_fill(struct inbuf *in);

#endif
