#include "config.h"

#include "report/causes.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/utc.h"
#include "history/row.h"

static struct slice
copy(struct slice s)
{
	return slice_of(xmemdup(s.p, s.n), s.n);
}

static const char *
add_row(void *arg, struct slice text)
{
	struct causes *cs = arg;
	struct slice col[CAUSE_COLUMNS];
	struct cause c = { 0 };
	int kind;

	/* Columns that a later ev-guard adds are not for us. */
	if (row_split(text, col, CAUSE_COLUMNS) < CAUSE_COLUMNS)
		return "fewer columns than a cause has";
	if (utc_parse_date(col[CAUSE_DS], &c.day) == -1)
		return "ds is no date";
	kind = cause_find(col[CAUSE_CAUSE]);
	if (kind == -1)
		return "no such cause";
	if ((row_number(col[CAUSE_PART], &c.part) |
		row_number(col[CAUSE_EXPECTED], &c.expected) |
		row_number(col[CAUSE_NOW], &c.now)) != 0)
		return "a number of the cause is none";
	c.kind = (enum cause_kind)kind;
	c.metric = copy(col[CAUSE_METRIC]);
	c.dimension = copy(col[CAUSE_DIMENSION]);
	if (!slice_is(col[CAUSE_VALUE], EV_NULL))
		c.value = copy(col[CAUSE_VALUE]);
	cs->v = xgrow(cs->v, &cs->cap, cs->n + 1, sizeof(*cs->v));
	cs->v[cs->n++] = c;
	return NULL;
}

int
causes_read(struct causes *cs, struct source *src)
{
	return row_read(src, ROW_HEADER, add_row, cs);
}

void
causes_release(struct causes *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		free((char *)cs->v[i].metric.p);
		free((char *)cs->v[i].dimension.p);
		free((char *)cs->v[i].value.p);
	}
	free(cs->v);
	*cs = (struct causes){ 0 };
}
