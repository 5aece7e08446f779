#include "config.h"

#include "agg/pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/strbuf.h"
#include "io/codec.h"

/* Less is read before another job has begun. */
#define PIECE_MIN (UINT64_C(4) << 20)
/* Pieces of the largest file for each job: all end at about one time. */
#define PIECES_PER_JOB 4

/* Read at once to find the end of a line. */
#define LOOK_SIZE 65536

static void
add_piece(struct pieces *p, size_t file, uint64_t from, uint64_t to)
{
	p->v = xgrow(p->v, &p->cap, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = (struct piece){ file, from, to };
}

/* Its size, or 0 when the file cannot be cut. */
static uint64_t
plain_size(const struct input *in)
{
	char head[CODEC_MAGIC_MAX];
	uint64_t size = 0;
	struct stat st;
	int fd;

	/* What cannot be opened is told of by who reads it; "-" is stdin. */
	if (strcmp(in->path, "-") == 0 || stat(in->path, &st) == -1 ||
	    !S_ISREG(st.st_mode) || (uint64_t)st.st_size < 2 * PIECE_MIN)
		return 0;
	fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	    !codec_begins(head))
		size = (uint64_t)st.st_size;
	close(fd);
	return size;
}

void
pieces_plan(struct pieces *p, const struct inputs *files, unsigned jobs)
{
	uint64_t size, step;

	for (size_t i = 0; i < files->n; i++) {
		size = jobs > 1 ? plain_size(&files->v[i]) : 0;
		step = size / ((uint64_t)jobs * PIECES_PER_JOB);
		if (step < PIECE_MIN)
			step = PIECE_MIN;
		for (uint64_t at = 0; at == 0 || at < size; at += step)
			add_piece(p, i, at,
			    size <= step || at >= size - step ? PIECE_END
							      : at + step);
	}
}

void
pieces_release(struct pieces *p)
{
	free(p->v);
	*p = (struct pieces){ 0 };
}

struct range_source {
	struct source base;
	int fd;
	uint64_t at, end;
};

/* pread(2), once more after a signal; -1 is reported. */
static ssize_t
read_at(const struct range_source *r, void *buf, size_t n, uint64_t at)
{
	ssize_t got;

	do
		got = pread(r->fd, buf, n, (off_t)at);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		msg_error("%s: %s", r->base.name, msg_errno(errno));
	return got;
}

static ssize_t
range_read(struct source *src, void *buf, size_t n)
{
	struct range_source *r = (struct range_source *)src;
	ssize_t got;

	if (r->end - r->at < n)
		n = (size_t)(r->end - r->at);
	got = n > 0 ? read_at(r, buf, n, r->at) : 0;
	if (got > 0) {
		r->at += (uint64_t)got;
		src->stored_read += (uint64_t)got;
	}
	return got;
}

static void
range_close(struct source *src)
{
	struct range_source *r = (struct range_source *)src;

	close(r->fd);
	free(src->name);
	free(r);
}

/* *at becomes the first line's beginning from there on; -1: reported. */
static int
find_line(const struct range_source *r, uint64_t *at)
{
	char buf[LOOK_SIZE];
	const char *lf;
	ssize_t n;

	if (*at == 0 || *at == PIECE_END)
		return 0;
	/* The LF before it may be what ends the line before. */
	for (uint64_t pos = *at - 1;; pos += (uint64_t)n) {
		n = read_at(r, buf, sizeof(buf), pos);
		if (n == -1)
			return -1;
		lf = n > 0 ? memchr(buf, '\n', (size_t)n) : NULL;
		if (lf == NULL && n > 0)
			continue;
		*at = lf != NULL ? pos + (uint64_t)(lf - buf) + 1 : pos;
		return 0;
	}
}

static char *
piece_name(const struct piece *p, const char *path)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_adds(&sb, path);
	if (p->from > 0)
		strbuf_addf(
		    &sb, " from byte %llu", (unsigned long long)p->from);
	return strbuf_detach(&sb);
}

struct source *
pieces_open(const struct piece *p, const struct inputs *files)
{
	const struct input *in = &files->v[p->file];
	struct range_source *r;

	if (piece_is_whole(p))
		return inputs_open(in);
	r = xcalloc(1, sizeof(*r));
	r->base.read = range_read;
	r->base.close = range_close;
	r->base.name = piece_name(p, in->path);
	r->at = p->from;
	r->end = p->to;
	r->fd = inputs_fd(in);
	if (r->fd == -1) {
		free(r->base.name);
		free(r);
		return NULL;
	}
	if (find_line(r, &r->at) == -1 || find_line(r, &r->end) == -1) {
		range_close(&r->base);
		return NULL;
	}
	return &r->base;
}
