/*
 * shape: what becomes of a map, decided by its keys alone, and once.
 *
 *	shapes_init(&ss, &policy, anonymize);
 *	s = shapes_find(&ss, &m, has_id);       NULL: not seen lately
 *	s = shapes_make(&ss, &m, has_id);
 *	referer = shape_value(s, &m, s->referer);
 *	for each of s->steps: ...               write the map anew
 *
 * Maps of one stream have much the same keys in the same order, so that what
 * there is to decide pair by pair (policy.h, and where the derived properties
 * go) is kept as a shape: which pairs are looked at, and the steps by which
 * the map is written.  A row then costs a comparison of its keys with those
 * of a shape.  A map whose keys cannot be compared that way (too many, too
 * long, without a '=') has its shape made anew.
 *
 * A pair is what stands between two '&' and is known by its number; one
 * without a byte, as in "&&", is none.  Shapes are borrowed until the next
 * shapes_make().
 */
#ifndef EV_ENRICH_SHAPE_H
#define EV_ENRICH_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "enrich/policy.h"

/* A map: pair i stands behind base[at[i]] and before base[at[i + 1]]. */
struct shape_map {
	const char *base;
	const uint32_t *at;
	size_t n; /* pairs */
};

enum shape_kind {
	SHAPE_KEEP,   /* the pairs from first to last stay as they are */
	SHAPE_AGENT,  /* derived properties of the agent */
	SHAPE_SOURCE, /* derived properties of the referrer */
	SHAPE_MASK,   /* the pair first holds the address: a part of it stays */
	SHAPE_REFERER, /* the pair first is scrubbed, as one of these */
	SHAPE_URL,
	SHAPE_ARGS
};

struct shape_step {
	uint8_t kind;
	bool joins;	  /* what stays here goes on from the step before */
	uint8_t from, to; /* derived.h: from up to, not with, to */
	uint32_t first, last;
};

/*
 * What a map becomes when no value is written anew: first the columns before
 * it, together with the pairs that stay behind them; then in turn derived
 * properties and pairs that stay.  first and end are places of the map, from
 * behind at[first] up to at[end]; they may lie before it.
 */
struct shape_piece {
	int32_t first, end;
	char sep; /* behind it */
	/* derived.h: from up to, not with, to */
	uint8_t agent_from, agent_to, source_from, source_to;
};

/* A key that is compared: its first bytes, and those that it has not. */
#define SHAPE_HEAD 16
/* With its '='. */
#define SHAPE_KEY 48
struct shape_key {
	char text[SHAPE_KEY];
	char beyond[SHAPE_HEAD]; /* FF behind the key, else 0 */
};

/* Bytes of a key without '=': it has no value. */
#define SHAPE_BARE UINT32_MAX
/* No pair. */
#define SHAPE_NONE UINT32_MAX

struct shape {
	size_t n;	/* pairs */
	bool has_id;	/* the row has a logged_out_user_id */
	bool enriched;	/* the row was enriched before */
	bool some_long; /* keys beyond SHAPE_HEAD */
	int click;	/* kind of a click identifier, or -1 */
	/* Pairs, or SHAPE_NONE. */
	uint32_t address, agent, referer, utm_source, utm_medium;
	bool campaign; /* there are some of the last two, or a click */
	bool plain;    /* pieces say all, unless one of urls is scrubbed */
	size_t npieces;
	struct shape_piece *pieces;
	size_t nsteps;
	struct shape_step *steps;
	size_t nurls; /* pairs of SHAPE_URL and SHAPE_ARGS */
	uint32_t *urls;
	uint32_t *skip;	       /* bytes of a pair before its value */
	struct shape_key *key; /* NULL: not to be compared */
	size_t cap_steps, cap_pieces, cap_skip, cap_urls;
};

/* Comparing fails at the first pair of most others, so four have a place. */
#define SHAPE_SETS 64
#define SHAPE_WAYS 4

struct shapes {
	struct policy *policy;
	bool anonymize;
	struct shape *kept; /* SHAPE_SETS of SHAPE_WAYS */
	uint8_t turn[SHAPE_SETS];
	struct shape other; /* of maps that are not compared */
	struct policy_plan *plans;
	size_t cap_plans;
	uint64_t made;
};

void shapes_init(struct shapes *ss, struct policy *policy, bool anonymize);
void shapes_release(struct shapes *ss);
/* 16 bytes from a pair's first on must be readable. */
const struct shape *shapes_find(
    const struct shapes *ss, const struct shape_map *m, bool has_id);
const struct shape *shapes_make(
    struct shapes *ss, const struct shape_map *m, bool has_id);

/* The value of a pair: NULL when there is none. */
static inline struct slice
shape_value(const struct shape *s, const struct shape_map *m, uint32_t i)
{
	const char *p;

	if (i == SHAPE_NONE || s->skip[i] == SHAPE_BARE)
		return SLICE_NULL;
	p = m->base + m->at[i] + 1 + s->skip[i];
	return slice_of(p, (size_t)(m->base + m->at[i + 1] - p));
}

#endif
