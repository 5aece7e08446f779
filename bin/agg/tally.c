#include "config.h"

#include "agg/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Longer lists of accepted values are searched by halving. */
#define FEW_VALUES 8

static bool
is_integer(const struct field *f)
{
	return f->column == EV_USER_ID || f->column == EV_LOGGED_OUT_USER_ID;
}

static enum dict_kind
dict_kind(const struct plan *plan, unsigned field)
{
	if (plan_groups_by(plan, field))
		return DICT_NAMES;
	return is_integer(&plan->fields.v[field]) ? DICT_INTS : DICT_TEXTS;
}

void
tally_init(struct tally *t, const struct plan *plan)
{
	unsigned n;

	*t = (struct tally){ .plan = plan };
	hash_key_random(&t->key);
	t->field = xcalloc(plan->fields.n, sizeof(*t->field));
	for (unsigned i = 0; i < plan->fields.n; i++)
		dict_init(&t->field[i].dict, &t->key, dict_kind(plan, i));
	t->group = xcalloc(plan->ngroups, sizeof(*t->group));
	for (unsigned i = 0; i < plan->ngroups; i++) {
		n = plan->group[i].n;
		t->group[i].chain = xcalloc(n, sizeof(struct pairs));
	}
	t->measure = xcalloc(plan->nmeasures, sizeof(*t->measure));
	t->val = xcalloc(plan->fields.n, sizeof(*t->val));
	t->cond = xcalloc(plan->nconds, sizeof(*t->cond));
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
	free(m->events);
	free(m->values);
	free(m->first);
	index_release(&m->more);
}

void
tally_release(struct tally *t)
{
	const struct plan *plan = t->plan;

	for (unsigned i = 0; i < plan->fields.n; i++)
		dict_release(&t->field[i].dict);
	for (unsigned i = 0; i < plan->ngroups; i++)
		release_group(&t->group[i], plan->group[i].n);
	for (unsigned i = 0; i < plan->nmeasures; i++)
		release_measure(&t->measure[i]);
	index_release(&t->day_ids);
	free(t->field);
	free(t->group);
	free(t->measure);
	free(t->day);
	free(t->val);
	free(t->cond);
	free(t->where);
	*t = (struct tally){ 0 };
}

/* xgrow(), and what is new is zero. */
static void *
grow_zeroed(void *p, size_t *cap, size_t want, size_t size)
{
	size_t old = *cap;
	char *q = xgrow(p, cap, want, size);

	if (*cap > old)
		memset(q + old * size, 0, (*cap - old) * size);
	return q;
}

