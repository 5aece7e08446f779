#include "config.h"

#include "agg/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/strbuf.h"

/* Partitions in partitions: ds and what else a table may be split by. */
#define DEPTH_MAX 16

static int add_directory(
    struct inputs *in, const char *path, unsigned depth); /* mutual */

static void
add_path(struct inputs *in, const char *path)
{
	in->v = xgrow(in->v, &in->cap, in->n + 1, sizeof(*in->v));
	in->v[in->n++] = xstrdup(path);
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
	r = add_directory(in, operand, 0);
	if (r == 0 && in->n == before)
		msg_warn("%s: no part files (part-*.tsv) in this directory",
		    operand);
	return r;
}

void
inputs_release(struct inputs *in)
{
	for (size_t i = 0; i < in->n; i++)
		free(in->v[i]);
	free(in->v);
	*in = (struct inputs){ 0 };
}
