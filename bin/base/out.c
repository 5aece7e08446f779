#include "config.h"

#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/temp.h"

#define PIPE_SIZE (1 << 20)
/* To copy less is faster than another call. */
#define OUT_WHOLE ((size_t)32 << 10)

void
out_init_fd(struct out *o, int fd, const char *name)
{
	struct stat st;

	*o = (struct out){ .fd = fd, .name = name };
	o->cap = OUT_SIZE;
	o->buf = xmalloc(o->cap);
#ifdef F_SETPIPE_SZ
	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
#endif
}

/* Is it /dev/stdout, or another link to what stdout is? */
static bool
is_stdout(const char *path)
{
	struct stat link, there, ours;

	return lstat(path, &link) == 0 && S_ISLNK(link.st_mode) &&
	       stat(path, &there) == 0 && fstat(STDOUT_FILENO, &ours) == 0 &&
	       there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

/* A device or a pipe, which cannot be renamed into place. */
static int
open_special(struct out *o, const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1) {
		msg_error("%s: %s", path, msg_errno(errno));
		return -1;
	}
	out_init_fd(o, fd, path);
	return 0;
}

static int
open_temp(struct out *o, const char *path)
{
	char *real = NULL;
	struct stat st;
	const char *temp;
	int fd;

	/* rename(2) would put a file in the link's place. */
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		real = realpath(path, NULL);
		if (real == NULL) {
			msg_error("%s: %s", path, msg_errno(errno));
			return -1;
		}
	}
	fd = temp_create(real != NULL ? real : path, &temp);
	if (fd == -1) {
		free(real);
		return -1;
	}
	out_init_fd(o, fd, path);
	o->real = real;
	o->final = real != NULL ? real : path;
	o->temp = temp;
	return 0;
}

int
out_open(struct out *o, const char *path)
{
	struct stat st;

	if (path == NULL || strcmp(path, "-") == 0 || is_stdout(path)) {
		out_init_fd(o, STDOUT_FILENO, "stdout");
		return 0;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return open_special(o, path);
	return open_temp(o, path);
}

static void
failed(struct out *o)
{
	if (o->err == 0) {
		o->err = errno;
		msg_error("%s: %s", o->name, msg_errno(errno));
	}
}

/* One write of some bytes at p, and of some at q behind them. */
static ssize_t
write_both(int fd, const char *p, size_t n, const char *q, size_t m)
{
	struct iovec iov[2] = { { (void *)(uintptr_t)p, n },
		{ (void *)(uintptr_t)q, m } };

	if (n > 0 && m > 0)
		return writev(fd, iov, 2);
	return n > 0 ? write(fd, p, n) : write(fd, q, m);
}

/* Writes what waits, and then n bytes at p, or as much as can be. */
static void
write_all(struct out *o, const char *p, size_t n)
{
	size_t done = 0, k;
	ssize_t did;

	while (o->len - done + n > 0 && o->err == 0) {
		did = write_both(o->fd, o->buf + done, o->len - done, p, n);
		if (did == -1) {
			if (errno != EINTR)
				failed(o);
			continue;
		}
		o->written += (uint64_t)did;
		k = o->len - done;
		k = (size_t)did < k ? (size_t)did : k;
		done += k;
		p += (size_t)did - k;
		n -= (size_t)did - k;
	}
	o->len = 0;
}

void
out_init_memory(struct out *o)
{
	*o = (struct out){ .fd = -1 };
}

int
out_flush(struct out *o)
{
	if (o->fd == -1)
		return 0;
	write_all(o, o->buf, 0);
	return o->err == 0 ? 0 : -1;
}

void
out_put_whole(struct out *o, const void *p, size_t n)
{
	if (o->fd == -1 || n < OUT_WHOLE)
		out_put(o, p, n);
	else
		write_all(o, p, n);
}

char *
out_make_room(struct out *o, size_t n)
{
	out_flush(o);
	if (n > o->cap - o->len)
		o->buf = xgrow(o->buf, &o->cap, o->len + n, 1);
	return o->buf + o->len;
}

int
out_close(struct out *o)
{
	out_flush(o);
	/* A file counts as written when the disk says so. */
	if (o->final != NULL && o->err == 0 && fsync(o->fd) == -1 &&
	    errno != EINVAL)
		failed(o);
	/* NFS and quotas report here what write(2) did not. */
	if (close(o->fd) == -1 && errno != EINTR)
		failed(o);
	o->fd = -1;
	if (o->final != NULL) {
		if (o->err != 0)
			temp_discard(o->temp);
		else if (temp_commit(o->temp, o->final) == -1)
			o->err = EIO;
	}
	free(o->buf);
	free(o->real);
	o->buf = o->real = NULL;
	o->cap = o->len = 0;
	return o->err == 0 ? 0 : -1;
}

void
out_abandon(struct out *o)
{
	if (o->final != NULL) {
		close(o->fd);
		temp_discard(o->temp);
	}
	free(o->buf);
	free(o->real);
	*o = (struct out){ .fd = -1 };
}

void
out_put_u64(struct out *o, uint64_t v)
{
	out_advance(o, number_put_u64(out_reserve(o, NUMBER_MAX), v));
}
