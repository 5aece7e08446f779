#include "config.h"

#include "agg/collect.h"

#include <stdlib.h>
#include <string.h>

#include "agg/dims.h"
#include "agg/hll.h"
#include "agg/key.h"
#include "agg/sketch.h"
#include "agg/state.h"
#include "base/alloc.h"
#include "base/number.h"
#include "base/utc.h"

/* xgrow(), and what is new is zero. */
void *
tally_grow(void *p, size_t *cap, size_t want, size_t size)
{
	size_t old = *cap;
	char *q = xgrow(p, cap, want, size);

	if (*cap > old)
		memset(q + old * size, 0, (*cap - old) * size);
	return q;
}

/* The field's value in row k, a number; false if it is none. */
static inline bool
number_of(struct tally *t, unsigned field, unsigned k, decimal *v)
{
	struct tally_field *f = &t->field[field];
	struct slice s = t->val[field][k];

	if ((f->parsed >> k & 1) == 0) {
		f->parsed |= rowset_if(true, k);
		f->numbers |= rowset_if(
		    s.p != NULL && decimal_parse(s, &f->number[k]) == 0, k);
	}
	*v = f->number[k];
	return (f->numbers >> k & 1) != 0;
}

/* Rows to be taken by a measure, and their cells. */
struct lot {
	struct tally *t;
	struct tally_measure *m;
	unsigned field; /* of the measure; not of a count */
	uint32_t rows;
	const uint32_t *cell;
};

/* Cells that a mask tells apart: 1 to 32. */
#define MASK_CELLS 32

/* The place of a value's mask, or first cell, in the measure's lane. */
static inline uint32_t *
met_at(const struct tally_field *f, const struct tally_measure *m, size_t value)
{
	return &f->met[value * f->lanes + m->lane];
}

/* The first cell in place of each mask, and the further ones in the table. */
static void
spread(struct tally *t, const struct tally_field *f, struct tally_measure *m)
{
	uint32_t mask, cell, *met;

	for (size_t value = 1; value < f->met_cap; value++) {
		met = met_at(f, m, value);
		mask = *met;
		*met = 0;
		for (; mask != 0; mask &= mask - 1) {
			cell = (uint32_t)__builtin_ctz(mask) + 1;
			if (*met == 0)
				*met = cell;
			else
				set_add(&m->more, &t->key,
				    (uint64_t)value << 32 | cell);
		}
	}
	m->spread = true;
}

/* Is the value (not 0) new to this cell of the measure? */
static inline bool
new_value(struct tally *t, struct tally_field *f, struct tally_measure *m,
    uint32_t value, uint32_t cell)
{
	uint32_t before, *met;

	if (value >= f->met_cap)
		f->met = tally_grow(f->met, &f->met_cap, (size_t)value + 1,
		    f->lanes * sizeof(*f->met));
	if (!m->spread && cell > MASK_CELLS)
		spread(t, f, m);
	met = met_at(f, m, value);
	before = *met;
	if (!m->spread) {
		*met = before | UINT32_C(1) << (cell - 1);
		return *met != before;
	}
	if (before == cell)
		return false;
	if (before == 0) {
		*met = cell;
		return true;
	}
	return set_add(&m->more, &t->key, (uint64_t)value << 32 | cell);
}

static void
collect_count(struct lot *l)
{
	(void)l;
}

static void
collect_distinct(struct lot *l)
{
	struct tally_field *f = &l->t->field[l->field];
	unsigned k;

	for (uint32_t rows = l->rows; rows != 0;) {
		k = rowset_take(&rows);
		if (f->id[k] < f->met_cap)
			__builtin_prefetch(met_at(f, l->m, f->id[k]), 1);
	}
	while (l->rows != 0) {
		k = rowset_take(&l->rows);
		if (f->id[k] != 0)
			l->m->values[l->cell[k]] +=
			    new_value(l->t, f, l->m, f->id[k], l->cell[k]);
	}
}

