#include "config.h"

#include "facts/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"

#define READ_SIZE ((size_t)64 << 10)

void
catalog_name(char name[CATALOG_NAME], uint64_t sequence)
{
	snprintf(name, CATALOG_NAME, "%0*" PRIu64 ".json", SEQUENCE_DIGITS,
	    sequence);
}

/* Is it the name of a manifest?  Others may lie there and are skipped. */
static bool
is_manifest(const char *name, uint64_t *sequence)
{
	return strlen(name) == CATALOG_NAME - 1 &&
	       strspn(name, "0123456789") == SEQUENCE_DIGITS &&
	       strcmp(name + SEQUENCE_DIGITS, ".json") == 0 &&
	       number_u64(slice_of(name, SEQUENCE_DIGITS), sequence) == 0;
}

static int
fail(const struct table *t, const char *name, const char *why)
{
	msg_error("%s/%s/%s: %s", t->root, TABLE_MANIFESTS, name, why);
	return -1;
}

static int
read_all(int fd, struct strbuf *sb)
{
	char buf[READ_SIZE];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		strbuf_add(sb, buf, (size_t)n);
	}
	return 0;
}

int
catalog_read(const struct table *t, uint64_t sequence, struct manifest *m)
{
	struct strbuf sb = STRBUF_INIT;
	char name[CATALOG_NAME];
	const char *why;
	int fd, r;

	catalog_name(name, sequence);
	fd = openat(t->manifests, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? 0 : fail(t, name, msg_errno(errno));
	r = read_all(fd, &sb);
	if (r == -1)
		fail(t, name, msg_errno(errno));
	close(fd);
	if (r == 0 && manifest_read(m, strbuf_slice(&sb), &why) == -1)
		r = fail(t, name, why);
	strbuf_release(&sb);
	if (r == -1)
		return -1;
	if (m->sequence == sequence)
		return 1;
	manifest_release(m);
	return fail(t, name, "it has another sequence number inside");
}

static int
load_one(struct catalog *c, const struct table *t, uint64_t sequence)
{
	int r;

	c->v = xgrow(c->v, &c->cap, c->n + 1, sizeof(*c->v));
	r = catalog_read(t, sequence, &c->v[c->n]);
	if (r == 1)
		c->n++;
	return r == -1 ? -1 : 0;
}

static int
load_all(struct catalog *c, const struct table *t)
{
	int fd = openat(t->manifests, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *de;
	uint64_t sequence;
	int r = 0;

	if (dir == NULL) {
		r = table_fail(t, TABLE_MANIFESTS, errno);
		if (fd != -1)
			close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, de = readdir(dir)) != NULL)
		if (is_manifest(de->d_name, &sequence))
			r = load_one(c, t, sequence);
	if (r == 0 && errno != 0)
		r = table_fail(t, TABLE_MANIFESTS, errno);
	closedir(dir);
	return r;
}

static int
cmp_sequence(const void *pa, const void *pb)
{
	const struct manifest *a = pa, *b = pb;

	return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

/* Marks the manifests that m replaces as dead. */
static void
bury(const struct catalog *c, const struct manifest *m, bool *dead)
{
	struct manifest key, *found;
	size_t i;

	for (i = 0; i < m->nreplaces; i++) {
		key.sequence = m->replaces[i];
		found = bsearch(&key, c->v, c->n, sizeof(*c->v), cmp_sequence);
		if (found != NULL)
			dead[found - c->v] = true;
	}
}

static void
drop_dead(struct catalog *c)
{
	bool *dead = xcalloc(c->n, sizeof(*dead));
	size_t i, live = 0;

	for (i = 0; i < c->n; i++)
		bury(c, &c->v[i], dead);
	c->dead = xcalloc(c->n, sizeof(*c->dead));
	for (i = 0; i < c->n; i++)
		if (dead[i])
			c->dead[c->ndead++] = c->v[i];
		else
			c->v[live++] = c->v[i];
	c->n = live;
	free(dead);
}

int
catalog_load_history(struct catalog *c, const struct table *t)
{
	*c = (struct catalog){ 0 };
	if (load_all(c, t) == -1) {
		catalog_release(c);
		return -1;
	}
	if (c->n == 0)
		return 0;
	qsort(c->v, c->n, sizeof(*c->v), cmp_sequence);
	c->last = c->v[c->n - 1].sequence;
	return 0;
}

int
catalog_load(struct catalog *c, const struct table *t)
{
	if (catalog_load_history(c, t) == -1)
		return -1;
	drop_dead(c);
	return 0;
}

void
catalog_release(struct catalog *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		manifest_release(&c->v[i]);
	for (i = 0; i < c->ndead; i++)
		manifest_release(&c->dead[i]);
	free(c->v);
	free(c->dead);
	*c = (struct catalog){ 0 };
}

const struct manifest *
catalog_find(const struct catalog *c, const char *batch)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->v[i].batch, batch) == 0)
			return &c->v[i];
	return NULL;
}

static int
string_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of all manifests, sorted; their strings are borrowed. */
static char **
removed_paths(const struct catalog *c, size_t *n)
{
	char **v;
	size_t i, k;

	*n = 0;
	for (i = 0; i < c->n; i++)
		*n += c->v[i].removes.n;
	v = xcalloc(*n, sizeof(*v));
	*n = 0;
	for (i = 0; i < c->n; i++)
		for (k = 0; k < c->v[i].removes.n; k++)
			v[(*n)++] = c->v[i].removes.v[k];
	if (*n > 0)
		qsort(v, *n, sizeof(*v), string_cmp);
	return v;
}

static int
part_cmp(const void *pa, const void *pb)
{
	const struct catalog_part *a = pa, *b = pb;

	return strcmp(a->part->path, b->part->path);
}

struct catalog_part *
catalog_parts(const struct catalog *c, size_t *n)
{
	struct catalog_part *parts;
	size_t i, k, nremoved;
	char **removed;

	*n = 0;
	for (i = 0; i < c->n; i++)
		*n += c->v[i].nparts;
	parts = xcalloc(*n, sizeof(*parts));
	removed = removed_paths(c, &nremoved);
	*n = 0;
	for (i = 0; i < c->n; i++)
		for (k = 0; k < c->v[i].nparts; k++)
			if (nremoved == 0 ||
			    bsearch(&c->v[i].parts[k].path, removed, nremoved,
				sizeof(*removed), string_cmp) == NULL)
				parts[(*n)++] = (struct catalog_part){ &c->v[i],
					&c->v[i].parts[k] };
	free(removed);
	if (*n > 0)
		qsort(parts, *n, sizeof(*parts), part_cmp);
	return parts;
}

int
catalog_open_part(const struct table *t, const struct manifest_part *p)
{
	int fd = table_open_file(t, p->path);

	if (fd != -1 || errno != ENOENT)
		return fd;
	fd = table_open_file(t, p->staged);
	if (fd != -1 || errno != ENOENT)
		return fd;
	/* It came into place between the two. */
	return table_open_file(t, p->path);
}
