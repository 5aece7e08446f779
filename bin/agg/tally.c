#include "config.h"

#include "agg/tally.h"

#include <stdlib.h>
#include <string.h>

#include "agg/collect.h"
#include "agg/period.h"
#include "base/alloc.h"

/* An odd number without a pattern: what is hashed are words of text. */
#define RECENT_FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* The first n bytes of a word as it lies in memory, and zeros. */
static inline uint64_t
word_prefix(uint64_t word, size_t n)
{
	if (n == 0)
		return 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return word << (64 - 8 * n) >> (64 - 8 * n);
#else
	return word >> (64 - 8 * n) << (64 - 8 * n);
#endif
}

static bool
is_integer(const struct field *f)
{
	return f->column == EV_USER_ID || f->column == EV_LOGGED_OUT_USER_ID;
}

/* DICT_NAMES where columns and properties meet: they are encoded unlike. */
static enum dict_kind
first_kind(const struct plan *plan, const struct field *f)
{
	for (unsigned i = 0; i < f->nfirst; i++)
		if (!is_integer(&plan->fields.v[f->first[i]]))
			return DICT_NAMES;
	return DICT_INTS;
}

static enum dict_kind
dict_kind(const struct plan *plan, unsigned field)
{
	const struct field *f = &plan->fields.v[field];

	if (plan_groups_by(plan, field))
		return DICT_NAMES;
	if (f->column == FIELD_FIRST)
		return first_kind(plan, f);
	return is_integer(f) ? DICT_INTS : DICT_TEXTS;
}

/* What tally_flush() begins anew. */
static void
init_states(struct tally *t)
{
	const struct plan *plan = t->plan;
	unsigned n;

	t->field = xcalloc(plan->fields.n, sizeof(*t->field));
	for (unsigned i = 0; i < plan->fields.n; i++)
		dict_init(&t->field[i].dict, &t->key, dict_kind(plan, i));
	t->group = xcalloc(plan->ngroups, sizeof(*t->group));
	for (unsigned i = 0; i < plan->ngroups; i++) {
		n = plan->group[i].by.n;
		t->group[i].chain = xcalloc(n, sizeof(struct pairs));
		t->group[i].by = &plan->group[i].by;
		t->group[i].period = plan->group[i].period;
	}
	t->measure = xcalloc(plan->nmeasures, sizeof(*t->measure));
	for (unsigned i = 0; i < plan->nmeasures; i++)
		if (plan->measure[i].kind == MEASURE_DISTINCT)
			t->measure[i].lane =
			    t->field[plan->measure[i].field].lanes++;
	for (t->nempty = 0; t->nempty < plan->fields.n; t->nempty++)
		t->empty[t->nempty] = t->nempty;
}

void
tally_init(
    struct tally *t, const struct plan *plan, struct sorter *out, bool whole)
{
	*t = (struct tally){ .plan = plan, .out = out, .whole = whole };
	hash_key_random(&t->key);
	visits_collector_init(&t->visits, plan, out);
	t->empty = xcalloc(plan->fields.n, sizeof(*t->empty));
	init_states(t);
	t->val = xcalloc(plan->fields.n, sizeof(*t->val));
	t->where = xcalloc(plan->nwheres, sizeof(*t->where));
}

static void
release_group(struct tally_group *g, unsigned nfields)
{
	for (unsigned i = 1; i < nfields; i++)
		pairs_release(&g->chain[i - 1]);
	pairs_release(&g->cells);
	free(g->chain);
	free(g->memo);
}

static void
release_measure(struct tally_measure *m)
{
	if (m->reg != NULL)
		for (size_t i = 0; i < m->cap; i++)
			free(m->reg[i]);
	free(m->events);
	free(m->values);
	free(m->sum);
	free(m->reg);
	set_release(&m->more);
	pairs_release(&m->buckets);
	free(m->bucket);
}

static void
release_field(struct tally_field *f)
{
	dict_release(&f->dict);
	free(f->met);
}

