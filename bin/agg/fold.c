#include "config.h"

#include "agg/fold.h"

#include <stdlib.h>

#include "agg/dims.h"
#include "agg/extra.h"
#include "agg/period.h"
#include "agg/state.h"
#include "agg/worker.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/utc.h"

#define DAY_MS 86400000

enum pass { PASS_ALL, PASS_LATE, PASS_TOP };

/* The cell that lines are being added to, by its place in the keys. */
struct group {
	struct strbuf name;    /* kind to dimensions, as in the key */
	struct slice ds, dims; /* into it */
	struct plan_user user; /* PASS_TOP: whom it is for */
};

void
fold_init(
    struct fold *f, const struct plan *p, struct rows *rows, size_t memory)
{
	*f = (struct fold){ .plan = p,
		.rows = rows,
		.decoded = STRBUF_INIT,
		.dims = STRBUF_INIT,
		.part = STRBUF_INIT };
	f->filled = xcalloc(p->fields.n, sizeof(*f->filled));
	sorter_init(&f->late, memory, state_merge);
	visits_init(&f->visits, p, &f->late);
	top_init(&f->top, p, memory);
}

void
fold_release(struct fold *f)
{
	free(f->filled);
	free(f->day);
	cell_release(&f->cell);
	visits_release(&f->visits);
	sorter_release(&f->late);
	top_release(&f->top);
	strbuf_release(&f->decoded);
	strbuf_release(&f->dims);
	strbuf_release(&f->part);
}

/* Days from one of the period behind which the window ends. */
static int64_t
window_days(const struct plan_measure *m, unsigned slot)
{
	switch (m->kind) {
	case MEASURE_COHORT:
	case MEASURE_ATTRIBUTION:
		return (int64_t)((m->window + DAY_MS - 1) / DAY_MS);
	case MEASURE_RETENTION:
		return (int64_t)(slot + 2) * m->after_days - 1;
	default:
		return 0;
	}
}

/* Do the days read hold the whole window of the period that ds begins? */
static bool
is_whole(const struct fold *f, const struct plan_measure *m, unsigned slot,
    struct slice ds)
{
	int64_t days = window_days(m, slot), first;
	enum conf_period period = f->plan->group[m->group].period;

	if (f->open || days == 0 || utc_parse_date(ds, &first) == -1)
		return true;
	if (f->ndays == 0)
		return false;
	if (m->kind == MEASURE_ATTRIBUTION)
		return first - days >= f->day[0];
	return period_last(period, first) + days <= f->day[f->ndays - 1];
}

/* The dimensions of a slot's row; both as key parts. */
static struct slice
slot_dims(struct fold *f, const struct plan_metric *m, unsigned slot,
    struct slice dims)
{
	if (!extra_adds(f->plan, m))
		return dims;
	strbuf_clear(&f->decoded);
	key_decode(&f->decoded, dims);
	strbuf_clear(&f->dims);
	extra_dims(&f->dims, f->plan, m, slot, strbuf_slice(&f->decoded));
	strbuf_clear(&f->part);
	key_add(&f->part, strbuf_slice(&f->dims));
	return slice_of(f->part.buf + 1, f->part.len - 1);
}

/* dims as a key part. */
static void
add_part(struct fold *f, const struct plan_metric *m, struct slice ds,
    struct slice dims, enum row_part part, decimal v, bool null)
{
	char text[DECIMAL_MAX];
	size_t n = null ? 0 : decimal_put(text, v);

	rows_add(f->rows, ds, m, dims, part, slice_of(text, n));
}

/* What the slot's row shows of the cell. */
static struct cell_part
slot_part(const struct fold *f, const struct plan_metric *m, unsigned slot)
{
	struct cell_part part;

	cell_part(
	    &f->cell, slot, m->at->n > 0 ? m->at->v[slot].s : NULL, &part);
	return part;
}

