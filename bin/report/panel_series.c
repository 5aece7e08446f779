#include "config.h"

#include <math.h>

#include "report/amount.h"
#include "report/figure.h"
#include "report/label.h"
#include "report/panel.h"

/* A history this long is shown by weeks, too; ten years of them at most. */
#define DAYS_LONG (DAYS_CHART + 28)
#define WEEKS_MAX 522

static int64_t
first_day(const struct page *p)
{
	return p->history->day[0];
}

static void
fill_verdicts(const struct page *p, struct chart *c)
{
	const struct verdict *v;

	for (size_t i = 0; i < c->n; i++) {
		v = verdicts_on(
		    p->verdicts, c->metric->name, c->from + (int64_t)i);
		if (v == NULL)
			continue;
		c->low[i] = v->low;
		c->high[i] = v->high;
		c->down[i] = v->kind == VERDICT_DOWN;
	}
}

/* What a picture says: its span, and the least, most and last value. */
static void
describe(struct strbuf *sb, const struct page *p, const struct chart *c)
{
	double least = INFINITY, most = -INFINITY;

	for (size_t i = 0; i < c->n; i++) {
		if (isnan(c->value[i]))
			continue;
		least = fmin(least, c->value[i]);
		most = fmax(most, c->value[i]);
	}
	label_metric(sb, p->conf, c->metric->name);
	strbuf_adds(sb, c->step == 1 ? " by day, from " : " by week, from ");
	figure_iso(sb, c->from);
	strbuf_adds(sb, " to ");
	figure_iso(sb, p->day);
	if (most < least)
		return;
	strbuf_adds(sb, ": from ");
	figure_value(sb, c->metric, least);
	strbuf_adds(sb, " to ");
	figure_value(sb, c->metric, most);
	strbuf_adds(sb, ", last ");
	figure_value(sb, c->metric, c->value[c->n - 1]);
}

static void
make_days(const struct page *p, struct chart *c, const struct metric *m)
{
	const struct series *s = metric_total(m);
	int64_t from = p->day - DAYS_CHART + 1;

	if (from < first_day(p))
		from = first_day(p);
	chart_init(c, m, from, (size_t)(p->day - from + 1), 1);
	amount_fill(p->history, m, s, from, c->n, c->value);
	if (c->n > 7)
		amount_fill_week(p->history, m, s, from, c->n, c->mean);
	fill_verdicts(p, c);
}

static void
make_weeks(const struct page *p, struct chart *c, const struct metric *m)
{
	int64_t weeks = (p->day - first_day(p) + 7) / 7;
	struct amount a;

	if (weeks > WEEKS_MAX)
		weeks = WEEKS_MAX;
	chart_init(c, m, p->day - 7 * weeks + 1, (size_t)weeks, 7);
	for (size_t i = 0; i < c->n; i++) {
		a = amount_week(p->history, m, metric_total(m),
		    c->from + 7 * (int64_t)i + 6);
		c->value[i] = a.known ? a.value : NAN;
	}
}

static void
put_figure(struct page *p, const struct metric *m)
{
	bool is_long = p->day - first_day(p) >= DAYS_LONG;
	struct strbuf title = STRBUF_INIT, sb = STRBUF_INIT;
	struct strbuf says_days = STRBUF_INIT, says_weeks = STRBUF_INIT;
	struct amount a = panel_total(p, m);
	struct chart days, weeks = { 0 };
	struct phrase ph = { 0 };

	label_metric(&title, p->conf, m->name);
	figure_amount(&sb, m, &a);
	phrase_take(&ph, PIECE_STRONG, &sb);
	panel_add_usual(p, &ph, m, metric_total(m));
	make_days(p, &days, m);
	describe(&says_days, p, &days);
	days.label = says_days.buf;
	if (is_long) {
		make_weeks(p, &weeks, m);
		describe(&says_weeks, p, &weeks);
		weeks.label = says_weeks.buf;
	}
	p->ops->figure(p, title.buf, &ph, &days, is_long ? &weeks : NULL);
	chart_release(&days);
	chart_release(&weeks);
	phrase_release(&ph);
	strbuf_release(&title);
	strbuf_release(&says_days);
	strbuf_release(&says_weeks);
}

void
panel_series(struct page *p)
{
	const struct metric *figure[FIGURES_MAX];
	size_t n = panel_figures(p, figure);

	if (n == 0)
		return;
	p->ops->section(p, "series", "Day by day",
	    !p->ops->draws ? NULL
			   : "Thin: each day. Bold: the mean of the seven days "
			     "that end there. "
			     "Shaded: what ev-guard expects of a guardrail, "
			     "and a red mark "
			     "where it was down. The numbers are in the table "
			     "of every day.");
	for (size_t i = 0; i < n; i++)
		put_figure(p, figure[i]);
}

