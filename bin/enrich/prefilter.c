#include "config.h"

#include "enrich/prefilter.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/alloc.h"
#include "enrich/literal.h"

/* A literal is looked for by four bytes of it, or all when it has fewer. */
#define WINDOW 4

/* Of windows and pairs, bits that say whether any literal is looked for by
 * it: with seven thousand literals one place in twenty is for nothing. */
#define WINDOW_BITS 17
#define PAIR_BITS 16

/* Lists of literals, by the upper bits of the same hash. */
#define LIST_BITS 13
#define LISTS (1U << LIST_BITS)

/* Places that are found before they are looked at. */
#define BLOCK 256

/* Of a window that most agents hold: as if so many others wanted it. */
#define USUAL 64

/* A literal. */
struct word {
	uint32_t window;
	uint32_t next; /* of one list; 0: none */
	uint8_t at;    /* where the window is */
	bool begins;   /* the subject, or is no literal */
	struct literal lit;
};

_Static_assert(sizeof(struct word) == CACHE_LINE / 2, "a word has one line");

/* A clause that the literal is in. */
struct user {
	uint32_t word, clause;
	uint32_t next; /* of the same literal; 0: none */
};

/* Literals of which one is required, by which rules. */
struct prefilter_clause {
	uint32_t run;  /* the last that found it; of a prefilter_seen */
	uint32_t rule; /* plus 1; 0: none, for each it is not the best */
};

/* A rule becomes a candidate by its best clause, the first; the others are
 * looked at then. */
struct rule {
	uint32_t next;			  /* of the same best clause, plus 1 */
	uint32_t clause[LITERAL_CLAUSES]; /* 0: none */
};

/* The users that a clause is made of. */
struct members {
	uint32_t first, n;
	uint32_t same; /* of one hash; 0: none */
};

/* What is not needed any more when all rules are there. */
struct build {
	struct literal_parser *parser;
	uint8_t crowd[LISTS]; /* how many want a window */
	uint32_t word[LISTS]; /* by a hash of what is in them */
	uint32_t *same;	      /* the next word of one hash; 0: none */
	size_t cap_same;
	uint32_t clause[LISTS];	 /* the same */
	struct members *members; /* of clauses */
	size_t cap_members;
};

/* Places where a literal may be, from first up to end; how many. */
typedef unsigned find_places_fn(const struct prefilter *pf, const char *lower,
    size_t first, size_t end, uint32_t place[BLOCK]);

struct prefilter {
	uint64_t windows[(1U << WINDOW_BITS) / 64];
	uint64_t pairs[(1U << PAIR_BITS) / 64];
	uint32_t window_list[LISTS]; /* of words */
	uint32_t pair_list[LISTS];   /* of those of two bytes */
	/* Of those that begin: by their first byte where they have no window,
	 * else by a hash of it. */
	uint32_t begin_list[256], begin_window_list[256];

	struct word *word; /* [0] is none */
	void *words;	   /* that they are in, once it is sealed */
	uint32_t *of_word; /* the first user of each */
	size_t nwords, cap_words, cap_of_word;
	struct user *user; /* [0] is none */
	size_t nusers, cap_users;
	struct prefilter_clause *clause; /* [0] is none */
	size_t nclauses, cap_clauses;
	struct rule *rule;
	size_t nrules, cap_rules;
	uint64_t *always; /* rules without a clause, as bits */
	size_t nalways;
	find_places_fn *find_places; /* the fastest that this machine has */
	struct build *build;	     /* NULL once it is sealed */
	struct literal_class class[LITERAL_TAILS]; /* by tail */
};

/* The first byte is the lowest: two or three are its lower ones. */
#define PAIR UINT32_C(0xffff)
#define TRIPLE UINT32_C(0xffffff)

static inline uint32_t
load_window(const char *p)
{
	uint32_t v;

	memcpy(&v, p, WINDOW);
	return le32toh(v);
}

