/*
 * bots: agents that are no people, and why we think so.
 *
 *	bots_load(&b, rules)                          before rules_seal()
 *	bots_judge(&b, rules, agent, ..., &verdict);  after rules_subject()
 *
 * In this order; the first that fires is the reason:
 *
 *	empty_agent      nothing was sent                      suspected
 *	KIND:NAME        a rule of share/bots.tsv
 *	spider:FAMILY    uap-core's device rules say Spider    declared
 *	KIND:NAME        a rule of share/bots-imported.tsv
 *	agent_limit      too long, or its matching was         suspected
 *	nonsense_agent   no name that a browser would have     suspected
 *
 * Lines of the files: kind, name, tag, regex (PCRE2, case matters).  The
 * kinds and their classes are a table in bots.c.
 */
#ifndef EV_ENRICH_BOTS_H
#define EV_ENRICH_BOTS_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/strbuf.h"
#include "enrich/rules.h"

struct bot_rule {
	struct slice kind, name, tag;
	bool suspected;
};

struct bots {
	struct strbuf text[2];	  /* of the files; slices point into it */
	struct strbuf regexes[2]; /* NUL-terminated copies */
	struct bot_rule *rule[2]; /* of RULES_BOT, RULES_CRAWLER */
};

struct bot_verdict {
	struct slice kind; /* NULL: no bot */
	struct slice name; /* NULL: the kind says it all */
	struct slice tag;  /* NULL or what sort of bot */
	bool suspected;
};

/* 0, or -1 (reported). */
int bots_load(struct bots *b, struct rules *rules);
void bots_release(struct bots *b);

/*
 * agent is decoded.  spider: uap-core's device is a Spider, whose browser
 * is family.  limit: a search ran into RULES_LIMIT.  Slices of the verdict
 * are borrowed from b and from family.
 */
void bots_judge(const struct bots *b, struct rules *rules, struct slice agent,
    bool spider, struct slice family, bool limit, struct bot_verdict *v);

#endif
