#include "config.h"

#include "parse/split.h"

#include <string.h>

#include "parse/scan.h"

/* The literals of a format are short; memcmp would be a call. */
static inline bool
literal_at(const char *p, const char *end, struct slice lit)
{
	size_t i;

	if ((size_t)(end - p) < lit.n)
		return false;
	for (i = 0; i < lit.n; i++)
		if (p[i] != lit.p[i])
			return false;
	return true;
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

static enum reason
mismatch(const struct layout_op *op)
{
	return op->quote  ? REASON_QUOTE
	       : op->time ? REASON_TIME
			  : REASON_FORMAT;
}

/* The part of the line that is not yet split. */
struct rest {
	const char *pos;
	const char *end;   /* of the group, or of the line */
	const char *limit; /* of the line */
};

static inline bool
left(const struct layout_op *op, struct rest *r, struct slice *field)
{
	const char *hit;

	if (op->step == LAYOUT_WIDTH) {
		if ((size_t)(r->end - r->pos) < op->back)
			return false;
		hit = r->pos + op->back;
	} else {
		hit = op->step == LAYOUT_FIND
			  ? scan_byte(r->pos, r->end, op->byte)
			  : find_quote(r->pos, r->end);
		if (hit == NULL || (size_t)(hit - r->pos) < op->back)
			return false;
		hit -= op->back;
	}
	if (!literal_at(hit, r->end, op->lit))
		return false;
	field[op->field] = slice_of(r->pos, (size_t)(hit - r->pos));
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
right(const struct layout_op *op, struct rest *r, struct slice *field)
{
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
	if (!literal_at(lit, r->end, op->lit))
		return false;
	field[op->field] = slice_of(from, (size_t)(r->end - from));
	r->end = lit;
	return true;
}

enum reason
split_line(const struct layout *l, struct slice line, struct slice *field)
{
	const struct layout_op *op = l->op, *end = op + l->nops;
	struct rest r = { line.p, line.p + line.n, line.p + line.n };
	const char *group = r.limit; /* where the present group ends */
	bool ok = true;

	for (; op < end; op++) {
		switch (op->step) {
		case LAYOUT_FIND:
		case LAYOUT_FIND_QUOTE:
		case LAYOUT_WIDTH:
			ok = left(op, &r, field);
			break;
		case LAYOUT_LITERAL:
			ok = literal_at(r.pos, r.end, op->lit);
			r.pos += op->lit.n;
			break;
		case LAYOUT_REST:
			field[op->field] =
			    slice_of(r.pos, (size_t)(r.end - r.pos));
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
			ok = right(op, &r, field);
			break;
		case LAYOUT_GROUP_REST:
			field[op->field] =
			    slice_of(r.pos, (size_t)(r.end - r.pos));
			r.end = r.limit;
			ok = literal_at(group, r.end, op->lit);
			r.pos = group + op->lit.n;
			group = r.limit;
			break;
		}
		if (!ok)
			return mismatch(op);
	}
	return r.pos == r.end ? REASON_NONE : REASON_FORMAT;
}
