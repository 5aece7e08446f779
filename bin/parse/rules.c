#include "config.h"

#include "parse/rules.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/hash.h"
#include "base/msg.h"
#include "base/text.h"
#include "parse/literal.h"
#include "parse/scan.h"

#define STATUSES 1000
/* Methods with a set of their own; the rest share the slow way. */
#define METHODS 8
static const char *const method_names[METHODS] = { "GET", "POST", "HEAD", "PUT",
	"DELETE", "OPTIONS", "PATCH", "PROPFIND" };
/*
 * 4096 paths of up to 104 bytes: half a MiB, which a second-level cache
 * holds.  Longer paths are rare and matched anew.
 */
#define CACHE_SLOTS 4096
#define CACHE_KEY 104
/*
 * Steps that PCRE2 may take for one path: a thousand times what the rules
 * of a real config need, and about a millisecond.
 */
#define MATCH_LIMIT 100000

struct matcher {
	bool any; /* no condition on the path */
	bool is_literal;
	struct literal literal;
	pcre2_code *code; /* else NULL */
};

struct slot {
	uint64_t hash; /* 0: empty */
	uint64_t word; /* its set, where that is one word */
	unsigned char n;
	char key[CACHE_KEY]; /* NUL behind a short one */
};

struct rules {
	const struct conf_actions *actions;
	const struct conf_rule *conf; /* theirs */
	struct rule *rule;	      /* n, and "other" behind them */
	struct matcher *matcher;
	size_t n;
	size_t words;	  /* of 64 rules in a set */
	uint64_t *status; /* STATUSES sets */
	uint64_t *method; /* METHODS sets */
	bool hosts;	  /* some rule looks at the host */
	struct hash_key key;
	void *slots; /* that they are in: */
	struct slot *slot;
	uint64_t *slot_set; /* a set for each slot */
	uint64_t *path_set; /* of the present path, when not cached */
	uint64_t *set;	    /* scratch */
	pcre2_match_context *context;
	pcre2_match_data *data;
	uint64_t limited;
};

