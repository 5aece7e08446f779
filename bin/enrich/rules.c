#include "config.h"

#include "enrich/rules.h"

#include <endian.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/text.h"

/*
 * PCRE2's match limit at first, and by what it is raised: chosen so that the
 * agents of uap-core's tests, which need 14 at the median and once 8,179, are
 * charged least.
 */
#define LIMIT_FIRST 8
#define LIMIT_FACTOR 4
#define LIMIT_MOST 10000000 /* PCRE2's default, where there is no budget */

/* A step without a run takes as long as a run over so many bytes. */
#define STEP 8

/* Repetitions of more are as of any number. */
#define RUNS_MOST 1000

/* Not counted yet. */
#define UNKNOWN UINT32_MAX

/* uap-core's regexes capture at most 9 groups. */
#define GROUPS 10

/* Beyond the 32 KiB that the JIT takes from the machine's stack. */
#define JIT_STACK_START ((size_t)32 << 10)
#define JIT_STACK_MAX ((size_t)512 << 10)

enum state { UNTRIED, COMPILED, BAD };

/* What state says is there is not written any more. */
struct rule {
	const char *regex;
	atomic_uchar state;    /* BAD: it does not compile; reported */
	pcre2_code *code;      /* NULL until first needed */
	const uint8_t *first;  /* bits of the bytes it begins with, or NULL */
	uint8_t first_byte[2]; /* without bits: these; both cases */
	bool anchored;	       /* or at the beginning of a line */
	bool runs_digits;      /* one repetition may take all digits in a row */
	bool runs_all;	       /* one may take all that is left */
	uint32_t runs;	       /* else one takes at most so many */
	bool icase;
	bool jit; /* compiled to machine code */
};

struct list {
	struct rule *v;
	size_t n, cap;
	size_t first; /* bit of v[0] among all candidates */
};

/* A try that is charged, at first the most that it can be. */
struct charge {
	const struct rule *rule;
	uint64_t limit;
};

/* More tries than that many are charged exactly at once. */
#define CHARGES 64

/* What all threads have. */
struct lists {
	struct list list[RULES_KINDS];
	struct prefilter *prefilter;
	size_t total;
	pthread_mutex_t compiling; /* held by who changes a rule's state */
};

struct rules {
	struct lists *lists;
	bool again; /* they are another's */
	bool use_prefilter;
	struct prefilter_seen seen;
	uint64_t *bits; /* candidates of the present subject */
	struct slice subject;
	uint64_t budget;  /* of the subject */
	uint64_t charged; /* at most that, or, when settled, that */
	bool settled;
	struct charge charge[CHARGES];
	unsigned ncharges; /* until it is settled */
	int answer[RULES_KINDS];
	bool answered[RULES_KINDS];
	uint32_t count[256]; /* of each byte in the subject, when settled */
	uint32_t digits;     /* most of them in a row, or UNKNOWN */
	char *lower;
	size_t lower_cap;
	pcre2_match_data *md;
	unsigned groups; /* of the last match; PCRE2 leaves the rest alone */
	pcre2_match_context *mctx;
	pcre2_jit_stack *stack;
};

/* What a thread has. */
static struct rules *
new_rules(struct lists *lists)
{
	struct rules *r = xcalloc(1, sizeof(*r));

	r->lists = lists;
	r->use_prefilter = true;
	r->md = pcre2_match_data_create(GROUPS, NULL);
	r->mctx = pcre2_match_context_create(NULL);
	r->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
	if (r->md == NULL || r->mctx == NULL || r->stack == NULL)
		msg_die(EV_EXIT_FAIL, "out of memory");
	pcre2_jit_stack_assign(r->mctx, NULL, r->stack);
	return r;
}

struct rules *
rules_new(void)
{
	struct lists *lists = xcalloc(1, sizeof(*lists));

	pthread_mutex_init(&lists->compiling, NULL);
	return new_rules(lists);
}

/* Once the lists are sealed. */
static void
make_room(struct rules *r)
{
	prefilter_seen_init(&r->seen, r->lists->prefilter);
	r->bits = xcalloc(PREFILTER_WORDS(r->lists->total) + 1, 8);
}

struct rules *
rules_again(const struct rules *from)
{
	struct rules *r = new_rules(from->lists);

	r->again = true;
	make_room(r);
	return r;
}

static void
free_lists(struct lists *lists)
{
	struct list *l;
	size_t i;

	for (l = lists->list; l < lists->list + RULES_KINDS; l++) {
		for (i = 0; i < l->n; i++)
			pcre2_code_free(l->v[i].code);
		free(l->v);
	}
	prefilter_free(lists->prefilter);
	pthread_mutex_destroy(&lists->compiling);
	free(lists);
}

