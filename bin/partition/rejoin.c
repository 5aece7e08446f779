#include "config.h"

#include "partition/rejoin.h"

#include <string.h>

#include "partition/overlap.h"

static bool
same_source(const struct manifest_source *a, const struct manifest_source *b)
{
	return strcmp(a->hash, b->hash) == 0 && a->length == b->length &&
	       a->from == b->from && a->to == b->to;
}

static bool
has_settings(const struct manifest *m, const char *settings)
{
	size_t i;

	for (i = 0; i < m->settings.n; i++)
		if (strcmp(m->settings.v[i], settings) == 0)
			return true;
	return false;
}

/* Is the log there, as it was?  rj says what else. */
static bool
has_log(const struct catalog *c, const struct manifest *m, const bool *replaced,
    struct rejoin *rj)
{
	const struct manifest *old;
	size_t i;

	rj->kind = REJOIN_UNSTORED;
	rj->manifest = NULL;
	if (overlap_has(m, &rj->replay->of))
		return has_settings(m, rj->replay->settings);
	for (i = 0; i < c->n; i++) {
		old = &c->v[i];
		if (replaced[i] || !overlap_has(old, &rj->replay->of))
			continue;
		if (has_settings(old, rj->replay->settings))
			return true;
		rj->kind = REJOIN_OTHER;
		rj->manifest = old;
	}
	return false;
}

static const struct manifest_replay *
replay_of(const struct manifest *m, const struct manifest_source *s)
{
	size_t i;

	for (i = 0; i < m->nreplays; i++)
		if (same_source(&m->replays[i].of, s))
			return &m->replays[i];
	return NULL;
}

/* Are these what the last replay has left? */
static bool
follows(const struct catalog *c, const bool *replaced, struct rejoin *rj)
{
	const struct manifest_replay *last = NULL, *r;
	size_t i;

	for (i = 0; i < c->n; i++) {
		r = replaced[i] ? NULL : replay_of(&c->v[i], &rj->replay->of);
		if (r == NULL)
			continue;
		last = r;
		rj->manifest = &c->v[i];
	}
	rj->kind = REJOIN_AGAIN;
	return last == NULL || strcmp(last->rest, rj->replay->in) == 0;
}

/* Does a replay that stays have lines of a log that comes anew? */
static bool
has_half(const struct catalog *c, const struct manifest *m,
    const bool *replaced, struct rejoin *rj)
{
	size_t i, k;

	rj->kind = REJOIN_HALF;
	for (i = 0; i < c->n; i++) {
		rj->manifest = &c->v[i];
		for (k = 0; k < c->v[i].nreplays && !replaced[i]; k++) {
			rj->replay = &c->v[i].replays[k];
			if (overlap_has(m, &rj->replay->of))
				return true;
		}
	}
	return false;
}

bool
rejoin_refused(const struct catalog *c, const struct manifest *m,
    const bool *replaced, struct rejoin *rj)
{
	size_t i;

	for (i = 0; i < m->nreplays; i++) {
		rj->replay = &m->replays[i];
		rj->kind = REJOIN_AGAIN;
		rj->manifest = NULL;
		/* They are sorted. */
		if (i > 0 &&
		    same_source(&m->replays[i - 1].of, &rj->replay->of))
			return true;
		if (!has_log(c, m, replaced, rj) || !follows(c, replaced, rj))
			return true;
	}
	return has_half(c, m, replaced, rj);
}

/* Is it what another one that is replaced has left? */
static bool
was_left(const struct catalog *c, const struct manifest_replay *r,
    const bool *replaced)
{
	const struct manifest_replay *before;
	size_t i;

	for (i = 0; i < c->n; i++) {
		before = replaced[i] ? replay_of(&c->v[i], &r->of) : NULL;
		if (before != NULL && strcmp(before->rest, r->in) == 0)
			return true;
	}
	return false;
}

bool
rejoin_covers(const struct catalog *c, const struct manifest *m,
    const struct manifest *old, const bool *replaced)
{
	const struct manifest_replay *r, *own;
	size_t i;

	for (i = 0; i < old->nreplays; i++) {
		r = &old->replays[i];
		own = replay_of(m, &r->of);
		if (!overlap_has(m, &r->of) &&
		    (own == NULL || (strcmp(own->in, r->in) != 0 &&
					!was_left(c, r, replaced))))
			return false;
	}
	return true;
}