/* The rows of one metric for the cell of the group. */
static void
show_cell(struct fold *f, const struct plan_user *user, const struct group *g)
{
	const struct plan_metric *m = &f->plan->metric[user->metric];
	unsigned slots = extra_slots(f->plan, m);
	struct cell_part part;
	struct slice dims;

	for (unsigned i = 0; i < slots; i++) {
		if (!is_whole(f, f->cell.m, i, g->ds))
			continue;
		part = slot_part(f, m, i);
		dims = slot_dims(f, m, i, g->dims);
		add_part(f, m, g->ds, dims, user->den ? ROW_DEN : ROW_VALUE,
		    part.value, part.null);
		if (part.rate)
			add_part(f, m, g->ds, dims, ROW_DEN, part.den, false);
	}
}

/* A ratio is as large as its denominator. */
static bool
measures_size(const struct plan *p, const struct plan_user *user)
{
	return user->den || p->metric[user->metric].den == PLAN_NONE;
}

static void
end_group(struct fold *f, struct group *g)
{
	const struct plan_measure *m = f->cell.m;
	const struct plan_user *user;

	if (m == NULL)
		return;
	if (f->pass == PASS_TOP) {
		show_cell(f, &g->user, g);
	} else {
		for (unsigned i = 0; i < m->nusers; i++) {
			user = &m->user[i];
			if (f->plan->metric[user->metric].top == 0)
				show_cell(f, user, g);
			else if (measures_size(f->plan, user))
				top_offer(&f->top, user->metric, g->ds, g->dims,
				    cell_size(&f->cell));
		}
	}
	f->cell.m = NULL;
}

/* The measure that a line is of, or NULL. */
static const struct plan_measure *
measure_of(struct fold *f, const struct key *key, struct plan_user *user)
{
	const struct plan_metric *metric;
	int i;

	if (f->pass == PASS_TOP) {
		if (top_user(&f->top, key->id, user) == -1)
			return NULL;
		metric = &f->plan->metric[user->metric];
		i = user->den ? metric->den : (int)metric->num;
	} else {
		i = plan_find(f->plan, key->id);
	}
	return i == PLAN_NONE ? NULL : &f->plan->measure[i];
}

static int
begin_group(
    struct fold *f, struct group *g, const struct key *key, struct slice name)
{
	const struct plan_measure *m;

	end_group(f, g);
	m = measure_of(f, key, &g->user);
	if (m == NULL)
		return -1;
	cell_begin(&f->cell, m);
	strbuf_clear(&g->name);
	strbuf_add_slice(&g->name, name);
	g->ds =
	    slice_of(g->name.buf + (key->part[0].p - name.p), key->part[0].n);
	g->dims =
	    slice_of(g->name.buf + (key->part[1].p - name.p), key->part[1].n);
	return 0;
}

/* The line is kept for each metric that shows no more than its top. */
static void
keep_for_top(struct fold *f, const struct key *key, struct slice state)
{
	const struct plan_measure *m = f->cell.m;

	if (f->pass == PASS_TOP || !m->whole)
		return;
	for (unsigned i = 0; i < m->nusers; i++)
		if (f->plan->metric[m->user[i].metric].top > 0)
			top_keep(&f->top, &m->user[i], key, state);
}

static int
take_cell(struct fold *f, struct group *g, const struct key *key,
    struct slice line, struct slice state)
{
	struct slice name;

	if (key->n < 2)
		return -1;
	name = slice_of(
	    line.p, (size_t)(key->part[1].p + key->part[1].n - line.p));
	if (f->cell.m == NULL || !slice_eq(strbuf_slice(&g->name), name))
		if (begin_group(f, g, key, name) == -1)
			return -1;
	keep_for_top(f, key, state);
	return cell_take(&f->cell, key, state);
}

static int
take_day(struct fold *f, const struct key *key, struct slice state)
{
	uint64_t n;
	int64_t day;

	if (utc_parse_date(key->part[0], &day) == -1 ||
	    number_u64(state, &n) == -1)
		return -1;
	f->events += n;
	f->day = xgrow(f->day, &f->day_cap, f->ndays + 1, sizeof(*f->day));
	f->day[f->ndays++] = day;
	return 0;
}

static void
take_field(struct fold *f, const struct key *key)
{
	strbuf_clear(&f->decoded);
	key_decode(&f->decoded, key->part[0]);
	for (unsigned i = 0; i < f->plan->fields.n; i++)
		if (slice_eq(
			f->plan->fields.v[i].name, strbuf_slice(&f->decoded)))
			f->filled[i] = true;
}

