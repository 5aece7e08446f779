#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "report/amount.h"
#include "report/figure.h"
#include "report/label.h"
#include "report/panel.h"

/* Values of a breakdown where the config says nothing. */
#define ROWS 12
/* A day is shown whole. */
#define HOURS 24
/* Beyond so many metrics a narrow screen has no room for shares. */
#define NARROW 4
/* Rows of what is counted by several fields. */
#define ROWS_OTHERS 10

/* What the rows of one breakdown share. */
struct breakdown {
	struct page *page;
	const struct field *field;
	struct table table;
	double whole;	/* what shares are of; 0: no shares */
	double longest; /* the value of the longest bar */
};

static size_t
row_limit(const struct page *p, struct slice key)
{
	uint64_t rows = p->conf->report.rows;

	if (rows == 0)
		rows = ROWS;
	return slice_is(key, "hour") && rows < HOURS ? HOURS : (size_t)rows;
}

static double
find_longest(const struct ranked *v, size_t n)
{
	double longest = 0;

	for (size_t i = 0; i < n; i++)
		longest = fmax(longest, v[i].amount.value);
	return longest;
}

/* Is a value a share of something, as a quantile is not? */
static bool
adds_up(const struct metric *m)
{
	if (m->conf == NULL)
		return m->counts;
	return m->conf->num.kind <= MEASURE_SUM;
}

static double
find_whole(const struct page *p, const struct metric *m, const struct ranked *v,
    size_t n)
{
	const struct metric *whole = roles_whole(p->roles, m);
	double sum = 0;

	if (m->ratio || !adds_up(m))
		return 0;
	if (whole != NULL)
		return panel_total(p, whole).value;
	if (metric_total(m) != NULL)
		return panel_total(p, m).value;
	for (size_t i = 0; i < n; i++)
		sum += v[i].amount.value;
	return sum;
}

static void
add_head(struct table *t, const struct page *p, const struct metric *m)
{
	struct strbuf sb = STRBUF_INIT;

	panel_measure(p, &sb, m);
	table_metric(t, m->name, sb.buf);
	strbuf_release(&sb);
}

static void
add_columns(struct breakdown *b)
{
	const struct page *p = b->page;
	const struct field *f = b->field;
	struct strbuf sb = STRBUF_INIT;

	label_field(&sb, p->conf, f->key);
	table_column(&b->table, COLUMN_LEFT, sb.buf);
	strbuf_release(&sb);
	add_head(&b->table, p, f->lead);
	if (b->whole > 0)
		table_column(&b->table,
		    COLUMN_RIGHT | (f->n > NARROW ? COLUMN_EXTRA : 0), "share");
	table_column(&b->table, COLUMN_RIGHT | COLUMN_EXTRA, "usual");
	table_column(&b->table, COLUMN_LEFT | COLUMN_EXTRA, "four weeks");
	for (size_t i = 0; i < f->n; i++)
		if (f->metric[i] != f->lead && table_room(&b->table, 1))
			add_head(&b->table, p, f->metric[i]);
}

static void
add_amount(struct table *t, const struct metric *m, const struct amount *a)
{
	struct strbuf sb = STRBUF_INIT;

	figure_amount(&sb, m, a);
	table_take(t, CELL_FIGURE, &sb);
}

static void
add_share(struct breakdown *b, const struct amount *a)
{
	struct strbuf sb = STRBUF_INIT;

	if (!(b->whole > 0))
		return;
	figure_share(&sb, a->value / b->whole);
	table_bar(&b->table, a->value / b->longest, &sb);
}

static void
add_row(struct breakdown *b, const struct ranked *r)
{
	const struct page *p = b->page;
	const struct history *h = p->history;
	const struct field *f = b->field;
	struct slice dims = r->series->dims, val = panel_only_value(dims);
	struct strbuf sb = STRBUF_INIT;
	struct amount a;
	bool own;

	table_row(&b->table);
	table_key(&b->table, dims);
	own = label_value(&sb, f->key, val);
	if (label_own_host(p->conf, f->key, val))
		strbuf_adds(&sb, " (own host)");
	table_take(&b->table, own ? CELL_OWN : CELL_GIVEN, &sb);
	add_amount(&b->table, f->lead, &r->amount);
	add_share(b, &r->amount);
	a = amount_usual(h, f->lead, r->series, panel_day(p, f->lead));
	add_amount(&b->table, f->lead, &a);
	panel_fill_spark(
	    p, f->lead, r->series, table_spark(&b->table, DAYS_SPARK));
	for (size_t i = 0; i < f->n && b->table.at < b->table.ncols; i++) {
		if (f->metric[i] == f->lead)
			continue;
		a = amount_on(h, f->metric[i], metric_find(f->metric[i], dims),
		    panel_day(p, f->metric[i]));
		add_amount(&b->table, f->metric[i], &a);
	}
}

