#include "config.h"

#include "enrich/shape.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/alloc.h"
#include "base/event.h"
#include "base/hash.h"
#include "enrich/derived.h"

/* A map with more pairs is not kept: the default is twenty at most, and
 * arguments by a glob come on top. */
#define KEPT_PAIRS 40

/* Beside a step for each pair: the derived properties, in one piece or each
 * on its own.  Of pieces there are no more. */
#define MORE_STEPS (2 * DERIVED_COUNT)

/* Keys are compared so many at once; those of no pair are the same as all. */
#define AT_ONCE 4

/* What is allocated for a shape to be kept. */
struct place {
	struct shape_key key[KEPT_PAIRS];
	uint32_t skip[KEPT_PAIRS], urls[KEPT_PAIRS];
	struct shape_step steps[KEPT_PAIRS + MORE_STEPS];
	struct shape_piece pieces[KEPT_PAIRS + MORE_STEPS];
};

void
shapes_init(struct shapes *ss, struct policy *policy, bool anonymize)
{
	memset(ss, 0, sizeof(*ss));
	ss->policy = policy;
	ss->anonymize = anonymize;
	ss->kept = xcalloc((size_t)SHAPE_SETS * SHAPE_WAYS, sizeof(*ss->kept));
}

void
shapes_release(struct shapes *ss)
{
	size_t i;

	/* A place begins with its keys. */
	for (i = 0; ss->kept != NULL && i < SHAPE_SETS * SHAPE_WAYS; i++)
		free(ss->kept[i].key);
	free(ss->kept);
	free(ss->other.steps);
	free(ss->other.pieces);
	free(ss->other.urls);
	free(ss->other.skip);
	free(ss->plans);
	memset(ss, 0, sizeof(*ss));
}

static struct slice
pair_of(const struct shape_map *m, size_t i)
{
	return slice_of(
	    m->base + m->at[i] + 1, (size_t)m->at[i + 1] - m->at[i] - 1);
}

/* May the shape of this map be kept? */
static bool
may_keep(const struct shape_map *m)
{
	struct slice pair;
	const char *eq;
	size_t i;

	if (m->n > KEPT_PAIRS)
		return false;
	for (i = 0; i < m->n; i++) {
		pair = pair_of(m, i);
		eq = memchr(pair.p, '=', pair.n);
		if (eq == NULL || eq - pair.p >= SHAPE_KEY)
			return false;
	}
	return true;
}

/* Room for a map of n pairs. */
static void
make_room(struct shapes *ss, struct shape *s, size_t n)
{
	struct place *place;

	ss->plans = xgrow(ss->plans, &ss->cap_plans, n, sizeof(*ss->plans));
	if (s == &ss->other) {
		s->skip = xgrow(s->skip, &s->cap_skip, n, sizeof(*s->skip));
		s->urls = xgrow(s->urls, &s->cap_urls, n, sizeof(*s->urls));
		s->steps = xgrow(
		    s->steps, &s->cap_steps, n + MORE_STEPS, sizeof(*s->steps));
		s->pieces = xgrow(s->pieces, &s->cap_pieces, n + MORE_STEPS,
		    sizeof(*s->pieces));
	} else if (s->key == NULL) {
		place = xmalloc(sizeof(*place));
		s->key = place->key;
		s->skip = place->skip;
		s->urls = place->urls;
		s->steps = place->steps;
		s->pieces = place->pieces;
	}
}

static void
keep_key(struct shape *s, size_t i, struct slice pair)
{
	size_t n = s->skip[i];
	struct shape_key *key = &s->key[i];

	memset(key, 0, sizeof(*key));
	memcpy(key->text, pair.p, n);
	if (n > SHAPE_HEAD)
		s->some_long = true;
	else
		memset(key->beyond + n, 0xff, SHAPE_HEAD - n);
}

