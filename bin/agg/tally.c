#include "config.h"

#include "agg/tally.h"

#include <stdlib.h>
#include <string.h>

#include "agg/collect.h"
#include "agg/period.h"
#include "base/alloc.h"
#include "base/event.h"

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

static bool
has_visits(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->nmeasures; i++)
		if (plan->measure[i].kind >= MEASURE_FUNNEL)
			return true;
	return false;
}

void
tally_init(
    struct tally *t, const struct plan *plan, struct sorter *out, bool whole)
{
	*t = (struct tally){
		.plan = plan, .out = out, .whole = whole, .name = STRBUF_INIT
	};
	hash_key_random(&t->key);
	visits_collector_init(&t->visits, plan, out);
	t->empty = xcalloc(plan->fields.n, sizeof(*t->empty));
	init_states(t);
	t->found = fields_found(&plan->fields);
	t->val = xcalloc(plan->fields.n, sizeof(*t->val));
	conds_rows_init(&t->conds, &plan->conds);
	t->where = xcalloc(plan->nwheres, sizeof(*t->where));
	if (!has_visits(plan))
		return;
	t->one_val = xcalloc(plan->fields.n, sizeof(*t->one_val));
	t->one_where = xcalloc(plan->nwheres, sizeof(*t->one_where));
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
	t->last_day = t->one_day = 0;
}

