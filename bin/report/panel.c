#include "config.h"

#include "report/panel.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "report/amount.h"
#include "report/figure.h"
#include "report/label.h"

void
panel_measure(const struct page *p, struct strbuf *sb, const struct metric *m)
{
	const struct metric *whole = roles_whole(p->roles, m);

	label_metric(sb, p->conf, whole != NULL ? whole->name : m->name);
}

struct amount
panel_total(const struct page *p, const struct metric *m)
{
	return amount_on(p->history, m, metric_total(m), p->day);
}

void
panel_add_usual(const struct page *p, struct phrase *ph, const struct metric *m,
    const struct series *s)
{
	struct amount now = amount_on(p->history, m, s, p->day);
	struct amount usual = amount_usual(p->history, m, s, p->day);
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

	*n = 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct series *s = &m->series[i];

		if (s->dims.n == 0 || history_on(p->history, s, p->day) == NULL)
			continue;
		v[*n].series = s;
		v[(*n)++].amount = amount_on(p->history, m, s, p->day);
	}
	if (*n > 0)
		qsort(v, *n, sizeof(*v), compare_ranked);
	return v;
}

static bool
is_of(struct slice dims, enum share_of of)
{
	struct map_pair pair = { SLICE_NULL, SLICE_NULL };

	map_next(&dims, &pair);
	if (of == SHARE_OTHER)
		return slice_is(pair.val, "other");
	return (pair.val.p != NULL) == (of == SHARE_ANY);
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
		share.den += point->num;
		if (is_of(m->series[i].dims, of))
			share.num += point->num;
	}
	/* Who is counted under two values is one of the whole. */
	if (whole != NULL)
		share.den =
		    amount_on(p->history, whole, metric_total(whole), day).num;
	share.known = share.den > 0;
	if (share.known)
		share.value = (double)share.num / (double)share.den;
	return share;
}