/* What the pair says about the row; the last of two of a name counts. */
static void
note(struct shape *s, uint32_t i, const struct policy_plan *plan, bool *marker)
{
	uint32_t pair = s->skip[i] == SHAPE_BARE ? SHAPE_NONE : i;

	switch ((enum policy_role)plan->role) {
	case ROLE_ADDRESS:
		s->address = pair;
		break;
	case ROLE_AGENT:
		s->agent = pair;
		break;
	case ROLE_REFERER:
		s->referer = pair;
		break;
	case ROLE_UTM_SOURCE:
		s->utm_source = pair;
		break;
	case ROLE_UTM_MEDIUM:
		s->utm_medium = pair;
		break;
	case ROLE_CLICK_ID:
		/* A paid click outweighs what merely tags along. */
		if (s->click < 0 || plan->which < s->click)
			s->click = plan->which;
		break;
	case ROLE_DERIVED:
		if (plan->which == DERIVED_REFERRER_MEDIUM)
			*marker = true;
		break;
	case ROLE_DROP:
	case ROLE_KEEP:
	case ROLE_URL:
	case ROLE_ARGS:
		break;
	}
}

/* Asks for each pair what is to become of it. */
static void
plan_pairs(struct shapes *ss, struct shape *s, const struct shape_map *m)
{
	struct slice pair;
	bool marker = false;
	const char *eq;
	uint32_t i;

	s->address = s->agent = s->referer = SHAPE_NONE;
	s->utm_source = s->utm_medium = SHAPE_NONE;
	s->click = -1;
	s->some_long = false;
	if (s->key != NULL)
		memset(s->key, 0xff, KEPT_PAIRS * sizeof(*s->key));
	for (i = 0; i < m->n; i++) {
		pair = pair_of(m, i);
		eq = memchr(pair.p, '=', pair.n);
		s->skip[i] =
		    eq == NULL ? SHAPE_BARE : (uint32_t)(eq + 1 - pair.p);
		if (s->key != NULL)
			keep_key(s, i, pair);
		if (pair.n == 0)
			continue;
		if (eq != NULL)
			pair.n = s->skip[i] - 1;
		ss->plans[i] = policy_find(ss->policy, pair);
		note(s, i, &ss->plans[i], &marker);
	}
	s->campaign = s->click >= 0 || s->utm_source != SHAPE_NONE ||
		      s->utm_medium != SHAPE_NONE;
	s->enriched = s->has_id || (marker && s->address == SHAPE_NONE &&
				       s->agent == SHAPE_NONE);
}

static struct shape_step *
add_step(struct shape *s, enum shape_kind kind)
{
	struct shape_step *step = &s->steps[s->nsteps++];

	*step = (struct shape_step){ .kind = (uint8_t)kind };
	return step;
}

/* Derived properties from up to, not with, to. */
static void
add_derived(struct shape *s, int from, int to)
{
	int mid = to < DERIVED_OF_AGENT ? to : DERIVED_OF_AGENT;
	struct shape_step *step;

	if (from < mid) {
		step = add_step(s, SHAPE_AGENT);
		step->from = (uint8_t)from;
		step->to = (uint8_t)mid;
		from = mid;
	}
	if (from < to) {
		step = add_step(s, SHAPE_SOURCE);
		step->from = (uint8_t)from;
		step->to = (uint8_t)to;
	}
}

/* How the pair is written; false: it is not. */
static bool
step_of(const struct shapes *ss, const struct shape *s,
    const struct policy_plan *plan, enum shape_kind *kind)
{
	*kind = SHAPE_KEEP;
	switch ((enum policy_role)plan->role) {
	case ROLE_ADDRESS:
		if (ss->anonymize)
			*kind = SHAPE_MASK;
		return ss->anonymize || plan->keep;
	case ROLE_AGENT:
		return plan->keep;
	case ROLE_DERIVED:
		return s->enriched;
	case ROLE_REFERER:
		*kind = SHAPE_REFERER;
		return true;
	case ROLE_URL:
	case ROLE_UTM_SOURCE:
	case ROLE_UTM_MEDIUM:
		*kind = SHAPE_URL;
		return true;
	case ROLE_ARGS:
		*kind = SHAPE_ARGS;
		return true;
	case ROLE_DROP:
		return false;
	case ROLE_KEEP:
	case ROLE_CLICK_ID:
		break;
	}
	return true;
}