/* Columns and properties are encoded unlike, and may meet in a list. */
static struct slice
one_spelling(struct tally *t, unsigned field, struct slice val)
{
	if (t->plan->fields.v[field].column != FIELD_FIRST)
		return val;
	strbuf_clear(&t->name);
	dims_name(&t->name, val);
	return strbuf_slice(&t->name);
}

static void
collect_approx(struct lot *l)
{
	struct slice val;
	uint8_t **reg;
	unsigned k;

	while (l->rows != 0) {
		k = rowset_take(&l->rows);
		val = l->t->val[l->field][k];
		if (val.p == NULL)
			continue;
		reg = &l->m->reg[l->cell[k]];
		if (*reg == NULL) {
			*reg = xcalloc(HLL_SIZE, 1);
			l->m->nreg++;
		}
		hll_add(*reg, one_spelling(l->t, l->field, val));
	}
}

static void
collect_sum(struct lot *l)
{
	uint32_t cell;
	unsigned k;
	decimal v;

	while (l->rows != 0) {
		k = rowset_take(&l->rows);
		if (!number_of(l->t, l->field, k, &v))
			continue;
		cell = l->cell[k];
		l->m->values[cell]++;
		if (decimal_add(&l->m->sum[cell], v) == -1)
			l->t->overflow = true;
	}
}

static void
collect_min(struct lot *l)
{
	uint32_t cell;
	unsigned k;
	decimal v;

	while (l->rows != 0) {
		k = rowset_take(&l->rows);
		if (!number_of(l->t, l->field, k, &v))
			continue;
		cell = l->cell[k];
		if (l->m->values[cell]++ == 0 || v < l->m->sum[cell])
			l->m->sum[cell] = v;
	}
}

static void
collect_max(struct lot *l)
{
	uint32_t cell;
	unsigned k;
	decimal v;

	while (l->rows != 0) {
		k = rowset_take(&l->rows);
		if (!number_of(l->t, l->field, k, &v))
			continue;
		cell = l->cell[k];
		if (l->m->values[cell]++ == 0 || v > l->m->sum[cell])
			l->m->sum[cell] = v;
	}
}

static void
collect_quantile(struct lot *l)
{
	struct tally_measure *m = l->m;
	uint32_t id;
	unsigned k;
	decimal v;

	while (l->rows != 0) {
		k = rowset_take(&l->rows);
		if (!number_of(l->t, l->field, k, &v))
			continue;
		id = pairs_id(&m->buckets, &l->t->key, l->cell[k],
		    (uint32_t)(sketch_bucket(v) + SKETCH_MAX));
		if (id >= m->bucket_cap)
			m->bucket = tally_grow(m->bucket, &m->bucket_cap,
			    (size_t)id + 1, sizeof(*m->bucket));
		m->bucket[id]++;
	}
}

/* What lines are made of, for one measure. */
struct emitter {
	struct tally *t;
	unsigned measure;
	char kind;
	uint32_t cell;	    /* that head is of; 0: none */
	struct strbuf head; /* the key up to the dimensions */
	struct strbuf key, state, dims;
	uint32_t *ids;
	struct dict_values values;
};

/* The ids (dict.h) of a combination, one for each field of the group. */
static void
combination_ids(struct emitter *e, unsigned group, uint32_t combination)
{
	const struct pairs *chain = e->t->group[group].chain;
	unsigned n = e->t->plan->group[group].by.n;

	for (; n > 1; n--) {
		e->ids[n - 1] = pairs_second(&chain[n - 2], combination);
		combination = pairs_first(&chain[n - 2], combination);
	}
	if (n == 1)
		e->ids[0] = combination;
}

