#include "config.h"

#include "enrich/prefilter.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/alloc.h"
#include "enrich/literal.h"

/*
 * States are numbered in 16 bits: that halves the table, which has to stay
 * in the cache.  uap-core and the crawlers need half of them; what does not
 * fit is no clause, and its rule is tried more often.
 */
#define STATES_MAX 65535

/* A literal in the building, and the clause that it belongs to. */
struct posting {
	struct literal lit;
	uint32_t rule;
	uint8_t bit;
	uint32_t terminal; /* 0: it had no room */
};

/* "This terminal fulfils that clause of that rule." */
struct target {
	uint32_t rule;
	uint8_t bit;
};

/* A state that ends a literal: its targets, and the next shorter one. */
struct terminal {
	uint32_t first, count; /* in targets */
	uint32_t shorter;      /* terminal, 0: none */
	uint32_t epoch;	       /* of the run that saw it last */
};

struct prefilter {
	struct posting *postings; /* gone after the build */
	size_t npostings, cap_postings;
	uint8_t *need; /* per rule: the clauses it has */
	uint8_t *have; /* per rule: those found in this run */
	size_t nrules, cap_need;

	uint8_t class[256]; /* of a byte; 0: in no literal */
	unsigned nclass;
	unsigned stride;       /* nclass, rounded up to whole vectors */
	uint16_t *next;	       /* state * stride + class -> state */
	void *next_block;      /* where it lies */
	uint32_t *terminal_of; /* state -> terminal, 0: none */
	size_t nstates, cap_states;
	struct terminal *terminals; /* [0] is none */
	size_t nterminals;
	struct target *targets;
	uint64_t *always; /* rules without a clause, as bits */
	size_t nalways;
	uint32_t epoch;
};

struct prefilter *
prefilter_new(void)
{
	return xcalloc(1, sizeof(struct prefilter));
}

void
prefilter_free(struct prefilter *pf)
{
	if (pf == NULL)
		return;
	free(pf->postings);
	free(pf->need);
	free(pf->have);
	free(pf->next_block);
	free(pf->terminal_of);
	free(pf->terminals);
	free(pf->targets);
	free(pf->always);
	free(pf);
}

void
prefilter_add(struct prefilter *pf, const char *regex)
{
	struct literal_info info;
	struct posting *po;
	unsigned i, j;

	literal_required(&info, regex);
	for (i = 0; i < info.nclause; i++)
		for (j = 0; j < info.clause[i].n; j++) {
			pf->postings = xgrow(pf->postings, &pf->cap_postings,
			    pf->npostings + 1, sizeof(*pf->postings));
			po = &pf->postings[pf->npostings++];
			po->lit = info.clause[i].v[j];
			po->rule = (uint32_t)pf->nrules;
			po->bit = (uint8_t)(1U << i);
			po->terminal = 0;
		}
	pf->need = xgrow(pf->need, &pf->cap_need, pf->nrules + 1, 1);
	pf->need[pf->nrules++] = (uint8_t)((1U << info.nclause) - 1);
}

static void
build_alphabet(struct prefilter *pf)
{
	const struct literal *lit;
	size_t i;
	unsigned j;

	pf->nclass = 1;
	for (i = 0; i < pf->npostings; i++) {
		lit = &pf->postings[i].lit;
		for (j = 0; j < lit->n; j++)
			if (pf->class[(unsigned char)lit->s[j]] == 0)
				pf->class[(unsigned char)lit->s[j]] =
				    (uint8_t)pf->nclass++;
	}
	pf->stride = (pf->nclass + 7) & ~7U;
}

/* Room for all that the literals can need: pages that they do not are never
 * touched. */
static void
make_room(struct prefilter *pf)
{
	size_t i, n = 1;

	for (i = 0; i < pf->npostings; i++)
		n += pf->postings[i].lit.n;
	pf->cap_states = n < STATES_MAX ? n : STATES_MAX;
	pf->next = xlarge(
	    pf->cap_states * pf->stride * sizeof(*pf->next), &pf->next_block);
	pf->terminal_of = xcalloc(pf->cap_states, sizeof(*pf->terminal_of));
	pf->terminals = xcalloc(pf->npostings + 1, sizeof(*pf->terminals));
	pf->targets = xcalloc(pf->npostings + 1, sizeof(*pf->targets));
	pf->nterminals = 1; /* [0] is none */
	pf->nstates = 1;    /* the root */
}

/* The state that a literal ends in; made when it is not there. */
static uint32_t
trie_insert(struct prefilter *pf, const struct literal *lit)
{
	uint32_t s = 0;
	size_t at;
	unsigned i;

	for (i = 0; i < lit->n; i++) {
		at = s * pf->stride + pf->class[(unsigned char)lit->s[i]];
		if (pf->next[at] == 0)
			pf->next[at] = (uint16_t)pf->nstates++;
		s = pf->next[at];
	}
	return s;
}

/* The targets of a terminal stand together: first how many each has. */
static void
build_trie(struct prefilter *pf)
{
	struct posting *po, *end = pf->postings + pf->npostings;
	struct terminal *t;
	uint32_t s, first = 0;

	make_room(pf);
	for (po = pf->postings; po < end; po++) {
		if (pf->nstates + po->lit.n > STATES_MAX) {
			pf->need[po->rule] &= (uint8_t)~po->bit;
			continue;
		}
		s = trie_insert(pf, &po->lit);
		if (pf->terminal_of[s] == 0)
			pf->terminal_of[s] = (uint32_t)pf->nterminals++;
		po->terminal = pf->terminal_of[s];
		pf->terminals[po->terminal].count++;
	}
	for (t = pf->terminals + 1; t < pf->terminals + pf->nterminals; t++) {
		t->first = first;
		first += t->count;
		t->count = 0;
	}
	for (po = pf->postings; po < end; po++) {
		t = &pf->terminals[po->terminal];
		if (po->terminal != 0)
			pf->targets[t->first + t->count++] =
			    (struct target){ po->rule, po->bit };
	}
}

