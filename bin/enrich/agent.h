/*
 * agent: everything that follows from a User-Agent header, as text that
 * only has to be copied.
 *
 *	a = agents_find(&ag, val);      the encoded value of the map
 *	a->brand                        of dim_device_brand, NULL: none
 *	a->derived[DERIVED_BROWSER]     "browser=Chrome", NULL: none
 *	a->device                       for the visitor hash
 *
 * Answers are cached (cache.h) and borrowed until the next find.
 */
#ifndef EV_ENRICH_AGENT_H
#define EV_ENRICH_AGENT_H

#include "base/slice.h"
#include "base/strbuf.h"
#include "enrich/bots.h"
#include "enrich/cache.h"
#include "enrich/derived.h"
#include "enrich/rules.h"
#include "enrich/uap.h"
#include "enrich/visitor.h"

/* The brand is kept behind the derived properties. */
#define AGENT_TEXTS (DERIVED_OF_AGENT + 1)

struct agent {
	struct visitor_device device;
	struct slice brand;
	struct slice derived[DERIVED_OF_AGENT];
};

struct agents {
	const struct visitor_key *key;
	struct rules *rules;
	struct uap uap;
	struct bots bots;
	struct cache cache;
	struct strbuf raw; /* the decoded agent */
	struct strbuf uap_text;
	struct strbuf text; /* of the answer */
	struct agent answer;
};

/* 0, or -1 (reported). */
int agents_open(
    struct agents *ag, const char *regexes, const struct visitor_key *key);
void agents_close(struct agents *ag);
/* NULL and the empty text are the same: no agent. */
const struct agent *agents_find(struct agents *ag, struct slice val);

#endif
