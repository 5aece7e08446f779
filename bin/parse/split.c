#include "config.h"

#include "parse/split.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "parse/scan.h"

/*
 * The beginning of a literal is compared as a word under a mask: byte by
 * byte, the literals of escape=json took half of the splitting's time.
 */
#define HEAD 8

struct step {
	struct layout_op op;
	/* A value of missing_n bytes, "-" or none, is not there. */
	size_t missing_n;
	uint64_t head, mask;
};

struct split {
	const struct scan *scan;
	char *literals; /* copies of all, SCAN_PAD bytes behind them */
	size_t n;
	struct step step[];
};

/* What is missing under the layout's escape; SIZE_MAX: no value is. */
static size_t
missing_n(const struct layout *l, const struct layout_op *op)
{
	if (l->escape != FORMAT_DEFAULT)
		return 0;
	return layout_may_miss(l->field[op->field].type) ? 1 : SIZE_MAX;
}

static void
set_step(struct step *step, const struct layout *l, const struct layout_op *op,
    char *literal)
{
	size_t n = op->lit.n < HEAD ? op->lit.n : HEAD;

	step->op = *op;
	step->op.lit.p = literal;
	memcpy(literal, op->lit.p, op->lit.n);
	memcpy(&step->head, literal, n);
	memset(&step->mask, 0xff, n);
	step->missing_n = missing_n(l, op);
}

struct split *
split_new(const struct layout *l, const struct scan *scan)
{
	struct split *split =
	    xcalloc(1, sizeof(*split) + l->nops * sizeof(split->step[0]));
	size_t i, total = 0;

	split->scan = scan;
	split->n = l->nops;
	for (i = 0; i < l->nops; i++)
		total += l->op[i].lit.n;
	split->literals = xcalloc(total + SCAN_PAD, 1);
	for (i = total = 0; i < l->nops; i++) {
		set_step(
		    &split->step[i], l, &l->op[i], split->literals + total);
		total += l->op[i].lit.n;
	}
	return split;
}

void
split_free(struct split *split)
{
	if (split == NULL)
		return;
	free(split->literals);
	free(split);
}

/* The part of the line that is not yet split. */
struct rest {
	const char *pos;
	const char *end;   /* of the group, or of the line */
	const char *limit; /* of the line */
	size_t values;	   /* of the line's lists of upstreams; 0: not known */
};

static inline bool
literal_at(const char *p, const char *end, const struct step *step)
{
	size_t n = step->op.lit.n;
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	if (((word ^ step->head) & step->mask) != 0 || (size_t)(end - p) < n)
		return false;
	return n <= HEAD ||
	       scan_equal(p + HEAD, step->op.lit.p + HEAD, n - HEAD);
}

static inline struct slice
value(const struct step *step, const char *p, size_t n)
{
	if (n == step->missing_n && (n == 0 || *p == '-'))
		return SLICE_NULL;
	return slice_of(p, n);
}

/* The first '"' in [p, end) that an even number of '\' precedes. */
static const char *
find_quote(const char *p, const char *end)
{
	const char *q, *b, *from = p;

	while ((q = scan_byte(from, end, '"')) != NULL) {
		for (b = q; b > p && b[-1] == '\\'; b--)
			;
		if ((q - b) % 2 == 0)
			return q;
		from = q + 1;
	}
	return NULL;
}

static const char *
find_last(const char *p, const char *end, unsigned char c)
{
	while (end-- > p)
		if ((unsigned char)*end == c)
			return end;
	return NULL;
}

/* The blank or ',' behind a value, or end. */
static const char *
value_end(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != ',')
		p++;
	return p;
}

/* What separates two values and begins at p: its bytes, else 0. */
static size_t
separator(const char *p, const char *end)
{
	if (end - p >= 2 && memcmp(p, ", ", 2) == 0)
		return 2;
	return end - p >= 3 && memcmp(p, " : ", 3) == 0 ? 3 : 0;
}

const char *
split_list(const char *p, const char *end, size_t *values)
{
	size_t n = 1, sep;

	p = value_end(p, end);
	while (n != *values && (sep = separator(p, end)) > 0) {
		p = value_end(p + sep, end);
		n++;
	}
	if (*values != 0 && n != *values)
		return NULL;
	*values = n;
	return p;
}

static enum reason
mismatch(const struct layout_op *op)
{
	return op->quote  ? REASON_QUOTE
	       : op->time ? REASON_TIME
			  : REASON_FORMAT;
}

