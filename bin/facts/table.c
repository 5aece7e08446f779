#include "config.h"

#include "facts/table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/msg.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

int
table_fail(const struct table *t, const char *name, int errnum)
{
	msg_error("%s/%s: %s", t->root, name, msg_errno(errnum));
	return -1;
}

int
table_sync(const struct table *t, int fd, const char *name)
{
	if (fsync(fd) == -1 && errno != EINVAL)
		return table_fail(t, name, errno);
	return 0;
}

int
table_write(int fd, const void *p, size_t n)
{
	const char *at = p;
	ssize_t done;

	while (n > 0) {
		done = write(fd, at, n);
		if (done == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

/* A directory below at, made if it is missing; who calls syncs at. */
static int
open_or_make(int at, const char *name)
{
	int fd = openat(at, name, OPEN_DIR | O_NOFOLLOW);

	if (fd != -1 || errno != ENOENT)
		return fd;
	if (mkdirat(at, name, 0777) == -1 && errno != EEXIST)
		return -1;
	return openat(at, name, OPEN_DIR | O_NOFOLLOW);
}

static int
open_root(const char *root)
{
	int fd = open(root, OPEN_DIR);

	if (fd != -1 || errno != ENOENT)
		return fd;
	if (mkdir(root, 0777) == -1 && errno != EEXIST)
		return -1;
	return open(root, OPEN_DIR);
}

/*
 * The lock file is made last: where it stands, the directories are durable,
 * the root's own entry included, even if this run dies right here.
 */
static int
sync_root(const struct table *t)
{
	int up, r;

	if (table_sync(t, t->fd, "") == -1)
		return -1;
	up = openat(t->fd, "..", OPEN_DIR);
	if (up == -1)
		return table_fail(t, "..", errno);
	r = table_sync(t, up, "..");
	close(up);
	return r;
}

static int
open_lock(struct table *t)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;

	t->lock = openat(t->fd, TABLE_LOCK, flags);
	if (t->lock == -1 && errno == ENOENT) {
		if (sync_root(t) == -1)
			return -1;
		t->lock = openat(t->fd, TABLE_LOCK, flags | O_CREAT, 0666);
	}
	return t->lock != -1 ? 0 : table_fail(t, TABLE_LOCK, errno);
}

static void
close_one(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

void
table_close(struct table *t)
{
	close_one(&t->lock);
	close_one(&t->manifests);
	close_one(&t->stages);
	close_one(&t->fd);
}

int
table_open(struct table *t, const char *root)
{
	*t = (struct table){ root, -1, -1, -1, -1 };
	t->fd = open_root(root);
	if (t->fd == -1) {
		msg_error("%s: %s%s", root, msg_errno(errno),
		    errno == ENOTDIR ? ", as the root of a table must be" : "");
		return -1;
	}
	t->stages = open_or_make(t->fd, TABLE_STAGES);
	if (t->stages == -1) {
		table_fail(t, TABLE_STAGES, errno);
		goto fail;
	}
	t->manifests = open_or_make(t->fd, TABLE_MANIFESTS);
	if (t->manifests == -1) {
		table_fail(t, TABLE_MANIFESTS, errno);
		goto fail;
	}
	if (open_lock(t) == 0)
		return 0;
fail:
	table_close(t);
	return -1;
}

int
table_open_read(struct table *t, const char *root)
{
	*t = (struct table){ root, -1, -1, -1, -1 };
	t->fd = open(root, OPEN_DIR);
	if (t->fd == -1) {
		if (errno == ENOENT)
			return 0;
		msg_error("%s: %s", root, msg_errno(errno));
		return -1;
	}
	t->manifests = openat(t->fd, TABLE_MANIFESTS, OPEN_DIR | O_NOFOLLOW);
	if (t->manifests != -1)
		return 1;
	if (errno == ENOENT) {
		table_close(t);
		return 0;
	}
	table_fail(t, TABLE_MANIFESTS, errno);
	table_close(t);
	return -1;
}

int
table_lock(struct table *t, unsigned seconds)
{
	int r = lock_wait(t->lock, seconds);

	return r == -1 ? table_fail(t, TABLE_LOCK, errno) : r;
}

void
table_unlock(struct table *t)
{
	flock(t->lock, LOCK_UN);
}

/* A component that could lead elsewhere, or that is hidden. */
static bool
bad_component(const char *p, size_t n)
{
	return n == 0 || n > NAME_MAX || p[0] == '.';
}

int
table_open_parent(
    const struct table *t, const char *path, bool create, const char **leaf)
{
	int fd = fcntl(t->fd, F_DUPFD_CLOEXEC, 0), up, err;
	char name[NAME_MAX + 1];
	const char *slash;
	bool below = false;
	size_t n;

	while (fd != -1 && (slash = strchr(path, '/')) != NULL) {
		n = (size_t)(slash - path);
		up = fd;
		if (bad_component(path, n)) {
			fd = -1;
			errno = EINVAL;
		} else {
			memcpy(name, path, n);
			name[n] = '\0';
			fd = create ? open_or_make(up, name)
				    : openat(up, name, OPEN_DIR | O_NOFOLLOW);
		}
		/* A directory below a day's is an entry of that. */
		if (create && fd != -1 && below && fsync(up) == -1 &&
		    errno != EINVAL) {
			err = errno;
			close(fd);
			fd = -1;
			errno = err;
		}
		err = errno;
		close(up);
		errno = err;
		below = true;
		path = slash + 1;
	}
	if (fd != -1 && bad_component(path, strlen(path))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	*leaf = path;
	return fd;
}

int
table_open_file(const struct table *t, const char *path)
{
	const char *leaf;
	int dir = table_open_parent(t, path, false, &leaf), fd, err;

	if (dir == -1)
		return -1;
	fd = openat(dir, leaf, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	err = errno;
	close(dir);
	errno = err;
	return fd;
}
