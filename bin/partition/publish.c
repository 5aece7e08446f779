#include "config.h"

#include "partition/publish.h"

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
#include "partition/columns.h"
#include "partition/overlap.h"
#include "partition/recover.h"

/* A message's word for a batch: what it was made of, if that is known. */
static void
describe(struct strbuf *sb, const struct manifest *m)
{
	strbuf_addf(sb, "batch %.*s", BATCH_SHORT, m->batch);
	if (m->nsources > 0)
		strbuf_addf(sb, " (%s", m->sources[0].name);
	if (m->nsources > 1)
		strbuf_addf(sb, " and %zu more", m->nsources - 1);
	if (m->nsources > 0)
		strbuf_addch(sb, ')');
}

static void
say_same(
    const struct table *t, const struct manifest *m, const struct manifest *old)
{
	struct strbuf sb = STRBUF_INIT;

	describe(&sb, m);
	msg_info("%s: %s is stored already, as manifest %" PRIu64
		 ": nothing to do",
	    t->root, sb.buf, old->sequence);
	strbuf_release(&sb);
}

static void
add_settings(struct strbuf *sb, const struct manifest *m)
{
	strbuf_adds(sb, "settings ");
	manifest_texts_list(sb, &m->settings);
	strbuf_adds(sb, " and key ");
	manifest_texts_list(sb, &m->keys);
}

static void
say_changed(
    const struct table *t, const struct manifest *m, const struct manifest *old)
{
	struct strbuf sb = STRBUF_INIT;

	describe(&sb, m);
	strbuf_addf(
	    &sb, " is stored as manifest %" PRIu64 " with ", old->sequence);
	add_settings(&sb, old);
	strbuf_adds(&sb, "; these events have ");
	add_settings(&sb, m);
	msg_error("%s: %s: --rebuild replaces what is stored", t->root, sb.buf);
	strbuf_release(&sb);
}

static void
add_source(struct strbuf *sb, const struct manifest_source *s)
{
	strbuf_addf(sb, "%s (bytes %" PRIu64 "-%" PRIu64 " of %s)", s->name,
	    s->from, s->to, s->hash);
}

static void
say_overlap(const struct table *t, const struct overlap *ov)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_adds(&sb, "source ");
	add_source(&sb, ov->given);
	if (ov->kind == OVERLAP_GROWN)
		strbuf_adds(&sb, " is a longer copy of ");
	else
		strbuf_adds(&sb, " overlaps ");
	add_source(&sb, ov->stored);
	if (ov->manifest == NULL)
		strbuf_adds(&sb, ": a log was delivered twice");
	else
		strbuf_addf(&sb, ", which manifest %" PRIu64 " stores",
		    ov->manifest->sequence);
	if (ov->manifest != NULL && ov->kind == OVERLAP_GROWN)
		strbuf_addf(&sb,
		    "; 'ev-parse --resume %s %s' reads on where "
		    "it was left",
		    t->root, ov->given->name);
	else
		strbuf_adds(&sb, "; --overlap stores it all the same");
	msg_error("%s: %s", t->root, sb.buf);
	strbuf_release(&sb);
}

/* The same rows in the same files? */
static bool
same_parts(const struct manifest *m, const struct manifest *old)
{
	size_t i, n;

	if (m->nparts != old->nparts)
		return false;
	for (i = 0; i < m->nparts; i++) {
		n = strlen(m->parts[i].dir);
		if (strncmp(m->parts[i].dir, old->parts[i].path, n) != 0 ||
		    old->parts[i].path[n] != '/' ||
		    strcmp(m->parts[i].hash, old->parts[i].hash) != 0)
			return false;
	}
	return true;
}

/* The manifest that takes the part away, or NULL. */
static const struct manifest *
remover(const struct catalog *c, const char *path)
{
	size_t i, k;

	for (i = 0; i < c->n; i++)
		for (k = 0; k < c->v[i].removes.n; k++)
			if (strcmp(c->v[i].removes.v[k], path) == 0)
				return &c->v[i];
	return NULL;
}

static void
leave_out(struct manifest *m, const char *path)
{
	size_t n = (size_t)(strrchr(path, '/') - path), i, kept = 0;

	for (i = 0; i < m->nparts; i++)
		if (strncmp(m->parts[i].dir, path, n) != 0 ||
		    m->parts[i].dir[n] != '\0')
			m->parts[kept++] = m->parts[i];
		else
			free(m->parts[i].dir);
	m->nparts = kept;
}

/*
 * What became of the old parts: a day that was dropped stays so, and rows
 * that were joined with others can no longer be replaced.  0, or -1
 * (reported).
 */
static int
check_removed(const struct table *t, const struct catalog *c,
    struct manifest *m, const struct manifest *old)
{
	const struct manifest *by;
	size_t i;

