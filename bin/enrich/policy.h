/*
 * policy: what becomes of each property of the input.
 *
 *	policy_init(&p, conf);
 *	m = &p.first;
 *	for each pair: m = policy_next(&p, m, pair, &key);
 *	m->plan.role, m->plan.rank
 *
 * What identifies a person leaves the record (ev-enrich(1) has the list):
 * every variable that holds a client address, the agent, the remote user,
 * credentials, client certificates, cookies that are not listed, denied
 * arguments.  enrich.keep names what stays all the same.
 *
 * Maps of one stream have much the same keys in the same order: each key's
 * answer is kept, and with it which key came behind it last.
 */
#ifndef EV_ENRICH_POLICY_H
#define EV_ENRICH_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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
	ROLE_UTM_SOURCE, /* kept, and looked at */
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
/* In pairs; a log has some twenty keys, a hostile one any number. */
#define POLICY_MEMO 1024

struct policy_memo {
	char key[POLICY_KEY]; /* with its '=' */
	uint16_t n;	      /* of key; 0: free */
	uint16_t next;	      /* that came behind it last */
	struct policy_plan plan;
};

struct policy {
	const struct conf_properties *properties;
	const struct conf_enrich *enrich;
	struct hash_key key;
	struct policy_memo first;   /* whose next begins a map */
	struct policy_memo passing; /* the answer for what is not kept */
	struct policy_memo memo[POLICY_MEMO];
};

void policy_init(struct policy *p, const struct conf *conf);
/* Is this argument denied?  name is decoded and in lower case. */
bool policy_arg_denied(const struct policy *p, struct slice name);

/* Is that the key?  Both have 16 bytes to be read: few keys are longer. */
static inline bool
policy_key_is(const struct policy_memo *m, const char *p, size_t n)
{
#ifdef __SSE2__
	__m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i b = _mm_loadu_si128((const __m128i *)(const void *)m->key);
	unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));

	if (n <= 16)
		return (~same & (0xffffU >> (16 - n))) == 0;
#endif
	return memcmp(m->key, p, n) == 0;
}

/* The slow half of policy_next(). */
struct policy_memo *policy_look_up(struct policy *p, struct policy_memo *last,
    struct slice pair, struct slice *key);

/*
 * The answer for a pair of the map, as written, and its key; last is that
 * of the pair before it, &p->first for none.  Borrowed until the next call.
 * 16 bytes from pair on must be readable.
 */
static inline struct policy_memo *
policy_next(struct policy *p, struct policy_memo *last, struct slice pair,
    struct slice *key)
{
	struct policy_memo *m = &p->memo[last->next];
	size_t n = m->n;

	if (n > 0 && n <= pair.n && policy_key_is(m, pair.p, n)) {
		*key = slice_of(pair.p, n - 1);
		return m;
	}
	return policy_look_up(p, last, pair, key);
}

#endif
