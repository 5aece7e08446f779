#include "config.h"

#include <math.h>
#include <string.h>

#include "report/page.h"
#include "report/panel.h"
#include "report/utf8.h"

/* A terminal's width, and what a curve in it has of it. */
#define WIDTH 80
#define SPARK_MAX 56
#define SPARK_MIN 10
#define GAP 2

static void
put_blanks(struct out *o, size_t n)
{
	while (n-- > 0)
		out_putc(o, ' ');
}

/*
 * Our words stand in parentheses, so a stranger's must not begin with one:
 * it is shown as the escape that label.h uses for what may not be shown.
 */
static void
add_piece(struct strbuf *sb, const char *text, bool given, bool own)
{
	if (given && text[0] == '(')
		strbuf_addf(sb, "\\x28%s", text + 1);
	else
		strbuf_addf(sb, own ? "(%s)" : "%s", text);
}

static void
add_phrase(struct strbuf *sb, const struct phrase *ph)
{
	for (size_t i = 0; i < ph->n; i++)
		add_piece(sb, ph->piece[i].text,
		    ph->piece[i].style == PIECE_GIVEN,
		    ph->piece[i].style == PIECE_OWN);
}

/* Wraps at blanks, each line after so many blanks. */
static void
put_wrapped(struct out *o, const char *text, size_t indent)
{
	struct slice rest = slice_str(text), word;
	size_t column = 0, n;

	while (rest.n > 0) {
		const char *blank = memchr(rest.p, ' ', rest.n);

		n = blank != NULL ? (size_t)(blank - rest.p) : rest.n;
		word = slice_of(rest.p, n);
		if (column > 0 &&
		    column + 1 + utf8_columns(word) > WIDTH - indent) {
			out_putc(o, '\n');
			column = 0;
		}
		if (column == 0)
			put_blanks(o, indent);
		else
			out_putc(o, ' ');
		out_put_slice(o, word);
		column += utf8_columns(word) + (column > 0);
		n += blank != NULL;
		rest = slice_of(rest.p + n, rest.n - n);
	}
	out_putc(o, '\n');
}

/* Several days as their mean, so that n become as many as there is room for. */
static double
mean_of(const double *v, size_t from, size_t to)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		if (!isnan(v[i])) {
			sum += v[i];
			n++;
		}
	return n > 0 ? sum / (double)n : NAN;
}

static void
add_spark(struct strbuf *sb, const double *v, size_t n)
{
	static const char *const blocks[] = { "\xe2\x96\x81", "\xe2\x96\x82",
		"\xe2\x96\x83", "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
		"\xe2\x96\x87", "\xe2\x96\x88" };
	size_t from = n > SPARK_MAX ? n - SPARK_MAX : 0;
	double high = 0;

	for (size_t i = from; i < n; i++)
		if (v[i] > high)
			high = v[i];
	for (size_t i = from; i < n; i++) {
		if (isnan(v[i]))
			strbuf_addch(sb, ' ');
		else if (!(high > 0) || v[i] < 0)
			strbuf_adds(sb, blocks[0]);
		else
			strbuf_adds(sb, blocks[(int)(v[i] / high * 7.999)]);
	}
}

static void
put_phrase(struct out *o, const struct phrase *ph, size_t indent)
{
	struct strbuf sb = STRBUF_INIT;

	add_phrase(&sb, ph);
	put_wrapped(o, sb.buf, indent);
	strbuf_release(&sb);
}

static void
text_begin(struct page *p, const char *title, const char *of,
    const struct phrases *alarm)
{
	put_wrapped(p->out, title, 0);
	put_wrapped(p->out, of, 0);
	for (size_t i = 0; i < alarm->n; i++) {
		if (i == 0)
			out_putc(p->out, '\n');
		put_phrase(p->out, &alarm->v[i], 0);
	}
}

static void
text_end(struct page *p, const char *foot)
{
	out_putc(p->out, '\n');
	put_wrapped(p->out, foot, 0);
}

static void
text_section(
    struct page *p, const char *id, const char *title, const char *note)
{
	(void)id;
	out_putc(p->out, '\n');
	put_wrapped(p->out, title, 0);
	for (size_t i = utf8_columns(slice_str(title)); i > 0; i--)
		out_putc(p->out, '=');
	out_putc(p->out, '\n');
	if (note != NULL)
		put_wrapped(p->out, note, 0);
	p->open = OPEN_NONE;
}

static void
put_spark(struct out *o, const double *v, size_t n)
{
	struct strbuf sb = STRBUF_INIT;

	add_spark(&sb, v, n);
	put_blanks(o, 4);
	out_put_slice(o, strbuf_slice(&sb));
	out_putc(o, '\n');
	strbuf_release(&sb);
}

static void
text_answer(struct page *p, const char *question, const struct phrase *ph,
    const double *v, size_t n)
{
	put_wrapped(p->out, question, 0);
	put_phrase(p->out, ph, 4);
	if (n > 0)
		put_spark(p->out, v, n);
}

static void
text_figure(struct page *p, const char *title, const struct phrase *ph,
    const struct chart *days, const struct chart *weeks)
{
	put_wrapped(p->out, title, 0);
	put_phrase(p->out, ph, 4);
	put_spark(p->out, days->value, days->n);
	if (weeks != NULL)
		put_spark(p->out, weeks->value, weeks->n);
}