static void
put_dims(struct emitter *e, unsigned group, uint32_t combination)
{
	const struct plan *p = e->t->plan;
	const struct plan_list *by = &p->group[group].by;

	strbuf_clear(&e->dims);
	combination_ids(e, group, combination);
	for (unsigned i = 0; i < by->n; i++) {
		if (i > 0)
			strbuf_addch(&e->dims, '&');
		strbuf_add_slice(&e->dims, p->fields.v[by->v[i]].key);
		if (e->ids[i] == 0)
			continue;
		strbuf_addch(&e->dims, '=');
		strbuf_add_slice(&e->dims,
		    dict_name(&e->t->field[by->v[i]].dict, e->ids[i]));
	}
}

/* e->head for the cell. */
static void
set_head(struct emitter *e, uint32_t cell)
{
	const struct plan_measure *pm = &e->t->plan->measure[e->measure];
	const struct pairs *cells = &e->t->group[pm->group].cells;
	uint32_t period;

	if (e->cell == cell)
		return;
	e->cell = cell;
	period = pairs_second(cells, cell);
	key_begin(&e->head, e->kind, slice_of(pm->id, KEY_ID));
	key_add_encoded(
	    &e->head, slice_of(e->t->day[period - 1].date, UTC_DATE_LEN));
	put_dims(e, pm->group, pairs_first(cells, cell));
	key_add(&e->head, strbuf_slice(&e->dims));
}

/* e->state of the cell, without a further part. */
static void
put_cell(struct emitter *e, uint32_t cell)
{
	set_head(e, cell);
	sorter_add(e->t->out, strbuf_slice(&e->head), strbuf_slice(&e->state));
	strbuf_clear(&e->state);
}

static void
add_number(struct strbuf *sb, uint64_t v)
{
	char text[NUMBER_MAX];

	strbuf_add(sb, text, number_put_u64(text, v));
}

static void
add_decimal(struct strbuf *sb, decimal v)
{
	char text[DECIMAL_MAX];

	strbuf_add(sb, text, decimal_put(text, v));
}

static void
emit_count(struct emitter *e, uint32_t cell)
{
	add_number(&e->state, e->t->measure[e->measure].events[cell]);
	put_cell(e, cell);
}

/* A set's members have lines of their own, see emit_members(). */
static bool
wants_members(const struct emitter *e)
{
	return e->t->whole || e->t->flushed ||
	       e->t->plan->measure[e->measure].whole;
}

static void
emit_distinct(struct emitter *e, uint32_t cell)
{
	add_number(&e->state,
	    wants_members(e) ? 0 : e->t->measure[e->measure].values[cell]);
	put_cell(e, cell);
}

static void
put_member(struct emitter *e, uint32_t value, uint32_t cell)
{
	set_head(e, cell);
	strbuf_clear(&e->key);
	strbuf_add_slice(&e->key, strbuf_slice(&e->head));
	strbuf_clear(&e->state);
	dict_values_put(&e->values, value, &e->state);
	key_add(&e->key, strbuf_slice(&e->state));
	sorter_add(e->t->out, strbuf_slice(&e->key), SLICE_LIT(""));
	strbuf_clear(&e->state);
}

/* The cells that met tells, all or the first. */
static void
put_met(struct emitter *e, const struct tally_measure *m, uint32_t value,
    uint32_t met)
{
	if (m->spread && met != 0)
		put_member(e, value, met);
	else
		for (; met != 0; met &= met - 1)
			put_member(e, value, (uint32_t)__builtin_ctz(met) + 1);
}

static void
emit_members(struct emitter *e)
{
	const struct tally_measure *m = &e->t->measure[e->measure];
	const struct tally_field *f =
	    &e->t->field[e->t->plan->measure[e->measure].field];

	if (!wants_members(e))
		return;
	dict_values_init(&e->values, &f->dict);
	for (uint32_t i = 1; i < f->met_cap && i <= f->dict.n; i++)
		put_met(e, m, i, *met_at(f, m, i));
	for (size_t i = 0; i < set_slots(&m->more); i++)
		if (m->more.key[i] != 0)
			put_member(e, (uint32_t)(m->more.key[i] >> 32),
			    (uint32_t)m->more.key[i]);
	dict_values_release(&e->values);
}