static inline bool
left(const struct step *step, struct rest *r, struct slice *field)
{
	const struct layout_op *op = &step->op;
	const char *hit;

	if (op->step == LAYOUT_WIDTH) {
		if ((size_t)(r->end - r->pos) < op->back)
			return false;
		hit = r->pos + op->back;
	} else if (op->step == LAYOUT_COUNT) {
		hit = split_list(r->pos, r->end, &r->values);
		if (hit == NULL)
			return false;
	} else {
		hit = op->step == LAYOUT_FIND
			  ? scan_byte(r->pos, r->end, op->byte)
			  : find_quote(r->pos, r->end);
		if (hit == NULL || (size_t)(hit - r->pos) < op->back)
			return false;
		hit -= op->back;
	}
	if (!literal_at(hit, r->end, step))
		return false;
	field[op->field] = value(step, r->pos, (size_t)(hit - r->pos));
	r->pos = hit + op->lit.n;
	return true;
}

static bool
group_end(const struct layout_op *op, struct rest *r)
{
	const char *hit;

	if (op->step == LAYOUT_TAIL) {
		if ((size_t)(r->end - r->pos) < op->lit.n)
			return false;
		r->end -= op->lit.n;
		return true;
	}
	hit = op->step == LAYOUT_GROUP ? scan_byte(r->pos, r->end, op->byte)
				       : find_quote(r->pos, r->end);
	if (hit == NULL || (size_t)(hit - r->pos) < op->back)
		return false;
	r->end = hit - op->back;
	return true;
}

static bool
right(const struct step *step, struct rest *r, struct slice *field)
{
	const struct layout_op *op = &step->op;
	const char *from, *lit;

	if (op->step == LAYOUT_RIGHT_WIDTH) {
		if ((size_t)(r->end - r->pos) < op->back + op->lit.n)
			return false;
		from = r->end - op->back;
		lit = from - op->lit.n;
	} else {
		lit = find_last(r->pos, r->end, op->byte);
		if (lit == NULL || (size_t)(lit - r->pos) < op->back)
			return false;
		lit -= op->back;
		from = lit + op->lit.n;
		if (from > r->end)
			return false;
	}
	if (!literal_at(lit, r->end, step))
		return false;
	field[op->field] = value(step, from, (size_t)(r->end - from));
	r->end = lit;
	return true;
}

/* The exact way, which any line may take. */
static enum reason
split_exactly(const struct split *split, struct slice line, struct slice *field)
{
	const struct step *step = split->step, *end = step + split->n;
	struct rest r = {
		.pos = line.p, .end = line.p + line.n, .limit = line.p + line.n
	};
	const struct layout_op *op;
	const char *group = r.limit; /* where the present group ends */
	bool ok = true;

	for (; step < end; step++) {
		op = &step->op;
		switch (op->step) {
		case LAYOUT_FIND:
		case LAYOUT_FIND_QUOTE:
		case LAYOUT_COUNT:
		case LAYOUT_WIDTH:
			ok = left(step, &r, field);
			break;
		case LAYOUT_LITERAL:
			ok = literal_at(r.pos, r.end, step);
			r.pos += op->lit.n;
			break;
		case LAYOUT_REST:
			field[op->field] =
			    value(step, r.pos, (size_t)(r.end - r.pos));
			r.pos = r.end;
			break;
		case LAYOUT_GROUP:
		case LAYOUT_GROUP_QUOTE:
		case LAYOUT_TAIL:
			ok = group_end(op, &r);
			group = r.end;
			break;
		case LAYOUT_RIGHT_WIDTH:
		case LAYOUT_RIGHT_FIND:
			ok = right(step, &r, field);
			break;
		case LAYOUT_GROUP_REST:
			field[op->field] =
			    value(step, r.pos, (size_t)(r.end - r.pos));
			r.end = r.limit;
			ok = literal_at(group, r.end, step);
			r.pos = group + op->lit.n;
			group = r.limit;
			break;
		}
		if (!ok)
			return mismatch(op);
	}
	return r.pos == r.end ? REASON_NONE : REASON_FORMAT;
}

enum reason
split_line(const struct split *split, struct slice line, struct slice *field,
    bool *clean)
{
	*clean = split->scan->clean(line.p, line.n);
	return split_exactly(split, line, field);
}
