#include "config.h"

#include <math.h>

#include "report/amount.h"
#include "report/figure.h"
#include "report/label.h"
#include "report/panel.h"

/* Gaps of the history that are named; the rest is counted. */
#define GAPS_NAMED 12

static int64_t
missing_days(const struct page *p, int64_t from)
{
	int64_t missing = 0;

	if (from < p->history->day[0])
		from = p->history->day[0];
	for (int64_t day = from; day <= p->day; day++)
		missing += history_day(p->history, day) == -1;
	return missing;
}

static void
add_gap(struct phrase *ph, size_t n, int64_t from, int64_t to)
{
	struct strbuf sb = STRBUF_INIT;

	if (n > 0)
		strbuf_adds(&sb, ", ");
	figure_iso(&sb, from);
	if (to > from) {
		strbuf_adds(&sb, " to ");
		figure_iso(&sb, to);
	}
	phrase_take(ph, PIECE_PLAIN, &sb);
}

static void
put_gaps(struct page *p)
{
	const struct history *h = p->history;
	struct phrase ph = { 0 };
	size_t n = 0;

	for (size_t i = 1; i < h->ndays; i++) {
		if (h->day[i] == h->day[i - 1] + 1)
			continue;
		if (n < GAPS_NAMED)
			add_gap(&ph, n, h->day[i - 1] + 1, h->day[i] - 1);
		n++;
	}
	if (n > GAPS_NAMED)
		phrase_addf(
		    &ph, PIECE_PLAIN, " and %zu more gaps", n - GAPS_NAMED);
	if (n > 0) {
		phrase_addf(&ph, PIECE_PLAIN, " missing from the history.");
		p->ops->para(p, &ph);
	}
	phrase_release(&ph);
}

static void
add_share(struct table *t, const struct amount *a)
{
	struct strbuf sb = STRBUF_INIT;

	if (a->known)
		figure_percent(&sb, a->value);
	else
		strbuf_adds(&sb, FIGURE_NONE);
	table_take(t, CELL_FIGURE, &sb);
}

/* A share on the day, on the same weekdays before, and in four weeks. */
static void
share_row(struct page *p, struct table *t, const struct metric *m,
    struct strbuf *name, enum share_of of)
{
	struct amount now = panel_share(p, m, p->day, of), a;
	struct amount usual = { .ratio = true };
	double *v;

	table_row(t);
	table_take(t, CELL_WORDS, name);
	add_share(t, &now);
	for (int64_t i = 1; i <= WEEKS_USUAL; i++) {
		a = panel_share(p, m, p->day - 7 * i, of);
		usual.num += a.num;
		usual.den += a.den;
	}
	usual.known = usual.den > 0;
	if (usual.known)
		usual.value = usual.num / usual.den;
	add_share(t, &usual);
	v = table_spark(t, DAYS_SPARK);
	for (int i = 0; i < DAYS_SPARK; i++) {
		a = panel_share(p, m, p->day - DAYS_SPARK + 1 + i, of);
		v[i] = a.known ? a.value : NAN;
	}
}

static void
field_row(struct page *p, struct table *t, const struct field *f)
{
	struct strbuf name = STRBUF_INIT;
	enum share_of of = SHARE_NONE;

	if (slice_is(f->key, "bot_class") || slice_is(f->key, "bot")) {
		of = SHARE_ANY;
		strbuf_adds(&name, "bots, by ");
		label_field(&name, p->conf, f->key);
	} else if (slice_is(f->key, "action_type")) {
		of = SHARE_OTHER;
		strbuf_adds(&name, "what no rule of the config knows");
	} else {
		panel_measure(p, &name, f->lead);
		strbuf_adds(&name, " without ");
		label_field(&name, p->conf, f->key);
	}
	share_row(p, t, f->lead, &name, of);
}

static bool
is_unjudged(const struct page *p, const struct verdict *v)
{
	return v->day == p->day && (v->kind == VERDICT_NO_DATA ||
				       v->kind == VERDICT_NOT_COMPARABLE);
}

static bool
same_reason(const struct verdict *a, const struct verdict *b)
{
	return a->kind == b->kind && slice_eq(a->reason, b->reason);
}

