/*
 * rules: the config's ordered actions, compiled.
 *
 *	struct rules *rules = rules_new(conf_actions_in_force(&conf->actions));
 *	rule = rules_match(rules, &facts);      the first that matches
 *	rules_free(rules);
 *
 * A condition is a set of rules that it lets through: one set for each
 * status, method and path.  The first rule of their intersection is the
 * answer, so a line costs three lookups however many rules there are.  The
 * sets of paths come from the regexes and are kept in a cache of fixed
 * size; a stranger's random paths only overwrite it.
 *
 * A regex that gives up at the match limit matches nothing; rules_limited()
 * counts that.
 */
#ifndef EV_PARSE_RULES_H
#define EV_PARSE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "conf/actions.h"

struct rules;

struct rule {
	/* "\t\\N\t\\N\taction\t": columns 4 to 6, encoded, and the TABs around
	 * them; SCAN_PAD bytes behind may be read. */
	struct slice columns;
	bool drop;
};

/* What the rules look at; a p of NULL is known by no condition.  SCAN_PAD
 * bytes behind uri may be read. */
struct rule_facts {
	struct slice method;
	struct slice host;
	struct slice uri;
	int status;    /* -1 unknown */
	bool prefetch; /* only some rules take it */
};

/* Exits when a regex that the config accepted does not compile. */
struct rules *rules_new(const struct conf_actions *actions);
/* Of the same config, for another thread. */
struct rules *rules_again(const struct rules *rules);
void rules_free(struct rules *rules);
/* Never NULL: the last resort is the action "other". */
const struct rule *rules_match(
    struct rules *rules, const struct rule_facts *facts);
uint64_t rules_limited(const struct rules *rules);

#endif