/* How many there are beyond the rows, and where they add up, how much. */
static void
add_rest(struct breakdown *b, const struct ranked *v, size_t n)
{
	const struct metric *lead = b->field->lead;
	bool adds = lead->conf != NULL && !lead->ratio &&
		    (lead->conf->num.kind == MEASURE_COUNT ||
			lead->conf->num.kind == MEASURE_SUM);
	struct amount a = { .known = adds, .exact = adds };

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		a.count += v[i].amount.count;
		a.value += v[i].amount.value;
		a.exact &= v[i].amount.exact;
	}
	table_row(&b->table);
	table_text(&b->table, CELL_OWN, "%zu more", n);
	add_amount(&b->table, lead, &a);
	if (adds)
		add_share(b, &a);
}

static void
put_breakdown(struct page *p, const struct field *f)
{
	struct breakdown b = { .page = p, .field = f };
	size_t n, limit = row_limit(p, f->key);
	struct ranked *v = panel_rank(p, f->lead, &n);

	/* A row that counts one more is no shorter than that one. */
	if (n <= limit + 1)
		limit = n;
	b.whole = find_whole(p, f->lead, v, n);
	b.longest = find_longest(v, n);
	add_columns(&b);
	for (size_t i = 0; i < limit; i++)
		add_row(&b, &v[i]);
	add_rest(&b, v + limit, n - limit);
	p->ops->table(p, &b.table);
	table_release(&b.table);
	free(v);
}

static bool
is_bots(const struct field *f)
{
	return slice_is(f->key, "bot") || slice_is(f->key, "bot_class");
}

static void
put_field(struct page *p, const struct field *f, size_t i)
{
	struct strbuf title = STRBUF_INIT, id = STRBUF_INIT;

	strbuf_addf(&id, "field%zu", i);
	label_heading(&title, p->conf, f->key);
	p->ops->section(p, id.buf, title.buf, NULL);
	put_breakdown(p, f);
	strbuf_release(&title);
	strbuf_release(&id);
}

void
panel_fields(struct page *p)
{
	const struct roles *r = p->roles;

	for (size_t i = 0; i < r->nfields; i++)
		if (!is_bots(&r->field[i]))
			put_field(p, &r->field[i], i);
}

static void
put_bot_chart(struct page *p, const struct field *f)
{
	struct metric share = {
		.name = SLICE_LIT("bots"), .ratio = true, .percent = true
	};
	int64_t from = p->day - DAYS_CHART + 1;
	struct strbuf sb = STRBUF_INIT, says = STRBUF_INIT;
	struct phrase ph = { 0 };
	struct chart c;
	struct amount a;

	if (from < p->history->day[0])
		from = p->history->day[0];
	chart_init(&c, &share, from, (size_t)(p->day - from + 1), 1);
	for (size_t i = 0; i < c.n; i++) {
		a = panel_share(p, f->lead, from + (int64_t)i, SHARE_ANY);
		c.value[i] = a.known ? a.value : NAN;
	}
	figure_value(&sb, &share, c.value[c.n - 1]);
	strbuf_adds(&says, "share of bots by day, last ");
	strbuf_add_slice(&says, strbuf_slice(&sb));
	phrase_take(&ph, PIECE_STRONG, &sb);
	c.label = says.buf;
	p->ops->figure(p, "share of bots", &ph, &c, NULL);
	chart_release(&c);
	phrase_release(&ph);
	strbuf_release(&says);
}

void
panel_bots(struct page *p)
{
	const struct field *class = roles_field(p->roles, "bot_class");
	const struct field *sign = roles_field(p->roles, "bot");

	if (class == NULL && sign == NULL)
		return;
	p->ops->section(p, "bots", "Bots set apart",
	    "Declared: says that it is one. Suspected: hides it.");
	if (class != NULL) {
		if (!class->lead->ratio)
			put_bot_chart(p, class);
		put_breakdown(p, class);
	}
	if (sign != NULL)
		put_breakdown(p, sign);
}

static void
put_other(struct page *p, const struct metric *m)
{
	struct strbuf fold = STRBUF_INIT, sb = STRBUF_INIT;
	struct table t = { 0 };
	struct slice key;
	size_t n;
	struct ranked *v = panel_rank(p, m, &n);
	bool own;

	label_metric(&fold, p->conf, m->name);
	strbuf_addf(&fold, " (%zu)", n);
	t.fold = fold.buf;
	table_column(&t, COLUMN_LEFT, "value");
	add_head(&t, p, m);
	for (size_t i = 0; i < n && i < ROWS_OTHERS; i++) {
		key = v[i].series->dims;
		table_row(&t);
		table_key(&t, key);
		own = label_dims(&sb, key);
		table_take(&t, own ? CELL_OWN : CELL_GIVEN, &sb);
		add_amount(&t, m, &v[i].amount);
	}
	p->ops->table(p, &t);
	table_release(&t);
	strbuf_release(&fold);
	free(v);
}

void
panel_others(struct page *p)
{
	const struct roles *r = p->roles;
	bool begun = false;

	for (size_t i = 0; i < r->nshown; i++) {
		if (r->shown[i]->keys < 2)
			continue;
		if (!begun)
			p->ops->section(p, "others", "By several fields",
			    "The largest of the day.");
		begun = true;
		put_other(p, r->shown[i]);
	}
}
