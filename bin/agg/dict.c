#include "config.h"

#include "agg/dict.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "agg/dims.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/reader.h"

#define DICT_MIN 16 /* slots of the first table */

/*
 * A record is its id, the length and the bytes of its text, from a multiple
 * of 8 on, so that 32 bits reach 32 GiB.  Place 0 is not used.
 */
#define RECORD_ALIGN 8
#define RECORD_HEAD (2 * sizeof(uint32_t))
#define ARENA_MAX ((uint64_t)UINT32_MAX * RECORD_ALIGN)

/* Digits of INT64_MIN, whose absolute value has as many as INT64_MAX. */
#define INT_DIGITS 19

void
dict_init(struct dict *d, const struct hash_key *hk, enum dict_kind kind)
{
	*d = (struct dict){
		.hk = hk, .kind = kind, .len = RECORD_ALIGN, .name = STRBUF_INIT
	};
	if (kind == DICT_INTS)
		return;
	d->tiny = xcalloc((size_t)1 << DICT_TINY_BITS, sizeof(*d->tiny));
	d->recent = xcalloc((size_t)1 << DICT_SHORT_BITS, sizeof(*d->recent));
	d->recent_id =
	    xcalloc((size_t)1 << DICT_SHORT_BITS, sizeof(*d->recent_id));
}

void
dict_release(struct dict *d)
{
	index_release(&d->ints);
	free(d->tiny);
	free(d->recent);
	free(d->recent_id);
	free(d->slot);
	free(d->arena);
	free(d->record);
	strbuf_release(&d->name);
	*d = (struct dict){ 0 };
}

/* Eight bytes as they lie in memory, the first one lowest. */
static inline uint64_t
read_low_first(const char *p)
{
	uint64_t w = hash_read64(p);

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

/* Bits where a byte of w is no digit. */
static inline uint64_t
not_digits(uint64_t w)
{
	const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);

	return ((w & high) | ((w + UINT64_C(0x0606060606060606)) & high) >> 4) ^
	       UINT64_C(0x3333333333333333);
}

/* The number of eight digits: pairs, fours and both halves are put together. */
static inline uint64_t
eight_digits(uint64_t w)
{
	w = (w & UINT64_C(0x0f0f0f0f0f0f0f0f)) * (10 << 8 | 1) >> 8;
	w = (w & UINT64_C(0x00ff00ff00ff00ff)) * (100 << 16 | 1) >> 16;
	w = (w & UINT64_C(0x0000ffff0000ffff)) * (UINT64_C(10000) << 32 | 1);
	return w >> 32;
}

/*
 * The number of n digits, 16 to INT_DIGITS of them, as all ids that are hashes
 * have but one in five hundred; false when they are none.  What is behind the
 * sixteenth is moved to the end of eight, behind zeros.
 */
static inline bool
long_digits(const char *p, size_t n, uint64_t *v)
{
	static const uint64_t power[] = { 1, 10, 100, 1000 };
	uint64_t a = read_low_first(p), b = read_low_first(p + 8);
	uint64_t c = read_low_first(p + 16), zeros;
	unsigned rest = (unsigned)n - 16;

	zeros = UINT64_C(0x3030303030303030) >> 8 * rest;
	c = (c << (32 - 8 * rest) << 32) | zeros;
	*v = (eight_digits(a) * 100000000 + eight_digits(b)) * power[rest] +
	     eight_digits(c);
	return (not_digits(a) | not_digits(b) | not_digits(c)) == 0;
}

static inline bool
few_digits(const char *p, size_t n, uint64_t *v)
{
	unsigned c;

	*v = 0;
	for (size_t i = 0; i < n; i++) {
		c = (unsigned char)p[i] - (unsigned)'0';
		if (c > 9)
			return false;
		*v = *v * 10 + c;
	}
	return true;
}