static void
emit_approx(struct emitter *e, uint32_t cell)
{
	const struct tally_measure *m = &e->t->measure[e->measure];

	if (m->reg[cell] != NULL)
		hll_put(&e->state, m->reg[cell]);
	put_cell(e, cell);
}

static void
emit_sum(struct emitter *e, uint32_t cell)
{
	const struct tally_measure *m = &e->t->measure[e->measure];

	add_number(&e->state, m->values[cell]);
	strbuf_addch(&e->state, ' ');
	add_decimal(&e->state, m->sum[cell]);
	put_cell(e, cell);
}

static void
emit_bound(struct emitter *e, uint32_t cell)
{
	const struct tally_measure *m = &e->t->measure[e->measure];

	if (m->values[cell] > 0)
		add_decimal(&e->state, m->sum[cell]);
	put_cell(e, cell);
}

static void
emit_marker(struct emitter *e, uint32_t cell)
{
	add_number(&e->state, 0);
	put_cell(e, cell);
}

static void
emit_buckets(struct emitter *e)
{
	const struct tally_measure *m = &e->t->measure[e->measure];
	struct strbuf bucket = STRBUF_INIT;

	for (uint32_t i = 1; i <= m->buckets.n; i++) {
		set_head(e, pairs_first(&m->buckets, i));
		strbuf_clear(&e->key);
		strbuf_add_slice(&e->key, strbuf_slice(&e->head));
		strbuf_clear(&bucket);
		strbuf_addf(&bucket, "%05u", pairs_second(&m->buckets, i));
		key_add_encoded(&e->key, strbuf_slice(&bucket));
		add_number(&e->state, m->bucket[i]);
		sorter_add(
		    e->t->out, strbuf_slice(&e->key), strbuf_slice(&e->state));
		strbuf_clear(&e->state);
	}
	strbuf_release(&bucket);
}

/*
 * letter: of its states (state.h).  needs: which arrays.  collect: events
 * that fulfil the where, and are counted already.  emit: the state of a cell.
 * emit_all: those that are not of a cell alone; NULL: none.
 */
static const struct kind {
	char letter;
	bool values, sum, reg;
	void (*collect)(struct lot *l);
	void (*emit)(struct emitter *e, uint32_t cell);
	void (*emit_all)(struct emitter *e);
} kinds[MEASURE_FUNNEL] = {
	[MEASURE_COUNT] = { 'c', false, false, false, collect_count, emit_count,
	    NULL },
	[MEASURE_DISTINCT] = { 'd', true, false, false, collect_distinct,
	    emit_distinct, emit_members },
	[MEASURE_APPROX] = { 'h', false, false, true, collect_approx,
	    emit_approx, NULL },
	[MEASURE_SUM] = { 's', true, true, false, collect_sum, emit_sum, NULL },
	[MEASURE_MIN] = { 'i', true, true, false, collect_min, emit_bound,
	    NULL },
	[MEASURE_MAX] = { 'x', true, true, false, collect_max, emit_bound,
	    NULL },
	[MEASURE_MEAN] = { 's', true, true, false, collect_sum, emit_sum,
	    NULL },
	[MEASURE_QUANTILE] = { 'b', false, false, false, collect_quantile,
	    emit_marker, emit_buckets },
};

static void
grow_measure(struct tally_measure *m, uint32_t cell, const struct kind *k)
{
	size_t values = m->cap, sum = m->cap, reg = m->cap, want = cell;

	want++;
	m->events = tally_grow(m->events, &m->cap, want, sizeof(*m->events));
	if (k->values)
		m->values =
		    tally_grow(m->values, &values, want, sizeof(*m->values));
	if (k->sum)
		m->sum = tally_grow(m->sum, &sum, want, sizeof(*m->sum));
	if (k->reg)
		m->reg = tally_grow(m->reg, &reg, want, sizeof(*m->reg));
}