static void
release_states(struct tally *t)
{
	const struct plan *plan = t->plan;

	for (unsigned i = 0; i < plan->fields.n; i++)
		release_field(&t->field[i]);
	for (unsigned i = 0; i < plan->ngroups; i++)
		release_group(&t->group[i], plan->group[i].by.n);
	for (unsigned i = 0; i < plan->nmeasures; i++)
		release_measure(&t->measure[i]);
	index_release(&t->day_ids);
	free(t->field);
	free(t->group);
	free(t->measure);
	free(t->day);
	t->day = NULL;
	t->ndays = t->day_cap = 0;
	t->last_day = 0;
}

void
tally_release(struct tally *t)
{
	release_states(t);
	visits_collector_release(&t->visits);
	free(t->val);
	free(t->where);
	free(t->empty);
	*t = (struct tally){ 0 };
}

/* The id of a day that is new or not. */
static uint32_t
put_day(struct tally *t, int64_t day)
{
	uint32_t fresh = index_check(t->ndays + 1);
	uint32_t id = index_put(&t->day_ids, &t->key, (uint64_t)day, fresh);

	if (id == fresh) {
		t->day = xgrow(t->day, &t->day_cap, fresh, sizeof(*t->day));
		t->day[t->ndays] = (struct tally_day){ .events = 0 };
		utc_format_date(t->day[t->ndays++].date, day);
	}
	return id;
}

/* Another day than that of the event before; 0 when it is none. */
static uint32_t
other_day(struct tally *t, struct slice ds)
{
	int64_t day;
	uint32_t id, first;

	if (ds.n != UTC_DATE_LEN || utc_parse_date(ds, &day) == -1)
		return 0;
	id = put_day(t, day);
	if (t->day[id - 1].first[PERIOD_DAY] == 0) {
		for (int i = 0; i < PERIODS; i++) {
			first =
			    put_day(t, period_first((enum conf_period)i, day));
			t->day[id - 1].first[i] = first;
		}
	}
	memcpy(t->last_ds, ds.p, UTC_DATE_LEN);
	t->last_day = id;
	return id;
}

static inline uint32_t
day_id(struct tally *t, struct slice ds)
{
	if (t->last_day != 0 && ds.n == UTC_DATE_LEN &&
	    memcmp(ds.p, t->last_ds, UTC_DATE_LEN) == 0)
		return t->last_day;
	return other_day(t, ds);
}

static void
eval_wheres(struct tally *t, struct conds *conds)
{
	const struct plan *p = t->plan;
	const struct plan_list *w;
	unsigned i, j;

	conds_eval(conds, t->val);
	for (i = 0; i < p->nwheres; i++) {
		w = &p->where[i];
		for (j = 0; j < w->n && conds->holds[w->v[j]]; j++)
			;
		t->where[i] = j == w->n;
	}
}

/* dict_id() of a value that is not NULL; what is short and was met lately
 * needs no hash of its bytes, and no look into the arena. */
static inline uint32_t
value_id(struct tally_field *f, struct slice value)
{
	struct tally_recent *r;
	uint64_t word;

	if (value.n > sizeof(word))
		return dict_id(&f->dict, value);
	memcpy(&word, value.p, sizeof(word));
	word = word_prefix(word, value.n);
	r = &f->recent[hash_fold(word, RECENT_FACTOR) % TALLY_RECENT];
	if (r->id == 0 || r->word != word || r->n != value.n)
		*r = (struct tally_recent){ word, (uint32_t)value.n,
			dict_id(&f->dict, value) };
	return r->id;
}

static inline uint32_t
field_id(struct tally *t, unsigned field)
{
	struct tally_field *f = &t->field[field];
	struct slice value;

	if (f->event != t->events) {
		value = t->val[field];
		f->id = value.p != NULL ? value_id(f, value) : 0;
		f->event = t->events;
	}
	return f->id;
}

uint32_t
tally_field_id(struct tally *t, unsigned field)
{
	return field_id(t, field);
}

