/*
 * policy: what becomes of each property of the input.
 *
 *	policy_init(&p, conf);
 *	plan = policy_find(&p, key);           the key as written
 *	plan.role, plan.rank
 *
 * What identifies a person leaves the record (ev-enrich(1) has the list):
 * every variable that holds a client address, the agent, the remote user,
 * credentials, client certificates, cookies that are not listed, denied
 * arguments.  enrich.keep names what stays all the same.
 *
 * Answers are kept, as a stream has few keys; shape.h keeps those of whole
 * maps.
 */
#ifndef EV_ENRICH_POLICY_H
#define EV_ENRICH_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
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
	ROLE_UTM_SOURCE, /* looked at, and as ROLE_URL */
	ROLE_UTM_MEDIUM,
	ROLE_CLICK_ID,
	ROLE_DERIVED /* a name of ours: ours alone to say */
};

struct policy_plan {
	uint8_t role;  /* enum policy_role */
	bool keep;     /* ROLE_ADDRESS, ROLE_AGENT: stays nevertheless */
	uint8_t rank;  /* so many names of derived.h sort before it */
	uint8_t which; /* ROLE_CLICK_ID: of campaign.h; ROLE_DERIVED: of
			* derived.h */
};

/* Longer keys are rare (arguments by a glob) and decided anew. */
#define POLICY_KEY 48
/* In twos; a log has some twenty keys, a hostile one any number. */
#define POLICY_MEMO 1024

struct policy_memo {
	char key[POLICY_KEY];
	uint16_t n; /* of key, plus 1; 0: free */
	struct policy_plan plan;
};

struct policy {
	const struct conf_properties *properties;
	const struct conf_enrich *enrich;
	struct hash_key key;
	struct policy_memo memo[POLICY_MEMO];
};

void policy_init(struct policy *p, const struct conf *conf);
/* Is this argument denied?  name is decoded and in lower case. */
bool policy_arg_denied(const struct policy *p, struct slice name);

struct policy_plan policy_find(struct policy *p, struct slice key);

#endif
