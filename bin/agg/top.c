#include "config.h"

#include "agg/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agg/dims.h"
#include "agg/state.h"
#include "base/alloc.h"

void
top_init(struct top *t, const struct plan *p, size_t memory)
{
	*t = (struct top){ .plan = p,
		.key = STRBUF_INIT,
		.name = STRBUF_INIT,
		.dims = STRBUF_INIT,
		.other = STRBUF_INIT,
		.group = STRBUF_INIT };
	for (int i = 0; i < 2; i++)
		hash_key_random(&t->hash_key[i]);
	sorter_init(&t->kept, memory, state_merge);
	sorter_init(&t->rest, memory, state_merge);
}

void
top_release(struct top *t)
{
	sorter_release(&t->kept);
	sorter_release(&t->rest);
	strbuf_release(&t->key);
	strbuf_release(&t->name);
	strbuf_release(&t->dims);
	strbuf_release(&t->other);
	strbuf_release(&t->group);
	for (size_t i = 0; i < t->heap_cap; i++)
		strbuf_release(&t->heap[i].name);
	free(t->heap);
	free(t->chosen);
}

/* KEY_ID hex digits: the metric, and as what. */
static void
user_id(char id[KEY_ID + 1], const struct plan_user *user)
{
	snprintf(id, KEY_ID + 1, "%015x%d", user->metric, user->den);
}

int
top_user(const struct top *t, struct slice id, struct plan_user *user)
{
	char text[KEY_ID + 1];

	memcpy(text, id.p, KEY_ID);
	text[KEY_ID] = '\0';
	user->den = text[KEY_ID - 1] == '1';
	text[KEY_ID - 1] = '\0';
	user->metric = (unsigned)strtoul(text, NULL, 16);
	return user->metric < t->plan->nmetrics ? 0 : -1;
}

/* The line of key with another id and other dimensions. */
static void
put_line(struct top *t, struct sorter *s, const struct key *key,
    struct slice id, struct slice dims, struct slice state)
{
	key_begin(&t->key, key->kind, id);
	key_add_encoded(&t->key, key->part[0]);
	key_add_encoded(&t->key, dims);
	for (unsigned i = 2; i < key->n; i++)
		key_add_encoded(&t->key, key->part[i]);
	sorter_add(s, strbuf_slice(&t->key), state);
}

void
top_keep(struct top *t, const struct plan_user *user, const struct key *key,
    struct slice state)
{
	char id[KEY_ID + 1];

	user_id(id, user);
	put_line(t, &t->kept, key, slice_of(id, KEY_ID), key->part[1], state);
}

static void
set_name(struct strbuf *sb, unsigned metric, struct slice ds, struct slice dims)
{
	strbuf_clear(sb);
	strbuf_addf(sb, "%u ", metric);
	strbuf_add_slice(sb, ds);
	strbuf_addch(sb, ' ');
	strbuf_add_slice(sb, dims);
}

/* Does a belong behind b: is it less, or as great and of a later name? */
static bool
is_behind(const struct top_entry *a, const struct top_entry *b)
{
	if (a->size != b->size)
		return a->size < b->size;
	return slice_cmp(strbuf_slice(&a->name), strbuf_slice(&b->name)) > 0;
}

static void
swap_entries(struct top_entry *a, struct top_entry *b)
{
	struct top_entry x = *a;

	*a = *b;
	*b = x;
}

static void
sift_down(struct top *t)
{
	size_t at = 0, child;

	for (; (child = 2 * at + 1) < t->nheap; at = child) {
		if (child + 1 < t->nheap &&
		    is_behind(&t->heap[child + 1], &t->heap[child]))
			child++;
		if (!is_behind(&t->heap[child], &t->heap[at]))
			return;
		swap_entries(&t->heap[child], &t->heap[at]);
	}
}

static void
sift_up(struct top *t)
{
	size_t at = t->nheap - 1, parent;

	for (; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (!is_behind(&t->heap[at], &t->heap[parent]))
			return;
		swap_entries(&t->heap[at], &t->heap[parent]);
	}
}

