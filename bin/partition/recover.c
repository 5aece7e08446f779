#include "config.h"

#include "partition/recover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "facts/catalog.h"
#include "partition/verify.h"

/* Of names in a directory. */
struct names {
	char **v;
	size_t n, cap;
};

static void
names_release(struct names *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

/*
 * Walks over a manifest's parts, which are sorted, so that each directory
 * is opened, changed and fsynced once.
 */
struct walk {
	const struct table *t;
	bool create;
	int fd;		  /* of the present directory, or -1 */
	const char *path; /* of the part that it was opened for */
	size_t dir;	  /* length of the directory's name in path */
};

static int
walk_leave(struct walk *w)
{
	int r = 0;

	if (w->fd != -1) {
		r = table_sync(w->t, w->fd, w->path);
		close(w->fd);
	}
	w->fd = -1;
	return r;
}

/* Opens path's directory: 1, 0 when it is not there, -1 (reported). */
static int
walk_to(struct walk *w, const char *path, const char **leaf)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash != NULL ? (size_t)(slash - path) : 0;

	if (w->fd != -1 && dir == w->dir && memcmp(w->path, path, dir) == 0) {
		*leaf = path + dir + 1;
		return 1;
	}
	if (walk_leave(w) == -1)
		return -1;
	w->path = path;
	w->dir = dir;
	w->fd = table_open_parent(w->t, path, w->create, leaf);
	if (w->fd != -1)
		return 1;
	return errno == ENOENT && !w->create ? 0
					     : table_fail(w->t, path, errno);
}

/*
 * The place is taken, or the staged file has gone: fine if what is there is
 * the part.  It is another inode when the table was copied meanwhile.
 */
static int
check_placed(const struct table *t, const struct stage *s, int dir,
    const char *leaf, const struct manifest_part *p)
{
	const char *staged = strrchr(p->staged, '/') + 1;
	struct stat a, b;

	if (fstatat(s->fd, staged, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(dir, leaf, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return 0;
	return verify_file(t, p);
}

static int
place_part(struct walk *w, const struct stage *s, const struct manifest_part *p)
{
	const char *leaf, *staged = strrchr(p->staged, '/') + 1;

	if (walk_to(w, p->path, &leaf) == -1)
		return -1;
	if (linkat(s->fd, staged, w->fd, leaf, 0) == 0)
		return 0;
	if (errno == EEXIST || errno == ENOENT)
		return check_placed(w->t, s, w->fd, leaf, p);
	return table_fail(w->t, p->path, errno);
}

/* 0, also when it has gone already, or -1 (reported). */
static int
remove_part(struct walk *w, const char *path)
{
	const char *leaf;
	int r = walk_to(w, path, &leaf);

	if (r == 1 && unlinkat(w->fd, leaf, 0) == -1 && errno != ENOENT)
		return table_fail(w->t, path, errno);
	return r == -1 ? -1 : 0;
}

static int
remove_parts(const struct table *t, const struct manifest *m)
{
	struct walk w = { .t = t, .fd = -1 };
	size_t i;
	int r = 0;

	for (i = 0; i < m->nparts && r == 0; i++)
		r = remove_part(&w, m->parts[i].path);
	return walk_leave(&w) == -1 ? -1 : r;
}

static int
remove_named(const struct table *t, const struct manifest *m)
{
	struct walk w = { .t = t, .fd = -1 };
	size_t i;
	int r = 0;

	for (i = 0; i < m->removes.n && r == 0; i++)
		r = remove_part(&w, m->removes.v[i]);
	return walk_leave(&w) == -1 ? -1 : r;
}

static int
remove_replaced(const struct table *t, const struct manifest *m)
{
	struct manifest old;
	size_t i;
	int r;

	for (i = 0; i < m->nreplaces; i++) {
		r = catalog_read(t, m->replaces[i], &old);
		if (r == 1) {
			r = remove_parts(t, &old);
			manifest_release(&old);
		}
		if (r == -1)
			return -1;
	}
	return 0;
}

int
recover_place(
    const struct table *t, const struct stage *s, const struct manifest *m)
{
	struct walk w = { .t = t, .create = true, .fd = -1 };
	size_t i;
	int r = 0;

	for (i = 0; i < m->nparts && r == 0; i++)
		r = place_part(&w, s, &m->parts[i]);
	if (walk_leave(&w) == -1 || r == -1)
		return -1;
	/* New day directories are entries of the root. */
	if (m->nparts > 0 && table_sync(t, t->fd, "") == -1)
		return -1;
	if (remove_named(t, m) == -1)
		return -1;
	return remove_replaced(t, m);
}

/* A stage with a number: finished if committed, removed in any case. */
static int
recover_committed(const struct table *t, struct stage *s, uint64_t sequence)
{
	struct manifest m;
	int r = catalog_read(t, sequence, &m);

	if (r == 1) {
		msg_info("%s: finishing manifest %" PRIu64
			 ", which an earlier run has committed",
		    t->root, sequence);
		/* That run may have died before it was durable. */
		r = table_sync(t, t->manifests, TABLE_MANIFESTS);
		if (r == 0)
			r = recover_place(t, s, &m);
		manifest_release(&m);
	}
	if (r != -1)
		return stage_drop(s);
	stage_leave(s);
	return -1;
}

static int
recover_stage(const struct table *t, const char *name)
{
	uint64_t sequence;
	enum stage_kind kind = stage_kind(name, &sequence);
	struct stage s;
	int r;

	if (kind == STAGE_OTHER)
		return 0;
	r = stage_adopt(&s, t, name);
	if (r == -1 || (r == 0 && kind == STAGE_WORK))
		return r;
	if (r == 0) {
		msg_error("%s/%s/%s: locked by a process that does not hold "
			  "the table",
		    t->root, TABLE_STAGES, name);
		return -1;
	}
	if (kind == STAGE_COMMITTED)
		return recover_committed(t, &s, sequence);
	msg_debug(
	    "%s: removing the stage %s of a run that died", t->root, name);
	return stage_drop(&s);
}

static int
list_stages(const struct table *t, struct names *l)
{
	int fd = openat(t->stages, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *de;
	int err;

	if (dir == NULL) {
		err = errno;
		if (fd != -1)
			close(fd);
		return table_fail(t, TABLE_STAGES, err);
	}
	while ((errno = 0, de = readdir(dir)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		l->v = xgrow(l->v, &l->cap, l->n + 1, sizeof(*l->v));
		l->v[l->n++] = xstrdup(de->d_name);
	}
	err = errno;
	closedir(dir);
	return err == 0 ? 0 : table_fail(t, TABLE_STAGES, err);
}

int
recover_needed(const struct table *t)
{
	struct names l = { 0 };
	int r = list_stages(t, &l);

	if (r == 0)
		r = l.n > 0;
	names_release(&l);
	return r;
}

int
recover(const struct table *t)
{
	struct names l = { 0 };
	size_t i;
	int r = list_stages(t, &l);

	/* At most one is committed, so their order does not matter. */
	for (i = 0; i < l.n && r == 0; i++)
		r = recover_stage(t, l.v[i]);
	names_release(&l);
	return r;
}
