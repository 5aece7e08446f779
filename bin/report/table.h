/*
 * table: what a panel shows in rows, before it is HTML or text.
 *
 *	struct table t = { 0 };
 *	table_column(&t, COLUMN_LEFT, "country");
 *	table_row(&t);
 *	table_text(&t, CELL_GIVEN, "%s", name);
 *	table_spark(&t, v, n);
 *	page->ops->table(page, &t);
 *	table_release(&t);
 *
 * Cells are added from left to right; a row may end early.
 */
#ifndef EV_REPORT_TABLE_H
#define EV_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/msg.h"
#include "base/slice.h"
#include "base/strbuf.h"

enum cell_kind {
	CELL_GIVEN,  /* a stranger's text */
	CELL_OWN,    /* our words in place of one: "unknown" */
	CELL_WORDS,  /* text of ours */
	CELL_FIGURE, /* a number or a date */
	CELL_BAR,    /* a share, 0 to 1, and its text */
	CELL_SPARK   /* values over time */
};

enum tone { TONE_PLAIN, TONE_MUTED, TONE_BAD };

struct cell {
	enum cell_kind kind;
	enum tone tone;
	char *text; /* NULL for CELL_SPARK */
	double share;
	double *v; /* NaN where not known */
	size_t n;
};

#define COLUMN_LEFT 0U
#define COLUMN_RIGHT 1U
#define COLUMN_EXTRA 2U /* left out where the screen is narrow */

struct column {
	char *head;
	unsigned flags;
	struct slice metric; /* whose values as they stand; p NULL: no such */
};

/* So many metrics by one field, and what goes with them. */
#define TABLE_COLUMNS 40

struct table {
	const char *fold; /* not NULL: folded away under these words */
	struct column col[TABLE_COLUMNS];
	size_t ncols;
	struct cell *cell; /* nrows * TABLE_COLUMNS */
	size_t cells_cap;
	struct slice *key; /* of each row: its dims as written, or NULL */
	size_t keys_cap;
	size_t nrows;
	size_t at; /* the next cell of the last row */
};

void table_column(struct table *t, unsigned flags, const char *head);
/* The column shows m's values; head is copied. */
void table_metric(struct table *t, struct slice metric, const char *head);
/* Is there room for so many more columns? */
bool table_room(const struct table *t, size_t n);
void table_row(struct table *t);
void table_key(struct table *t, struct slice dims); /* borrowed */
struct cell *table_text(struct table *t, enum cell_kind kind, const char *fmt,
    ...) MSG_PRINTF(3, 4);
/* Takes the text out of sb, which is empty then. */
struct cell *table_take(
    struct table *t, enum cell_kind kind, struct strbuf *sb);
void table_bar(struct table *t, double share, struct strbuf *sb);
/* n values, to be filled. */
double *table_spark(struct table *t, size_t n);
void table_release(struct table *t);

static inline const struct cell *
table_cell(const struct table *t, size_t row, size_t col)
{
	return &t->cell[row * TABLE_COLUMNS + col];
}

#endif
