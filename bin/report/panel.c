#include "config.h"

#include "report/panel.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "history/row.h"
#include "report/amount.h"
#include "report/figure.h"
#include "report/label.h"

void
panel_measure(const struct page *p, struct strbuf *sb, const struct metric *m)
{
	const struct metric *whole = roles_whole(p->roles, m);

	label_metric(sb, p->conf, whole != NULL ? whole->name : m->name);
	if (m->conf != NULL && m->conf->period != PERIOD_DAY)
		strbuf_addf(sb, ", %s", conf_period_names[m->conf->period]);
}

int64_t
panel_day(const struct page *p, const struct metric *m)
{
	size_t i = p->history->ndays - 1;

	if (m->conf == NULL || m->conf->period == PERIOD_DAY)
		return p->day;
	while (i > 0 && !m->on[i])
		i--;
	return p->history->day[i];
}

struct amount
panel_total(const struct page *p, const struct metric *m)
{
	return amount_on(p->history, m, metric_total(m), panel_day(p, m));
}

void
panel_add_usual(const struct page *p, struct phrase *ph, const struct metric *m,
    const struct series *s)
{
	int64_t day = panel_day(p, m);
	struct amount now = amount_on(p->history, m, s, day);
	struct amount usual = amount_usual(p->history, m, s, day);
	struct strbuf sb = STRBUF_INIT;

	if (!usual.known)
		return;
	strbuf_adds(&sb, " (usual ");
	figure_amount(&sb, m, &usual);
	if (now.known && usual.value != 0) {
		strbuf_adds(&sb, ", ");
		figure_change(&sb, now.value, usual.value);
	}
	strbuf_addch(&sb, ')');
	phrase_take(ph, PIECE_MUTED, &sb);
}

void
panel_fill_spark(const struct page *p, const struct metric *m,
    const struct series *s, double *v)
{
	amount_fill(p->history, m, s, p->day - DAYS_SPARK + 1, DAYS_SPARK, v);
}

static void
add_figure(const struct metric **figure, size_t *n, const struct metric *m)
{
	for (size_t i = 0; i < *n; i++)
		if (figure[i] == m)
			return;
	if (m != NULL && *n < FIGURES_MAX)
		figure[(*n)++] = m;
}

size_t
panel_figures(const struct page *p, const struct metric *figure[FIGURES_MAX])
{
	const struct roles *r = p->roles;
	size_t n = 0;

	add_figure(figure, &n, r->people);
	add_figure(figure, &n, r->traffic);
	for (size_t i = 0; r->guarded && i < r->nrates; i++) {
		add_figure(figure, &n, roles_numerator(r, r->rate[i]));
		add_figure(figure, &n, r->rate[i]);
	}
	/* Names that the config does not know: all of them. */
	for (size_t i = 0; !r->guarded && i < r->nshown; i++)
		if (r->shown[i]->keys == 0)
			add_figure(figure, &n, r->shown[i]);
	return n;
}

/* Steps, days after, quantiles and hours have an order of their own. */
static bool
has_order(struct slice key)
{
	return slice_is(key, "hour") || slice_is(key, "step") ||
	       slice_is(key, "after") || slice_is(key, "at");
}

static int
compare_ordered(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	struct slice i = x->series->dims, j = y->series->dims;
	struct map_pair p = { SLICE_NULL, SLICE_NULL }, q = p;
	double u = 0, v = 0;

	map_next(&i, &p);
	map_next(&j, &q);
	if (row_decimal(p.val, &u) == 0 && row_decimal(q.val, &v) == 0 &&
	    u != v)
		return u < v ? -1 : 1;
	return slice_cmp(x->series->dims, y->series->dims);
}

static int
compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->amount.value != y->amount.value)
		return x->amount.value < y->amount.value ? 1 : -1;
	return slice_cmp(x->series->dims, y->series->dims);
}

struct ranked *
panel_rank(const struct page *p, const struct metric *m, size_t *n)
{
	struct ranked *v = xcalloc(m->n, sizeof(*v));
	struct slice rest = m->series[m->n - 1].dims;
	struct map_pair first = { SLICE_NULL, SLICE_NULL };
	int64_t day = panel_day(p, m);

	*n = 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct series *s = &m->series[i];

		if (s->dims.n == 0 || history_on(p->history, s, day) == NULL)
			continue;
		v[*n].series = s;
		v[(*n)++].amount = amount_on(p->history, m, s, day);
	}
	map_next(&rest, &first);
	if (*n > 0)
		qsort(v, *n, sizeof(*v),
		    has_order(first.key) ? compare_ordered : compare_ranked);
	return v;
}

struct slice
panel_only_value(struct slice dims)
{
	struct map_pair pair = { SLICE_NULL, SLICE_NULL };

	map_next(&dims, &pair);
	return pair.val;
}

static bool
is_of(struct slice dims, enum share_of of)
{
	struct slice val = panel_only_value(dims);

	if (of == SHARE_OTHER)
		return slice_is(val, "other");
	return (val.p != NULL) == (of == SHARE_ANY);
}

struct amount
panel_share(
    const struct page *p, const struct metric *m, int64_t day, enum share_of of)
{
	const struct metric *whole = roles_whole(p->roles, m);
	struct amount share = { .ratio = true };
	const struct point *point;

	for (size_t i = 0; i < m->n; i++) {
		point = history_on(p->history, &m->series[i], day);
		if (point == NULL || point->kind != POINT_COUNT)
			continue;
		share.den += point->value;
		if (is_of(m->series[i].dims, of))
			share.num += point->value;
	}
	/* Who is counted under two values is one of the whole. */
	if (whole != NULL)
		share.den =
		    amount_on(p->history, whole, metric_total(whole), day)
			.value;
	share.known = share.den > 0;
	if (share.known)
		share.value = share.num / share.den;
	return share;
}