void
rules_free(struct rules *r)
{
	if (r == NULL)
		return;
	if (!r->again)
		free_lists(r->lists);
	prefilter_seen_release(&r->seen);
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
	struct list *l = &r->lists->list[kind];

	l->v = xgrow(l->v, &l->cap, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = (struct rule){ .regex = regex, .icase = icase };
}

void
rules_seal(struct rules *r)
{
	struct lists *lists = r->lists;
	struct list *l;
	size_t i;

	lists->prefilter = prefilter_new();
	for (l = lists->list; l < lists->list + RULES_KINDS; l++) {
		l->first = lists->total;
		lists->total += l->n;
		for (i = 0; i < l->n; i++)
			prefilter_add(lists->prefilter, l->v[i].regex);
	}
	prefilter_seal(lists->prefilter);
	make_room(r);
}

/* What PCRE2 knows of where the regex can match. */
static void
note_first(struct rule *rule)
{
	uint32_t options = 0, type = 0, byte = 0;

	(void)pcre2_pattern_info(rule->code, PCRE2_INFO_ALLOPTIONS, &options);
	(void)pcre2_pattern_info(rule->code, PCRE2_INFO_FIRSTCODETYPE, &type);
	rule->anchored = (options & PCRE2_ANCHORED) != 0 || type == 2;
	if (type == 1) {
		(void)pcre2_pattern_info(
		    rule->code, PCRE2_INFO_FIRSTCODEUNIT, &byte);
		rule->first_byte[0] = rule->first_byte[1] = (uint8_t)byte;
		/* Of a letter both cases: "(?i)" does not show. */
		if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
			rule->first_byte[1] ^= 0x20;
	} else {
		(void)pcre2_pattern_info(
		    rule->code, PCRE2_INFO_FIRSTBITMAP, &rule->first);
	}
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The bounds of {m}, {m,} or {m,n} at p; its end, NULL: literal text. */
static const char *
read_bounds(const char *p, unsigned long *most)
{
	char *end;

	if (!is_digit(p[1]))
		return NULL;
	*most = strtoul(p + 1, &end, 10);
	if (*end == ',') {
		*most = ULONG_MAX;
		if (is_digit(end[1]))
			*most = strtoul(end + 1, &end, 10);
		else
			end++;
	}
	return *end == '}' ? end + 1 : NULL;
}

/* A greedy repetition of one character at p, of at most most. */
static void
note_run(struct rule *rule, const char *from, const char *p, unsigned long most)
{
	size_t n = (size_t)(p - from);

	if (most <= RUNS_MOST) {
		if (rule->runs < most)
			rule->runs = (uint32_t)most;
	} else if ((n == 2 && memcmp(from, "\\d", 2) == 0) ||
		   (n == 5 && memcmp(from, "[0-9]", 5) == 0)) {
		rule->runs_digits = true;
	} else {
		rule->runs_all = true;
	}
}

/* Where the atom at p ends. */
static const char *
skip_atom(const char *p)
{
	if (*p == '\\' && p[1] != '\0')
		return p + 2;
	if (*p != '[')
		return p + 1;
	p += p[1] == '^' ? 2 : 1;
	do /* a ']' that comes first is a member */
		p += *p == '\\' && p[1] != '\0' ? 2 : *p != '\0';
	while (*p != ']' && *p != '\0');
	return p + (*p == ']');
}

/*
 * How far one step may run: a repetition of one character is a loop of its
 * own, which the match limit counts once.  Of a group each round is counted,
 * and of a lazy repetition each character.
 */
static void
note_runs(struct rule *rule)
{
	const char *p = rule->regex, *from, *end;
	unsigned long most;

	while (*p != '\0') {
		from = p;
		p = end = skip_atom(p);
		most = ULONG_MAX;
		if (*p == '{')
			end = read_bounds(p, &most);
		else if (*p == '*' || *p == '+')
			end = p + 1;
		if (end == NULL || end == p)
			continue;
		if (*from != ')' && *end != '?')
			note_run(rule, from, p, most);
		p = end + (*end == '?' || *end == '+');
	}
}

/* Fills all in but the state, which it returns. */
static enum state
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
		return BAD;
	}
	/* Without JIT, on a machine that has none, it is merely slower. */
	rule->jit = pcre2_jit_compile(rule->code, PCRE2_JIT_COMPLETE) == 0;
	note_first(rule);
	note_runs(rule);
	return COMPILED;
}

