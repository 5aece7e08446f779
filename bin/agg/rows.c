#include "config.h"

#include "agg/rows.h"

#include <stdlib.h>
#include <string.h>

#include "agg/decimal.h"
#include "agg/dims.h"
#include "agg/extra.h"
#include "agg/ratio.h"
#include "agg/state.h"
#include "base/alloc.h"
#include "base/event.h"
#include "base/map.h"
#include "base/msg.h"
#include "base/text.h"

/* Value, numerator and denominator, behind ds, metric and dimensions. */
#define VALUES 3

/* A field of the output; p is NULL: NULL. */
struct cell {
	struct slice text;
	bool number;
};

struct table {
	struct out *out;
	const struct row_format *format;
	struct slice *column; /* names */
	size_t ncolumns;
	bool wide;
	uint64_t n;		/* rows put */
	struct strbuf *scratch; /* wide: a text for each dimension */
	struct cell *cell;	/* those of a row */
	struct strbuf dims;	/* of it */
};

struct row_format {
	const char *name;
	void (*header)(struct table *t);
	void (*row)(struct table *t, const struct cell *cell);
};

static void
tsv_header(struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (i > 0)
			out_putc(t->out, '\t');
		out_put_slice(t->out, t->column[i]);
	}
	out_putc(t->out, '\n');
}

static void
tsv_row(struct table *t, const struct cell *cell)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (i > 0)
			out_putc(t->out, '\t');
		out_put_slice(t->out,
		    cell[i].text.p != NULL ? cell[i].text : SLICE_LIT(EV_NULL));
	}
	out_putc(t->out, '\n');
}

/*
 * RFC 4180.  A text that a spreadsheet would take for a formula begins with
 * an apostrophe; NULL is empty, and the empty string is "".
 */
static void
csv_field(struct out *o, const struct cell *c)
{
	bool formula =
	    !c->number && c->text.n > 0 && strchr("=+-@", c->text.p[0]) != NULL;
	bool quote = formula || (!c->number && c->text.n == 0);

	if (c->text.p == NULL)
		return;
	for (size_t i = 0; i < c->text.n && !quote; i++)
		quote = strchr("\",;\r\n", c->text.p[i]) != NULL;
	if (quote)
		out_putc(o, '"');
	if (formula)
		out_putc(o, '\'');
	for (size_t i = 0; i < c->text.n; i++) {
		if (c->text.p[i] == '"')
			out_putc(o, '"');
		out_putc(o, c->text.p[i]);
	}
	if (quote)
		out_putc(o, '"');
}

static void
csv_row(struct table *t, const struct cell *cell)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		if (i > 0)
			out_putc(t->out, ',');
		csv_field(t->out, &cell[i]);
	}
	out_puts(t->out, "\r\n");
}

static void
csv_header(struct table *t)
{
	struct cell *cell = xcalloc(t->ncolumns, sizeof(*cell));

	for (size_t i = 0; i < t->ncolumns; i++)
		cell[i].text = t->column[i];
	csv_row(t, cell);
	free(cell);
}

/* No text holds a control or a backslash. */
static void
json_string(struct out *o, struct slice s)
{
	out_putc(o, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			out_putc(o, '\\');
		out_putc(o, s.p[i]);
	}
	out_putc(o, '"');
}

static void
json_cell(struct out *o, const struct cell *c)
{
	if (c->text.p == NULL)
		out_puts(o, "null");
	else if (c->number)
		out_put_slice(o, c->text);
	else
		json_string(o, c->text);
}

static void
json_dims(struct out *o, struct slice dims)
{
	struct map_pair pair;
	struct cell c = { SLICE_NULL, false };
	bool first = true;

	out_putc(o, '{');
	while (map_next(&dims, &pair)) {
		if (!first)
			out_putc(o, ',');
		first = false;
		json_string(o, pair.key);
		out_putc(o, ':');
		c.text = pair.val;
		json_cell(o, &c);
	}
	out_putc(o, '}');
}

static void
json_header(struct table *t)
{
	(void)t; /* each row has the names */
}

static void
json_row(struct table *t, const struct cell *cell)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		out_puts(t->out, i == 0 ? "{" : ",");
		json_string(t->out, t->column[i]);
		out_putc(t->out, ':');
		if (!t->wide && slice_is(t->column[i], "dimensions"))
			json_dims(t->out, cell[i].text);
		else
			json_cell(t->out, &cell[i]);
	}
	out_puts(t->out, "}\n");
}