void
tally_release(struct tally *t)
{
	release_states(t);
	visits_collector_release(&t->visits);
	strbuf_release(&t->name);
	free(t->found);
	free(t->val);
	conds_rows_release(&t->conds);
	free(t->where);
	free(t->one_val);
	free(t->one_where);
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
day_id(struct tally *t, const char *ds)
{
	if (t->last_day != 0 && memcmp(ds, t->last_ds, UTC_DATE_LEN) == 0)
		return t->last_day;
	return other_day(t, slice_of(ds, UTC_DATE_LEN));
}

/* Fills in what is the same for rows of one day, which most are. */
static void
set_day(struct tally *t, uint32_t id)
{
	const struct tally_day *day = &t->day[id - 1];

	if (t->one_day == id)
		return;
	for (int i = 0; i < PERIODS; i++)
		for (int k = 0; k < EVENT_ROWS; k++)
			t->period[i][k] = day->first[i];
	t->one_day = id;
}

static void
set_days(struct tally *t, int n)
{
	const struct tally_day *day;

	for (int k = 0; k < n; k++) {
		day = &t->day[t->row_day[k] - 1];
		for (int i = 0; i < PERIODS; i++)
			t->period[i][k] = day->first[i];
	}
	t->one_day = 0;
}

/* The days of n rows; how many there are before one that has none. */
static int
find_days(struct tally *t, const char *base, const struct event_row *row, int n)
{
	uint32_t other = 0;
	int k;

	for (k = 0; k < n; k++) {
		t->row_day[k] = day_id(t, event_row_ds(base, &row[k]));
		if (t->row_day[k] == 0)
			break;
		other |= t->row_day[k] ^ t->row_day[0];
	}
	if (k > 0 && other == 0)
		set_day(t, t->row_day[0]);
	else
		set_days(t, k);
	return k;
}

/* 64 bits cannot overflow: no run has so many events. */
static void
count_days(struct tally *t, int n)
{
	if (t->one_day != 0)
		t->day[t->one_day - 1].events += (unsigned)n;
	else
		for (int k = 0; k < n; k++)
			t->day[t->row_day[k] - 1].events++;
}

/* Fields that have a value now are not looked at again. */
static void
note_filled(struct tally *t, int rows)
{
	unsigned n = 0, field;
	int k;

	for (unsigned i = 0; i < t->nempty; i++) {
		field = t->empty[i];
		for (k = 0; k < rows && t->val[field][k].p == NULL; k++)
			;
		t->field[field].filled = k < rows;
		if (k == rows)
			t->empty[n++] = field;
	}
	t->nempty = n;
}

/* Which of n rows fulfil each where. */
static void
find_wheres(struct tally *t, int n)
{
	const struct plan_list *w = t->plan->where;
	uint32_t rows;

	conds_eval(&t->plan->conds, &t->conds, n, t->val);
	for (unsigned i = 0; i < t->plan->nwheres; i++, w++) {
		rows = rowset_first(n);
		for (unsigned j = 0; j < w->n; j++)
			rows &= t->conds.holds[w->v[j]];
		t->where[i] = rows;
	}
}

/* The rows that fulfil one of the wheres. */
static uint32_t
rows_of(const struct tally *t, const struct plan_list *wheres)
{
	uint32_t rows = 0;

	for (unsigned i = 0; i < wheres->n; i++)
		rows |= t->where[wheres->v[i]];
	return rows;
}

/* The numbers of values, where they are needed. */
static void
find_ids(struct tally *t)
{
	struct tally_field *f = t->field;
	uint32_t rows;

	for (unsigned i = 0; i < t->plan->fields.n; i++, f++) {
		f->parsed = f->numbers = 0;
		rows = rows_of(t, &t->plan->need[i]);
		if (rows != 0)
			dict_ids(&f->dict, t->val[i], rows, f->id);
	}
}

/* A combination of more than one field. */
static uint32_t
chain_id(struct tally *t, struct tally_group *g, unsigned k)
{
	const unsigned *field = g->by->v;
	uint32_t id = t->field[field[0]].id[k];

	for (unsigned i = 1; i < g->by->n; i++)
		id = pairs_id(
		    &g->chain[i - 1], &t->key, id, t->field[field[i]].id[k]);
	return id;
}

/* The cell of a combination that was met last in another period, or not yet. */
static uint32_t
other_cell(struct tally *t, struct tally_group *g, uint32_t id, uint32_t period)
{
	struct tally_memo *memo;

	if (id >= g->memo_cap)
		g->memo = tally_grow(
		    g->memo, &g->memo_cap, (size_t)id + 1, sizeof(*g->memo));
	memo = &g->memo[id];
	if (memo->period != period) {
		memo->cell = pairs_id(&g->cells, &t->key, id, period);
		memo->period = period;
	}
	return memo->cell;
}

/* A total has one cell in a period. */
static void
find_total(struct tally *t, struct tally_group *g, uint32_t rows)
{
	const uint32_t *period = t->period[g->period];
	uint32_t cell;
	unsigned k;

	if (t->one_day == 0) {
		g->one_cell = 0;
		while (rows != 0) {
			k = rowset_take(&rows);
			g->cell[k] = other_cell(t, g, 0, period[k]);
		}
		return;
	}
	cell = other_cell(t, g, 0, period[0]);
	if (g->one_cell == cell)
		return;
	for (k = 0; k < EVENT_ROWS; k++)
		g->cell[k] = cell;
	g->one_cell = cell;
}

/* The cells of the group that rows are in. */
static void
find_cells(struct tally *t, struct tally_group *g, uint32_t rows)
{
	const uint32_t *period = t->period[g->period], *id = g->cell;
	const struct tally_memo *memo = g->memo;
	size_t cap = g->memo_cap;
	uint32_t left = rows;
	unsigned k;

	if (g->by->n == 1)
		id = t->field[g->by->v[0]].id;
	else
		while (left != 0) {
			k = rowset_take(&left);
			g->cell[k] = chain_id(t, g, k);
		}
	while (rows != 0) {
		k = rowset_take(&rows);
		if (id[k] < cap && memo[id[k]].period == period[k]) {
			g->cell[k] = memo[id[k]].cell;
			continue;
		}
		g->cell[k] = other_cell(t, g, id[k], period[k]);
		memo = g->memo;
		cap = g->memo_cap;
	}
}

static void
find_groups(struct tally *t)
{
	struct tally_group *g = t->group;
	uint32_t rows;

	for (unsigned i = 0; i < t->plan->ngroups; i++, g++) {
		rows = rows_of(t, &t->plan->group[i].need);
		if (rows == 0)
			continue;
		if (g->by->n == 0)
			find_total(t, g, rows);
		else
			find_cells(t, g, rows);
	}
}

/*
 * How many of n rows to take at once: those before the first whose time a
 * visitor's measure needs and cannot read, or that one alone.
 */
static int
rows_in_time(
    const struct tally *t, const char *base, const struct event_row *row, int n)
{
	const struct plan_measure *pm = t->plan->measure;
	uint32_t rows = 0, left;
	int64_t seconds;
	unsigned k, ms;

	for (unsigned i = 0; i < t->plan->nmeasures; i++, pm++) {
		left = pm->kind >= MEASURE_FUNNEL ? t->where[pm->where] : 0;
		while (left != 0) {
			k = rowset_take(&left);
			rows |= rowset_if(t->val[pm->field][k].p != NULL, k);
		}
	}
	while (rows != 0) {
		k = rowset_take(&rows);
		if (utc_parse(
			event_row_column(base, &row[k], EV_EVENT_TIMESTAMP),
			&seconds, &ms) == -1)
			return k > 0 ? (int)k : 1;
	}
	return n;
}

/* What visitors did; row k of those at hand is that of the batch.  0, or -1. */
static int
collect_visit(struct tally *t, const struct plan_measure *pm, unsigned k,
    const struct event_batch *b, int row)
{
	struct event ev;

	for (unsigned i = 0; i < t->plan->fields.n; i++)
		t->one_val[i] = t->val[i][k];
	for (unsigned i = 0; i < t->plan->nwheres; i++)
		t->one_where[i] = (t->where[i] >> k & 1) != 0;
	event_batch_get(b, row, &ev);
	return visits_collect(&t->visits, pm, t->one_val, t->one_where, &ev);
}

static int
collect_visits(struct tally *t, const struct plan_measure *pm,
    const struct event_batch *b, int first)
{
	uint32_t rows = t->where[pm->where];
	unsigned k;

	while (rows != 0) {
		k = rowset_take(&rows);
		if (collect_visit(t, pm, k, b, first + (int)k) == -1)
			return -1;
	}
	return 0;
}

/* The steps up to the states, of n rows. */
static const char *
collect_rows(struct tally *t, const struct event_batch *b, int first, int n)
{
	const struct plan *plan = t->plan;
	const struct plan_measure *pm = plan->measure;

	count_days(t, n);
	if (t->nempty > 0)
		note_filled(t, n);
	find_ids(t);
	find_groups(t);
	for (unsigned i = 0; i < plan->nmeasures; i++, pm++) {
		if (t->where[pm->where] == 0)
			continue;
		if (pm->kind < MEASURE_FUNNEL)
			collect(t, i, t->where[pm->where]);
		else if (collect_visits(t, pm, b, first) == -1)
			return "event_timestamp is no time";
	}
	return t->overflow ? "a sum overflows" : NULL;
}

/* Takes some of *n rows, and sets it to their number. */
static const char *
add_rows(struct tally *t, const struct event_batch *b, int first, int *n)
{
	const struct event_row *row = &b->row[first];

	fields_get(&t->plan->fields, t->found, b->base, row, *n, t->val);
	find_wheres(t, *n);
	if (t->one_val != NULL) {
		*n = rows_in_time(t, b->base, row, *n);
		for (unsigned i = 0; i < t->plan->nwheres; i++)
			t->where[i] &= rowset_first(*n);
	}
	return collect_rows(t, b, first, *n);
}

const char *
tally_add(struct tally *t, const struct event_batch *b, int *n)
{
	const char *why;
	int some;

	for (*n = 0; *n < b->n; *n += some) {
		some = find_days(t, b->base, &b->row[*n], b->n - *n);
		if (some == 0)
			return "ds is no date";
		why = add_rows(t, b, *n, &some);
		if (why != NULL)
			return why;
	}
	return NULL;
}

static size_t
field_bytes(const struct tally_field *f)
{
	return dict_bytes(&f->dict) + f->met_cap * f->lanes * sizeof(*f->met);
}

size_t
tally_bytes(const struct tally *t)
{
	size_t sum = index_bytes(&t->day_ids) + t->day_cap * sizeof(*t->day), n;

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
