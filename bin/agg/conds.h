/*
 * conds: the conditions of all metrics, each evaluated once an event.
 *
 *	struct conds c = { 0 };
 *	i = conds_add(&c, &fields, &conf_cond);     at config time
 *
 *	struct conds_rows r;
 *	conds_rows_init(&r, &c);
 *	conds_eval(&c, &r, n, val);                 n rows, as of fields_get()
 *	r.holds[i] >> k & 1                         of row k, until the next
 *	conds_rows_release(&r);
 *
 * Equal conditions are one.  A condition stands behind those that it is made
 * of, so they are evaluated in the order of the array.  Values are compared
 * as the stream writes them; a regex sees them decoded.
 *
 * Bounds of a range that are numbers are compared as numbers (decimal.h),
 * and what is no number is outside; others bytewise.
 */
#ifndef EV_AGG_CONDS_H
#define EV_AGG_CONDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/decimal.h"
#include "agg/fields.h"
#include "agg/rowset.h"
#include "base/reader.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "conf/where.h"

struct cond_bound {
	struct slice text; /* p is NULL: none; owned */
	bool number;
	decimal value;
	bool open; /* the bound itself is outside */
};

struct cond {
	enum conf_cond_kind kind;
	unsigned field;
	struct slice *any; /* sorted, encoded, each once; owned */
	size_t n;
	bool null; /* or NULL */
	struct cond_bound low, high;
	struct cond_regex *regex; /* owned */
	unsigned *sub;
	size_t nsub;
	char *text; /* equal for equal conditions only; owned */
	size_t text_n;
};

struct conds {
	struct cond *v;
	size_t n, cap;
};

/* What of the conditions changes with the rows. */
struct conds_rows {
	uint32_t *holds;       /* by condition: of which rows (rowset.h) */
	struct strbuf decoded; /* a value, for a regex */
	uint64_t limited;      /* matches given up, see CONDS_MATCH_LIMIT */
};

/* Steps that PCRE2 may take for one value, about a millisecond. */
#define CONDS_MATCH_LIMIT 100000

unsigned conds_add(
    struct conds *c, struct fields *f, const struct conf_cond *from);
/* Sorts n numbers of conditions; how many there are, each once. */
size_t conds_sort(unsigned *number, size_t n);
void conds_release(struct conds *c);

/* None is added to c after this. */
void conds_rows_init(struct conds_rows *r, const struct conds *c);
void conds_rows_release(struct conds_rows *r);
void conds_eval(const struct conds *c, struct conds_rows *r, int n,
    struct slice (*val)[EVENT_ROWS]);

#endif