static void
add_number(struct table *t, const struct metric *m, double v)
{
	struct strbuf sb = STRBUF_INIT;

	figure_value(&sb, m, v);
	table_take(t, CELL_FIGURE, &sb);
}

static void
add_range(struct table *t, const struct metric *m, const struct verdict *v)
{
	struct strbuf sb = STRBUF_INIT;

	figure_value(&sb, m, v->low);
	if (!isnan(v->low) || !isnan(v->high)) {
		strbuf_adds(&sb, " to ");
		figure_value(&sb, m, v->high);
	}
	table_take(t, CELL_FIGURE, &sb);
}

static void
add_percent(struct table *t, double v)
{
	struct strbuf sb = STRBUF_INIT;

	if (isnan(v))
		strbuf_adds(&sb, FIGURE_NONE);
	else
		figure_percent(&sb, v);
	table_take(t, CELL_FIGURE, &sb);
}

static void
guardrail_row(struct page *p, struct table *t, const struct metric *m,
    const struct verdict *v)
{
	static const struct verdict none = { .value = NAN,
		.expected = NAN,
		.low = NAN,
		.high = NAN,
		.chance = NAN,
		.smallest = NAN };
	struct strbuf sb = STRBUF_INIT;
	struct amount a = panel_total(p, m);
	struct cell *c;

	table_row(t);
	table_key(t, m->name);
	label_metric(&sb, p->conf, m->name);
	table_take(t, CELL_WORDS, &sb);
	c = table_text(t, CELL_WORDS, "%s",
	    v != NULL ? verdict_name(v->kind) : "not judged");
	if (v != NULL && v->kind == VERDICT_DOWN)
		c->tone = TONE_BAD;
	figure_amount(&sb, m, &a);
	table_take(t, CELL_FIGURE, &sb);
	if (v == NULL)
		v = &none;
	add_number(t, m, v->expected);
	figure_change(&sb, v->value, v->expected);
	table_take(t, CELL_FIGURE, &sb);
	add_range(t, m, v);
	add_percent(t, v->smallest);
	add_percent(t, v->chance);
}

static void
put_reason(struct page *p, const struct metric *m, const struct verdict *v)
{
	struct strbuf sb = STRBUF_INIT;
	struct phrase ph = { 0 };

	if (v == NULL || v->reason.n == 0)
		return;
	label_metric(&sb, p->conf, m->name);
	phrase_take(&ph, PIECE_STRONG, &sb);
	phrase_addf(&ph, PIECE_PLAIN, ": ");
	panel_add_reason(p, &ph, v);
	p->ops->para(p, &ph);
	phrase_release(&ph);
}

static void
add_side(
    struct table *t, const struct metric *m, const struct cause *c, double v)
{
	if (c->kind == CAUSE_MIX)
		add_percent(t, v);
	else
		add_number(t, m, v);
}

static void
cause_row(struct page *p, struct table *t, const struct metric *m,
    const struct cause *c)
{
	static const char *const what[CAUSE_KINDS] = {
		[CAUSE_RATE] = "rate",
		[CAUSE_MIX] = "share",
		[CAUSE_AMOUNT] = "amount",
	};
	struct strbuf sb = STRBUF_INIT;
	bool own;

	table_row(t);
	label_field(&sb, p->conf, c->dimension);
	table_take(t, CELL_WORDS, &sb);
	own = label_value(&sb, c->dimension, c->value);
	table_take(t, own ? CELL_OWN : CELL_GIVEN, &sb);
	table_text(t, CELL_WORDS, "%s", what[c->kind]);
	add_side(t, m, c, c->expected);
	add_side(t, m, c, c->now);
	add_percent(t, c->part);
}

/* What its drop is made of, in the order in which ev-guard tells it. */
static void
put_causes(struct page *p, const struct metric *m)
{
	struct strbuf fold = STRBUF_INIT;
	struct table t = { 0 };

	table_column(&t, COLUMN_LEFT, "by");
	table_column(&t, COLUMN_LEFT, "value");
	table_column(&t, COLUMN_LEFT, "what changed");
	table_column(&t, COLUMN_RIGHT, "expected");
	table_column(&t, COLUMN_RIGHT, "now");
	table_column(&t, COLUMN_RIGHT, "part of it");
	for (size_t i = 0; i < p->causes->n; i++)
		if (p->causes->v[i].day == p->day &&
		    slice_eq(p->causes->v[i].metric, m->name))
			cause_row(p, &t, m, &p->causes->v[i]);
	strbuf_adds(&fold, "Why: ");
	label_metric(&fold, p->conf, m->name);
	t.fold = fold.buf;
	if (t.nrows > 0)
		p->ops->table(p, &t);
	strbuf_release(&fold);
	table_release(&t);
}