/* Knuth's multiplicative hash: the upper bits are the good ones. */
static inline uint32_t
hash(uint32_t window)
{
	return window * UINT32_C(2654435769);
}

static inline uint32_t
list_of(uint32_t window)
{
	return hash(window) >> (32 - LIST_BITS);
}

static inline uint32_t
begin_hash(uint32_t window)
{
	return hash(window) >> 24;
}

static inline uint32_t
window_bit(uint32_t window)
{
	return hash(window) >> (32 - WINDOW_BITS);
}

static inline void
set_bit(uint64_t *bits, size_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline unsigned
get_bit(const uint64_t *bits, size_t i)
{
	return (unsigned)(bits[i / 64] >> (i % 64)) & 1;
}

static find_places_fn find_places;
#ifdef __x86_64__
static find_places_fn find_places_avx2;
#endif

struct prefilter *
prefilter_new(void)
{
	struct prefilter *pf = xcalloc(1, sizeof(*pf));
	struct build *b = xcalloc(1, sizeof(*b));
	const char *p;

	pf->build = b;
	pf->find_places = find_places;
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		pf->find_places = find_places_avx2;
#endif
	b->parser = literal_parser_new();
	b->members = xgrow(NULL, &b->cap_members, 1, sizeof(*b->members));
	pf->word = xgrow(NULL, &pf->cap_words, 1, sizeof(*pf->word));
	pf->user = xgrow(NULL, &pf->cap_users, 1, sizeof(*pf->user));
	pf->clause = xgrow(NULL, &pf->cap_clauses, 1, sizeof(*pf->clause));
	pf->nwords = pf->nusers = pf->nclauses = 1;
	for (p = literal_usual; p[WINDOW - 1] != '\0'; p++)
		b->crowd[list_of(load_window(p))] = USUAL;
	return pf;
}

static void
free_build(struct prefilter *pf)
{
	if (pf->build == NULL)
		return;
	literal_parser_free(pf->build->parser);
	free(pf->build->members);
	free(pf->build->same);
	free(pf->build);
	pf->build = NULL;
}

void
prefilter_free(struct prefilter *pf)
{
	if (pf == NULL)
		return;
	free_build(pf);
	free(pf->words != NULL ? pf->words : pf->word);
	free(pf->of_word);
	free(pf->user);
	free(pf->clause);
	free(pf->rule);
	free(pf->always);
	free(pf);
}

/* The first of the windows that the fewest want. */
static unsigned
choose_window(struct build *b, const struct literal *lit)
{
	uint8_t *crowd, *best = NULL;
	unsigned i, at = 0;

	for (i = 0; i + WINDOW <= lit->n; i++) {
		crowd = &b->crowd[list_of(load_window(lit->s + i))];
		if (best == NULL || *crowd < *best) {
			best = crowd;
			at = i;
		}
	}
	if (best != NULL && *best < UINT8_MAX)
		++*best;
	return at;
}

/* Puts a word where it is looked for. */
static void
list_word(struct prefilter *pf, struct word *w)
{
	uint32_t *list = &pf->begin_list[(unsigned char)w->lit.s[0]];

	if (w->begins && w->lit.n >= WINDOW) {
		list =
		    &pf->begin_window_list[begin_hash(load_window(w->lit.s))];
	} else if (!w->begins) {
		w->at = (uint8_t)choose_window(pf->build, &w->lit);
		w->window = load_window(w->lit.s + w->at);
		if (w->lit.n < WINDOW)
			w->window &= w->lit.n == 2 ? PAIR : TRIPLE;
		if (w->lit.n == 2) {
			list = &pf->pair_list[list_of(w->window)];
			set_bit(pf->pairs, w->window);
		} else {
			list = &pf->window_list[list_of(w->window)];
			set_bit(pf->windows, window_bit(w->window));
		}
	}
	w->next = *list;
	*list = (uint32_t)(w - pf->word);
}

static uint32_t
hash_literal(const struct literal *lit, bool begins)
{
	uint32_t h = (uint32_t)lit->tail << 1 | begins;
	unsigned i;

	for (i = 0; i < lit->n; i++)
		h = (h ^ (unsigned char)lit->s[i]) * UINT32_C(16777619);
	return list_of(h);
}

/* The number of a literal, made when it is not there. */
static uint32_t
add_word(struct prefilter *pf, const struct literal *lit, bool begins)
{
	struct build *b = pf->build;
	uint32_t *known = &b->word[hash_literal(lit, begins)], i;
	const size_t n = pf->nwords + 1;
	struct word *w;

	for (i = *known; i != 0; i = b->same[i]) {
		w = &pf->word[i];
		if (w->begins == begins && literal_eq(&w->lit, lit))
			return i;
	}
	pf->word = xgrow(pf->word, &pf->cap_words, n, sizeof(*pf->word));
	pf->of_word =
	    xgrow(pf->of_word, &pf->cap_of_word, n, sizeof(*pf->of_word));
	pf->of_word[pf->nwords] = 0;
	b->same = xgrow(b->same, &b->cap_same, n, sizeof(*b->same));
	b->same[pf->nwords] = *known;
	w = &pf->word[pf->nwords];
	*w = (struct word){ .lit = *lit, .begins = begins };
	list_word(pf, w);
	return *known = (uint32_t)pf->nwords++;
}

/* The members of the clause at hand are the last users. */
static void
add_users(struct prefilter *pf, const struct literal_set *set)
{
	struct user *u;
	unsigned i;

	pf->user = xgrow(
	    pf->user, &pf->cap_users, pf->nusers + set->n, sizeof(*pf->user));
	for (i = 0; i < set->n; i++) {
		u = &pf->user[pf->nusers + i];
		u->word = add_word(pf, &set->v[i], set->begins);
		u->clause = (uint32_t)pf->nclauses;
	}
}

static bool
is_clause(const struct prefilter *pf, const struct members *m, unsigned n)
{
	unsigned i;

	if (m->n != n)
		return false;
	for (i = 0; i < n; i++)
		if (pf->user[m->first + i].word !=
		    pf->user[pf->nusers + i].word)
			return false;
	return true;
}

/* The number of a clause: many rules want the same. */
static uint32_t
add_clause(struct prefilter *pf, const struct literal_set *set)
{
	struct build *b = pf->build;
	uint32_t h = 0, *known, i;
	uint32_t *first;

	add_users(pf, set);
	for (i = 0; i < set->n; i++)
		h = hash(h ^ pf->user[pf->nusers + i].word);
	known = &b->clause[h >> (32 - LIST_BITS)];
	for (i = *known; i != 0; i = b->members[i].same)
		if (is_clause(pf, &b->members[i], set->n))
			return i;
	b->members = xgrow(
	    b->members, &b->cap_members, pf->nclauses + 1, sizeof(*b->members));
	b->members[pf->nclauses] =
	    (struct members){ (uint32_t)pf->nusers, set->n, *known };
	for (i = 0; i < set->n; i++) {
		first = &pf->of_word[pf->user[pf->nusers].word];
		pf->user[pf->nusers].next = *first;
		*first = (uint32_t)pf->nusers++;
	}
	pf->clause = xgrow(pf->clause, &pf->cap_clauses, pf->nclauses + 1,
	    sizeof(*pf->clause));
	pf->clause[pf->nclauses] = (struct prefilter_clause){ 0 };
	return *known = (uint32_t)pf->nclauses++;
}

void
prefilter_add(struct prefilter *pf, const char *regex)
{
	const struct literal_info *info =
	    literal_required(pf->build->parser, regex);
	struct rule r = { 0 };
	struct prefilter_clause *best;
	unsigned i;

	for (i = 0; i < info->nclause; i++)
		if (i == 0 || info->score[i] > LITERAL_TRITE)
			r.clause[i] = add_clause(pf, &info->clause[i]);
	pf->rule =
	    xgrow(pf->rule, &pf->cap_rules, pf->nrules + 1, sizeof(*pf->rule));
	if (info->nclause > 0) {
		best = &pf->clause[r.clause[0]];
		r.next = best->rule;
		best->rule = (uint32_t)pf->nrules + 1;
	}
	pf->rule[pf->nrules++] = r;
}

void
prefilter_set_plain(struct prefilter *pf)
{
	pf->find_places = find_places;
}

/* Whole lines of the cache. */
static void
align_words(struct prefilter *pf)
{
	const size_t n = pf->nwords * sizeof(*pf->word);
	struct word *word = xlines(n, &pf->words);

	memcpy(word, pf->word, n);
	free(pf->word);
	pf->word = word;
}

void
prefilter_seal(struct prefilter *pf)
{
	size_t i;

	align_words(pf);
	memcpy(
	    pf->class, literal_classes(pf->build->parser), sizeof(pf->class));
	free_build(pf);
	pf->always = xcalloc(PREFILTER_WORDS(pf->nrules) + 1, 8);
	for (i = 0; i < pf->nrules; i++)
		if (pf->rule[i].clause[0] == 0) {
			set_bit(pf->always, i);
			pf->nalways++;
		}
}

/* A subject of n bytes, and which rules may match. */
struct run {
	const struct prefilter *pf;
	struct prefilter_clause *clause;
	uint32_t now; /* its number, as in struct prefilter_seen */
	const char *lower;
	size_t n;
	uint64_t *bits;
};

/* A literal is there: so are the clauses that it is in. */
static inline void
take(const struct run *run, const struct word *w)
{
	const struct prefilter *pf = run->pf;
	struct prefilter_clause *c;
	uint32_t i, r;

	i = pf->of_word[w - pf->word];
	for (; i != 0; i = pf->user[i].next) {
		c = &run->clause[pf->user[i].clause];
		if (c->run == run->now)
			continue;
		c->run = run->now;
		for (r = c->rule; r != 0; r = pf->rule[r - 1].next)
			set_bit(run->bits, r - 1);
	}
}

/* The n bytes at a and b, one at least, in blocks that overlap. */
static inline bool
same(const char *a, const char *b, size_t n)
{
	uint64_t v[2], w[2];
	uint32_t t[2], u[2];

	if (n < 4)
		return a[0] == b[0] && a[n / 2] == b[n / 2] &&
		       a[n - 1] == b[n - 1];
	if (n < 8) {
		memcpy(&t[0], a, 4);
		memcpy(&u[0], b, 4);
		memcpy(&t[1], a + n - 4, 4);
		memcpy(&u[1], b + n - 4, 4);
		return t[0] == u[0] && t[1] == u[1];
	}
	memcpy(&v[0], a, 8);
	memcpy(&w[0], b, 8);
	memcpy(&v[1], a + n - 8, 8);
	memcpy(&w[1], b + n - 8, 8);
	if (v[0] != w[0] || v[1] != w[1])
		return false;
	return n <= 16 || memcmp(a + 8, b + 8, n - 16) == 0;
}

/* Is the literal at p, of which n bytes are left? */
static inline bool
is_there(const struct prefilter *pf, const struct literal *lit, const char *p,
    size_t n)
{
	if (lit->n > n || !same(p, lit->s, lit->n))
		return false;
	return lit->tail == 0 ||
	       (lit->n < n && literal_class_has(&pf->class[lit->tail],
				  (unsigned char)p[lit->n]));
}

/* The literals of a list that have the window at p.  Called, and not put where
 * it is used, it takes a twentieth of what an agent takes. */
static inline __attribute__((__always_inline__)) void
look(const struct run *run, uint32_t i, uint32_t window, size_t p)
{
	const struct word *w;
	size_t from;

	for (; i != 0; i = w->next) {
		w = &run->pf->word[i];
		if (w->window != window || w->at > p)
			continue;
		from = p - w->at;
		if (is_there(
			run->pf, &w->lit, run->lower + from, run->n - from))
			take(run, w);
	}
}

static inline void
look_at_begin_list(const struct run *run, uint32_t i)
{
	const struct word *w;

	for (; i != 0; i = w->next) {
		w = &run->pf->word[i];
		if (is_there(run->pf, &w->lit, run->lower, run->n))
			take(run, w);
	}
}

static void
look_at_beginning(const struct run *run)
{
	const struct prefilter *pf = run->pf;

	if (run->n == 0)
		return;
	look_at_begin_list(run, pf->begin_list[(unsigned char)run->lower[0]]);
	look_at_begin_list(
	    run, pf->begin_window_list[begin_hash(load_window(run->lower))]);
}

/* A place, times eight, and what may be there: a window, three bytes or two. */
enum { HAS_WINDOW = 1, HAS_TRIPLE = 2, HAS_PAIR = 4, HAS_BITS = 3 };

static unsigned
find_places(const struct prefilter *pf, const char *lower, size_t first,
    size_t end, uint32_t place[BLOCK])
{
	unsigned found = 0, has;
	uint32_t w;
	size_t i;

	for (i = first; i < end; i++) {
		w = load_window(lower + i);
		has =
		    get_bit(pf->windows, window_bit(w)) * HAS_WINDOW |
		    get_bit(pf->windows, window_bit(w & TRIPLE)) * HAS_TRIPLE |
		    get_bit(pf->pairs, w & PAIR) * HAS_PAIR;
		place[found] = (uint32_t)i << HAS_BITS | has;
		found += has != 0;
	}
	return found;
}

#ifdef __x86_64__
#define AVX2 __attribute__((__target__("avx2")))

/* The bits at eight places of a table. */
static inline AVX2 __m256i
gather_bits(const uint64_t *bits, __m256i at)
{
	__m256i v = _mm256_i32gather_epi32(
	    (const int *)(const void *)bits, _mm256_srli_epi32(at, 5), 4);

	/* Shifts take the lower five bits only where they are all. */
	at = _mm256_and_si256(at, _mm256_set1_epi32(31));
	return _mm256_and_si256(_mm256_srlv_epi32(v, at), _mm256_set1_epi32(1));
}

static inline AVX2 __m256i
gather_windows(const struct prefilter *pf, __m256i w)
{
	__m256i h =
	    _mm256_mullo_epi32(w, _mm256_set1_epi32((int)UINT32_C(2654435769)));

	return gather_bits(pf->windows, _mm256_srli_epi32(h, 32 - WINDOW_BITS));
}

/* As find_places(), eight places at once. */
static AVX2 unsigned
find_places_avx2(const struct prefilter *pf, const char *lower, size_t first,
    size_t end, uint32_t place[BLOCK])
{
	const __m256i spread = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4,
	    5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
	unsigned found = 0, bits, lane;
	uint32_t has[8];
	__m256i w, any;
	size_t i;

	for (i = first; i + 8 <= end; i += 8) {
		w = _mm256_broadcastsi128_si256(_mm_loadu_si128(
		    (const __m128i *)(const void *)(lower + i)));
		w = _mm256_shuffle_epi8(w, spread);
		any = gather_windows(pf, w);
		any = _mm256_or_si256(any,
		    _mm256_slli_epi32(
			gather_windows(pf, _mm256_and_si256(w,
					       _mm256_set1_epi32((int)TRIPLE))),
			1));
		any = _mm256_or_si256(any,
		    _mm256_slli_epi32(
			gather_bits(pf->pairs,
			    _mm256_and_si256(w, _mm256_set1_epi32((int)PAIR))),
			2));
		_mm256_storeu_si256((__m256i *)(void *)has, any);
		bits = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(
		    _mm256_cmpgt_epi32(any, _mm256_setzero_si256())));
		for (; bits != 0; bits &= bits - 1) {
			lane = (unsigned)__builtin_ctz(bits);
			place[found++] =
			    (uint32_t)(i + lane) << HAS_BITS | has[lane];
		}
	}
	return found + find_places(pf, lower, i, end, place + found);
}
#endif

