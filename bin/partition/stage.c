#include "config.h"

#include "partition/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/msg.h"
#include "base/number.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* Each try fails only when recovery removes the stage in that moment. */
#define CREATE_TRIES 100

static int
fail(const struct stage *s, const char *name, int errnum)
{
	msg_error("%s/%s/%s%s%s: %s", s->table->root, TABLE_STAGES, s->name,
	    *name != '\0' ? "/" : "", name, msg_errno(errnum));
	return -1;
}

void
stage_leave(struct stage *s)
{
	if (s->lock != -1)
		close(s->lock);
	if (s->fd != -1)
		close(s->fd);
	s->lock = s->fd = -1;
}

/* Does the file that we locked still stand under its name? */
static bool
lock_stands(const struct stage *s)
{
	struct stat ours, there;

	return fstat(s->lock, &ours) == 0 &&
	       fstatat(s->fd, STAGE_LOCK, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/*
 * Opens and locks the stage of s->name: 1, or 0 when somebody else has the
 * lock or the stage has gone, or -1 (reported).
 */
static int
open_and_lock(struct stage *s)
{
	int r = 0;

	s->lock = -1;
	s->fd = openat(s->table->stages, s->name, OPEN_DIR);
	if (s->fd == -1)
		return errno == ENOENT ? 0 : fail(s, "", errno);
	s->lock = openat(
	    s->fd, STAGE_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	/* ENOENT: the directory was removed while it was open. */
	if (s->lock != -1)
		r = lock_wait(s->lock, 0);
	else if (errno != ENOENT)
		r = -1;
	if (r == -1)
		fail(s, STAGE_LOCK, errno);
	if (r == 1 && lock_stands(s))
		return 1;
	stage_leave(s);
	return r == -1 ? -1 : 0;
}

/* One of ours that could not be locked, and so is nobody's. */
static void
remove_new(const struct stage *s)
{
	char lock[sizeof(s->name) + sizeof("/" STAGE_LOCK)];

	snprintf(lock, sizeof(lock), "%s/%s", s->name, STAGE_LOCK);
	unlinkat(s->table->stages, lock, 0);
	unlinkat(s->table->stages, s->name, AT_REMOVEDIR);
}

static int
draw_name(struct stage *s)
{
	char hex[STAGE_RANDOM];
	uint64_t v;

	if (getrandom(&v, sizeof(v), 0) != (ssize_t)sizeof(v)) {
		msg_error("getrandom: %s", msg_errno(errno));
		return -1;
	}
	number_put_hex64(hex, v);
	memcpy(s->name, hex, STAGE_RANDOM);
	s->name[STAGE_RANDOM] = '\0';
	return 0;
}

int
stage_create(struct stage *s, const struct table *t)
{
	int i, r;

	*s = (struct stage){ .table = t, .fd = -1, .lock = -1 };
	for (i = 0; i < CREATE_TRIES; i++) {
		if (draw_name(s) == -1)
			return -1;
		if (mkdirat(t->stages, s->name, 0777) == -1) {
			if (errno == EEXIST)
				continue;
			return fail(s, "", errno);
		}
		r = open_and_lock(s);
		if (r == 1)
			return 0;
		if (r == -1) {
			remove_new(s);
			return -1;
		}
	}
	return fail(s, "", EBUSY);
}

enum stage_kind
stage_kind(const char *name, uint64_t *sequence)
{
	size_t n = strlen(name);

	if (n == STAGE_RANDOM && strspn(name, "0123456789abcdef") == n)
		return STAGE_WORK;
	if (n == SEQUENCE_DIGITS && strspn(name, "0123456789") == n &&
	    number_u64(slice_of(name, n), sequence) == 0)
		return STAGE_COMMITTED;
	return STAGE_OTHER;
}

int
stage_adopt(struct stage *s, const struct table *t, const char *name)
{
	*s = (struct stage){ .table = t, .fd = -1, .lock = -1 };
	snprintf(s->name, sizeof(s->name), "%s", name);
	return open_and_lock(s);
}

int
stage_put(const struct stage *s, const char *name, struct slice text)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(s->fd, name, flags, 0666), r;

	if (fd == -1)
		return fail(s, name, errno);
	r = table_write(fd, text.p, text.n);
	if (r == 0 && fsync(fd) == -1 && errno != EINVAL)
		r = -1;
	if (close(fd) == -1 && errno != EINTR)
		r = -1;
	return r == 0 ? 0 : fail(s, name, errno);
}

int
stage_name(struct stage *s, uint64_t sequence)
{
	char name[STAGE_RANDOM + 1];

	snprintf(name, sizeof(name), "%0*" PRIu64, SEQUENCE_DIGITS, sequence);
	if (renameat(s->table->stages, s->name, s->table->stages, name) == -1)
		return fail(s, "", errno);
	memcpy(s->name, name, sizeof(name));
	return table_sync(s->table, s->table->stages, TABLE_STAGES);
}

/* The lock goes last: until then the stage is known as ours. */
static int
remove_files(struct stage *s)
{
	int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0), r = 0;
	struct dirent *de;
	DIR *dir;

	dir = fd != -1 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		r = fail(s, "", errno);
		if (fd != -1)
			close(fd);
		return r;
	}
	while (errno = 0, (de = readdir(dir)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0 ||
		    strcmp(de->d_name, STAGE_LOCK) == 0)
			continue;
		if (unlinkat(s->fd, de->d_name, 0) == -1)
			r = fail(s, de->d_name, errno);
	}
	if (errno != 0)
		r = fail(s, "", errno);
	closedir(dir);
	return r;
}

int
stage_drop(struct stage *s)
{
	int r;

	if (s->fd == -1)
		return 0;
	r = remove_files(s);
	if (r == 0 && unlinkat(s->fd, STAGE_LOCK, 0) == -1 && errno != ENOENT)
		r = fail(s, STAGE_LOCK, errno);
	/*
	 * With the lock gone somebody else may have made another: a writer
	 * who had just made the directory and works in it now, or recovery,
	 * which removes it.  It is theirs then.
	 */
	if (r == 0 && unlinkat(s->table->stages, s->name, AT_REMOVEDIR) == -1 &&
	    errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
		r = fail(s, "", errno);
	stage_leave(s);
	return r;
}