void
panel_guardrails(struct page *p)
{
	const struct roles *r = p->roles;
	struct table t = { 0 };

	if (!r->guarded)
		return;
	p->ops->section(p, "guardrails", "Guardrails",
	    p->verdicts->given
		? "Judged by ev-guard against the same weekdays before; the "
		  "chance is that of a fall as large with nothing wrong."
		: "Not judged: no verdicts were given (ev-guard makes them, "
		  "--verdicts shows them).");
	table_column(&t, COLUMN_LEFT, "guardrail");
	table_column(&t, COLUMN_LEFT, "verdict");
	table_metric(&t, SLICE_LIT("value"), "value");
	table_column(&t, COLUMN_RIGHT, "expected");
	table_column(&t, COLUMN_RIGHT, "change");
	table_column(&t, COLUMN_RIGHT, "range");
	table_column(
	    &t, COLUMN_RIGHT | COLUMN_EXTRA, "smallest fall to be seen");
	table_column(&t, COLUMN_RIGHT | COLUMN_EXTRA, "chance");
	for (size_t i = 0; i < r->nrates; i++)
		guardrail_row(p, &t, r->rate[i],
		    verdicts_on(p->verdicts, r->rate[i]->name, p->day));
	p->ops->table(p, &t);
	for (size_t i = 0; i < r->nrates; i++)
		put_reason(p, r->rate[i],
		    verdicts_on(p->verdicts, r->rate[i]->name, p->day));
	for (size_t i = 0; i < r->nrates; i++)
		put_causes(p, r->rate[i]);
	table_release(&t);
}

/* The rate of which step is the numerator, of a total, or NULL. */
static const struct metric *
rate_of(const struct roles *r, const struct metric *step)
{
	for (size_t i = 0; i < r->nrates; i++)
		if (roles_numerator(r, r->rate[i]) == step &&
		    roles_denominator(r, r->rate[i]) != NULL)
			return r->rate[i];
	return NULL;
}

/* widest: what a whole bar is, or 0 for no bar. */
static void
funnel_cells(struct page *p, struct table *t, const struct metric *step,
    int64_t from, int64_t to, double widest)
{
	const struct metric *rate = rate_of(p->roles, step);
	struct strbuf sb = STRBUF_INIT;
	struct amount a;

	a = amount_sum(p->history, step, metric_total(step), from, to);
	figure_amount(&sb, step, &a);
	if (widest > 0)
		table_bar(t, a.value / widest, &sb);
	else
		table_take(t, CELL_FIGURE, &sb);
	if (rate != NULL) {
		a = amount_sum(p->history, rate, metric_total(rate), from, to);
		figure_amount(&sb, rate, &a);
		strbuf_adds(&sb, " of ");
		label_metric(
		    &sb, p->conf, roles_denominator(p->roles, rate)->name);
	}
	table_take(t, CELL_FIGURE, &sb)->tone = TONE_MUTED;
}

static double
widest_step(const struct page *p)
{
	double widest = 0;

	for (size_t i = 0; i < p->roles->nsteps; i++)
		widest = fmax(widest, panel_total(p, p->roles->step[i]).value);
	return widest;
}

static void
funnel_row(struct page *p, struct table *t, const struct metric *step)
{
	struct strbuf sb = STRBUF_INIT;

	table_row(t);
	label_metric(&sb, p->conf, step->name);
	table_take(t, CELL_WORDS, &sb);
	funnel_cells(p, t, step, p->day, p->day, widest_step(p));
	funnel_cells(p, t, step, p->day - 6, p->day, 0);
	funnel_cells(p, t, step, p->day - 13, p->day - 7, 0);
}

void
panel_funnel(struct page *p)
{
	const struct roles *r = p->roles;
	struct table t = { 0 };

	if (r->nsteps < 2)
		return;
	p->ops->section(p, "funnel", "The funnel",
	    "Days added up: who came on two days is two.");
	table_column(&t, COLUMN_LEFT, "step");
	table_column(&t, COLUMN_RIGHT, "the day");
	table_column(&t, COLUMN_RIGHT, "share");
	table_column(&t, COLUMN_RIGHT, "seven days");
	table_column(&t, COLUMN_RIGHT, "share");
	table_column(&t, COLUMN_RIGHT | COLUMN_EXTRA, "seven before");
	table_column(&t, COLUMN_RIGHT | COLUMN_EXTRA, "share");
	for (size_t i = 0; i < r->nsteps; i++)
		funnel_row(p, &t, r->step[i]);
	p->ops->table(p, &t);
	table_release(&t);
}