/* Compiles it, unless another thread was faster. */
static void
compile_once(struct lists *lists, struct rule *rule)
{
	pthread_mutex_lock(&lists->compiling);
	if (atomic_load(&rule->state) == UNTRIED)
		atomic_store(&rule->state, (unsigned char)compile(rule));
	pthread_mutex_unlock(&lists->compiling);
}

/* False: it does not compile. */
static inline bool
is_compiled(struct rules *r, struct rule *rule)
{
	if (atomic_load_explicit(&rule->state, memory_order_acquire) == UNTRIED)
		compile_once(r->lists, rule);
	return atomic_load_explicit(&rule->state, memory_order_acquire) ==
	       COMPILED;
}

int
rules_check(struct rules *r)
{
	struct list *l = r->lists->list, *end = l + RULES_KINDS;
	int status = 0;
	size_t i;

	for (; l < end; l++)
		for (i = 0; i < l->n; i++)
			if (!is_compiled(r, &l->v[i]))
				status = -1;
	return status;
}

/* Eight bytes in lower case: 0x80 stays where one is from 'A' to 'Z'. */
static inline uint64_t
lower_8(uint64_t v)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), top = ones * 0x80;
	uint64_t low = v & ~top;
	uint64_t upper = (low + ones * (0x80 - 'A')) &
			 ~(low + ones * (0x80 - 'Z' - 1)) & ~v & top;

	return v | upper >> 2;
}

static void
put_lower(char *to, struct slice s)
{
	uint64_t v;
	size_t i;

	for (i = 0; i + sizeof(v) <= s.n; i += sizeof(v)) {
		memcpy(&v, s.p + i, sizeof(v));
		v = lower_8(v);
		memcpy(to + i, &v, sizeof(v));
	}
	for (; i < s.n; i++)
		to[i] = text_lower(s.p[i]);
	memset(to + s.n, 0, PREFILTER_PAD);
}

void
rules_subject(struct rules *r, struct slice subject)
{
	r->subject = subject;
	r->digits = UNKNOWN;
	r->lower = xgrow(r->lower, &r->lower_cap, subject.n + PREFILTER_PAD, 1);
	put_lower(r->lower, subject);
	memset(r->answered, 0, sizeof(r->answered));
	prefilter_run(
	    r->lists->prefilter, &r->seen, r->lower, subject.n, r->bits);
	r->budget = RULES_BUDGET;
	r->charged = 0;
	r->settled = false;
	r->ncharges = 0;
	if (!r->use_prefilter) {
		memset(r->bits, 0xff, PREFILTER_WORDS(r->lists->total) * 8);
		r->budget = UINT64_MAX;
	}
}

/* The bytes of the subject that can begin a match of the rule. */
static uint64_t
count_starts(const struct rules *r, const struct rule *rule)
{
	const uint8_t *byte = rule->first_byte;
	uint64_t bits, n = 0;
	unsigned i;

	if (rule->anchored) /* "." stops at a line feed */
		return 1 + (uint64_t)r->count['\n'];
	if (byte[0] != 0)
		return r->count[byte[0]] +
		       (byte[0] != byte[1] ? r->count[byte[1]] : 0);
	if (rule->first == NULL)
		return r->subject.n + 1;
	for (i = 0; i < 256; i += 64) {
		memcpy(&bits, rule->first + i / 8, 8);
		for (bits = le64toh(bits); bits != 0; bits &= bits - 1)
			n += r->count[i + (unsigned)__builtin_ctzll(bits)];
	}
	return n;
}

/* Most digits in a row in n bytes; PREFILTER_PAD NUL bytes are behind them. */
#ifdef __SSE2__
static size_t
longest_number(const char *p, size_t n)
{
	/* '0' becomes -128, the lowest. */
	const __m128i zero = _mm_set1_epi8((char)(0x80 - '0'));
	const __m128i above = _mm_set1_epi8(-128 + 10);
	size_t i, most = 0, row = 0, inside;
	uint32_t digits, others, left;
	__m128i v;

	for (i = 0; i < n; i += 16) {
		v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		digits = (uint32_t)_mm_movemask_epi8(
		    _mm_cmplt_epi8(_mm_add_epi8(v, zero), above));
		others = ~digits & 0xffff;
		if (others == 0) {
			row += 16;
			continue;
		}
		row += (unsigned)__builtin_ctz(others);
		most = row > most ? row : most;
		for (left = digits, inside = 0; left != 0; inside++)
			left &= left << 1;
		most = inside > most ? inside : most;
		row = (unsigned)__builtin_clz(others) - 16;
	}
	return row > most ? row : most;
}
#else
static size_t
longest_number(const char *p, size_t n)
{
	size_t i, most = 0, row = 0;

	for (i = 0; i < n; i++) {
		row = is_digit(p[i]) ? row + 1 : 0;
		most = row > most ? row : most;
	}
	return most;
}
#endif