/* States to be visited, each with its failure. */
struct queue {
	uint16_t *v;
	uint16_t *fail;
	size_t n;
};

/* Eight steps of a state: those it has lead to its children, whose failure
 * is where its own failure goes; those it lacks are its failure's. */
#ifdef __SSE2__
static inline void
complete_8(uint16_t *row, const uint16_t *from, struct queue *q)
{
	__m128i *mine = (__m128i *)(void *)row;
	__m128i a = _mm_loadu_si128(mine);
	__m128i b = _mm_loadu_si128((const __m128i *)(const void *)from);
	__m128i none = _mm_cmpeq_epi16(a, _mm_setzero_si128());
	unsigned bits = ~(unsigned)_mm_movemask_epi8(none) & 0x5555, i;

	for (; bits != 0; bits &= bits - 1) {
		i = (unsigned)__builtin_ctz(bits) / 2;
		q->fail[row[i]] = from[i];
		q->v[q->n++] = row[i];
	}
	_mm_storeu_si128(mine, _mm_or_si128(a, _mm_and_si128(b, none)));
}
#else
static inline void
complete_8(uint16_t *row, const uint16_t *from, struct queue *q)
{
	unsigned i;

	for (i = 0; i < 8; i++)
		if (row[i] == 0) {
			row[i] = from[i];
		} else {
			q->fail[row[i]] = from[i];
			q->v[q->n++] = row[i];
		}
}
#endif

/*
 * Breadth first: a state's failure is known when its children are reached,
 * and missing steps are those of the failure.  Class 0 leads to the root
 * from everywhere.
 */
static void
complete(struct prefilter *pf)
{
	struct queue q = { xcalloc(pf->nstates, sizeof(*q.v)),
		xcalloc(pf->nstates, sizeof(*q.fail)), 0 };
	size_t head = 0;
	uint16_t s, f;
	unsigned c;

	for (c = 1; c < pf->nclass; c++)
		if (pf->next[c] != 0)
			q.v[q.n++] = pf->next[c];
	while (head < q.n) {
		s = q.v[head++];
		f = q.fail[s];
		/* A state that ends nothing passes on what its failure ends. */
		if (pf->terminal_of[s] == 0)
			pf->terminal_of[s] = pf->terminal_of[f];
		else
			pf->terminals[pf->terminal_of[s]].shorter =
			    pf->terminal_of[f];
		for (c = 0; c < pf->stride; c += 8)
			complete_8(pf->next + s * pf->stride + c,
			    pf->next + f * pf->stride + c, &q);
	}
	free(q.v);
	free(q.fail);
}

void
prefilter_build(struct prefilter *pf)
{
	size_t i;

	pf->have = xcalloc(pf->nrules + 1, 1);
	pf->always = xcalloc(PREFILTER_WORDS(pf->nrules) + 1, 8);
	build_alphabet(pf);
	build_trie(pf);
	complete(pf);
	for (i = 0; i < pf->nrules; i++)
		if (pf->need[i] == 0) {
			pf->always[i / 64] |= UINT64_C(1) << (i % 64);
			pf->nalways++;
		}
	free(pf->postings);
	pf->postings = NULL;
}

/* A new literal was seen, and with it all that it ends in. */
static void
take(struct prefilter *pf, uint32_t terminal, uint64_t *bits)
{
	const struct target *tg, *end;
	struct terminal *t;

	while (terminal != 0) {
		t = &pf->terminals[terminal];
		if (t->epoch == pf->epoch)
			return; /* so have the shorter ones */
		t->epoch = pf->epoch;
		end = pf->targets + t->first + t->count;
		for (tg = pf->targets + t->first; tg < end; tg++) {
			pf->have[tg->rule] |= tg->bit;
			if ((pf->have[tg->rule] & pf->need[tg->rule]) ==
			    pf->need[tg->rule])
				bits[tg->rule / 64] |= UINT64_C(1)
						       << (tg->rule % 64);
		}
		terminal = t->shorter;
	}
}

void
prefilter_run(struct prefilter *pf, const char *lower, size_t n, uint64_t *bits)
{
	uint32_t s = 0, terminal;
	size_t i;

	memcpy(bits, pf->always, PREFILTER_WORDS(pf->nrules) * 8);
	memset(pf->have, 0, pf->nrules);
	if (++pf->epoch == 0) { /* 2^32 runs: old epochs could come back */
		for (i = 0; i < pf->nterminals; i++)
			pf->terminals[i].epoch = 0;
		pf->epoch = 1;
	}
	for (i = 0; i < n; i++) {
		s = pf->next[s * pf->stride +
			     pf->class[(unsigned char)lower[i]]];
		terminal = pf->terminal_of[s];
		if (terminal != 0)
			take(pf, terminal, bits);
	}
}

void
prefilter_stats(const struct prefilter *pf, struct prefilter_stats *st)
{
	st->rules = pf->nrules;
	st->always = pf->nalways;
	st->literals = pf->nterminals - 1;
	st->states = pf->nstates;
	st->bytes = pf->nstates *
		    (pf->stride * sizeof(*pf->next) + sizeof(*pf->terminal_of));
}
