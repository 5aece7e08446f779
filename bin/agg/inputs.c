#include "config.h"

#include "agg/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/strbuf.h"
#include "facts/table.h"
#include "io/codec.h"

/* Partitions in partitions: ds and what else a table may be split by. */
#define DEPTH_MAX 16

static int add_directory(
    struct inputs *in, const char *path, unsigned depth); /* mutual */

static void
add_path(struct inputs *in, const char *path)
{
	in->v = xgrow(in->v, &in->cap, in->n + 1, sizeof(*in->v));
	in->v[in->n++] = (struct input){ .path = xstrdup(path) };
}

static bool
is_part(const char *name)
{
	return fnmatch("part-*.tsv", name, 0) == 0 ||
	       fnmatch("part-*.tsv.gz", name, 0) == 0 ||
	       fnmatch("part-*.tsv.zst", name, 0) == 0;
}

static bool
is_partition(const char *name)
{
	const char *eq = strchr(name, '=');

	return name[0] != '_' && name[0] != '.' && eq != NULL && eq != name;
}

static int
select_entry(const struct dirent *e)
{
	return is_part(e->d_name) || is_partition(e->d_name);
}

static int
compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
add_entry(struct inputs *in, const char *dir, const char *name, unsigned depth)
{
	struct strbuf path = STRBUF_INIT;
	struct stat st;
	int r = 0;

	strbuf_addf(
	    &path, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
	if (stat(path.buf, &st) == -1) {
		msg_error("%s: %s", path.buf, msg_errno(errno));
		r = -1;
	} else if (S_ISDIR(st.st_mode)) {
		if (is_partition(name))
			r = add_directory(in, path.buf, depth + 1);
	} else if (is_part(name)) {
		add_path(in, path.buf);
	}
	strbuf_release(&path);
	return r;
}

static int
add_directory(struct inputs *in, const char *path, unsigned depth)
{
	struct dirent **e = NULL;
	int n, r = 0;

	if (depth > DEPTH_MAX) {
		msg_error("%s: more than %d directories deep", path, DEPTH_MAX);
		return -1;
	}
	n = scandir(path, &e, select_entry, compare_entries);
	if (n == -1) {
		msg_error("%s: %s", path, msg_errno(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		if (add_entry(in, path, e[i]->d_name, depth) == -1)
			r = -1;
		free(e[i]);
	}
	free(e);
	return r;
}

/* 1, the catalog of the table at root is in->catalog; 0 none, -1. */
static int
load_catalog(struct inputs *in, const char *root)
{
	struct table t;
	int r;

	if (in->root != NULL && strcmp(in->root, root) == 0)
		return 1;
	r = table_open_read(&t, root);
	if (r != 1)
		return r;
	free(in->root);
	in->root = NULL;
	catalog_release(&in->catalog);
	r = catalog_load(&in->catalog, &t);
	table_close(&t);
	if (r == -1)
		return -1;
	in->root = xstrdup(root);
	return 1;
}

/* The parts below inner, a partition or "", of the table in->root. */
static void
add_parts(struct inputs *in, const char *inner)
{
	const struct catalog *c = &in->catalog;
	const struct manifest_part *part;
	struct strbuf path = STRBUF_INIT;
	size_t n = strlen(inner);

	for (size_t i = 0; i < c->n; i++) {
		for (size_t j = 0; j < c->v[i].nparts; j++) {
			part = &c->v[i].parts[j];
			if (n > 0 && (strncmp(part->path, inner, n) != 0 ||
					 part->path[n] != '/'))
				continue;
			strbuf_clear(&path);
			strbuf_addf(&path, "%s/%s", in->root, part->path);
			add_path(in, path.buf);
			strbuf_clear(&path);
			strbuf_addf(&path, "%s/%s", in->root, part->staged);
			in->v[in->n - 1].staged = xstrdup(path.buf);
		}
	}
	strbuf_release(&path);
}

/*
 * 1 where path is a table or a partition of one, 0, or -1 (reported).  The
 * root is looked for as long as the names above are those of partitions.
 */
static int
add_table(struct inputs *in, const char *path)
{
	char *root = xstrdup(path), *leaf;
	size_t n = strlen(root), full, at;
	int r;

	while (n > 1 && root[n - 1] == '/')
		root[--n] = '\0';
	at = full = n;
	for (;;) {
		r = load_catalog(in, n > 0 ? root : ".");
		if (r != 0)
			break;
		leaf = strrchr(root, '/');
		leaf = leaf != NULL ? leaf + 1 : root;
		if (n == 0 || !is_partition(leaf))
			break;
		/* The part above it, and the slash before is cut away. */
		n = leaf == root ? 0 : (size_t)(leaf - root) - 1;
		at = (size_t)(leaf - root);
		root[n] = '\0';
	}
	if (r == 1) {
		leaf = xmemdup(path + at, full - at);
		add_parts(in, leaf);
		free(leaf);
	}
	free(root);
	return r;
}

int
inputs_add(struct inputs *in, const char *operand)
{
	size_t before = in->n;
	struct stat st;
	int r;

	if (strcmp(operand, "-") == 0) {
		add_path(in, operand);
		return 0;
	}
	if (stat(operand, &st) == -1) {
		msg_error("%s: %s", operand, msg_errno(errno));
		return -1;
	}
	if (!S_ISDIR(st.st_mode)) {
		add_path(in, operand);
		return 0;
	}
	r = add_table(in, operand);
	if (r == 0)
		r = add_directory(in, operand, 0);
	if (r >= 0 && in->n == before)
		msg_warn("%s: no part files (part-*.tsv) in this directory",
		    operand);
	return r >= 0 ? 0 : -1;
}

struct file_id {
	dev_t dev;
	ino_t ino;
	const char *path;
};

static int
compare_ids(const void *a, const void *b)
{
	const struct file_id *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return strcmp(x->path, y->path);
}

void
inputs_warn_twice(const struct inputs *in)
{
	struct file_id *id = xcalloc(in->n > 0 ? in->n : 1, sizeof(*id));
	const char *path = NULL;
	size_t n = 0, twice = 0;
	struct stat st;

	for (size_t i = 0; i < in->n; i++)
		if (strcmp(in->v[i].path, "-") != 0 &&
		    stat(in->v[i].path, &st) == 0 && S_ISREG(st.st_mode))
			id[n++] = (struct file_id){ st.st_dev, st.st_ino,
				in->v[i].path };
	qsort(id, n, sizeof(*id), compare_ids);
	for (size_t i = 1; i < n; i++) {
		if (id[i - 1].dev != id[i].dev || id[i - 1].ino != id[i].ino)
			continue;
		if (twice++ == 0)
			path = id[i].path;
	}
	if (twice > 0)
		msg_warn("%s%s: given twice, and counted twice", path,
		    twice > 1 ? " and others" : "");
	free(id);
}

void
inputs_release(struct inputs *in)
{
	for (size_t i = 0; i < in->n; i++) {
		free(in->v[i].path);
		free(in->v[i].staged);
	}
	free(in->v);
	free(in->root);
	catalog_release(&in->catalog);
	*in = (struct inputs){ 0 };
}

/* A descriptor of path, or -1 with errno. */
static int
open_part(const char *path)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (fd == -1 && errno == EINTR);
	return fd;
}

/* A part moves from its stage into its place, and not back. */
int
inputs_fd(const struct input *in)
{
	int fd = open_part(in->path);

	if (fd == -1 && errno == ENOENT && in->staged != NULL) {
		fd = open_part(in->staged);
		if (fd == -1 && errno == ENOENT)
			fd = open_part(in->path);
	}
	if (fd == -1)
		msg_error("%s: %s", in->path, msg_errno(errno));
	return fd;
}

struct source *
inputs_open(const struct input *in)
{
	int fd;

	if (in->staged == NULL)
		return codec_open(in->path);
	fd = inputs_fd(in);
	return fd == -1 ? NULL : codec_wrap(source_fd(fd, in->path));
}