static size_t
most_digits(struct rules *r)
{
	if (r->digits == UNKNOWN)
		r->digits = (uint32_t)longest_number(r->lower, r->subject.n);
	return r->digits;
}

/* The most bytes that one step of the rule runs over. */
static uint64_t
longest_run(struct rules *r, const struct rule *rule)
{
	uint64_t n = rule->runs;

	if (rule->runs_all)
		return r->subject.n;
	if (rule->runs_digits && n < most_digits(r))
		n = r->digits;
	return n < r->subject.n ? n : r->subject.n;
}

static uint64_t
cost(struct rules *r, const struct rule *rule, uint64_t limit, uint64_t starts)
{
	return r->subject.n + starts * limit * (STEP + longest_run(r, rule));
}

/* What was charged is from now on what count_starts() says. */
static void
settle(struct rules *r)
{
	const struct charge *c;
	size_t i;

	if (r->settled)
		return;
	r->settled = true;
	memset(r->count, 0, sizeof(r->count));
	for (i = 0; i < r->subject.n; i++)
		r->count[(unsigned char)r->subject.p[i]]++;
	r->charged = 0;
	for (c = r->charge; c < r->charge + r->ncharges; c++)
		r->charged +=
		    cost(r, c->rule, c->limit, count_starts(r, c->rule));
}

/*
 * False: the subject has no budget left for it.  Most do not come near it, even
 * if each of their bytes could begin a match: which do is counted for those
 * that might.
 */
static bool
charge(struct rules *r, const struct rule *rule, uint64_t limit)
{
	uint64_t most;

	if (limit > LIMIT_MOST)
		return false;
	if (!r->settled) {
		most = cost(r, rule, limit, r->subject.n + 1);
		if (most <= r->budget - r->charged && r->ncharges < CHARGES) {
			r->charged += most;
			r->charge[r->ncharges++] =
			    (struct charge){ rule, limit };
			return true;
		}
		settle(r);
	}
	most = cost(r, rule, limit, count_starts(r, rule));
	if (most > r->budget - r->charged)
		return false;
	r->charged += most;
	return true;
}

/* The machine code itself, without a check of what we know. */
static int
match(const struct rules *r, const struct rule *rule)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)r->subject.p;

	return rule->jit ? pcre2_jit_match(rule->code, subject, r->subject.n, 0,
			       0, r->md, r->mctx)
			 : pcre2_match(rule->code, subject, r->subject.n, 0, 0,
			       r->md, r->mctx);
}

/* 1 matched, 0 not, RULES_LIMIT. */
static int
try_rule(struct rules *r, struct rule *rule)
{
	uint32_t limit = LIMIT_FIRST;
	int rc;

	if (!is_compiled(r, rule))
		return 0;
	do {
		if (!charge(r, rule, limit))
			return RULES_LIMIT;
		pcre2_set_match_limit(r->mctx, limit);
		rc = match(r, rule);
		limit *= LIMIT_FACTOR;
	} while (rc == PCRE2_ERROR_MATCHLIMIT);
	if (rc >= 0) {
		/* 0: the regex has more groups than we look at */
		r->groups = rc == 0 ? GROUPS : (unsigned)rc;
		return 1;
	}
	return rc == PCRE2_ERROR_NOMATCH ? 0 : RULES_LIMIT;
}

static int
find_first(struct rules *r, enum rules_kind kind)
{
	struct list *l = &r->lists->list[kind];
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

int
rules_first(struct rules *r, enum rules_kind kind)
{
	if (!r->answered[kind]) {
		r->answered[kind] = true;
		r->answer[kind] = find_first(r, kind);
	}
	return r->answer[kind];
}

uint64_t
rules_charged(struct rules *r)
{
	settle(r);
	return r->charged;
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
	const struct list *l = &r->lists->list[kind];

	return i < 0 || (size_t)i >= l->n ? NULL : l->v[i].regex;
}

void
rules_set_prefilter(struct rules *r, bool on)
{
	r->use_prefilter = on;
}

void
rules_set_plain(struct rules *r)
{
	prefilter_set_plain(r->lists->prefilter);
}

void
rules_stats(const struct rules *r, struct prefilter_stats *st)
{
	prefilter_stats(r->lists->prefilter, st);
}