static int
take_line(
    struct fold *f, struct group *g, struct slice line, struct slice state)
{
	const struct plan_measure *m;
	struct key key;
	int i;

	if (key_split(&key, line) == -1)
		return -1;
	switch (key.kind) {
	case 'o':
		return take_day(f, &key, state);
	case 'f':
		take_field(f, &key);
		return 0;
	case 'w': /* the others are said by who read them */
		return slice_is(key.part[0], FLAW_RANDOM)
			   ? state_counts(state, &f->random, 1)
			   : 0;
	case 'e':
		i = plan_find(f->plan, key.id);
		m = i == PLAN_NONE ? NULL : &f->plan->measure[i];
		return m == NULL ? -1 : visits_take(&f->visits, m, &key, state);
	default:
		return take_cell(f, g, &key, line, state);
	}
}

/* All lines of s, which is finished. */
static int
run_pass(struct fold *f, enum pass pass, struct sorter *s)
{
	struct group g = { .name = STRBUF_INIT };
	struct slice line, state;
	int n;

	f->pass = pass;
	while ((n = sorter_next(s, &line, &state)) == 1) {
		if (take_line(f, &g, line, state) == -1) {
			msg_error("no state of this config, or a counter "
				  "overflows: %.*s",
			    (int)line.n, line.p);
			n = -1;
			break;
		}
	}
	if (n == 0)
		end_group(f, &g);
	strbuf_release(&g.name);
	return n;
}

/* The rows of a total for the period that day is in. */
static void
add_total(struct fold *f, const struct plan_metric *m, int64_t day)
{
	const struct plan_measure *v = &f->plan->measure[m->num];
	unsigned slots = extra_slots(f->plan, m);
	char date[UTC_DATE_LEN];
	struct slice ds = slice_of(date, sizeof(date));

	utc_format_date(
	    date, period_first(f->plan->group[v->group].period, day));
	cell_begin(&f->cell, v);
	for (unsigned i = 0; i < slots; i++) {
		if (!is_whole(f, v, i, ds))
			continue;
		add_part(f, m, ds, slot_dims(f, m, i, SLICE_LIT("")),
		    slot_part(f, m, i).rate ? ROW_ZERO_RATE : ROW_ZERO, 0,
		    false);
	}
}

/* Totals have a row for each period with an event. */
static void
add_totals(struct fold *f)
{
	const struct plan_metric *m = f->plan->metric;

	for (unsigned i = 0; i < f->plan->nmetrics; i++, m++) {
		if (plan_metric_group(f->plan, m)->by.n > 0 ||
		    f->plan->measure[m->num].kind == MEASURE_ATTRIBUTION)
			continue;
		for (size_t k = 0; k < f->ndays; k++)
			add_total(f, m, f->day[k]);
	}
}

int
fold_all(struct fold *f, struct sorter *s)
{
	if (sorter_finish(s) == -1 || run_pass(f, PASS_ALL, s) == -1)
		return -1;
	visits_end(&f->visits);
	if (sorter_finish(&f->late) == -1 ||
	    run_pass(f, PASS_LATE, &f->late) == -1)
		return -1;
	if (top_rest(&f->top) == -1 ||
	    run_pass(f, PASS_TOP, &f->top.rest) == -1)
		return -1;
	add_totals(f);
	return 0;
}

bool
fold_fits(const struct plan *p, const struct plan_measure *m,
    const struct key *key, struct strbuf *scratch)
{
	bool visit = key->kind == 'e';
	struct slice part = key->part[visit ? 4 : 1], dims;
	size_t n;

	strbuf_clear(scratch);
	key_decode(scratch, part);
	n = scratch->len;
	strbuf_grow(scratch, 2 * n + 1);
	dims = slice_of(scratch->buf, n);
	/* In one spelling only. */
	key_add(scratch, dims);
	if (!slice_eq(
		part, slice_of(scratch->buf + n + 1, scratch->len - n - 1)))
		return false;
	dims = slice_of(scratch->buf, n);
	if (visit)
		return visits_fit(p, m, key, dims);
	return m->kind < MEASURE_FUNNEL &&
	       dims_fit(dims, p, &p->group[m->group]);
}