/* True when s is the one shortest form of an int64_t, whose bits *v gets. */
static inline bool
shortest_int(struct slice s, uint64_t *v)
{
	uint64_t negative = s.n > 0 && s.p[0] == '-', sum;
	const char *p = s.p + negative;
	size_t n = s.n - negative;

	if (n == 0 || n > INT_DIGITS)
		return false;
	if (*p == '0' && s.n > 1)
		return false; /* 007, -0 */
	if (n >= 16 ? !long_digits(p, n, &sum) : !few_digits(p, n, &sum))
		return false;
	if (sum > (uint64_t)INT64_MAX + negative)
		return false;
	*v = (sum ^ (0 - negative)) + negative;
	return true;
}

static inline const char *
record_at(const struct dict *d, uint32_t place)
{
	return d->arena + (size_t)place * RECORD_ALIGN;
}

static inline uint32_t
record_id(const char *record)
{
	uint32_t id;

	memcpy(&id, record, sizeof(id));
	return id;
}

static inline struct slice
record_text(const char *record)
{
	uint32_t n;

	memcpy(&n, record + sizeof(n), sizeof(n));
	return slice_of(record + RECORD_HEAD, n);
}

static uint32_t
add_record(struct dict *d, uint32_t id, struct slice text)
{
	size_t size = RECORD_HEAD + text.n, place = d->len;
	uint32_t n = (uint32_t)text.n; /* a line is shorter than 4 GiB */
	char *p;

	size = (size + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
	if (d->len + size > ARENA_MAX)
		msg_die(EV_EXIT_FAIL,
		    "more than 32 GiB of different values of one field");
	d->arena = xgrow(d->arena, &d->cap, d->len + size, 1);
	p = d->arena + place;
	memcpy(p, &id, sizeof(id));
	memcpy(p + sizeof(id), &n, sizeof(n));
	if (n > 0)
		memcpy(p + RECORD_HEAD, text.p, n);
	d->len += size;
	return (uint32_t)(place / RECORD_ALIGN);
}

static void
grow_slots(struct dict *d)
{
	size_t cap = d->mask == 0 ? DICT_MIN : (d->mask + 1) * 2;
	uint64_t *slot = xcalloc(cap, sizeof(*slot));
	size_t mask = cap - 1, at;
	struct slice text;

	for (size_t i = 0; d->mask != 0 && i <= d->mask; i++) {
		if (d->slot[i] == 0)
			continue;
		text = record_text(record_at(d, (uint32_t)d->slot[i]));
		at = hash_slice(d->hk, text) & mask;
		while (slot[at] != 0)
			at = (at + 1) & mask;
		slot[at] = d->slot[i];
	}
	free(d->slot);
	d->slot = slot;
	d->mask = mask;
}

/* The slot of text, or the free one where it belongs. */
static uint64_t *
find_slot(struct dict *d, struct slice text, uint64_t h)
{
	uint64_t *slot;
	size_t at;

	if (d->used >= d->mask - d->mask / 4)
		grow_slots(d);
	for (at = h & d->mask;; at = (at + 1) & d->mask) {
		slot = &d->slot[at];
		if (*slot == 0)
			return slot;
		if (*slot >> 32 == h >> 32 &&
		    slice_eq(record_text(record_at(d, (uint32_t)*slot)), text))
			return slot;
	}
}

static void
fill_slot(struct dict *d, uint64_t *slot, uint64_t hash, uint32_t place)
{
	*slot = (hash >> 32) << 32 | place;
	d->used++;
}

/* A new id with the name in d->name, or the id that has this name. */
static uint32_t
name_id(struct dict *d, uint32_t *place)
{
	struct slice name = strbuf_slice(&d->name);
	uint64_t hash = hash_slice(d->hk, name);
	uint64_t *slot = find_slot(d, name, hash);

	if (*slot == 0) {
		*place = add_record(d, ++d->n, name);
		fill_slot(d, slot, hash, *place);
		d->record =
		    xgrow(d->record, &d->record_cap, d->n, sizeof(*d->record));
		d->record[d->n - 1] = *place;
		return d->n;
	}
	*place = (uint32_t)*slot;
	return record_id(record_at(d, *place));
}

/* A value that was not seen before. */
static uint32_t
new_text(struct dict *d, struct slice text, uint64_t *slot, uint64_t hash)
{
	uint32_t id, place;

	(void)index_check((uint64_t)d->n + 1);
	if (d->kind != DICT_NAMES) {
		fill_slot(d, slot, hash, add_record(d, ++d->n, text));
		return d->n;
	}
	strbuf_clear(&d->name);
	dims_name(&d->name, text);
	id = name_id(d, &place);
	if (!slice_eq(strbuf_slice(&d->name), text)) {
		/* The slots may have moved: a second place to put it. */
		slot = find_slot(d, text, hash);
		fill_slot(d, slot, hash, add_record(d, id, text));
	}
	return id;
}

static uint32_t
text_id(struct dict *d, struct slice text, uint64_t hash)
{
	uint64_t *slot = find_slot(d, text, hash);

	if (*slot != 0)
		return record_id(record_at(d, (uint32_t)*slot));
	return new_text(d, text, slot, hash);
}

/* 1 and the length of a value, or 0. */
static inline uint32_t
form_of(struct slice value)
{
	return (uint32_t)value.n + (value.p != NULL);
}

/* What may be read of a value, NULL or not, for which there is no branch. */
static inline const char *
bytes_of(struct slice value)
{
	static const char nothing[DICT_SHORT + 1] = { 0 };
	uintptr_t there = (uintptr_t)value.p;

	return (const char *)(there |
			      ((uintptr_t)nothing & (0 - (uintptr_t)!there)));
}

/* DICT_SHORT + 1 bytes FF and as many zeros. */
static const unsigned char keep[2 * (DICT_SHORT + 1)] = { 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };

/* What begins with n bytes FF, others being zeros. */
static inline const char *
keep_bytes(size_t n)
{
	return (const char *)keep + DICT_SHORT + 1 - n;
}

/*
 * Odd numbers without a pattern.  Not keyed: who aims at one place of those
 * that were met lately has what others have, a look into the table.
 */
#define FACTOR_1 UINT64_C(0x9e3779b97f4a7c15)
#define FACTOR_2 UINT64_C(0xd6e8feb86659fd93)

static inline uint64_t
tiny_word(struct slice value)
{
	uint64_t form = form_of(value);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	form <<= 56;
#endif
	return (hash_read64(bytes_of(value)) &
		   hash_read64(keep_bytes(value.n))) |
	       form;
}

static inline struct dict_tiny *
tiny_of(const struct dict *d, uint64_t word)
{
	return &d->tiny[word * FACTOR_1 >> (64 - DICT_TINY_BITS)];
}

/* A short value as it is compared, and its place among the recent ones. */
#ifdef __SSE2__

static inline __m128i
load16(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

struct short_text {
	__m128i low, high;
};

static inline struct short_text
short_text(struct slice value)
{
	const char *p = bytes_of(value), *mask = keep_bytes(value.n);
	__m128i form = _mm_cvtsi32_si128((int)form_of(value));

	return (struct short_text){ _mm_and_si128(load16(p), load16(mask)),
		_mm_or_si128(_mm_and_si128(load16(p + 16), load16(mask + 16)),
		    _mm_slli_si128(form, 15)) };
}

static inline size_t
short_place(struct short_text t)
{
	__m128i v = _mm_xor_si128(t.low, t.high);
	uint64_t a = (uint64_t)_mm_cvtsi128_si64(v);
	uint64_t b = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(v, v));

	return (a * FACTOR_1 + b * FACTOR_2) >> (64 - DICT_SHORT_BITS);
}

static inline bool
is_short(const struct dict_short *s, struct short_text t)
{
	__m128i low = _mm_cmpeq_epi8(t.low, load16(s->text));
	__m128i high = _mm_cmpeq_epi8(t.high, load16(s->text + 16));

	return _mm_movemask_epi8(_mm_and_si128(low, high)) == 0xffff;
}

static inline void
put_short(struct dict_short *s, struct short_text t)
{
	_mm_storeu_si128((__m128i *)(void *)s->text, t.low);
	_mm_storeu_si128((__m128i *)(void *)(s->text + 16), t.high);
}

#else

struct short_text {
	struct dict_short s;
};

static inline struct short_text
short_text(struct slice value)
{
	struct short_text t = { 0 };

	memcpy(t.s.text, bytes_of(value), value.n);
	t.s.text[DICT_SHORT] = (char)form_of(value);
	return t;
}

static inline size_t
short_place(struct short_text t)
{
	const char *p = t.s.text;

	return ((hash_read64(p) ^ hash_read64(p + 16)) * FACTOR_1 +
		   (hash_read64(p + 8) ^ hash_read64(p + 24)) * FACTOR_2) >>
	       (64 - DICT_SHORT_BITS);
}

static inline bool
is_short(const struct dict_short *s, struct short_text t)
{
	return memcmp(s, &t.s, sizeof(*s)) == 0;
}

static inline void
put_short(struct dict_short *s, struct short_text t)
{
	*s = t.s;
}

#endif

/* The ids of values that were met lately; the other rows. */
static uint32_t
recent_ids(const struct dict *d, const struct slice *value, uint32_t rows,
    uint32_t *id)
{
	uint32_t others = 0;
	struct short_text t;
	unsigned k;
	size_t at;

	while (rows != 0) {
		k = rowset_take(&rows);
		if (value[k].n > DICT_SHORT) {
			others |= rowset_if(true, k);
			continue;
		}
		t = short_text(value[k]);
		at = short_place(t);
		id[k] = d->recent_id[at];
		others |= rowset_if(!is_short(&d->recent[at], t), k);
	}
	return others;
}

/* The same of tiny values. */
static uint32_t
tiny_ids(const struct dict *d, const struct slice *value, uint32_t rows,
    uint32_t *id)
{
	const struct dict_tiny *t;
	uint32_t others = 0;
	uint64_t word;
	unsigned k;

	while (rows != 0) {
		k = rowset_take(&rows);
		word = tiny_word(value[k]);
		t = tiny_of(d, word);
		id[k] = t->id;
		others |= rowset_if(t->word != word, k);
	}
	return others;
}

_Static_assert((DICT_TINY & (DICT_TINY + 1)) == 0, "a mask of bits");

_Static_assert(EVENT_ROWS % 4 == 0, "all_tiny()");

/* Are the values tiny?  Rows that are not asked for count, too: no loop over
 * a set is as short. */
static bool
all_tiny(const struct slice *value)
{
	size_t n = 0;

	for (int k = 0; k < EVENT_ROWS; k += 4)
		n |= value[k].n | value[k + 1].n | value[k + 2].n |
		     value[k + 3].n;
	return n <= DICT_TINY;
}

static void
keep_id(struct dict *d, struct slice value, uint32_t id)
{
	struct short_text t;
	uint64_t word;
	size_t at;

	if (value.n > DICT_SHORT)
		return;
	t = short_text(value);
	at = short_place(t);
	put_short(&d->recent[at], t);
	d->recent_id[at] = id;
	if (value.n > DICT_TINY)
		return;
	word = tiny_word(value);
	*tiny_of(d, word) = (struct dict_tiny){ word, id };
}

static void
text_ids(struct dict *d, const struct slice *value, uint32_t rows, uint32_t *id)
{
	uint64_t hash[EVENT_ROWS];
	uint32_t others, left;
	unsigned k;

	others = left = all_tiny(value) ? tiny_ids(d, value, rows, id)
					: recent_ids(d, value, rows, id);
	while (left != 0) {
		k = rowset_take(&left);
		hash[k] = hash_slice(d->hk, value[k]);
		if (d->mask != 0)
			__builtin_prefetch(&d->slot[hash[k] & d->mask]);
	}
	while (others != 0) {
		k = rowset_take(&others);
		id[k] = value[k].p != NULL ? text_id(d, value[k], hash[k]) : 0;
		keep_id(d, value[k], id[k]);
	}
}

static void
int_ids(struct dict *d, const struct slice *value, uint32_t rows, uint32_t *id)
{
	uint64_t number[EVENT_ROWS];
	uint32_t ints = 0, left = rows;
	unsigned k;

	while (left != 0) {
		k = rowset_take(&left);
		if (value[k].p == NULL || !shortest_int(value[k], &number[k]))
			continue;
		ints |= rowset_if(true, k);
		index_prefetch(&d->ints, d->hk, number[k]);
	}
	while (rows != 0) {
		k = rowset_take(&rows);
		if ((ints >> k & 1) == 0) {
			id[k] = value[k].p == NULL
				    ? 0
				    : text_id(d, value[k],
					  hash_slice(d->hk, value[k]));
			continue;
		}
		id[k] = index_find(&d->ints, d->hk, number[k]);
		if (id[k] == 0) {
			id[k] = index_check((uint64_t)++d->n);
			(void)index_put(&d->ints, d->hk, number[k], id[k]);
		}
	}
}

void
dict_ids(struct dict *d, const struct slice *value, uint32_t rows, uint32_t *id)
{
	if (d->kind == DICT_INTS)
		int_ids(d, value, rows, id);
	else
		text_ids(d, value, rows, id);
}

struct slice
dict_name(const struct dict *d, uint32_t id)
{
	return record_text(record_at(d, d->record[id - 1]));
}

size_t
dict_bytes(const struct dict *d)
{
	size_t slots = d->mask == 0 ? 0 : d->mask + 1;

	return index_bytes(&d->ints) + slots * sizeof(*d->slot) + d->cap +
	       d->record_cap * sizeof(*d->record);
}

/* Texts have their places, numbers their bits. */
void
dict_values_init(struct dict_values *v, const struct dict *d)
{
	const char *record;

	*v = (struct dict_values){ .d = d };
	v->value = xcalloc((size_t)d->n + 1, sizeof(*v->value));
	v->text = xcalloc((size_t)d->n + 1, sizeof(*v->text));
	for (size_t i = 0; d->ints.mask != 0 && i <= d->ints.mask; i++)
		if (d->ints.slot[i].id != 0)
			v->value[d->ints.slot[i].id] =
			    index_key(&d->ints.slot[i]);
	if (d->kind == DICT_NAMES) {
		for (uint32_t i = 0; i < d->n; i++)
			v->value[i + 1] = d->record[i];
		for (uint32_t i = 0; i < d->n; i++)
			v->text[i + 1] = true;
		return;
	}
	for (size_t i = 0; d->mask != 0 && i <= d->mask; i++) {
		if (d->slot[i] == 0)
			continue;
		record = record_at(d, (uint32_t)d->slot[i]);
		v->value[record_id(record)] = (uint32_t)d->slot[i];
		v->text[record_id(record)] = true;
	}
}

void
dict_values_release(struct dict_values *v)
{
	free(v->value);
	free(v->text);
}

void
dict_values_put(const struct dict_values *v, uint32_t id, struct strbuf *sb)
{
	char digits[NUMBER_MAX];
	struct slice text;

	if (!v->text[id]) {
		strbuf_add(
		    sb, digits, number_put_i64(digits, (int64_t)v->value[id]));
		return;
	}
	text = record_text(record_at(v->d, (uint32_t)v->value[id]));
	if (v->d->kind == DICT_NAMES)
		strbuf_add_slice(sb, text);
	else
		dims_name(sb, text);
}