/* Most places are of a window, and most lists have one literal. */
static inline void
ask(const struct run *run, uint32_t place)
{
	uint32_t w = load_window(run->lower + (place >> HAS_BITS));

	__builtin_prefetch(&run->pf->word[run->pf->window_list[list_of(w)]]);
}

static inline void
look_at(const struct run *run, uint32_t place)
{
	const struct prefilter *pf = run->pf;
	size_t p = place >> HAS_BITS;
	uint32_t w = load_window(run->lower + p);
	uint32_t triple = w & TRIPLE, pair = w & PAIR;

	if ((place & HAS_WINDOW) != 0)
		look(run, pf->window_list[list_of(w)], w, p);
	if ((place & HAS_TRIPLE) != 0)
		look(run, pf->window_list[list_of(triple)], triple, p);
	if ((place & HAS_PAIR) != 0)
		look(run, pf->pair_list[list_of(pair)], pair, p);
}

/* Those whose other clauses are not there are none. */
static void
drop_candidates(const struct run *run)
{
	const struct prefilter *pf = run->pf;
	size_t i, words = PREFILTER_WORDS(pf->nrules);
	uint64_t *bits = run->bits;
	const struct rule *r;
	uint64_t left;
	unsigned k;

	for (i = 0; i < words; i++)
		for (left = bits[i]; left != 0; left &= left - 1) {
			r = &pf->rule[i * 64 + (size_t)__builtin_ctzll(left)];
			for (k = 1; k < LITERAL_CLAUSES; k++)
				if (r->clause[k] != 0 &&
				    run->clause[r->clause[k]].run != run->now)
					bits[i] &= ~(left & -left);
		}
}