static void
text_para(struct page *p, const struct phrase *ph)
{
	put_phrase(p->out, ph, 0);
}

static void
add_short_spark(struct strbuf *sb, const double *v, size_t n, size_t most)
{
	double mean[SPARK_MAX];

	if (n <= most) {
		add_spark(sb, v, n);
		return;
	}
	for (size_t i = 0; i < most; i++)
		mean[i] = mean_of(v, i * n / most, (i + 1) * n / most);
	add_spark(sb, mean, most);
}

static void
add_cell(struct strbuf *sb, const struct cell *c, size_t spark)
{
	if (c->kind == CELL_SPARK)
		add_short_spark(sb, c->v, c->n, spark);
	else if (c->text != NULL)
		add_piece(
		    sb, c->text, c->kind == CELL_GIVEN, c->kind == CELL_OWN);
}

/* How a table is laid out: its columns' widths, and what is between them. */
struct layout {
	size_t width[TABLE_COLUMNS];
	size_t gap;
	size_t spark; /* the longest curve */
};

static size_t
column_width(const struct table *t, size_t col, size_t spark)
{
	size_t width = utf8_columns(slice_str(t->col[col].head)), n;
	struct strbuf sb = STRBUF_INIT;

	for (size_t i = 0; i < t->nrows; i++) {
		strbuf_clear(&sb);
		add_cell(&sb, table_cell(t, i, col), spark);
		n = utf8_columns(strbuf_slice(&sb));
		if (n > width)
			width = n;
	}
	strbuf_release(&sb);
	return width;
}

/* The width of the whole. */
static size_t
lay_out(struct layout *l, const struct table *t, size_t gap, size_t spark)
{
	size_t sum = 0;

	l->gap = gap;
	l->spark = spark;
	for (size_t i = 0; i < t->ncols; i++) {
		l->width[i] = column_width(t, i, spark);
		sum += l->width[i] + (i > 0 ? gap : 0);
	}
	return sum;
}

/* The blanks to the right of a text are left out where nothing follows. */
static void
add_aligned(struct strbuf *line, struct slice text, size_t width, bool right,
    size_t *owed)
{
	size_t n = utf8_columns(text), pad = n < width ? width - n : 0;

	if (right)
		*owed += pad;
	if (text.n > 0) {
		while (*owed > 0) {
			strbuf_addch(line, ' ');
			--*owed;
		}
		strbuf_add_slice(line, text);
	}
	*owed += right ? 0 : pad;
}

/* The first column, and those from one to before another one. */
static void
put_table_row(struct out *o, const struct table *t, size_t row,
    const struct layout *l, size_t from, size_t to)
{
	struct strbuf line = STRBUF_INIT, text = STRBUF_INIT;
	size_t owed = 0;

	for (size_t i = 0; i < to; i = i == 0 ? from : i + 1) {
		strbuf_clear(&text);
		if (row == SIZE_MAX)
			strbuf_adds(&text, t->col[i].head);
		else
			add_cell(&text, table_cell(t, row, i), l->spark);
		add_aligned(&line, strbuf_slice(&text), l->width[i],
		    (t->col[i].flags & COLUMN_RIGHT) != 0, &owed);
		owed += l->gap;
	}
	out_put_slice(o, strbuf_slice(&line));
	out_putc(o, '\n');
	strbuf_release(&line);
	strbuf_release(&text);
}

/* Before which column the line is full. */
static size_t
find_end(const struct table *t, const struct layout *l, size_t from)
{
	size_t sum = l->width[0], to = from;

	while (to < t->ncols &&
	       (to == from || sum + l->gap + l->width[to] <= WIDTH))
		sum += l->gap + l->width[to++];
	return to;
}

/*
 * What is too wide stands closer, then has shorter curves; else the columns
 * that find no room follow below, each part after the first column.
 */
static void
text_table(struct page *p, const struct table *t)
{
	struct layout l;
	size_t wide = lay_out(&l, t, GAP, SPARK_MAX), to;

	if (wide > WIDTH)
		wide = lay_out(&l, t, 1, SPARK_MAX);
	for (size_t n = DAYS_SPARK; wide > WIDTH && n-- > SPARK_MIN;)
		wide = lay_out(&l, t, 1, n);
	if (wide > WIDTH)
		lay_out(&l, t, GAP, SPARK_MAX);
	out_putc(p->out, '\n');
	if (t->fold != NULL)
		put_wrapped(p->out, t->fold, 0);
	for (size_t from = 1; from == 1 || from < t->ncols; from = to) {
		if (from > 1)
			out_putc(p->out, '\n');
		to = find_end(t, &l, from);
		put_table_row(p->out, t, SIZE_MAX, &l, from, to);
		for (size_t i = 0; i < t->nrows; i++)
			put_table_row(p->out, t, i, &l, from, to);
	}
}

const struct page_ops text_ops = {
	.begin = text_begin,
	.end = text_end,
	.section = text_section,
	.answer = text_answer,
	.figure = text_figure,
	.table = text_table,
	.para = text_para,
};
