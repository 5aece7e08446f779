/*
 * policy: what becomes of each property of the input.
 *
 *	policy_init(&p, conf);
 *	plan = policy_plan(&p, i, key);       i: its place in the map
 *	plan.role, plan.rank
 *
 * What identifies a person leaves the record (ev-enrich(1) has the list):
 * every variable that holds a client address, the agent, the remote user,
 * credentials, client certificates, cookies that are not listed, denied
 * arguments.  enrich.keep names what stays all the same.
 *
 * Maps of one stream have much the same keys, so the answer for the key
 * that was last seen at that place is kept.
 */
#ifndef EV_ENRICH_POLICY_H
#define EV_ENRICH_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "conf/conf.h"

enum policy_role {
	ROLE_KEEP,	 /* goes on as it is */
	ROLE_DROP,	 /* leaves */
	ROLE_ADDRESS,	 /* remote_addr */
	ROLE_AGENT,	 /* http_user_agent */
	ROLE_REFERER,	 /* http_referer: looked up, and scrubbed */
	ROLE_URL,	 /* holds an address with arguments: scrubbed */
	ROLE_ARGS,	 /* is arguments: scrubbed */
	ROLE_UTM_SOURCE, /* kept, and looked at */
	ROLE_UTM_MEDIUM,
	ROLE_CLICK_ID
};

struct policy_plan {
	uint8_t role;  /* enum policy_role */
	bool keep;     /* ROLE_ADDRESS, ROLE_AGENT: stays nevertheless */
	uint8_t rank;  /* so many names of derived.h sort before it */
	uint8_t click; /* ROLE_CLICK_ID: which, of campaign.h */
};

/* Longer keys are rare (arguments by a glob) and decided anew. */
#define POLICY_KEY 54
#define POLICY_MEMO 128

struct policy_memo {
	struct policy_plan plan;
	uint8_t n; /* of key; 0: free */
	char key[POLICY_KEY];
};

struct policy {
	const struct conf_properties *properties;
	const struct conf_enrich *enrich;
	struct policy_memo memo[POLICY_MEMO];
};

void policy_init(struct policy *p, const struct conf *conf);
/* Works it out: policy_plan() asks only for what it does not remember. */
struct policy_plan policy_decide(const struct policy *p, struct slice key);
/* Is this argument denied?  name is decoded and in lower case. */
bool policy_arg_denied(const struct policy *p, struct slice name);

static inline struct policy_plan
policy_plan(struct policy *p, int place, struct slice key)
{
	struct policy_memo *m = &p->memo[place % POLICY_MEMO];
	struct policy_plan plan;

	if (m->n == key.n && key.n > 0 && memcmp(m->key, key.p, key.n) == 0)
		return m->plan;
	plan = policy_decide(p, key);
	if (key.n <= POLICY_KEY) {
		m->plan = plan;
		m->n = (uint8_t)key.n;
		memcpy(m->key, key.p, key.n);
	}
	return plan;
}

#endif
