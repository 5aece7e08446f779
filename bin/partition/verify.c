#include "config.h"

#include "partition/verify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/strbuf.h"
#include "facts/catalog.h"
#include "io/codec.h"

#define READ_SIZE ((size_t)256 << 10)
/* ds=, and as many further columns as a table may have, and one to see it. */
#define DEPTH_MAX 16

/* What a source's bytes are. */
struct sums {
	uint64_t bytes;
	uint64_t lines;
	char hash[DIGEST_HEX + 1];
};

static uint64_t
count_lines(const char *p, size_t n)
{
	const char *end = p + n;
	uint64_t lines = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	return lines;
}

/* 0, or -1 (reported). */
static int
sum_up(struct source *src, struct sums *s)
{
	struct digest *d = digest_new();
	char *buf = xmalloc(READ_SIZE);
	ssize_t n;

	*s = (struct sums){ 0 };
	while ((n = source_read(src, buf, READ_SIZE)) > 0) {
		digest_add(d, buf, (size_t)n);
		s->bytes += (uint64_t)n;
		s->lines += count_lines(buf, (size_t)n);
	}
	digest_hex(d, s->hash);
	digest_free(d);
	free(buf);
	return n < 0 ? -1 : 0;
}

static struct source *
open_part(const struct table *t, const char *path)
{
	int fd = table_open_file(t, path);
	struct strbuf name = STRBUF_INIT;
	struct source *src;

	if (fd == -1) {
		table_fail(t, path, errno);
		return NULL;
	}
	strbuf_addf(&name, "%s/%s", t->root, path);
	src = source_fd(fd, name.buf);
	strbuf_release(&name);
	return src;
}

static int
differs(const struct table *t, const struct manifest_part *p, const char *what)
{
	msg_error("%s/%s: not the part that its manifest names: %s", t->root,
	    p->path, what);
	return -1;
}

int
verify_file(const struct table *t, const struct manifest_part *p)
{
	struct source *src = open_part(t, p->path);
	struct sums s;
	int r;

	if (src == NULL)
		return -1;
	r = sum_up(src, &s);
	source_close(src);
	if (r == -1)
		return -1;
	if (s.bytes != p->bytes)
		return differs(t, p, "another size");
	return strcmp(s.hash, p->hash) == 0 ? 0 : differs(t, p, "other bytes");
}

int
verify_part(const struct table *t, const struct manifest_part *p)
{
	struct source *src;
	struct sums s;
	int r;

	if (verify_file(t, p) == -1)
		return -1;
	src = open_part(t, p->path);
	if (src != NULL)
		src = codec_wrap(src);
	if (src == NULL)
		return -1;
	r = sum_up(src, &s);
	source_close(src);
	if (r == -1)
		return -1;
	if (s.bytes != p->text_bytes || strcmp(s.hash, p->text_hash) != 0)
		return differs(t, p, "other rows");
	return s.lines == p->rows ? 0 : differs(t, p, "another number of rows");
}

/* Files that no manifest names. */
struct strays {
	const struct table *t;
	const struct catalog_part *parts;
	size_t n;
	struct strbuf path; /* below the root */
	size_t found;
};

static int
path_cmp(const void *key, const void *elem)
{
	const struct catalog_part *cp = elem;

	return strcmp(key, cp->part->path);
}

static bool
is_named(const struct strays *st)
{
	return st->n > 0 && bsearch(st->path.buf, st->parts, st->n,
				sizeof(*st->parts), path_cmp) != NULL;
}

static int walk(struct strays *st, int fd, int depth);

static int
look_at(struct strays *st, int dir, const char *name, int depth)
{
	struct stat st_buf;
	int fd;

	if (fstatat(dir, name, &st_buf, AT_SYMLINK_NOFOLLOW) == -1)
		return table_fail(st->t, st->path.buf, errno);
	if (S_ISDIR(st_buf.st_mode) && depth < DEPTH_MAX) {
		fd = openat(
		    dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd == -1)
			return table_fail(st->t, st->path.buf, errno);
		return walk(st, fd, depth + 1);
	}
	if (S_ISREG(st_buf.st_mode) && is_named(st))
		return 0;
	msg_error("%s/%s: no manifest names it", st->t->root, st->path.buf);
	st->found++;
	return 0;
}

/* Takes fd.  Names that begin with "_" or "." are no data. */
static int
walk(struct strays *st, int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	size_t len = st->path.len;
	struct dirent *de;
	int r = 0;

	if (dir == NULL) {
		r = table_fail(st->t, st->path.buf, errno);
		close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, de = readdir(dir)) != NULL) {
		if (de->d_name[0] == '.' || de->d_name[0] == '_')
			continue;
		strbuf_addf(&st->path, "%s%s", len > 0 ? "/" : "", de->d_name);
		r = look_at(st, dirfd(dir), de->d_name, depth);
		st->path.len = len;
		st->path.buf[len] = '\0';
	}
	if (r == 0 && errno != 0)
		r = table_fail(st->t, st->path.buf, errno);
	closedir(dir);
	return r;
}

static int
find_strays(const struct table *t, const struct catalog_part *parts, size_t n)
{
	struct strays st = { .t = t, .parts = parts, .n = n };
	int fd = openat(t->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd == -1)
		return table_fail(t, "", errno);
	strbuf_grow(&st.path, 1);
	st.path.buf[0] = '\0';
	r = walk(&st, fd, 0);
	strbuf_release(&st.path);
	return r == -1 || st.found > 0 ? -1 : 0;
}

int
verify_table(const struct table *t)
{
	struct catalog_part *parts;
	uint64_t rows = 0;
	struct catalog c;
	size_t i, n;
	int r = 0;

	if (catalog_load(&c, t) == -1)
		return -1;
	parts = catalog_parts(&c, &n);
	for (i = 0; i < n; i++) {
		if (verify_part(t, parts[i].part) == -1)
			r = -1;
		rows += parts[i].part->rows;
	}
	if (find_strays(t, parts, n) == -1)
		r = -1;
	if (r == 0)
		msg_info("%s: %zu parts with %" PRIu64
			 " rows are what %zu manifests say",
		    t->root, n, rows, c.n);
	free(parts);
	catalog_release(&c);
	return r;
}