static const struct row_format formats[] = {
	{ "tsv", tsv_header, tsv_row },
	{ "json", json_header, json_row },
	{ "csv", csv_header, csv_row },
};

const struct row_format *
row_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

/* Parts of one row are told twice only by ROW_ZERO. */
static int
merge_parts(
    struct strbuf *into, struct slice key, struct slice a, struct slice b)
{
	(void)key;
	(void)b;
	strbuf_add_slice(into, a);
	return 0;
}

void
rows_init(struct rows *r, const struct plan *p, size_t memory)
{
	*r = (struct rows){ .plan = p, .key = STRBUF_INIT };
	sorter_init(&r->sorter, memory, merge_parts);
}

void
rows_release(struct rows *r)
{
	sorter_release(&r->sorter);
	strbuf_release(&r->key);
}

void
rows_add(struct rows *r, struct slice ds, const struct plan_metric *m,
    struct slice dims, enum row_part part, struct slice text)
{
	char c = (char)part;

	key_begin(&r->key, 'R', SLICE_LIT(STATE_NO_ID));
	key_add_encoded(&r->key, ds);
	key_add_encoded(&r->key, m->name);
	key_add_encoded(&r->key, dims);
	key_add_encoded(&r->key, slice_of(&c, 1));
	sorter_add(&r->sorter, strbuf_slice(&r->key), text);
}

/* What is known of a row. */
struct row {
	struct strbuf head;  /* ds, metric and dimensions, as key parts */
	size_t metric, dims; /* where they begin in it */
	bool has_value, has_den;
	bool rate;		  /* or a part of one lacks */
	struct strbuf value, den; /* empty: NULL */
};