/* Another day than that of the event before; 0 when it is none. */
static uint32_t
other_day(struct tally *t, struct slice ds)
{
	int64_t days;
	uint32_t fresh = index_check(t->ndays + 1), id;

	if (ds.n != UTC_DATE_LEN || utc_parse_date(ds, &days) == -1)
		return 0;
	id = index_put(&t->day_ids, &t->key, (uint64_t)days, fresh);
	if (id == fresh) {
		t->day = xgrow(t->day, &t->day_cap, fresh, sizeof(*t->day));
		memcpy(t->day[t->ndays++], ds.p, UTC_DATE_LEN);
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

static bool
cond_holds(const struct plan_cond *c, struct slice val)
{
	if (val.p == NULL)
		return c->null;
	if (c->n > FEW_VALUES)
		return bsearch(&val, c->any, c->n, sizeof(*c->any),
			   slice_order) != NULL;
	for (size_t i = 0; i < c->n; i++)
		if (c->any[i].n == val.n &&
		    memcmp(c->any[i].p, val.p, val.n) == 0)
			return true;
	return false;
}

static void
eval_wheres(struct tally *t)
{
	const struct plan *p = t->plan;
	const struct plan_list *w;
	unsigned i, j;

	for (i = 0; i < p->nconds; i++)
		t->cond[i] = cond_holds(&p->cond[i], t->val[p->cond[i].field]);
	for (i = 0; i < p->nwheres; i++) {
		w = &p->where[i];
		for (j = 0; j < w->n && t->cond[w->v[j]]; j++)
			;
		t->where[i] = j == w->n;
	}
}

static inline uint32_t
field_id(struct tally *t, unsigned field)
{
	struct tally_field *f = &t->field[field];

	if (f->event != t->events) {
		f->id = dict_id(&f->dict, t->val[field]);
		f->event = t->events;
	}
	return f->id;
}

static uint32_t
combine(struct tally *t, unsigned group)
{
	const struct plan_list *by = &t->plan->group[group];
	struct tally_group *g = &t->group[group];
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
group_cell(struct tally *t, unsigned group, uint32_t day)
{
	struct tally_group *g = &t->group[group];
	struct tally_memo *memo;
	uint32_t id;

	if (g->event == t->events)
		return g->cell;
	id = combine(t, group);
	if (id >= g->memo_cap)
		g->memo = grow_zeroed(
		    g->memo, &g->memo_cap, (size_t)id + 1, sizeof(*g->memo));
	memo = &g->memo[id];
	if (memo->day != day) {
		memo->cell = pairs_id(&g->cells, &t->key, id, day);
		memo->day = day;
	}
	g->event = t->events;
	g->cell = memo->cell;
	return g->cell;
}

/* Is the value (not 0) new to this cell of the measure? */
static inline bool
new_value(
    struct tally *t, struct tally_measure *m, uint32_t value, uint32_t cell)
{
	size_t before = m->more.n;

	if (value >= m->first_cap)
		m->first = grow_zeroed(m->first, &m->first_cap,
		    (size_t)value + 1, sizeof(*m->first));
	if (m->first[value] == cell)
		return false;
	if (m->first[value] == 0) {
		m->first[value] = cell;
		return true;
	}
	index_put(&m->more, &t->key, (uint64_t)value << 32 | cell, 1);
	return m->more.n > before;
}

static void
grow_measure(struct tally_measure *m, uint32_t cell, bool distinct)
{
	size_t cap = m->cap;

	m->events = grow_zeroed(
	    m->events, &m->cap, (size_t)cell + 1, sizeof(*m->events));
	if (distinct)
		m->values = grow_zeroed(
		    m->values, &cap, (size_t)cell + 1, sizeof(*m->values));
}

int
tally_add(struct tally *t, const struct event *ev)
{
	const struct plan *plan = t->plan;
	uint32_t day = day_id(t, ev->col[EV_DS]), cell, value;
	const struct plan_measure *pm;
	struct tally_measure *m;

	if (day == 0)
		return -1;
	t->events++;
	fields_get(&plan->fields, ev, t->val);
	for (unsigned i = 0; i < plan->fields.n; i++)
		t->field[i].filled |= t->val[i].p != NULL;
	eval_wheres(t);
	for (unsigned i = 0; i < plan->nmeasures; i++) {
		pm = &plan->measure[i];
		if (!t->where[pm->where])
			continue;
		m = &t->measure[i];
		cell = group_cell(t, pm->group, day);
		if (cell >= m->cap)
			grow_measure(m, cell, pm->distinct != PLAN_NONE);
		m->events[cell]++;
		if (pm->distinct == PLAN_NONE)
			continue;
		value = field_id(t, (unsigned)pm->distinct);
		if (value != 0)
			m->values[cell] += new_value(t, m, value, cell);
	}
	return 0;
}

struct slice
tally_day(const struct tally *t, uint32_t day)
{
	return slice_of(t->day[day - 1], UTC_DATE_LEN);
}

uint32_t
tally_cells(const struct tally *t, unsigned group)
{
	return (uint32_t)t->group[group].cells.n;
}

uint32_t
tally_cell_day(const struct tally *t, unsigned group, uint32_t cell)
{
	return pairs_second(&t->group[group].cells, cell);
}

uint32_t
tally_combination(const struct tally *t, unsigned group, uint32_t cell)
{
	return pairs_first(&t->group[group].cells, cell);
}

size_t
tally_combinations(const struct tally *t, unsigned group)
{
	const struct plan_list *by = &t->plan->group[group];

	if (by->n == 0)
		return 1;
	if (by->n == 1)
		return (size_t)t->field[by->v[0]].dict.n + 1;
	return t->group[group].chain[by->n - 2].n + 1;
}

void
tally_values(
    const struct tally *t, unsigned group, uint32_t combination, uint32_t *ids)
{
	const struct pairs *chain = t->group[group].chain;
	unsigned n = t->plan->group[group].n;

	for (; n > 1; n--) {
		ids[n - 1] = pairs_second(&chain[n - 2], combination);
		combination = pairs_first(&chain[n - 2], combination);
	}
	if (n == 1)
		ids[0] = combination;
}

bool
tally_seen(const struct tally *t, unsigned measure, uint32_t cell)
{
	const struct tally_measure *m = &t->measure[measure];

	return cell < m->cap && m->events[cell] > 0;
}

uint64_t
tally_count(const struct tally *t, unsigned measure, uint32_t cell)
{
	const struct tally_measure *m = &t->measure[measure];

	if (!tally_seen(t, measure, cell))
		return 0;
	return m->values != NULL ? m->values[cell] : m->events[cell];
}
