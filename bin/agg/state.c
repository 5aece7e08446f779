#include "config.h"

#include "agg/state.h"

#include <string.h>

#include "agg/hll.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/utc.h"

#define COUNTS_MAX 3

int
state_counts(struct slice text, uint64_t *v, unsigned n)
{
	const char *p = text.p, *end = p + text.n, *stop;

	for (unsigned i = 0; i < n; i++) {
		stop = i + 1 == n ? end : memchr(p, ' ', (size_t)(end - p));
		if (stop == NULL ||
		    number_u64(slice_of(p, (size_t)(stop - p)), &v[i]) == -1)
			return -1;
		p = stop + 1;
	}
	return 0;
}

int
state_sum(struct slice text, uint64_t *n, decimal *sum)
{
	const char *blank = memchr(text.p, ' ', text.n);
	size_t len;

	if (blank == NULL)
		return -1;
	len = (size_t)(blank - text.p);
	if (number_u64(slice_of(text.p, len), n) == -1)
		return -1;
	return decimal_read(slice_of(blank + 1, text.n - len - 1), sum);
}

static int
overflow(struct slice key)
{
	msg_error("a counter overflows: %.*s", (int)key.n, key.p);
	return -1;
}

static int
broken(struct slice key)
{
	msg_error("no state of its kind: %.*s", (int)key.n, key.p);
	return -1;
}

/* n counters, each added. */
static int
add_counts(struct strbuf *into, struct slice key, struct slice a,
    struct slice b, unsigned n)
{
	uint64_t x[COUNTS_MAX], y[COUNTS_MAX];

	if (state_counts(a, x, n) == -1 || state_counts(b, y, n) == -1)
		return broken(key);
	for (unsigned i = 0; i < n; i++) {
		if (__builtin_add_overflow(x[i], y[i], &x[i]))
			return overflow(key);
		strbuf_addf(
		    into, "%s%llu", i > 0 ? " " : "", (unsigned long long)x[i]);
	}
	return 0;
}

static int
merge_count(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	return add_counts(into, key, a, b, 1);
}

static int
merge_three(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	return add_counts(into, key, a, b, 3);
}

/* Both are the same, or tell the same. */
static int
merge_same(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	(void)key;
	(void)b;
	strbuf_add_slice(into, a);
	return 0;
}

static void
put_sum(struct strbuf *into, decimal sum)
{
	char text[DECIMAL_MAX];

	strbuf_add(into, text, decimal_put(text, sum));
}

static int
merge_sum(struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	uint64_t n, more;
	decimal sum, v;

	if (state_sum(a, &n, &sum) == -1 || state_sum(b, &more, &v) == -1)
		return broken(key);
	if (__builtin_add_overflow(n, more, &n) || decimal_add(&sum, v) == -1)
		return overflow(key);
	strbuf_addf(into, "%llu ", (unsigned long long)n);
	put_sum(into, sum);
	return 0;
}

/* The least, or the greatest; an empty state is none. */
static int
merge_bound(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	bool greatest = key.p[2] == 'x';
	decimal x, y;

	if (a.n == 0 || b.n == 0) {
		strbuf_add_slice(into, a.n > 0 ? a : b);
		return 0;
	}
	if (decimal_read(a, &x) == -1 || decimal_read(b, &y) == -1)
		return broken(key);
	strbuf_add_slice(into, (x < y) != greatest ? a : b);
	return 0;
}

static int
merge_registers(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	uint8_t reg[HLL_SIZE] = { 0 };

	if (hll_merge(reg, a) == -1 || hll_merge(reg, b) == -1)
		return broken(key);
	hll_put(into, reg);
	return 0;
}

/* The greater number. */
static int
merge_level(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	uint64_t x, y;

	if (state_counts(a, &x, 1) == -1 || state_counts(b, &y, 1) == -1)
		return broken(key);
	strbuf_add_slice(into, x >= y ? a : b);
	return 0;
}

/* The first bytes: days of fixed width, and what followed. */
static int
merge_first(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	(void)key;
	strbuf_add_slice(into, slice_cmp(a, b) <= 0 ? a : b);
	return 0;
}

static bool
valid_count(struct slice s)
{
	uint64_t v;

	return state_counts(s, &v, 1) == 0;
}

/* What nobody did is in no state. */
static bool
valid_events(struct slice s)
{
	uint64_t v;

	return state_counts(s, &v, 1) == 0 && v > 0;
}

static bool
valid_sum(struct slice s)
{
	uint64_t n;
	decimal sum;

	return state_sum(s, &n, &sum) == 0;
}

static bool
valid_bound(struct slice s)
{
	decimal v;

	return s.n == 0 || decimal_read(s, &v) == 0;
}

static bool
valid_registers(struct slice s)
{
	uint8_t reg[HLL_SIZE] = { 0 };

	return hll_merge(reg, s) == 0;
}

/* Their number is not known before all are there. */
static bool
valid_marker(struct slice s)
{
	return slice_is(s, "0");
}

static bool
valid_empty(struct slice s)
{
	return s.n == 0;
}

/*
 * Those without valid() never leave the process; a member of a set has one
 * part more than the marker of its set, and no state.
 */
static const struct kind {
	char letter;
	unsigned min_parts, max_parts;
	int (*merge)(struct strbuf *, struct slice, struct slice, struct slice);
	bool (*valid)(struct slice);
} kinds[] = {
	{ 'o', 1, 1, merge_count, valid_count },
	{ 'f', 1, 1, merge_same, valid_empty },
	{ 'w', 1, 1, merge_count, valid_count },
	{ 'c', 2, 2, merge_count, valid_count },
	{ 'd', 2, 3, merge_same, valid_marker },
	{ 'h', 2, 2, merge_registers, valid_registers },
	{ 's', 2, 2, merge_sum, valid_sum },
	{ 'i', 2, 2, merge_bound, valid_bound },
	{ 'x', 2, 2, merge_bound, valid_bound },
	{ 'b', 2, 3, merge_count, valid_count },
	{ 'e', 5, 5, merge_count, valid_events },
	{ 'p', 3, 3, merge_level, NULL },
	{ 'r', 3, 3, merge_first, NULL },
	{ 'v', 2, 2, merge_three, NULL },
};

static const struct kind *
find_kind(char letter)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].letter == letter)
			return &kinds[i];
	return NULL;
}

int
state_merge(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	const struct kind *k = find_kind(key.p[2]);

	return k != NULL ? k->merge(into, key, a, b) : broken(key);
}

bool
state_valid(const struct key *key, struct slice text)
{
	const struct kind *k = find_kind(key->kind);
	int64_t day;

	if (k == NULL || k->valid == NULL || key->n < k->min_parts ||
	    key->n > k->max_parts)
		return false;
	if (strchr("efw", key->kind) == NULL &&
	    utc_parse_date(key->part[0], &day) == -1)
		return false;
	if (key->kind == 'd' && key->n == k->max_parts)
		return text.n == 0;
	return k->valid(text);
}