static inline uint32_t
combine(struct tally *t, const struct tally_group *g)
{
	const struct plan_list *by = g->by;
	uint32_t id;

	if (by->n == 0)
		return 0;
	id = field_id(t, by->v[0]);
	for (unsigned i = 1; i < by->n; i++)
		id = pairs_id(
		    &g->chain[i - 1], &t->key, id, field_id(t, by->v[i]));
	return id;
}

/* The cell of this event in the group. */
static inline uint32_t
group_cell(struct tally *t, unsigned group, const struct tally_day *day)
{
	struct tally_group *g = &t->group[group];
	uint32_t id, period;
	struct tally_memo *memo;

	if (g->event == t->events)
		return g->cell;
	period = day->first[g->period];
	id = combine(t, g);
	if (id >= g->memo_cap)
		g->memo = tally_grow(
		    g->memo, &g->memo_cap, (size_t)id + 1, sizeof(*g->memo));
	memo = &g->memo[id];
	if (memo->period != period) {
		memo->cell = pairs_id(&g->cells, &t->key, id, period);
		memo->period = period;
	}
	g->event = t->events;
	g->cell = memo->cell;
	return g->cell;
}

/* Fields that have a value now are not looked at again. */
static void
note_filled(struct tally *t)
{
	unsigned n = 0, field;

	for (unsigned i = 0; i < t->nempty; i++) {
		field = t->empty[i];
		if (t->val[field].p != NULL)
			t->field[field].filled = true;
		else
			t->empty[n++] = field;
	}
	t->nempty = n;
}

/* A count is a number for each cell, and needs no function. */
static inline void
add_measure(struct tally *t, unsigned measure, uint32_t cell)
{
	struct tally_measure *m = &t->measure[measure];

	if (t->plan->measure[measure].kind == MEASURE_COUNT && cell < m->cap)
		m->events[cell]++;
	else
		collect(t, measure, cell);
}

const char *
tally_add(struct tally *t, const struct event *ev)
{
	const struct plan *plan = t->plan;
	uint32_t id = day_id(t, ev->col[EV_DS]);
	const struct plan_measure *pm = plan->measure;
	struct tally_day *day;

	if (id == 0)
		return "ds is no date";
	day = &t->day[id - 1];
	day->events++;
	t->events++;
	fields_get(&plan->fields, ev, t->val);
	if (t->nempty > 0)
		note_filled(t);
	/* What holds is of the event, not of the plan. */
	eval_wheres(t, (struct conds *)&plan->conds);
	for (unsigned i = 0; i < plan->nmeasures; i++, pm++) {
		if (!t->where[pm->where])
			continue;
		if (pm->kind < MEASURE_FUNNEL)
			add_measure(t, i, group_cell(t, pm->group, day));
		else if (visits_collect(&t->visits, pm, t->val, t->where, ev) ==
			 -1)
			return "event_timestamp is no time";
	}
	return t->overflow ? "a sum overflows" : NULL;
}

static size_t
field_bytes(const struct tally_field *f)
{
	return dict_bytes(&f->dict) + f->met_cap * f->lanes * sizeof(*f->met);
}

size_t
tally_bytes(const struct tally *t)
{
	size_t sum = t->day_cap * sizeof(*t->day), n;

	for (unsigned i = 0; i < t->plan->fields.n; i++)
		sum += field_bytes(&t->field[i]);
	for (unsigned i = 0; i < t->plan->ngroups; i++) {
		n = t->plan->group[i].by.n;
		sum += pairs_bytes(&t->group[i].cells) +
		       t->group[i].memo_cap * sizeof(struct tally_memo);
		for (unsigned j = 1; j < n; j++)
			sum += pairs_bytes(&t->group[i].chain[j - 1]);
	}
	for (unsigned i = 0; i < t->plan->nmeasures; i++)
		sum += collect_bytes(t, i);
	return sum;
}

void
tally_flush(struct tally *t, bool more)
{
	t->flushed = t->flushed || more;
	collect_emit(t);
	if (!more)
		return;
	release_states(t);
	init_states(t);
}