static void
add_pair(struct shape *s, uint32_t i, enum shape_kind kind, bool joins)
{
	struct shape_step *step;

	if (joins && kind == SHAPE_KEEP && s->nsteps > 0 &&
	    s->steps[s->nsteps - 1].kind == SHAPE_KEEP) {
		s->steps[s->nsteps - 1].last = i;
		return;
	}
	step = add_step(s, kind);
	step->joins = joins;
	step->first = step->last = i;
}

/*
 * Both lists are sorted, and a plan's rank says how many derived ones come
 * before its key.  What stays joins what stayed before it; the first pair
 * joins the columns.
 */
static void
plan_steps(const struct shapes *ss, struct shape *s, const struct shape_map *m)
{
	int d = s->enriched ? DERIVED_COUNT : 0;
	enum shape_kind kind;
	bool joins = true;
	uint32_t i;

	s->nsteps = 0;
	for (i = 0; i < m->n; i++) {
		if (m->at[i + 1] - m->at[i] == 1) {
			joins = joins && s->nsteps > 0;
			continue; /* "&&": a broken map */
		}
		if (d < ss->plans[i].rank) {
			add_derived(s, d, ss->plans[i].rank);
			d = ss->plans[i].rank;
			joins = false;
		}
		if (step_of(ss, s, &ss->plans[i], &kind)) {
			add_pair(s, i, kind, joins);
			joins = kind != SHAPE_MASK;
		} else {
			joins = false;
		}
	}
	add_derived(s, d, DERIVED_COUNT);
}

static struct shape_piece *
add_piece(struct shape *s, int32_t first, int32_t end)
{
	struct shape_piece *piece = &s->pieces[s->npieces++];

	*piece = (struct shape_piece){ .first = first, .end = end };
	piece->sep = end == 0 ? '\t' : '&';
	return piece;
}

/* Puts the steps together as they are when no value changes. */
static void
plan_pieces(struct shape *s)
{
	const struct shape_step *step = s->steps, *end = step + s->nsteps;
	/* Behind id, country and brand, or all columns as they were. */
	int32_t columns = s->enriched ? -(EV_MAP_TABS)
				      : EV_DIM_DEVICE_BRAND - EV_MAP_TABS + 1;
	struct shape_piece *piece;
	bool open = true; /* no derived property is behind the piece yet */

	s->nurls = s->npieces = 0;
	s->plain = true;
	piece = add_piece(s, columns, 0);
	for (; step < end; step++) {
		if (step->kind == SHAPE_URL || step->kind == SHAPE_ARGS ||
		    (step->kind == SHAPE_REFERER && step->first != s->referer))
			s->urls[s->nurls++] = step->first;
		switch ((enum shape_kind)step->kind) {
		case SHAPE_MASK:
			s->plain = false;
			break;
		case SHAPE_AGENT:
			if (open || piece->agent_to != step->from)
				piece->agent_from = step->from;
			piece->agent_to = step->to;
			open = false;
			break;
		case SHAPE_SOURCE:
			if (piece->source_to != step->from)
				piece->source_from = step->from;
			piece->source_to = step->to;
			open = false;
			break;
		case SHAPE_KEEP:
		case SHAPE_REFERER:
		case SHAPE_URL:
		case SHAPE_ARGS:
			if (!open || !step->joins)
				piece = add_piece(s, (int32_t)step->first, 0);
			piece->end = (int32_t)step->last + 1;
			piece->sep = '&';
			open = true;
			break;
		}
	}
}