void
prefilter_seen_init(struct prefilter_seen *seen, const struct prefilter *pf)
{
	const size_t n = pf->nclauses * sizeof(*pf->clause);

	seen->clause = xmalloc(n);
	memcpy(seen->clause, pf->clause, n);
	seen->run = 0;
}

void
prefilter_seen_release(struct prefilter_seen *seen)
{
	free(seen->clause);
	seen->clause = NULL;
}

static void
begin_run(const struct prefilter *pf, struct prefilter_seen *seen)
{
	size_t i;

	if (++seen->run != 0)
		return;
	/* 2^32 runs: old ones could come back. */
	for (i = 0; i < pf->nclauses; i++)
		seen->clause[i].run = 0;
	seen->run = 1;
}

void
prefilter_run(const struct prefilter *pf, struct prefilter_seen *seen,
    const char *lower, size_t n, uint64_t *bits)
{
	struct run run = { pf, seen->clause, 0, lower, n, bits };
	uint32_t place[BLOCK];
	size_t first, end;
	unsigned i, found;

	memcpy(bits, pf->always, PREFILTER_WORDS(pf->nrules) * 8);
	begin_run(pf, seen);
	run.now = seen->run;
	look_at_beginning(&run);
	for (first = 0; first < n; first = end) {
		end = n - first > BLOCK ? first + BLOCK : n;
		found = pf->find_places(pf, lower, first, end, place);
		for (i = 0; i < found; i++)
			ask(&run, place[i]);
		for (i = 0; i < found; i++)
			look_at(&run, place[i]);
	}
	drop_candidates(&run);
}

static size_t
longest(const struct prefilter *pf, const uint32_t *list)
{
	size_t l, n, most = 0;
	uint32_t i;

	for (l = 0; l < LISTS; l++) {
		n = 0;
		for (i = list[l]; i != 0; i = pf->word[i].next)
			n++;
		if (most < n)
			most = n;
	}
	return most;
}

void
prefilter_stats(const struct prefilter *pf, struct prefilter_stats *st)
{
	st->rules = pf->nrules;
	st->always = pf->nalways;
	st->literals = pf->nwords - 1;
	st->clauses = pf->nclauses - 1;
	st->longest = longest(pf, pf->window_list) + longest(pf, pf->pair_list);
}
