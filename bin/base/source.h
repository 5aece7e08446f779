/*
 * source: where bytes come from.
 *
 *	struct source *src = source_open(path);     NULL or "-": stdin
 *	while ((n = source_read(src, buf, cap)) > 0)
 *		...
 *	source_close(src);
 *
 * A source is a table of two functions, so that decompression (io/codec.h)
 * and hashing stack on the plain file without the readers knowing.  Errors
 * are reported by who finds them, with the source's name, and come back
 * as -1; a read interrupted by a signal is taken up again.
 */
#ifndef EV_BASE_SOURCE_H
#define EV_BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct source {
	/* > 0 bytes read, 0 at the end, -1 on error (reported). */
	ssize_t (*read)(struct source *src, void *buf, size_t n);
	void (*close)(struct source *src); /* frees src */
	char *name;	      /* for messages: the path, or "stdin" */
	uint64_t stored_read; /* bytes read from the file, as stored */
	uint64_t stored_size; /* its size, 0 where unknown (a pipe) */
	int wait_fd; /* poll(2) tells of it whether a read waits; -1: never */
};

/* A plain file or stdin, not decompressed; NULL on error (reported). */
struct source *source_open(const char *path);
/* Takes the descriptor; name is copied. */
struct source *source_fd(int fd, const char *name);

static inline ssize_t
source_read(struct source *src, void *buf, size_t n)
{
	return src->read(src, buf, n);
}

/* NULL is fine. */
static inline void
source_close(struct source *src)
{
	if (src != NULL)
		src->close(src);
}

#endif