static void
set_add(uint64_t *set, size_t i)
{
	set[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool
list_has(const struct conf_list *list, struct slice s)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (slice_eq(slice_of(list->v[i].s, list->v[i].n), s))
			return true;
	return false;
}

static bool
takes_method(const struct conf_rule *r, struct slice method)
{
	return r->method.n == 0 ||
	       (method.p != NULL && list_has(&r->method, method));
}

static bool
takes_status(const struct conf_rule *r, unsigned status)
{
	size_t i;

	for (i = 0; i < r->nstatus; i++)
		if (status >= r->status[i].first && status <= r->status[i].last)
			return true;
	return r->nstatus == 0;
}

static void
compile_uri(struct matcher *m, const struct conf_text *uri)
{
	PCRE2_SIZE offset;
	int err;

	m->any = uri->s == NULL;
	if (m->any)
		return;
	m->is_literal =
	    literal_from_regex(&m->literal, slice_of(uri->s, uri->n));
	if (m->is_literal)
		return;
	m->code = pcre2_compile((PCRE2_SPTR)uri->s, uri->n, CONF_REGEX_OPTIONS,
	    &err, &offset, NULL);
	if (m->code == NULL)
		msg_die(
		    EV_EXIT_USAGE, "actions: '%s' does not compile", uri->s);
	/* Where there is no JIT, the interpreter does it. */
	(void)pcre2_jit_compile(m->code, PCRE2_JIT_COMPLETE);
}

static struct slice
write_columns(const char *action)
{
	struct strbuf sb = STRBUF_INIT;
	size_t n;

	strbuf_adds(&sb, "\t" EV_NULL "\t" EV_NULL "\t");
	text_encode_strbuf(&sb, slice_str(action), TEXT_COLUMN);
	strbuf_addch(&sb, '\t');
	n = sb.len;
	strbuf_grow(&sb, SCAN_PAD);
	memset(sb.buf + n, 0, SCAN_PAD);
	return slice_of(strbuf_detach(&sb), n);
}

/* The sets that do not depend on the path. */
static void
fill_sets(struct rules *rules)
{
	size_t i, k;

	for (k = 0; k < METHODS; k++)
		for (i = 0; i < rules->n; i++)
			if (takes_method(
				&rules->conf[i], slice_str(method_names[k])))
				set_add(rules->method + k * rules->words, i);
	for (k = 0; k < STATUSES; k++)
		for (i = 0; i < rules->n; i++)
			if (takes_status(&rules->conf[i], (unsigned)k))
				set_add(rules->status + k * rules->words, i);
}

struct rules *
rules_new(const struct conf_actions *actions)
{
	struct rules *rules = xcalloc(1, sizeof(*rules));
	size_t i, n = actions->n;

	rules->actions = actions;
	rules->conf = actions->v;
	rules->n = n;
	rules->words = n / 64 + 1;
	rules->rule = xcalloc(n + 1, sizeof(*rules->rule));
	rules->matcher = xcalloc(n + 1, sizeof(*rules->matcher));
	rules->status = xcalloc(STATUSES * rules->words, sizeof(uint64_t));
	rules->method = xcalloc(METHODS * rules->words, sizeof(uint64_t));
	/* Whole lines of the processor's cache: a path is found in one. */
	rules->slot = xlines(CACHE_SLOTS * sizeof(*rules->slot), &rules->slots);
	rules->slot_set = xcalloc(CACHE_SLOTS * rules->words, sizeof(uint64_t));
	rules->path_set = xcalloc(rules->words, sizeof(uint64_t));
	rules->set = xcalloc(rules->words, sizeof(uint64_t));
	rules->context = pcre2_match_context_create(NULL);
	rules->data = pcre2_match_data_create(1, NULL);
	if (rules->context == NULL || rules->data == NULL)
		msg_die(EV_EXIT_FAIL, "out of memory");
	pcre2_set_match_limit(rules->context, MATCH_LIMIT);
	hash_key_random(&rules->key);
	for (i = 0; i < n; i++) {
		rules->rule[i].columns = write_columns(actions->v[i].action.s);
		rules->rule[i].drop = actions->v[i].drop;
		rules->hosts |= actions->v[i].host.n > 0;
		compile_uri(&rules->matcher[i], &actions->v[i].uri);
	}
	rules->rule[n].columns = write_columns(CONF_ACTION_OTHER);
	fill_sets(rules);
	return rules;
}

struct rules *
rules_again(const struct rules *rules)
{
	return rules_new(rules->actions);
}

void
rules_free(struct rules *rules)
{
	size_t i;

	if (rules == NULL)
		return;
	for (i = 0; i <= rules->n; i++) {
		free((void *)(uintptr_t)rules->rule[i].columns.p);
		literal_release(&rules->matcher[i].literal);
		pcre2_code_free(rules->matcher[i].code);
	}
	pcre2_match_data_free(rules->data);
	pcre2_match_context_free(rules->context);
	free(rules->rule);
	free(rules->matcher);
	free(rules->status);
	free(rules->method);
	free(rules->slots);
	free(rules->slot_set);
	free(rules->path_set);
	free(rules->set);
	free(rules);
}

uint64_t
rules_limited(const struct rules *rules)
{
	return rules->limited;
}

static bool
uri_matches(struct rules *rules, const struct matcher *m, struct slice uri)
{
	int r;

	if (m->any)
		return true;
	if (uri.p == NULL)
		return false;
	if (m->is_literal)
		return literal_match(&m->literal, uri);
	r = pcre2_match(m->code, (PCRE2_SPTR)uri.p, uri.n, 0, 0, rules->data,
	    rules->context);
	if (r < 0 && r != PCRE2_ERROR_NOMATCH)
		rules->limited++;
	return r >= 0;
}

static void
match_path(struct rules *rules, struct slice uri, uint64_t *set)
{
	size_t i;

	memset(set, 0, rules->words * sizeof(*set));
	for (i = 0; i < rules->n; i++)
		if (uri_matches(rules, &rules->matcher[i], uri))
			set_add(set, i);
}

static inline bool
is_key(const struct slot *slot, uint64_t h, struct slice uri)
{
	return slot->hash == h && slot->n == uri.n &&
	       scan_equal(slot->key, uri.p, uri.n);
}

/* A miss: the pair's older path goes, and uri comes before the other. */
static uint64_t *
fill_slot(struct rules *rules, size_t at, uint64_t h, struct slice uri)
{
	struct slot *slot = &rules->slot[at];
	uint64_t *set = rules->slot_set + at * rules->words;

	slot[1] = slot[0];
	memcpy(set + rules->words, set, rules->words * sizeof(*set));
	match_path(rules, uri, set);
	slot->hash = h;
	slot->word = set[0];
	slot->n = (unsigned char)uri.n;
	memset(slot->key, 0, SCAN_SHORT);
	memcpy(slot->key, uri.p, uri.n);
	return set;
}

/* Slots in pairs: alone, every tenth of 2100 paths met another. */
static inline size_t
slot_pair(uint64_t h)
{
	return (h >> 1) % CACHE_SLOTS & ~(size_t)1;
}

static const uint64_t *
path_set(struct rules *rules, struct slice uri)
{
	const struct slot *slot;
	uint64_t h;
	size_t at;

	if (uri.p == NULL || uri.n > CACHE_KEY) {
		match_path(rules, uri, rules->path_set);
		return rules->path_set;
	}
	h = hash_slice(&rules->key, uri) | 1;
	at = slot_pair(h);
	slot = &rules->slot[at];
	if (!is_key(slot, h, uri)) {
		if (!is_key(slot + 1, h, uri))
			return fill_slot(rules, at, h, uri);
		at++;
	}
	return rules->slot_set + at * rules->words;
}

/* The set of a path of at most SCAN_SHORT bytes, where it is one word. */
static inline uint64_t
short_word(struct rules *rules, struct slice uri)
{
	const struct slot *slot;
	struct scan_short key;
	uint64_t h;

	scan_first(&key, uri.p, uri.n);
	h = hash_four(&rules->key, key.bytes) | 1;
	slot = &rules->slot[slot_pair(h)];
	/* Which of the two nobody can predict. */
	slot += slot[1].hash == h;
	if ((slot->hash == h) & (slot->n == uri.n) &
	    scan_is_first(slot->key, &key))
		return slot->word;
	return *fill_slot(rules, slot_pair(h), h, uri);
}

/* The set of any path, where it is one word. */
static inline uint64_t
path_word(struct rules *rules, struct slice uri)
{
	if (uri.p != NULL && uri.n <= SCAN_SHORT)
		return short_word(rules, uri);
	return *path_set(rules, uri);
}

static const uint64_t *
other_method_set(const struct rules *rules, struct slice method)
{
	size_t k;

	for (k = 1; k < METHODS; k++)
		if (slice_is(method, method_names[k]))
			return rules->method + k * rules->words;
	return NULL;
}

/* The set of a method, or NULL when it has none of its own. */
static inline const uint64_t *
method_set(const struct rules *rules, struct slice method)
{
	/* The first, and most frequent, without a call. */
	if (method.n == 3 && memcmp(method.p, "GET", 3) == 0)
		return rules->method;
	return other_method_set(rules, method);
}

static void
filter_method(const struct rules *rules, struct slice method, uint64_t *set)
{
	const uint64_t *own = method_set(rules, method);
	size_t i;

	for (i = 0; i < rules->words && own != NULL; i++)
		set[i] &= own[i];
	for (i = 0; i < rules->n && own == NULL; i++)
		if (!takes_method(&rules->conf[i], method))
			set[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

static void
filter_status(const struct rules *rules, int status, uint64_t *set)
{
	size_t i;

	if (status >= 0 && status < STATUSES) {
		for (i = 0; i < rules->words; i++)
			set[i] &=
			    rules->status[(size_t)status * rules->words + i];
		return;
	}
	for (i = 0; i < rules->n; i++)
		if (rules->conf[i].nstatus > 0)
			set[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

static void
filter_host(const struct rules *rules, struct slice host, uint64_t *set)
{
	size_t i;

	for (i = 0; i < rules->n; i++)
		if (rules->conf[i].host.n > 0 &&
		    (host.p == NULL || !list_has(&rules->conf[i].host, host)))
			set[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

static void
filter_prefetch(const struct rules *rules, uint64_t *set)
{
	size_t i;

	for (i = 0; i < rules->n; i++)
		if (!rules->conf[i].prefetch && !rules->conf[i].drop)
			set[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

/* Up to 63 rules: the sets are words, and their intersection is one. */
static const struct rule *
match_word(const struct rules *rules, uint64_t set)
{
	return &rules->rule[set != 0 ? (size_t)__builtin_ctzll(set) : rules->n];
}

const struct rule *
rules_match(struct rules *rules, const struct rule_facts *facts)
{
	const uint64_t *method = method_set(rules, facts->method), *path;
	size_t i;

	if (rules->words == 1 && method != NULL && !rules->hosts &&
	    !facts->prefetch && (unsigned)facts->status < STATUSES)
		return match_word(rules, path_word(rules, facts->uri) &
					     *method &
					     rules->status[facts->status]);
	path = path_set(rules, facts->uri);
	for (i = 0; i < rules->words; i++)
		rules->set[i] = path[i];
	filter_method(rules, facts->method, rules->set);
	filter_status(rules, facts->status, rules->set);
	if (rules->hosts)
		filter_host(rules, facts->host, rules->set);
	if (facts->prefetch)
		filter_prefetch(rules, rules->set);
	for (i = 0; i < rules->words; i++)
		if (rules->set[i] != 0)
			return &rules->rule[i * 64 + (size_t)__builtin_ctzll(
							 rules->set[i])];
	return &rules->rule[rules->n];
}
