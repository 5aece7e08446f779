#include "config.h"

#include "report/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

bool
table_room(const struct table *t, size_t n)
{
	return t->ncols + n <= TABLE_COLUMNS;
}

void
table_column(struct table *t, unsigned flags, const char *head)
{
	t->col[t->ncols++] =
	    (struct column){ .head = xstrdup(head), .flags = flags };
}

void
table_metric(struct table *t, struct slice metric, const char *head)
{
	table_column(t, COLUMN_RIGHT, head);
	t->col[t->ncols - 1].metric = metric;
}

void
table_row(struct table *t)
{
	size_t want = (t->nrows + 1) * TABLE_COLUMNS;

	t->cell = xgrow(t->cell, &t->cells_cap, want, sizeof(*t->cell));
	memset(&t->cell[t->nrows * TABLE_COLUMNS], 0,
	    TABLE_COLUMNS * sizeof(*t->cell));
	t->key = xgrow(t->key, &t->keys_cap, t->nrows + 1, sizeof(*t->key));
	t->key[t->nrows++] = SLICE_NULL;
	t->at = 0;
}

void
table_key(struct table *t, struct slice dims)
{
	t->key[t->nrows - 1] = dims;
}

static struct cell *
next_cell(struct table *t, enum cell_kind kind)
{
	struct cell *c = &t->cell[(t->nrows - 1) * TABLE_COLUMNS + t->at++];

	c->kind = kind;
	return c;
}

struct cell *
table_take(struct table *t, enum cell_kind kind, struct strbuf *sb)
{
	struct cell *c = next_cell(t, kind);

	c->text = strbuf_detach(sb);
	return c;
}

struct cell *
table_text(struct table *t, enum cell_kind kind, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_addvf(&sb, fmt, ap);
	va_end(ap);
	return table_take(t, kind, &sb);
}

void
table_bar(struct table *t, double share, struct strbuf *sb)
{
	table_take(t, CELL_BAR, sb)->share = share;
}

double *
table_spark(struct table *t, size_t n)
{
	struct cell *c = next_cell(t, CELL_SPARK);

	c->v = xcalloc(n, sizeof(*c->v));
	c->n = n;
	return c->v;
}

void
table_release(struct table *t)
{
	for (size_t i = 0; i < t->ncols; i++)
		free(t->col[i].head);
	for (size_t i = 0; i < t->nrows * TABLE_COLUMNS; i++) {
		free(t->cell[i].text);
		free(t->cell[i].v);
	}
	free(t->cell);
	free(t->key);
	*t = (struct table){ 0 };
}