static const struct plan_metric *
find_metric(const struct plan *p, struct slice name)
{
	size_t low = 0, high = p->nmetrics, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (slice_cmp(p->metric[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return &p->metric[low];
}

/* The part's number, and its text, which is as decimal_put() has it. */
static decimal
number_of(const struct strbuf *sb, bool there, struct slice *text)
{
	decimal v = 0;

	*text = SLICE_LIT("0");
	if (there && sb->len > 0) {
		*text = strbuf_slice(sb);
		(void)decimal_read(*text, &v);
	}
	return v;
}

/* Value, numerator and denominator; buf is for the value. */
static void
set_values(const struct plan *p, const struct row *row,
    const struct plan_metric *m, struct cell cell[VALUES], char buf[RATIO_MAX])
{
	decimal num, den;

	for (int i = 0; i < VALUES; i++)
		cell[i] = (struct cell){ SLICE_NULL, true };
	if (m->den != PLAN_NONE || row->has_den || row->rate) {
		num = number_of(&row->value, row->has_value, &cell[1].text);
		den = number_of(&row->den, row->has_den, &cell[2].text);
		if (den != 0)
			cell[0].text = slice_of(buf, ratio_put(buf, num, den));
	} else if (row->has_value) {
		if (row->value.len > 0)
			cell[0].text = strbuf_slice(&row->value);
	} else if (!extra_is_null(&p->measure[m->num])) {
		cell[0].text = SLICE_LIT("0");
	}
}

/* The cells of the dimensions that have columns of their own. */
static void
set_wide(struct table *t, struct slice dims, struct cell *cell)
{
	size_t n = t->ncolumns - 1 - VALUES;
	struct slice rest, val;
	struct map_pair pair;

	for (size_t i = 0; i < n; i++) {
		rest = dims;
		val = SLICE_LIT("(total)");
		while (map_next(&rest, &pair))
			if (slice_eq(pair.key, t->column[i + 1]))
				val = pair.val;
		strbuf_clear(&t->scratch[i]);
		if (val.p != NULL)
			strbuf_add_slice(&t->scratch[i], val);
		cell[i] =
		    (struct cell){ val.p != NULL ? strbuf_slice(&t->scratch[i])
						 : SLICE_NULL,
			    false };
	}
}

static void
put_row(struct table *t, const struct plan *p, const struct row *row)
{
	const char *h = row->head.buf;
	struct slice name =
	    slice_of(h + row->metric, row->dims - row->metric - 1);
	char buf[RATIO_MAX];
	size_t n = 0;

	strbuf_clear(&t->dims);
	key_decode(
	    &t->dims, slice_of(h + row->dims, row->head.len - row->dims));
	/* Neither a date nor a metric's name has what a key encodes. */
	t->cell[n++] = (struct cell){ slice_of(h, row->metric - 1), false };
	if (t->wide) {
		set_wide(t, strbuf_slice(&t->dims), t->cell + n);
		n = t->ncolumns - VALUES;
	} else {
		t->cell[n++] = (struct cell){ name, false };
		t->cell[n++] = (struct cell){ strbuf_slice(&t->dims), false };
	}
	set_values(p, row, find_metric(p, name), t->cell + n, buf);
	t->format->row(t, t->cell);
	t->n++;
}

/* The row that the part is of begins. */
static void
begin_row(struct row *row, const struct key *k, struct slice head)
{
	strbuf_clear(&row->head);
	strbuf_add_slice(&row->head, head);
	row->metric = k->part[0].n + 1;
	row->dims = row->metric + k->part[1].n + 1;
	row->has_value = row->has_den = row->rate = false;
}

static void
take_part(struct row *row, char part, struct slice text)
{
	struct strbuf *sb = part == ROW_DEN ? &row->den : &row->value;

	if (part == ROW_ZERO || part == ROW_ZERO_RATE) {
		row->rate = row->rate || part == ROW_ZERO_RATE;
		return;
	}
	row->has_value = row->has_value || part == ROW_VALUE;
	row->has_den = row->has_den || part == ROW_DEN;
	strbuf_clear(sb);
	strbuf_add_slice(sb, text);
}

static int
put_rows(struct rows *r, struct table *t)
{
	struct row row = {
		.head = STRBUF_INIT, .value = STRBUF_INIT, .den = STRBUF_INIT
	};
	struct slice key, text, head;
	struct key k;
	int n;

	while ((n = sorter_next(&r->sorter, &key, &text)) == 1) {
		if (key_split(&k, key) == -1)
			msg_die(EV_EXIT_FAIL, "a row was changed");
		head.p = k.part[0].p;
		head.n = (size_t)(k.part[3].p - head.p) - 1;
		if (row.head.len == 0 ||
		    !slice_eq(strbuf_slice(&row.head), head)) {
			if (row.head.len > 0)
				put_row(t, r->plan, &row);
			begin_row(&row, &k, head);
		}
		take_part(&row, k.part[3].p[0], text);
	}
	if (n == 0 && row.head.len > 0)
		put_row(t, r->plan, &row);
	strbuf_release(&row.head);
	strbuf_release(&row.value);
	strbuf_release(&row.den);
	return n;
}

/* The names of the columns; those of dimensions are the plan's. */
static void
set_columns(struct table *t, const struct plan *p, struct slice *extra)
{
	static const struct slice values[VALUES] = { { "value", 5 },
		{ "numerator", 9 }, { "denominator", 11 } };
	size_t n = 0, dims = 0;

	t->column[n++] = SLICE_LIT("ds");
	if (!t->wide) {
		t->column[n++] = SLICE_LIT("metric");
		t->column[n++] = SLICE_LIT("dimensions");
	} else {
		dims = extra_columns(p, extra);
		for (size_t i = 0; i < dims; i++)
			t->column[n++] = extra[i];
	}
	for (size_t i = 0; i < VALUES; i++)
		t->column[n++] = values[i];
	t->ncolumns = n;
}

int
rows_put(struct rows *r, struct out *o, const struct row_format *format,
    bool header, bool wide)
{
	struct table t = {
		.out = o, .format = format, .wide = wide, .dims = STRBUF_INIT
	};
	size_t max = r->plan->fields.n + EXTRA_MAX;
	struct slice *extra = xcalloc(max, sizeof(*extra));
	int n = -1;

	t.column = xcalloc(max + 3 + VALUES, sizeof(*t.column));
	t.scratch = xcalloc(max, sizeof(*t.scratch));
	t.cell = xcalloc(max + 3 + VALUES, sizeof(*t.cell));
	for (size_t i = 0; i < max; i++)
		t.scratch[i] = STRBUF_INIT;
	set_columns(&t, r->plan, extra);
	if (header || wide)
		format->header(&t);
	if (sorter_finish(&r->sorter) == 0)
		n = put_rows(r, &t);
	for (size_t i = 0; i < max; i++)
		strbuf_release(&t.scratch[i]);
	strbuf_release(&t.dims);
	free(t.scratch);
	free(t.cell);
	free(t.column);
	free(extra);
	return n;
}
