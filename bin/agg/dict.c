#include "config.h"

#include "agg/dict.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agg/dims.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"

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
}

void
dict_release(struct dict *d)
{
	index_release(&d->ints);
	free(d->slot);
	free(d->arena);
	free(d->record);
	strbuf_release(&d->name);
	*d = (struct dict){ 0 };
}

/*
 * *v becomes 10^8 *v and the number of eight digits at p, false when they are
 * none: all bytes at once, then pairs, fours and both halves are put together.
 */
static inline bool
take_eight(const char *p, uint64_t *v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0);
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	if (((w & high) | ((w + UINT64_C(0x0606060606060606)) & high) >> 4) !=
	    UINT64_C(0x3333333333333333))
		return false;
	w = (w & ~high) * (10 << 8 | 1) >> 8;
	w = (w & UINT64_C(0x00ff00ff00ff00ff)) * (100 << 16 | 1) >> 16;
	w = (w & UINT64_C(0x0000ffff0000ffff)) * (UINT64_C(10000) << 32 | 1) >>
	    32;
	*v = *v * 100000000 + w;
	return true;
#else
	(void)p;
	(void)v;
	return false;
#endif
}

/* True when s is the one shortest form of an int64_t, whose bits *v gets. */
static bool
shortest_int(struct slice s, uint64_t *v)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	const char *p = s.p + negative, *end = s.p + s.n;
	uint64_t sum = 0;
	unsigned c;

	if (p == end || end - p > INT_DIGITS)
		return false;
	if (*p == '0' && s.n > 1)
		return false; /* 007, -0 */
	while (end - p >= 8 && take_eight(p, &sum))
		p += 8;
	for (; p < end; p++) {
		c = (unsigned char)*p - (unsigned)'0';
		if (c > 9)
			return false;
		sum = sum * 10 + c;
	}
	if (sum > (uint64_t)INT64_MAX + negative)
		return false;
	*v = negative ? 0 - sum : sum;
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
find_slot(struct dict *d, struct slice text, uint64_t *hash)
{
	uint64_t h = hash_slice(d->hk, text), *slot;
	size_t at;

	*hash = h;
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
	uint64_t hash, *slot = find_slot(d, name, &hash);

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
		slot = find_slot(d, text, &hash);
		fill_slot(d, slot, hash, add_record(d, id, text));
	}
	return id;
}

static uint32_t
text_id(struct dict *d, struct slice text)
{
	uint64_t hash, *slot = find_slot(d, text, &hash);

	if (*slot != 0)
		return record_id(record_at(d, (uint32_t)*slot));
	return new_text(d, text, slot, hash);
}

uint32_t
dict_id(struct dict *d, struct slice value)
{
	uint64_t v;
	uint32_t id, fresh;

	if (value.p == NULL)
		return 0;
	if (d->kind != DICT_INTS || !shortest_int(value, &v))
		return text_id(d, value);
	fresh = index_check((uint64_t)d->n + 1);
	id = index_put(&d->ints, d->hk, v, fresh);
	d->n += id == fresh;
	return id;
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
		if (d->ints.id[i] != 0)
			v->value[d->ints.id[i]] = d->ints.key[i];
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
