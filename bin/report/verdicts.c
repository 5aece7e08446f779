#include "config.h"

#include "report/verdicts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/msg.h"
#include "base/utc.h"
#include "history/row.h"

enum {
	COL_DS,
	COL_METRIC,
	COL_VERDICT,
	COL_VALUE,
	COL_EXPECTED,
	COL_LOW,
	COL_HIGH,
	COL_CHANCE,
	COL_DROP,
	COL_SMALLEST,
	COL_REASON,
	COLUMNS
};

static int
read_numbers(struct verdict *v, const struct slice *col)
{
	double drop; /* which the value and what was expected tell */

	return row_number(col[COL_VALUE], &v->value) |
	       row_number(col[COL_EXPECTED], &v->expected) |
	       row_number(col[COL_LOW], &v->low) |
	       row_number(col[COL_HIGH], &v->high) |
	       row_number(col[COL_CHANCE], &v->chance) |
	       row_number(col[COL_DROP], &drop) |
	       row_number(col[COL_SMALLEST], &v->smallest);
}

static struct slice
copy(struct slice s)
{
	if (slice_is(s, EV_NULL))
		s.n = 0;
	return slice_of(xmemdup(s.p, s.n), s.n);
}

static const char *
add_row(void *arg, struct slice text)
{
	struct verdicts *vs = arg;
	struct slice col[COLUMNS];
	struct verdict v = { 0 };
	int kind;

	/* Columns that a later ev-guard adds are not for us. */
	if (row_split(text, col, COLUMNS) < COLUMNS)
		return "fewer columns than a verdict has";
	if (utc_parse_date(col[COL_DS], &v.day) == -1)
		return "ds is no date";
	kind = verdict_find(col[COL_VERDICT]);
	if (kind == -1)
		return "no such verdict";
	if (read_numbers(&v, col) != 0)
		return "a number of the verdict is none";
	v.kind = (enum verdict_kind)kind;
	v.metric = copy(col[COL_METRIC]);
	v.reason = copy(col[COL_REASON]);
	vs->v = xgrow(vs->v, &vs->cap, vs->n + 1, sizeof(*vs->v));
	vs->v[vs->n++] = v;
	return NULL;
}

int
verdicts_read(struct verdicts *v, struct source *src)
{
	v->given = true;
	return row_read(src, ROW_HEADER, add_row, v);
}

static int
compare(const void *a, const void *b)
{
	const struct verdict *x = a, *y = b;
	int r = slice_cmp(x->metric, y->metric);

	return r != 0 ? r : (x->day > y->day) - (x->day < y->day);
}

int
verdicts_finish(struct verdicts *v)
{
	char date[UTC_DATE_LEN];

	if (v->n > 0)
		qsort(v->v, v->n, sizeof(*v->v), compare);
	for (size_t i = 1; i < v->n; i++) {
		if (compare(&v->v[i - 1], &v->v[i]) != 0)
			continue;
		utc_format_date(date, v->v[i].day);
		msg_error("two verdicts of %.*s on %.*s", UTC_DATE_LEN, date,
		    (int)v->v[i].metric.n, v->v[i].metric.p);
		return -1;
	}
	return 0;
}

void
verdicts_release(struct verdicts *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free((char *)v->v[i].metric.p);
		free((char *)v->v[i].reason.p);
	}
	free(v->v);
	*v = (struct verdicts){ 0 };
}

const struct verdict *
verdicts_on(const struct verdicts *v, struct slice metric, int64_t day)
{
	struct verdict key = { .metric = metric, .day = day };

	if (v->n == 0)
		return NULL;
	return bsearch(&key, v->v, v->n, sizeof(*v->v), compare);
}

bool
verdicts_begun(const struct verdicts *v, int64_t day)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i].day != day)
			continue;
		if (v->v[i].kind != VERDICT_NO_DATA ||
		    !slice_is(v->v[i].reason, VERDICT_BEGUN))
			return false;
		n++;
	}
	return n > 0;
}