/* Of the guardrails that verdict i's reason is of, if i is the first. */
static size_t
add_unjudged(const struct page *p, struct phrase *ph, size_t i)
{
	const struct verdicts *vs = p->verdicts;
	struct strbuf sb = STRBUF_INIT;
	size_t n = 0;

	for (size_t k = 0; k < vs->n; k++) {
		if (!is_unjudged(p, &vs->v[k]) ||
		    !same_reason(&vs->v[k], &vs->v[i]))
			continue;
		if (k < i)
			return 0;
		strbuf_adds(&sb, n++ > 0 ? ", " : "");
		label_metric(&sb, p->conf, vs->v[k].metric);
	}
	phrase_take(ph, PIECE_STRONG, &sb);
	return n;
}

/* Of the day: guardrails that could not be judged, and why. */
static void
put_unjudged(struct page *p)
{
	const struct verdicts *vs = p->verdicts;
	struct strbuf sb = STRBUF_INIT;
	struct phrase ph = { 0 };

	for (size_t i = 0; i < vs->n; i++) {
		const struct verdict *v = &vs->v[i];

		if (!is_unjudged(p, v) || add_unjudged(p, &ph, i) == 0)
			continue;
		strbuf_addf(&sb, ": %s; ", verdict_name(v->kind));
		phrase_take(&ph,
		    v->kind == VERDICT_NOT_COMPARABLE ? PIECE_BAD : PIECE_PLAIN,
		    &sb);
		label_long(&sb, v->reason);
		phrase_take(&ph, PIECE_GIVEN, &sb);
		p->ops->para(p, &ph);
		phrase_release(&ph);
	}
}

/* Why the data of the day are at fault: of any guardrail, or NULL. */
static const struct verdict *
fault_on(const struct page *p, int64_t day)
{
	const struct verdicts *vs = p->verdicts;

	for (size_t i = 0; i < vs->n; i++)
		if (vs->v[i].day == day &&
		    vs->v[i].kind == VERDICT_NOT_COMPARABLE)
			return &vs->v[i];
	return NULL;
}

static int
days_at_fault(const struct page *p)
{
	int n = 0;

	for (int i = 0; i < DAYS_SPARK; i++)
		n += fault_on(p, p->day - i) != NULL;
	return n;
}

/* Those before the day, which has said so, the last first. */
static void
put_faults(struct page *p)
{
	const struct verdict *v;
	struct strbuf sb = STRBUF_INIT;
	struct phrase ph = { 0 };

	for (int64_t day = p->day - 1; day > p->day - DAYS_SPARK; day--) {
		v = fault_on(p, day);
		if (v == NULL)
			continue;
		figure_iso(&sb, day);
		strbuf_adds(&sb, ": ");
		phrase_take(&ph, PIECE_PLAIN, &sb);
		label_long(&sb, v->reason);
		phrase_take(&ph, PIECE_GIVEN, &sb);
		p->ops->para(p, &ph);
		phrase_release(&ph);
	}
}

static void
count_row(struct table *t, const char *what, long long n)
{
	struct cell *c;

	table_row(t);
	table_text(t, CELL_WORDS, "%s, of the last %d", what, DAYS_SPARK);
	c = table_text(t, CELL_FIGURE, "%lld", n);
	c->tone = n > 0 ? TONE_BAD : TONE_PLAIN;
}

/* Each event has an hour. */
static bool
has_health(const struct roles *r, const struct field *f)
{
	return !f->lead->ratio && !slice_is(f->key, "hour") &&
	       (!slice_is(f->key, "bot") ||
		   roles_field(r, "bot_class") == NULL);
}

void
panel_health(struct page *p)
{
	const struct roles *r = p->roles;
	int64_t missing = missing_days(p, p->day - DAYS_SPARK + 1);
	struct table t = { 0 };

	p->ops->section(p, "health", "Health of the data",
	    "A value that is suddenly missing is a fault of the data, not of "
	    "the site.");
	put_unjudged(p);
	table_column(&t, COLUMN_LEFT, "sign");
	table_column(&t, COLUMN_RIGHT, "the day");
	table_column(&t, COLUMN_RIGHT, "usual");
	table_column(&t, COLUMN_LEFT | COLUMN_EXTRA, "four weeks");
	count_row(&t, "days without metrics", (long long)missing);
	if (p->verdicts->given)
		count_row(&t, "days whose data are at fault", days_at_fault(p));
	for (size_t i = 0; i < r->nfields; i++)
		if (has_health(r, &r->field[i]))
			field_row(p, &t, &r->field[i]);
	p->ops->table(p, &t);
	put_faults(p);
	put_gaps(p);
	table_release(&t);
}

