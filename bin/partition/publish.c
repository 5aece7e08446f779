#include "config.h"

#include "partition/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/msg.h"
#include "facts/catalog.h"
#include "partition/columns.h"
#include "partition/joined.h"
#include "partition/recover.h"

static void
name_parts(struct manifest *m, const char *suffix)
{
	struct strbuf sb = STRBUF_INIT;
	struct manifest_part *p;
	size_t i;

	for (i = 0; i < m->nparts; i++) {
		p = &m->parts[i];
		strbuf_addf(&sb, "%s/part-%.*s", p->dir, BATCH_SHORT, m->batch);
		if (m->revision > 0)
			strbuf_addf(&sb, "-r%" PRIu64, m->revision);
		if (p->split > 0)
			strbuf_addf(&sb, ".%u", p->split);
		strbuf_adds(&sb, suffix);
		p->path = strbuf_detach(&sb);
		strbuf_addf(&sb, "%s/%0*" PRIu64 "/%u", TABLE_STAGES,
		    SEQUENCE_DIGITS, m->sequence, p->number);
		p->staged = strbuf_detach(&sb);
	}
}

/* 0 when the part can be linked there later, or -1 (reported). */
static int
check_place(const struct table *t, const char *path)
{
	struct stat st;
	const char *leaf;
	int fd = table_open_parent(t, path, false, &leaf), r;

	if (fd == -1)
		return errno == ENOENT ? 0 : table_fail(t, path, errno);
	r = fstatat(fd, leaf, &st, AT_SYMLINK_NOFOLLOW);
	if (r == 0)
		msg_error(
		    "%s/%s: in the way: no manifest names it", t->root, path);
	else if (errno != ENOENT)
		table_fail(t, path, errno);
	else
		r = 1;
	close(fd);
	return r == 1 ? 0 : -1;
}

static int
check_places(const struct table *t, const struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->nparts; i++)
		if (check_place(t, m->parts[i].path) == -1)
			return -1;
	return 0;
}

static int
write_manifest(const struct stage *s, const struct manifest *m)
{
	struct strbuf sb = STRBUF_INIT;
	int r;

	manifest_write(m, &sb);
	r = stage_put(s, STAGE_MANIFEST, strbuf_slice(&sb));
	strbuf_release(&sb);
	return r;
}

/* Everything up to the link that commits. */
static int
prepare(const struct table *t, struct stage *s, const struct manifest *m)
{
	if (check_places(t, m) == -1 || write_manifest(s, m) == -1 ||
	    table_sync(t, s->fd, TABLE_STAGES) == -1)
		return -1;
	return stage_name(s, m->sequence);
}

enum commit { COMMIT_NO, COMMIT_MAYBE, COMMIT_YES };

static enum commit
commit(const struct table *t, const struct stage *s, uint64_t sequence)
{
	char name[CATALOG_NAME];
	int err;

	catalog_name(name, sequence);
	if (linkat(s->fd, STAGE_MANIFEST, t->manifests, name, 0) == -1) {
		err = errno;
		table_fail(t, TABLE_MANIFESTS, err);
		/* A file system may fail and have done it. */
		return faccessat(t->manifests, name, F_OK, 0) == -1 &&
			       errno == ENOENT
			   ? COMMIT_NO
			   : COMMIT_MAYBE;
	}
	return table_sync(t, t->manifests, TABLE_MANIFESTS) == 0 ? COMMIT_YES
								 : COMMIT_MAYBE;
}

static int
commit_and_place(
    const struct table *t, struct stage *s, const struct manifest *m)
{
	enum commit done;

	if (prepare(t, s, m) == -1) {
		stage_drop(s);
		return -1;
	}
	done = commit(t, s, m->sequence);
	if (done == COMMIT_NO) {
		stage_drop(s);
		return -1;
	}
	if (done == COMMIT_YES && recover_place(t, s, m) == 0)
		return stage_drop(s);
	msg_error("%s: manifest %" PRIu64 " is not in place yet: the next "
		  "run completes it",
	    t->root, m->sequence);
	stage_leave(s);
	return -1;
}

int
publish_commit(const struct table *t, struct stage *s, struct manifest *m,
    const char *suffix)
{
	if (m->sequence > SEQUENCE_MAX) {
		msg_error("%s: no sequence number is left", t->root);
		stage_drop(s);
		return -1;
	}
	name_parts(m, suffix);
	return commit_and_place(t, s, m);
}

static void
say_done(const struct table *t, const struct manifest *m)
{
	struct strbuf sb = STRBUF_INIT;
	uint64_t rows = 0;
	size_t i;

	for (i = 0; i < m->nparts; i++)
		rows += m->parts[i].rows;
	decide_describe(&sb, m);
	msg_info("%s: %s stored as manifest %" PRIu64 ": %" PRIu64
		 " rows in %zu parts",
	    t->root, sb.buf, m->sequence, rows, m->nparts);
	strbuf_release(&sb);
}

static int
publish_decided(const struct table *t, const struct catalog *c, struct stage *s,
    struct manifest *m, const struct publish_how *how)
{
	int r = columns_put(t, s, how->conf);

	if (r == 0 && m->nreplaces > 0)
		r = joined_part(t, s, c, how->conf, how->codec, m);
	if (r == -1) {
		stage_drop(s);
		return -1;
	}
	r = publish_commit(t, s, m, how->suffix);
	if (r == 0)
		say_done(t, m);
	return r;
}

static int
publish_locked(const struct table *t, struct stage *s, struct manifest *m,
    const struct publish_how *how, enum publish_outcome *outcome)
{
	struct catalog c;
	int r;

	if (recover(t) == -1 || catalog_load(&c, t) == -1) {
		stage_drop(s);
		return -1;
	}
	*outcome = decide(t, &c, m, how);
	r = *outcome == PUBLISH_DONE ? publish_decided(t, &c, s, m, how)
				     : stage_drop(s);
	catalog_release(&c);
	return r;
}

int
publish_lock(struct table *t, unsigned wait)
{
	int r = table_lock(t, wait);

	if (r == 0)
		msg_error("%s: another writer holds the table; waited %u s",
		    t->root, wait);
	return r;
}

int
publish(struct table *t, struct stage *s, struct manifest *m,
    const struct publish_how *how, enum publish_outcome *outcome)
{
	int r;

	*outcome = decide_alone(t, m, how);
	if (*outcome != PUBLISH_DONE)
		return stage_drop(s);
	r = publish_lock(t, how->wait);
	if (r == 1) {
		r = publish_locked(t, s, m, how, outcome);
		table_unlock(t);
		return r;
	}
	if (r == 0)
		*outcome = PUBLISH_BUSY;
	stage_drop(s);
	return r;
}

int
publish_tidy(struct table *t)
{
	int r = recover_needed(t);

	if (r == 1)
		r = table_lock(t, 0);
	if (r != 1)
		return r;
	r = recover(t);
	table_unlock(t);
	return r;
}