	for (i = 0; i < old->nparts; i++) {
		by = remover(c, old->parts[i].path);
		if (by == NULL)
			continue;
		/* What else this batch has of a dropped day may be new. */
		if (by->identity != MANIFEST_DROP ||
		    strcmp(m->batch, old->batch) != 0) {
			msg_error("%s: %s was joined with others or dropped by "
				  "manifest %" PRIu64
				  ": its rows cannot be replaced",
			    t->root, old->parts[i].path, by->sequence);
			return -1;
		}
		leave_out(m, old->parts[i].path);
	}
	return 0;
}

static void
replace(struct manifest *m, const struct manifest *old)
{
	m->replaces =
	    xreallocarray(m->replaces, m->nreplaces + 1, sizeof(*m->replaces));
	m->replaces[m->nreplaces++] = old->sequence;
}

/*
 * m takes the place of the batch, and of others all of whose logs it has, too:
 * of those that were made of each of a day's logs, say.
 */
static enum publish_outcome
replace_covered(const struct table *t, const struct catalog *c,
    struct manifest *m, bool *replaced)
{
	const struct manifest *old;
	size_t i;

	for (i = 0; i < c->n; i++) {
		old = &c->v[i];
		if (strcmp(old->batch, m->batch) == 0)
			m->revision = old->revision + 1;
		else if (!overlap_covers(m, old))
			continue;
		if (check_removed(t, c, m, old) == -1)
			return PUBLISH_CONFLICT;
		replace(m, old);
		replaced[i] = true;
	}
	return PUBLISH_DONE;
}

static bool
same_settings(const struct manifest *a, const struct manifest *b)
{
	return manifest_texts_eq(&a->settings, &b->settings) &&
	       manifest_texts_eq(&a->keys, &b->keys);
}

static enum publish_outcome
decide_with(const struct table *t, const struct catalog *c, struct manifest *m,
    const struct publish_how *how, bool *replaced)
{
	const struct manifest *old = catalog_find(c, m->batch);
	struct overlap ov;

	/* A rebuild that was killed once committed is not done twice. */
	if (old != NULL && same_settings(m, old) &&
	    (!how->rebuild || same_parts(m, old))) {
		say_same(t, m, old);
		return PUBLISH_SAME;
	}
	if (old != NULL && !how->rebuild) {
		say_changed(t, m, old);
		return PUBLISH_CONFLICT;
	}
	if (how->rebuild && replace_covered(t, c, m, replaced) != PUBLISH_DONE)
		return PUBLISH_CONFLICT;
	if (how->overlap || !overlap_stored(c, m, replaced, &ov))
		return PUBLISH_DONE;
	say_overlap(t, &ov);
	return PUBLISH_CONFLICT;
}

/* PUBLISH_DONE: there is something to publish, and m knows its place. */
static enum publish_outcome
decide(const struct table *t, const struct catalog *c, struct manifest *m,
    const struct publish_how *how)
{
	bool *replaced = xcalloc(c->n, sizeof(*replaced));
	enum publish_outcome outcome;

	m->sequence = c->last + 1;
	outcome = decide_with(t, c, m, how, replaced);
	free(replaced);
	return outcome;
}

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
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	struct strbuf sb = STRBUF_INIT;
	int fd, r = -1;

	manifest_write(m, &sb);
	fd = openat(s->fd, STAGE_MANIFEST, flags, 0666);
	if (fd != -1) {
		r = table_write(fd, sb.buf, sb.len);
		if (r == 0 && fsync(fd) == -1 && errno != EINVAL)
			r = -1;
		if (close(fd) == -1 && errno != EINTR)
			r = -1;
	}
	strbuf_release(&sb);
	if (r == 0)
		return 0;
	msg_error("%s/%s/%s/%s: %s", s->table->root, TABLE_STAGES, s->name,
	    STAGE_MANIFEST, msg_errno(errno));
	return -1;
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
	describe(&sb, m);
	msg_info("%s: %s stored as manifest %" PRIu64 ": %" PRIu64
		 " rows in %zu parts",
	    t->root, sb.buf, m->sequence, rows, m->nparts);
	strbuf_release(&sb);
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
	catalog_release(&c);
	if (*outcome != PUBLISH_DONE)
		return stage_drop(s);
	if (columns_put(t, s, how->conf) == -1) {
		stage_drop(s);
		return -1;
	}
	r = publish_commit(t, s, m, how->suffix);
	if (r == 0)
		say_done(t, m);
	return r;
}

/* ev-parse --resume found that all of it is stored. */
static bool
nothing_new(const struct manifest *m)
{
	return m->identity == MANIFEST_SOURCES && m->nsources == 0 &&
	       m->nparts == 0;
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
	struct overlap ov;
	int r;

	if (nothing_new(m)) {
		msg_info("%s: the logs have nothing that is not stored already",
		    t->root);
		*outcome = PUBLISH_SAME;
		return stage_drop(s);
	}
	if (!how->overlap && overlap_within(m, &ov)) {
		say_overlap(t, &ov);
		*outcome = PUBLISH_CONFLICT;
		return stage_drop(s);
	}
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