static void
total_row(struct page *p, struct table *t, const struct metric *m)
{
	const struct series *s = metric_total(m);
	int64_t day = panel_day(p, m);
	struct amount now = panel_total(p, m);
	struct amount usual = amount_usual(p->history, m, s, day);
	struct amount week = amount_week(p->history, m, s, day);
	struct strbuf sb = STRBUF_INIT;

	table_row(t);
	table_key(t, m->name);
	label_metric(&sb, p->conf, m->name);
	if (day != p->day) {
		strbuf_addf(
		    &sb, ", %s of ", conf_period_names[m->conf->period]);
		figure_short_date(&sb, day);
	}
	table_take(t, CELL_WORDS, &sb);
	figure_amount(&sb, m, &now);
	table_take(t, CELL_FIGURE, &sb);
	figure_amount(&sb, m, &usual);
	table_take(t, CELL_FIGURE, &sb);
	if (now.known && usual.known)
		figure_change(&sb, now.value, usual.value);
	table_take(t, CELL_FIGURE, &sb);
	figure_amount(&sb, m, &week);
	table_take(t, CELL_FIGURE, &sb);
	panel_fill_spark(p, m, s, table_spark(t, DAYS_SPARK));
}

void
panel_totals(struct page *p)
{
	const struct roles *r = p->roles;
	struct table t = { 0 };

	table_column(&t, COLUMN_LEFT, "metric");
	table_metric(&t, SLICE_LIT("value"), "the day");
	table_column(&t, COLUMN_RIGHT, "usual");
	table_column(&t, COLUMN_RIGHT, "change");
	table_column(&t, COLUMN_RIGHT | COLUMN_EXTRA, "7-day mean");
	table_column(&t, COLUMN_LEFT | COLUMN_EXTRA, "four weeks");
	for (size_t i = 0; i < r->nshown; i++)
		if (r->shown[i]->keys == 0)
			total_row(p, &t, r->shown[i]);
	if (t.nrows > 0) {
		p->ops->section(p, "totals", "Every total", NULL);
		p->ops->table(p, &t);
	}
	table_release(&t);
}

static void
day_row(struct page *p, struct table *t, const struct metric *const *figure,
    size_t n, int64_t day)
{
	struct strbuf sb = STRBUF_INIT;
	struct amount a;

	table_row(t);
	figure_iso(&sb, day);
	strbuf_addf(&sb, " %.3s", figure_weekday(day));
	table_take(t, CELL_FIGURE, &sb);
	for (size_t i = 0; i < n; i++) {
		a = amount_on(
		    p->history, figure[i], metric_total(figure[i]), day);
		figure_amount(&sb, figure[i], &a);
		table_take(t, CELL_FIGURE, &sb);
	}
}

void
panel_days(struct page *p)
{
	const struct history *h = p->history;
	const struct metric *figure[FIGURES_MAX];
	size_t n = panel_figures(p, figure);
	struct strbuf fold = STRBUF_INIT, sb = STRBUF_INIT;
	struct table t = { 0 };

	if (n == 0)
		return;
	p->ops->section(p, "days", "Every day", NULL);
	strbuf_addf(&fold, "%zu days, the last first", h->ndays);
	t.fold = fold.buf;
	table_column(&t, COLUMN_LEFT, "day");
	for (size_t i = 0; i < n; i++) {
		label_metric(&sb, p->conf, figure[i]->name);
		table_metric(&t, figure[i]->name, sb.buf);
		strbuf_clear(&sb);
	}
	for (size_t i = h->ndays; i > 0; i--)
		day_row(p, &t, figure, n, h->day[i - 1]);
	p->ops->table(p, &t);
	table_release(&t);
	strbuf_release(&fold);
	strbuf_release(&sb);
}