static struct top_chosen
chosen_of(const struct top *t, const struct strbuf *name)
{
	struct top_chosen c;

	for (int i = 0; i < 2; i++)
		c.hash[i] = hash_slice(&t->hash_key[i], strbuf_slice(name));
	return c;
}

/* The heap's entries are chosen; another metric or period follows. */
static void
choose(struct top *t)
{
	t->chosen = xgrow(t->chosen, &t->chosen_cap, t->nchosen + t->nheap + 1,
	    sizeof(*t->chosen));
	for (size_t i = 0; i < t->nheap; i++)
		t->chosen[t->nchosen++] = chosen_of(t, &t->heap[i].name);
	t->nheap = 0;
}

static void
set_entry(struct top_entry *e, const struct top_entry *from)
{
	e->size = from->size;
	strbuf_clear(&e->name);
	strbuf_add_slice(&e->name, strbuf_slice(&from->name));
}

void
top_offer(struct top *t, unsigned metric, struct slice ds, struct slice dims,
    decimal size)
{
	size_t max = t->plan->metric[metric].top, cap = t->heap_cap;
	struct top_entry new = { size, STRBUF_INIT };

	set_name(&t->name, metric, ds, SLICE_LIT(""));
	if (!slice_eq(strbuf_slice(&t->name), strbuf_slice(&t->group))) {
		choose(t);
		strbuf_clear(&t->group);
		strbuf_add_slice(&t->group, strbuf_slice(&t->name));
	}
	set_name(&t->name, metric, ds, dims);
	new.name = t->name;
	if (t->nheap < max) {
		t->heap = xgrow(
		    t->heap, &t->heap_cap, t->nheap + 1, sizeof(*t->heap));
		for (; cap < t->heap_cap; cap++)
			t->heap[cap].name = STRBUF_INIT;
		set_entry(&t->heap[t->nheap++], &new);
		sift_up(t);
	} else if (is_behind(&t->heap[0], &new)) {
		set_entry(&t->heap[0], &new);
		sift_down(t);
	}
}

static int
compare_chosen(const void *a, const void *b)
{
	const struct top_chosen *x = a, *y = b;
	int i = x->hash[0] == y->hash[0];

	return (x->hash[i] > y->hash[i]) - (x->hash[i] < y->hash[i]);
}

/* The dimensions under which the line counts. */
static struct slice
place(struct top *t, unsigned metric, const struct key *key)
{
	struct top_chosen c;

	set_name(&t->name, metric, key->part[0], key->part[1]);
	c = chosen_of(t, &t->name);
	if (t->nchosen > 0 && bsearch(&c, t->chosen, t->nchosen, sizeof(c),
				  compare_chosen) != NULL)
		return key->part[1];
	strbuf_clear(&t->dims);
	key_decode(&t->dims, key->part[1]);
	strbuf_clear(&t->other);
	dims_other(&t->other, strbuf_slice(&t->dims));
	/* As a key part: names of fields hold no blank, but may a "!". */
	strbuf_clear(&t->dims);
	key_add(&t->dims, strbuf_slice(&t->other));
	return slice_of(t->dims.buf + 1, t->dims.len - 1);
}

int
top_rest(struct top *t)
{
	struct slice line, state;
	struct plan_user user;
	struct key key;
	int n;

	choose(t);
	if (t->nchosen > 0)
		qsort(
		    t->chosen, t->nchosen, sizeof(*t->chosen), compare_chosen);
	if (sorter_finish(&t->kept) == -1)
		return -1;
	while ((n = sorter_next(&t->kept, &line, &state)) == 1) {
		if (key_split(&key, line) == -1 ||
		    top_user(t, key.id, &user) == -1)
			return -1;
		put_line(t, &t->rest, &key, key.id, place(t, user.metric, &key),
		    state);
	}
	return n == 0 ? sorter_finish(&t->rest) : -1;
}
