/*
 * agent: everything that follows from a User-Agent header, as text that
 * only has to be copied.
 *
 *	h = agents_hash(&ag, val);      the encoded value of the map
 *	a = agents_find(&ag, val, h);
 *	agent_brand(a)                  of dim_device_brand, NULL: none
 *	agent_column(a)                 the same, a column with its TAB
 *	agent_pairs(a, 0, DERIVED_OS)   "browser=Chrome&...&", or empty
 *	agents_device(&ag, a, val, ...) for the visitor hash
 *
 * With ag.by_device the visitor is told by brand, model, system and browser as
 * they are written in the record, with a TAB behind each; else by the agent.
 *
 * Answers are cached (cache.h) and borrowed until the next find.
 */
#ifndef EV_ENRICH_AGENT_H
#define EV_ENRICH_AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/event.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "enrich/bots.h"
#include "enrich/cache.h"
#include "enrich/derived.h"
#include "enrich/rules.h"
#include "enrich/uap.h"
#include "enrich/visitor.h"

/*
 * The rules look at so many bytes; a longer agent is called a bot, agent_limit,
 * if it is nothing worse.  The longest agent of uap-core's tests has 500.
 *
 * So is one that takes more than the rules' budget (RULES_BUDGET in rules.h,
 * where it is accounted for): one budget for all lists, in bytes looked at.
 * t/enrich-worst.c looks for agents that take most of it: of 513 thousand, made
 * of each rule's own text over and over, and 31 thousand changes of the worst,
 * the slowest takes 0.41 ms.  Rules are compiled when the first agent needs
 * them, some 50 us each, once a run.
 */
#define AGENT_MAX 2048

/* An answer, as the cache keeps it. */
struct agent {
	struct visitor_device device; /* agents_device() */
	int64_t key_id;		      /* of the key that device is under */
	/* Where in text a pair begins; each ends in '&'.  One that is none
	 * has no bytes.  The column of the brand stands behind them. */
	uint32_t at[DERIVED_OF_AGENT + 1];
	uint32_t brand_n; /* 0: none */
	char text[];
};

struct agents {
	bool by_device; /* the visitor's inner hash is of names, not of bytes */
	bool again;	/* uap and bots are another's */
	struct rules *rules;
	struct uap uap;
	struct bots bots;
	struct cache cache;
	struct strbuf raw; /* the decoded agent */
	struct strbuf uap_text;
	struct strbuf text; /* of the answer, behind its struct agent */
};

/* 0, or -1 (reported). */
int agents_open(struct agents *ag, const char *regexes);
/* The same, with a cache of its own, for another thread; closed before from. */
void agents_again(struct agents *ag, const struct agents *from);
void agents_close(struct agents *ag);
/* NULL and the empty text are the same: no agent. */
struct agent *agents_find(struct agents *ag, struct slice val, uint64_t hash);

/* Makes an agent the subject of ag->rules: for who asks them for reasons. */
void agents_subject(struct agents *ag, struct slice val);
/* Fills a->device. */
void agents_hash_device(struct agents *ag, struct agent *a, struct slice val,
    const struct visitor_key *key, int64_t key_id);

/*
 * The inner hash of the visitor of this agent, whose encoded value is val,
 * under a key; no two keys have one id.  Kept with the agent until another
 * key is asked for.
 */
static inline const struct visitor_device *
agents_device(struct agents *ag, struct agent *a, struct slice val,
    const struct visitor_key *key, int64_t key_id)
{
	if (a->key_id != key_id)
		agents_hash_device(ag, a, val, key, key_id);
	return &a->device;
}

/* What agents_find() wants; CACHE_PAD bytes from val's first on must be
 * readable, unless it is NULL. */
static inline uint64_t
agents_hash(const struct agents *ag, struct slice val)
{
	if (val.p == NULL)
		val = slice_of(cache_nothing, 0);
	return cache_hash(&ag->cache, val);
}

/* The derived properties from up to, not with, to. */
static inline struct slice
agent_pairs(const struct agent *a, int from, int to)
{
	return slice_of(a->text + a->at[from], a->at[to] - a->at[from]);
}

static inline struct slice
agent_column(const struct agent *a)
{
	size_t n = a->brand_n == 0 ? strlen(EV_NULL) : a->brand_n;

	return slice_of(a->text + a->at[DERIVED_OF_AGENT], n + 1);
}

static inline struct slice
agent_brand(const struct agent *a)
{
	return a->brand_n == 0
		   ? SLICE_NULL
		   : slice_of(a->text + a->at[DERIVED_OF_AGENT], a->brand_n);
}

#endif
