#include "config.h"

#include "base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"

/* What a pipe is enlarged to: the writers of this suite fill it whole. */
#define PIPE_SIZE (1 << 20)

struct file_source {
	struct source base;
	int fd;
};

static ssize_t
file_read(struct source *src, void *buf, size_t n)
{
	struct file_source *f = (struct file_source *)src;
	ssize_t got;

	do
		got = read(f->fd, buf, n);
	while (got == -1 && errno == EINTR);
	if (got == -1) {
		msg_error("%s: %s", src->name, msg_errno(errno));
		return -1;
	}
	src->stored_read += (uint64_t)got;
	return got;
}

static void
file_close(struct source *src)
{
	struct file_source *f = (struct file_source *)src;

	close(f->fd);
	free(src->name);
	free(f);
}

struct source *
source_fd(int fd, const char *name)
{
	struct file_source *f = xcalloc(1, sizeof(*f));
	struct stat st;

	f->base.read = file_read;
	f->base.close = file_close;
	f->base.name = xstrdup(name);
	f->fd = f->base.wait_fd = fd;
	if (fstat(fd, &st) == 0) {
		if (S_ISREG(st.st_mode))
			f->base.wait_fd = -1;
		if (S_ISREG(st.st_mode) && st.st_size > 0)
			f->base.stored_size = (uint64_t)st.st_size;
#ifdef F_SETPIPE_SZ
		/* Past the user's pipe budget it stays as it was. */
		if (S_ISFIFO(st.st_mode))
			(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
#endif
	}
	return &f->base;
}

struct source *
source_open(const char *path)
{
	struct stat st;
	int fd;

	if (path == NULL || strcmp(path, "-") == 0)
		return source_fd(STDIN_FILENO, "stdin");
	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (fd == -1 && errno == EINTR);
	if (fd == -1) {
		msg_error("%s: %s", path, msg_errno(errno));
		return NULL;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		msg_error("%s: %s", path, msg_errno(EISDIR));
		close(fd);
		return NULL;
	}
	return source_fd(fd, path);
}
