#include "config.h"

#include "agg/rows.h"

#include <stdlib.h>

#include "agg/ratio.h"
#include "base/alloc.h"
#include "base/number.h"
#include "base/strbuf.h"

/* A cell of a metric's group, with the text to sort it by. */
struct row {
	struct slice day;
	struct slice dims; /* into dims.text */
	uint32_t cell;	   /* 0: a total without an event */
};

/* The dimensions of all combinations of a group, as text. */
struct dims {
	struct strbuf text;
	size_t *at; /* of combination i in text, to at[i + 1] */
	size_t n;   /* combinations, the highest number plus one */
};

/* All rows of one metric. */
struct metric_rows {
	const struct plan_metric *metric;
	struct row *row;
	size_t n, next;
};

void
rows_put_header(struct out *o)
{
	out_puts(o, "ds\tmetric\tdimensions\tvalue\tnumerator\tdenominator\n");
}

static void
add_dims(struct dims *d, const struct tally *t, unsigned group,
    uint32_t combination, uint32_t *ids)
{
	const struct plan_list *by = &t->plan->group[group];
	const struct field *f;

	tally_values(t, group, combination, ids);
	for (unsigned i = 0; i < by->n; i++) {
		f = &t->plan->fields.v[by->v[i]];
		if (i > 0)
			strbuf_addch(&d->text, '&');
		strbuf_add_slice(&d->text, f->key);
		if (ids[i] == 0)
			continue;
		strbuf_addch(&d->text, '=');
		strbuf_add_slice(
		    &d->text, dict_name(&t->field[by->v[i]].dict, ids[i]));
	}
}

static void
dims_init(struct dims *d, const struct tally *t, unsigned group)
{
	const struct plan_list *by = &t->plan->group[group];
	uint32_t *ids = xcalloc(by->n, sizeof(*ids));
	size_t first = by->n > 1; /* pairs have ids from 1 */

	*d = (struct dims){ .text = STRBUF_INIT };
	d->n = tally_combinations(t, group);
	d->at = xcalloc(d->n + 1, sizeof(*d->at));
	for (size_t i = first; i < d->n; i++) {
		d->at[i] = d->text.len;
		add_dims(d, t, group, (uint32_t)i, ids);
	}
	d->at[d->n] = d->text.len;
	free(ids);
}

static void
dims_release(struct dims *d)
{
	strbuf_release(&d->text);
	free(d->at);
}

static struct slice
dims_get(const struct dims *d, uint32_t combination)
{
	size_t from = d->at[combination];

	return slice_of(d->text.buf + from, d->at[combination + 1] - from);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = slice_cmp(x->day, y->day);

	return r != 0 ? r : slice_cmp(x->dims, y->dims);
}

/* To be freed. */
static struct slice *
sorted_days(const struct tally *t)
{
	struct slice *days = xcalloc(t->ndays, sizeof(*days));

	for (uint32_t i = 0; i < t->ndays; i++)
		days[i] = tally_day(t, i + 1);
	qsort(days, t->ndays, sizeof(*days), slice_order);
	return days;
}

static unsigned
metric_group(const struct tally *t, const struct plan_metric *m)
{
	return t->plan->measure[m->num].group;
}

/* One row for each day; the cell where it has one. */
static void
total_rows(struct metric_rows *mr, const struct tally *t, unsigned group)
{
	uint32_t cells = tally_cells(t, group);

	mr->n = t->ndays;
	mr->row = xcalloc(mr->n, sizeof(*mr->row));
	for (uint32_t i = 1; i <= t->ndays; i++)
		mr->row[i - 1] = (struct row){ .day = tally_day(t, i),
			.dims = SLICE_LIT("") };
	for (uint32_t i = 1; i <= cells; i++)
		mr->row[tally_cell_day(t, group, i) - 1].cell = i;
}

static void
group_rows(struct metric_rows *mr, const struct tally *t, unsigned group,
    const struct dims *d)
{
	const struct plan_metric *m = mr->metric;
	uint32_t cells = tally_cells(t, group);
	struct row *row;

	mr->row = xcalloc(cells, sizeof(*mr->row));
	for (uint32_t i = 1; i <= cells; i++) {
		if (!tally_seen(t, m->num, i) &&
		    (m->den == PLAN_NONE ||
			!tally_seen(t, (unsigned)m->den, i)))
			continue;
		row = &mr->row[mr->n++];
		row->day = tally_day(t, tally_cell_day(t, group, i));
		row->dims = dims_get(d, tally_combination(t, group, i));
		row->cell = i;
	}
}

static void
put_number(struct out *o, uint64_t v)
{
	out_advance(o, number_put_u64(out_reserve(o, NUMBER_MAX), v));
}

static void
put_values(struct out *o, const struct tally *t, const struct plan_metric *m,
    uint32_t cell)
{
	uint64_t num = tally_count(t, m->num, cell), den;

	if (m->den == PLAN_NONE) {
		put_number(o, num);
		out_puts(o, "\t" EV_NULL "\t" EV_NULL "\n");
		return;
	}
	den = tally_count(t, (unsigned)m->den, cell);
	if (den == 0)
		out_puts(o, EV_NULL);
	else
		out_advance(o, ratio_put(out_reserve(o, RATIO_MAX), num, den));
	out_putc(o, '\t');
	put_number(o, num);
	out_putc(o, '\t');
	put_number(o, den);
	out_putc(o, '\n');
}

static void
put_row(struct out *o, const struct tally *t, const struct plan_metric *m,
    const struct row *row)
{
	out_put_slice(o, row->day);
	out_putc(o, '\t');
	out_put_slice(o, m->name);
	out_putc(o, '\t');
	out_put_slice(o, row->dims);
	out_putc(o, '\t');
	put_values(o, t, m, row->cell);
}

/*
 * The metrics are sorted by name and the rows of each by day, so the days
 * are dealt out one after the other.
 */
static void
put_days(struct out *o, const struct tally *t, struct metric_rows *mr,
    const struct slice *days)
{
	for (size_t d = 0; d < t->ndays; d++) {
		for (unsigned i = 0; i < t->plan->nmetrics; i++) {
			struct metric_rows *m = &mr[i];

			while (m->next < m->n &&
			       slice_eq(m->row[m->next].day, days[d]))
				put_row(o, t, m->metric, &m->row[m->next++]);
		}
	}
}

void
rows_put(struct out *o, const struct tally *t)
{
	const struct plan *p = t->plan;
	struct metric_rows *mr = xcalloc(p->nmetrics, sizeof(*mr));
	struct slice *days = sorted_days(t);
	struct dims *dims = xcalloc(p->ngroups, sizeof(*dims));
	unsigned group;

	for (unsigned i = 0; i < p->ngroups; i++)
		dims_init(&dims[i], t, i);
	for (unsigned i = 0; i < p->nmetrics; i++) {
		mr[i].metric = &p->metric[i];
		group = metric_group(t, mr[i].metric);
		if (p->group[group].n == 0)
			total_rows(&mr[i], t, group);
		else
			group_rows(&mr[i], t, group, &dims[group]);
		qsort(mr[i].row, mr[i].n, sizeof(*mr[i].row), compare_rows);
	}
	put_days(o, t, mr, days);
	for (unsigned i = 0; i < p->nmetrics; i++)
		free(mr[i].row);
	for (unsigned i = 0; i < p->ngroups; i++)
		dims_release(&dims[i]);
	free(days);
	free(dims);
	free(mr);
}