/* 64 bits cannot overflow: no run has so many events. */
static void
count(struct tally_measure *m, const struct tally_group *g, uint32_t rows,
    const struct kind *kind)
{
	uint64_t *events = m->events;
	size_t cap = m->cap;
	unsigned k;

	if (g->one_cell != 0 && g->one_cell < cap) {
		events[g->one_cell] += (unsigned)__builtin_popcount(rows);
		return;
	}
	while (rows != 0) {
		k = rowset_take(&rows);
		if (g->cell[k] >= cap) {
			grow_measure(m, g->cell[k], kind);
			events = m->events;
			cap = m->cap;
		}
		events[g->cell[k]]++;
	}
}

void
collect(struct tally *t, unsigned measure, uint32_t rows)
{
	const struct plan_measure *pm = &t->plan->measure[measure];
	const struct tally_group *g = &t->group[pm->group];
	const struct kind *k = &kinds[pm->kind];
	struct tally_measure *m = &t->measure[measure];
	struct lot lot = { t, m, (unsigned)pm->field, rows, g->cell };

	count(m, g, rows, k);
	k->collect(&lot);
}

size_t
collect_bytes(const struct tally *t, unsigned measure)
{
	const struct tally_measure *m = &t->measure[measure];
	const struct kind *k;
	size_t each = sizeof(*m->events);

	if (t->plan->measure[measure].kind >= MEASURE_FUNNEL)
		return 0;
	k = &kinds[t->plan->measure[measure].kind];
	each += k->values ? sizeof(*m->values) : 0;
	each += k->sum ? sizeof(*m->sum) : 0;
	each += k->reg ? sizeof(*m->reg) : 0;
	return m->cap * each + m->nreg * HLL_SIZE + set_bytes(&m->more) +
	       pairs_bytes(&m->buckets) + m->bucket_cap * sizeof(*m->bucket);
}

static void
emit_measure(struct emitter *e)
{
	const struct plan_measure *pm = &e->t->plan->measure[e->measure];
	const struct tally_measure *m = &e->t->measure[e->measure];
	const struct kind *k;

	if (pm->kind >= MEASURE_FUNNEL)
		return;
	k = &kinds[pm->kind];
	e->kind = k->letter;
	e->cell = 0;
	for (uint32_t i = 1; i < m->cap; i++)
		if (m->events[i] > 0)
			k->emit(e, i);
	if (k->emit_all != NULL)
		k->emit_all(e);
}

/* The days read, and the fields that had a value. */
static void
emit_input(struct emitter *e)
{
	struct tally *t = e->t;

	for (size_t i = 0; i < t->ndays; i++) {
		if (t->day[i].events == 0)
			continue;
		key_begin(&e->key, 'o', SLICE_LIT(STATE_NO_ID));
		key_add_encoded(
		    &e->key, slice_of(t->day[i].date, UTC_DATE_LEN));
		add_number(&e->state, t->day[i].events);
		sorter_add(
		    t->out, strbuf_slice(&e->key), strbuf_slice(&e->state));
		strbuf_clear(&e->state);
	}
	for (unsigned i = 0; i < t->plan->fields.n; i++) {
		if (!t->field[i].filled)
			continue;
		key_begin(&e->key, 'f', SLICE_LIT(STATE_NO_ID));
		key_add(&e->key, t->plan->fields.v[i].name);
		sorter_add(t->out, strbuf_slice(&e->key), SLICE_LIT(""));
	}
}

void
collect_emit(struct tally *t)
{
	struct emitter e = { .t = t,
		.head = STRBUF_INIT,
		.key = STRBUF_INIT,
		.state = STRBUF_INIT,
		.dims = STRBUF_INIT };

	e.ids = xcalloc(t->plan->fields.n, sizeof(*e.ids));
	emit_input(&e);
	for (e.measure = 0; e.measure < t->plan->nmeasures; e.measure++)
		emit_measure(&e);
	free(e.ids);
	strbuf_release(&e.head);
	strbuf_release(&e.key);
	strbuf_release(&e.state);
	strbuf_release(&e.dims);
}
