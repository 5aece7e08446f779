#include "config.h"

#include "partition/decide.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/slice.h"
#include "partition/joined.h"
#include "partition/overlap.h"
#include "partition/rejoin.h"

void
decide_describe(struct strbuf *sb, const struct manifest *m)
{
	strbuf_addf(sb, "batch %.*s", BATCH_SHORT, m->batch);
	if (m->nsources > 0)
		strbuf_addf(sb, " (%s", m->sources[0].name);
	if (m->nsources > 1)
		strbuf_addf(sb, " and %zu more", m->nsources - 1);
	if (m->nsources > 0)
		strbuf_addch(sb, ')');
	if (m->nreplays > 0)
		strbuf_addf(sb, " (rejects of %s%s)", m->replays[0].of.name,
		    m->nreplays > 1 ? " and others" : "");
}

static void
say_same(
    const struct table *t, const struct manifest *m, const struct manifest *old)
{
	struct strbuf sb = STRBUF_INIT;

	decide_describe(&sb, m);
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

	decide_describe(&sb, m);
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

/* What the person who reads it may do. */
static void
add_way_out(struct strbuf *sb, const struct table *t, const struct overlap *ov,
    const struct publish_how *how)
{
	if (ov->manifest != NULL && how->rebuild)
		strbuf_addf(sb,
		    "; --rebuild replaces whole batches: 'ev-parse --rebuild "
		    "%s ...' reads logs in the steps in which they were "
		    "stored, and wants all of the batch",
		    t->root);
	else if (ov->manifest != NULL && ov->kind == OVERLAP_GROWN)
		strbuf_addf(sb,
		    "; 'ev-parse --resume %s %s' reads on where "
		    "it was left",
		    t->root, ov->given->name);
	else
		strbuf_adds(sb, "; --overlap stores it all the same");
}

static void
say_overlap(const struct table *t, const struct overlap *ov,
    const struct publish_how *how)
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
	add_way_out(&sb, t, ov, how);
	msg_error("%s: %s", t->root, sb.buf);
	strbuf_release(&sb);
}

static void
say_rejoin(const struct table *t, const struct rejoin *rj)
{
	struct strbuf sb = STRBUF_INIT;
	uint64_t sequence = rj->manifest != NULL ? rj->manifest->sequence : 0;

	strbuf_adds(&sb, "rejects of ");
	add_source(&sb, &rj->replay->of);
	switch (rj->kind) {
	case REJOIN_UNSTORED:
		strbuf_adds(&sb, ": the log is not stored; store it first");
		break;
	case REJOIN_OTHER:
		strbuf_addf(&sb,
		    ", rejected by settings %s: manifest %" PRIu64
		    " stores the log with ",
		    rj->replay->settings, sequence);
		add_settings(&sb, rj->manifest);
		strbuf_adds(&sb, ", so replay the rejects of that run");
		break;
	case REJOIN_AGAIN:
		if (rj->manifest == NULL)
			strbuf_adds(&sb, ": they were delivered twice");
		else
			strbuf_addf(&sb,
			    ": manifest %" PRIu64 " stores lines of them; what "
			    "may follow is what its replay rejected again",
			    sequence);
		break;
	case REJOIN_HALF:
		strbuf_addf(&sb,
		    ": manifest %" PRIu64 " stores them with those of other "
		    "logs: rebuild all of these in one stream",
		    sequence);
		break;
	}
	msg_error("%s: %s; --overlap stores it all the same", t->root, sb.buf);
	strbuf_release(&sb);
}

/*
 * The same rows in the same files?  What old carries of others does not count:
 * m has it not yet.
 */