/* Are these the keys of the shape?  A key has no '&', so that no comparison
 * that succeeds has gone beyond its pair. */
#ifdef __SSE2__
static inline __m128i
head_is(const struct shape_key *key, const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i text =
	    _mm_loadu_si128((const __m128i *)(const void *)key->text);
	__m128i beyond =
	    _mm_loadu_si128((const __m128i *)(const void *)key->beyond);

	return _mm_or_si128(_mm_cmpeq_epi8(v, text), beyond);
}

static inline bool
heads_are(const struct shape *s, const struct shape_map *m)
{
	const struct shape_key *key = s->key, *end = key + m->n;
	__m128i same = _mm_set1_epi8(-1), a, b;
	const char *base = m->base + 1;
	const uint32_t *at = m->at;

	for (; key < end; key += AT_ONCE, at += AT_ONCE) {
		a = _mm_and_si128(head_is(&key[0], base + at[0]),
		    head_is(&key[1], base + at[1]));
		b = _mm_and_si128(head_is(&key[2], base + at[2]),
		    head_is(&key[3], base + at[3]));
		same = _mm_and_si128(same, _mm_and_si128(a, b));
	}
	return _mm_movemask_epi8(same) == 0xffff;
}
#else
static inline bool
heads_are(const struct shape *s, const struct shape_map *m)
{
	size_t i, n;

	for (i = 0; i < m->n; i++) {
		n = s->skip[i] < SHAPE_HEAD ? s->skip[i] : SHAPE_HEAD;
		if (memcmp(m->base + m->at[i] + 1, s->key[i].text, n) != 0)
			return false;
	}
	return true;
}
#endif

/* The rest of long keys; pair by pair, as the last may end the buffer. */
static bool
tails_are(const struct shape *s, const struct shape_map *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (s->skip[i] > SHAPE_HEAD &&
		    (pair_of(m, i).n < s->skip[i] ||
			memcmp(pair_of(m, i).p, s->key[i].text, s->skip[i]) !=
			    0))
			return false;
	return true;
}

static inline bool
shape_is(const struct shape *s, const struct shape_map *m, bool has_id)
{
	return s->key != NULL && s->n == m->n && s->has_id == has_id &&
	       heads_are(s, m) && (!s->some_long || tails_are(s, m));
}

/* Not keyed: maps that meet in a set cost no more than shapes made anew. */
static size_t
set_of(const struct shape_map *m)
{
	uint64_t head = m->n == 0 ? 0 : hash_read64(m->base + m->at[0] + 1);

	return (size_t)((head ^ m->n * UINT64_C(0x9e3779b97f4a7c15)) *
			    UINT64_C(0xd6e8feb86659fd93) >>
			58);
}

_Static_assert(KEPT_PAIRS % AT_ONCE == 0, "heads_are()");
_Static_assert(EVENT_PLACES_PAD >= AT_ONCE, "heads_are()");
_Static_assert(SHAPE_SETS == 1 << (64 - 58), "set_of()");

const struct shape *
shapes_find(const struct shapes *ss, const struct shape_map *m, bool has_id)
{
	const struct shape *s = &ss->kept[set_of(m) * SHAPE_WAYS];
	unsigned i;

	for (i = 0; i < SHAPE_WAYS; i++)
		if (shape_is(&s[i], m, has_id))
			return &s[i];
	return NULL;
}

const struct shape *
shapes_make(struct shapes *ss, const struct shape_map *m, bool has_id)
{
	size_t set = set_of(m);
	struct shape *s = &ss->other;

	if (may_keep(m))
		s = &ss->kept[set * SHAPE_WAYS + ss->turn[set]++ % SHAPE_WAYS];
	make_room(ss, s, m->n);
	s->n = m->n;
	s->has_id = has_id;
	plan_pairs(ss, s, m);
	plan_steps(ss, s, m);
	plan_pieces(s);
	ss->made++;
	return s;
}
