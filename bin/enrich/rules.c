#include "config.h"

#include "enrich/rules.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/msg.h"

/*
 * Steps of PCRE2's match limit.  The most that any agent of uap-core's
 * tests needs in one rule is far below a share of it.
 */
#define RULES_BUDGET 200000
#define RULES_SHARE_MIN 2000

/* uap-core's regexes capture at most 9 groups. */
#define GROUPS 10

/* Beyond the 32 KiB that the JIT takes from the machine's stack. */
#define JIT_STACK_START ((size_t)32 << 10)
#define JIT_STACK_MAX ((size_t)512 << 10)

struct rule {
	const char *regex;
	pcre2_code *code; /* NULL until first needed */
	bool icase;
	bool bad; /* does not compile; reported */
};

struct list {
	struct rule *v;
	size_t n, cap;
	size_t first; /* bit of v[0] among all candidates */
};

struct rules {
	struct list list[RULES_KINDS];
	struct prefilter *prefilter;
	bool use_prefilter;
	size_t total;
	uint64_t *bits; /* candidates of the present subject */
	struct slice subject;
	char *lower;
	size_t lower_cap;
	pcre2_match_data *md;
	unsigned groups; /* of the last match; PCRE2 leaves the rest alone */
	pcre2_match_context *mctx;
	pcre2_jit_stack *stack;
};

struct rules *
rules_new(void)
{
	struct rules *r = xcalloc(1, sizeof(*r));

	r->use_prefilter = true;
	r->md = pcre2_match_data_create(GROUPS, NULL);
	r->mctx = pcre2_match_context_create(NULL);
	r->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
	if (r->md == NULL || r->mctx == NULL || r->stack == NULL)
		msg_die(EV_EXIT_FAIL, "out of memory");
	pcre2_jit_stack_assign(r->mctx, NULL, r->stack);
	return r;
}

void
rules_free(struct rules *r)
{
	size_t i;
	int k;

	if (r == NULL)
		return;
	for (k = 0; k < RULES_KINDS; k++) {
		for (i = 0; i < r->list[k].n; i++)
			pcre2_code_free(r->list[k].v[i].code);
		free(r->list[k].v);
	}
	prefilter_free(r->prefilter);
	free(r->bits);
	free(r->lower);
	pcre2_match_data_free(r->md);
	pcre2_match_context_free(r->mctx);
	pcre2_jit_stack_free(r->stack);
	free(r);
}

void
rules_add(struct rules *r, enum rules_kind kind, const char *regex, bool icase)
{
	struct list *l = &r->list[kind];

	l->v = xgrow(l->v, &l->cap, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = (struct rule){ .regex = regex, .icase = icase };
}

void
rules_seal(struct rules *r)
{
	size_t i;
	int k;

	r->prefilter = prefilter_new();
	for (k = 0; k < RULES_KINDS; k++) {
		r->list[k].first = r->total;
		r->total += r->list[k].n;
		for (i = 0; i < r->list[k].n; i++)
			prefilter_add(r->prefilter, r->list[k].v[i].regex);
	}
	prefilter_build(r->prefilter);
	r->bits = xcalloc(PREFILTER_WORDS(r->total) + 1, 8);
}

static int
compile(struct rule *rule)
{
	uint32_t options = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[128];
	int err;

	if (rule->icase)
		options |= PCRE2_CASELESS;
	rule->code = pcre2_compile((PCRE2_SPTR)rule->regex,
	    PCRE2_ZERO_TERMINATED, options, &err, &at, NULL);
	if (rule->code == NULL) {
		pcre2_get_error_message(err, why, sizeof(why));
		msg_warn("regex '%s': at %zu: %s: the rule is left out",
		    rule->regex, (size_t)at, (const char *)why);
		rule->bad = true;
		return -1;
	}
	/* Without JIT, on a machine that has none, it is merely slower. */
	(void)pcre2_jit_compile(rule->code, PCRE2_JIT_COMPLETE);
	return 0;
}

int
rules_check(struct rules *r)
{
	struct rule *rule;
	size_t i;
	int k, status = 0;

	for (k = 0; k < RULES_KINDS; k++)
		for (i = 0; i < r->list[k].n; i++) {
			rule = &r->list[k].v[i];
			if (rule->code == NULL && !rule->bad)
				(void)compile(rule);
			if (rule->bad)
				status = -1;
		}
	return status;
}

static void
set_limit(struct rules *r)
{
	size_t i, n = 0, words = PREFILTER_WORDS(r->total);
	uint32_t share;

	for (i = 0; i < words; i++)
		n += (size_t)__builtin_popcountll(r->bits[i]);
	share = (uint32_t)(RULES_BUDGET / (n + 1));
	if (share < RULES_SHARE_MIN)
		share = RULES_SHARE_MIN;
	pcre2_set_match_limit(r->mctx, share);
}

void
rules_subject(struct rules *r, struct slice subject)
{
	size_t i;
	char c;

	r->subject = subject;
	r->lower = xgrow(r->lower, &r->lower_cap, subject.n + 1, 1);
	for (i = 0; i < subject.n; i++) {
		c = subject.p[i];
		r->lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	prefilter_run(r->prefilter, r->lower, subject.n, r->bits);
	set_limit(r);
	if (!r->use_prefilter)
		memset(r->bits, 0xff, PREFILTER_WORDS(r->total) * 8);
}

/* 1 matched, 0 not, RULES_LIMIT. */
static int
try_rule(struct rules *r, struct rule *rule)
{
	int rc;

	if (rule->bad || (rule->code == NULL && compile(rule) == -1))
		return 0;
	rc = pcre2_match(rule->code, (PCRE2_SPTR)r->subject.p, r->subject.n, 0,
	    0, r->md, r->mctx);
	if (rc >= 0) {
		/* 0: the regex has more groups than we look at */
		r->groups = rc == 0 ? GROUPS : (unsigned)rc;
		return 1;
	}
	return rc == PCRE2_ERROR_NOMATCH ? 0 : RULES_LIMIT;
}

int
rules_first(struct rules *r, enum rules_kind kind)
{
	struct list *l = &r->list[kind];
	size_t i, end = l->first + l->n;
	uint64_t word;
	int rc;

	for (i = l->first; i < end; i++) {
		word = r->bits[i / 64] >> (i % 64);
		if (word == 0) {
			i |= 63;
			continue;
		}
		i += (size_t)__builtin_ctzll(word);
		if (i >= end)
			break;
		rc = try_rule(r, &l->v[i - l->first]);
		if (rc == RULES_LIMIT)
			return RULES_LIMIT;
		if (rc == 1)
			return (int)(i - l->first);
	}
	return RULES_NONE;
}

struct slice
rules_group(const struct rules *r, unsigned group)
{
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->md);

	if (group >= r->groups || v[2 * group] == PCRE2_UNSET ||
	    v[2 * group + 1] < v[2 * group])
		return SLICE_NULL;
	return slice_of(
	    r->subject.p + v[2 * group], v[2 * group + 1] - v[2 * group]);
}

const char *
rules_regex(const struct rules *r, enum rules_kind kind, int i)
{
	return r->list[kind].v[i].regex;
}

void
rules_set_prefilter(struct rules *r, bool on)
{
	r->use_prefilter = on;
}

void
rules_stats(const struct rules *r, struct prefilter_stats *st)
{
	prefilter_stats(r->prefilter, st);
}