static bool
same_parts(const struct manifest *m, const struct manifest *old)
{
	size_t i, k = 0, n;

	for (i = 0; i < old->nparts; i++) {
		if (old->parts[i].origins.n > 0)
			continue;
		if (k == m->nparts)
			return false;
		n = strlen(m->parts[k].dir);
		if (strncmp(m->parts[k].dir, old->parts[i].path, n) != 0 ||
		    old->parts[i].path[n] != '/' ||
		    strcmp(m->parts[k].hash, old->parts[i].hash) != 0)
			return false;
		k++;
	}
	return k == m->nparts;
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

/* "ds=2026-11-21", with which each path begins. */
static struct slice
day_of(const char *path)
{
	return slice_of(path, strcspn(path, "/"));
}

/* Of a day that was dropped the batch has no rows any more. */
static void
leave_out(struct manifest *m, struct slice day)
{
	size_t i, kept = 0;

	for (i = 0; i < m->nparts; i++)
		if (slice_eq(day_of(m->parts[i].dir), day))
			free(m->parts[i].dir);
		else
			m->parts[kept++] = m->parts[i];
	m->nparts = kept;
	manifest_texts_add(&m->dropped, day);
}

static void
leave_out_all(struct manifest *m, const struct manifest *old)
{
	size_t i;

	for (i = 0; i < old->dropped.n; i++)
		leave_out(m, slice_str(old->dropped.v[i]));
}

/* Of a part made before origins were written down. */
static bool
has_no_origins(const struct manifest *by)
{
	size_t i;

	for (i = 0; i < by->nparts; i++)
		if (by->parts[i].origins.n == 0)
			return true;
	return false;
}

static int
cannot_replace(
    const struct table *t, const char *what, const char *why, uint64_t sequence)
{
	msg_error("%s: %s %s manifest %" PRIu64 ": its rows cannot be "
		  "replaced",
	    t->root, what, why, sequence);
	return -1;
}

/*
 * One of old's own parts.  Where it was joined with others, joined_part()
 * finds its rows; else its day was dropped.  What m has of a dropped day
 * besides old may be new, so old must be all there is of it.
 */
static int
check_part(const struct table *t, const struct catalog *c, struct manifest *m,
    const struct manifest *old, const char *path)
{
	const struct manifest *by = remover(c, path);

	if (by == NULL || joined_has(c, old->sequence, day_of(path)))
		return 0;
	if (by->identity == MANIFEST_PARTS && has_no_origins(by))
		return cannot_replace(t, path,
		    "was joined with others by an older ev-partition, in",
		    by->sequence);
	if (strcmp(m->batch, old->batch) != 0)
		return cannot_replace(t, path, "was dropped by", by->sequence);
	leave_out(m, day_of(path));
	return 0;
}

/* What became of what old had: 0, or -1 (reported). */
static int
check_removed(const struct table *t, const struct catalog *c,
    struct manifest *m, const struct manifest *old)
{
	size_t i;

	if (strcmp(m->batch, old->batch) == 0)
		leave_out_all(m, old);
	else if (old->dropped.n > 0)
		return cannot_replace(
		    t, old->dropped.v[0], "was dropped before", old->sequence);
	for (i = 0; i < old->nparts; i++)
		if (old->parts[i].origins.n == 0 &&
		    check_part(t, c, m, old, old->parts[i].path) == -1)
			return -1;
	return 0;
}

/* The parts that old took away stay so, whoever replaces it. */
static void
replace(struct manifest *m, const struct manifest *old)
{
	size_t i;

	m->replaces =
	    xreallocarray(m->replaces, m->nreplaces + 1, sizeof(*m->replaces));
	m->replaces[m->nreplaces++] = old->sequence;
	for (i = 0; i < old->removes.n; i++)
		manifest_texts_add(&m->removes, slice_str(old->removes.v[i]));
}

static bool
is_covered(const struct catalog *c, const struct manifest *m,
    const struct manifest *old, const bool *replaced)
{
	return old->nsources + old->nreplays > 0 && overlap_covers(m, old) &&
	       rejoin_covers(c, m, old, replaced);
}

/*
 * m takes the place of the batch, and of others all of whose logs it has, too:
 * of those that were made of each of a day's logs, say, or of the steps in
 * which a log grew, and of what was replayed of them.
 */
static enum publish_outcome
replace_covered(const struct table *t, const struct catalog *c,
    struct manifest *m, bool *replaced)
{
	const struct manifest *old;
	size_t i;

	for (i = 0; i < c->n; i++) {
		old = &c->v[i];
		if (strcmp(old->batch, m->batch) != 0 &&
		    !is_covered(c, m, old, replaced))
			continue;
		if (check_removed(t, c, m, old) == -1)
			return PUBLISH_CONFLICT;
		replace(m, old);
		replaced[i] = true;
	}
	return PUBLISH_DONE;
}

/* No name is used twice, also not that of a batch that was replaced. */
static uint64_t
next_revision(const struct catalog *c, const char *batch)
{
	uint64_t next = 0;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->v[i].batch, batch) == 0 &&
		    c->v[i].revision >= next)
			next = c->v[i].revision + 1;
	for (i = 0; i < c->ndead; i++)
		if (strcmp(c->dead[i].batch, batch) == 0 &&
		    c->dead[i].revision >= next)
			next = c->dead[i].revision + 1;
	return next;
}

static bool
same_settings(const struct manifest *a, const struct manifest *b)
{
	return manifest_texts_eq(&a->settings, &b->settings) &&
	       manifest_texts_eq(&a->keys, &b->keys);
}

static enum publish_outcome
compare(const struct table *t, const struct catalog *c, struct manifest *m,
    const struct publish_how *how, bool *replaced)
{
	const struct manifest *old = catalog_find(c, m->batch);
	struct overlap ov;
	struct rejoin rj;

	if (old != NULL && how->rebuild)
		leave_out_all(m, old);
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
	if (how->overlap)
		return PUBLISH_DONE;
	if (overlap_stored(c, m, replaced, &ov)) {
		say_overlap(t, &ov, how);
		return PUBLISH_CONFLICT;
	}
	if (rejoin_refused(c, m, replaced, &rj)) {
		say_rejoin(t, &rj);
		return PUBLISH_CONFLICT;
	}
	return PUBLISH_DONE;
}

enum publish_outcome
decide(const struct table *t, const struct catalog *c, struct manifest *m,
    const struct publish_how *how)
{
	bool *replaced = xcalloc(c->n, sizeof(*replaced));
	enum publish_outcome outcome;

	m->sequence = c->last + 1;
	m->revision = next_revision(c, m->batch);
	outcome = compare(t, c, m, how, replaced);
	free(replaced);
	return outcome;
}

/* ev-parse --resume found that all of it is stored. */
static bool
nothing_new(const struct manifest *m)
{
	return m->identity == MANIFEST_SOURCES && m->nsources == 0 &&
	       m->nreplays == 0 && m->nparts == 0;
}

enum publish_outcome
decide_alone(const struct table *t, const struct manifest *m,
    const struct publish_how *how)
{
	struct overlap ov;

	if (nothing_new(m)) {
		msg_info("%s: the logs have nothing that is not stored already",
		    t->root);
		return PUBLISH_SAME;
	}
	if (!how->overlap && overlap_within(m, &ov)) {
		say_overlap(t, &ov, how);
		return PUBLISH_CONFLICT;
	}
	return PUBLISH_DONE;
}
