#include "config.h"

#include "parse/quick.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "parse/client.h"
#include "parse/ipv4.h"
#include "parse/split.h"

/* A literal longer than that is not loaded behind a buffer. */
#define LONGEST 32

/* The beginning of a literal is compared as a word under a mask: byte by
 * byte it took half of the time of escape=json. */
#define HEAD 8

/* Out of the way of the steps, which need all registers. */
#define NOINLINE __attribute__((__noinline__))

/* Quotes of a format, so that an index has those of many lines. */
#define QUOTES 256

/* The kinds of steps: those of layout.h, and some for the types of fields. */
enum kind {
	QUOTED,	     /* field ends back bytes before the next quote */
	TEXT,	     /* the same before the next byte, which is no quote */
	REST,	     /* field ends where the line does */
	LIST,	     /* a list of upstreams, up to the literal */
	ADDRESS,     /* an address up to the literal */
	STATUS,	     /* three digits */
	DIGITS,	     /* up to 15 digits */
	REQUEST,     /* $request, up to its quote */
	WIDTH,	     /* back bytes */
	LITERAL,     /* the literal alone */
	DASH_TIME,   /* a missing field, literal, back bytes */
	GROUP,	     /* a group that ends before the next quote */
	RIGHT_WIDTH, /* its last back bytes, behind the literal */
	GROUP_REST,  /* what remains of it */
	END	     /* the line must end here */
};

struct step {
	enum kind kind;
	uint32_t field;
	uint32_t back;
	uint32_t lit_n;
	/* A value of missing_n bytes, "-" or none, is not there. */
	uint32_t missing_n;
	char byte;
	/* Of the literal: its quotes, and what follows the last of them. */
	unsigned char quotes, behind;
	uint64_t head, mask;
	const char *tail; /* the literal behind its head */
};

struct quick {
	const struct scan *scan;
	unsigned derived; /* where PLAN_METHOD and the rest are in val */
	size_t quotes;	  /* of a line */
	char *literals;
	struct step *step;

	uint64_t offset; /* of the index, in the source */
	size_t n, k;	 /* places; the first of those not passed */
	uint16_t at[SCAN_INDEX + SCAN_INDEX_PAD];
};

#if SCAN_SSE2

static uint32_t
missing_n(const struct layout *l, const struct layout_op *op)
{
	if (l->escape != FORMAT_DEFAULT)
		return 0;
	return layout_may_miss(l->field[op->field].type) ? 1 : UINT32_MAX;
}

/* What a field that ends where a byte comes that it cannot hold is. */
static enum kind
find_kind(const struct plan *plan, const struct layout_op *op)
{
	if (op->back == 0) {
		if ((int)op->field == plan->request && op->byte == '"' &&
		    plan->request_uri ==
			(int)plan->layout.nfields + PLAN_REQUEST_URI)
			return REQUEST;
		switch (plan->layout.field[op->field].type) {
		case LAYOUT_ADDRESS:
			return ADDRESS;
		case LAYOUT_STATUS:
			return STATUS;
		case LAYOUT_BYTES:
		case LAYOUT_DIGITS:
			return DIGITS;
		default:
			break;
		}
	}
	return op->byte == '"' ? QUOTED : TEXT;
}

/* -1 where only the exact way knows the step. */
static int
kind_of(const struct plan *plan, const struct layout_op *op)
{
	switch (op->step) {
	case LAYOUT_FIND:
	case LAYOUT_FIND_QUOTE:
		return (int)find_kind(plan, op);
	case LAYOUT_COUNT:
		return LIST;
	case LAYOUT_WIDTH:
		return WIDTH;
	case LAYOUT_LITERAL:
		return LITERAL;
	case LAYOUT_REST:
		return REST;
	case LAYOUT_GROUP:
	case LAYOUT_GROUP_QUOTE:
		return op->byte == '"' ? GROUP : -1;
	case LAYOUT_RIGHT_WIDTH:
		return RIGHT_WIDTH;
	case LAYOUT_GROUP_REST:
		return GROUP_REST;
	case LAYOUT_TAIL:
	case LAYOUT_RIGHT_FIND:
		break;
	}
	return -1;
}

static void
set_literal(struct step *step, const char *literal, size_t n)
{
	size_t head = n < HEAD ? n : HEAD, i;

	step->lit_n = (uint32_t)n;
	step->head = step->mask = 0;
	memcpy(&step->head, literal, head);
	memset(&step->mask, 0xff, head);
	step->tail = literal + head;
	step->quotes = step->behind = 0;
	for (i = 0; i < n; i++)
		if (literal[i] == '"') {
			step->quotes++;
			step->behind = (unsigned char)(n - i);
		}
}

static int
set_step(struct step *step, const struct plan *plan, const struct layout_op *op,
    char *literal)
{
	int kind = kind_of(plan, op);

	if (kind == -1 || op->lit.n > LONGEST)
		return -1;
	*step = (struct step){ .kind = (enum kind)kind,
		.field = op->field,
		.back = (uint32_t)op->back,
		.missing_n = missing_n(&plan->layout, op),
		.byte = (char)op->byte };
	memcpy(literal, op->lit.p, op->lit.n);
	set_literal(step, literal, op->lit.n);
	return 0;
}

static bool
has_quote(struct slice s, size_t n)
{
	return memchr(s.p, '"', s.n < n ? s.n : n) != NULL;
}

/*
 * A group of a field that is mostly missing and a time, as in "$remote_user
 * [$time_local] \"": the dash and what follows it are tried first, in a step
 * before the group's three.  Where they and the literal behind the time fit,
 * and no quote is among them, that is the group.
 */
static bool
add_dash(struct step *dash, const struct plan *plan, const struct layout_op *op,
    const struct layout_op *last, char *literal)
{
	if (last - op < 3 || kind_of(plan, &op[0]) != GROUP ||
	    op[1].step != LAYOUT_RIGHT_WIDTH ||
	    op[2].step != LAYOUT_GROUP_REST ||
	    missing_n(&plan->layout, &op[2]) != 1 || op[1].lit.n >= HEAD ||
	    has_quote(op[1].lit, op[1].lit.n) ||
	    has_quote(op[2].lit, op->back) || op[2].lit.n <= op->back ||
	    op[2].lit.p[op->back] != '"')
		return false;
	*dash = (struct step){ .kind = DASH_TIME, .field = op[2].field };
	literal[0] = '-';
	memcpy(literal + 1, op[1].lit.p, op[1].lit.n);
	set_literal(dash, literal, op[1].lit.n + 1);
	return true;
}

static size_t
literal_bytes(const struct layout *l)
{
	size_t i, n = SCAN_PAD;

	/* A dash's literal is the one behind the dash, and a byte. */
	for (i = 0; i < l->nops; i++)
		n += 2 * l->op[i].lit.n + 1;
	return n;
}

struct quick *
quick_new(const struct plan *plan, const struct scan *scan)
{
	const struct layout *l = &plan->layout;
	const struct layout_op *op = l->op, *last = op + l->nops;
	struct quick *q = xcalloc(1, sizeof(*q));
	struct step *step;
	char *literal;

	q->scan = scan;
	q->derived = l->nfields;
	/* Each may have a dash before it, and the end follows. */
	q->step = step = xcalloc(2 * l->nops + 1, sizeof(*step));
	q->literals = literal = xcalloc(literal_bytes(l), 1);
	for (; op < last; op++) {
		if (add_dash(step, plan, op, last, literal))
			literal += step++->lit_n;
		if (set_step(step, plan, op, literal) == -1) {
			quick_free(q);
			return NULL;
		}
		/* A group's literal is that of its rest, too. */
		if (step->kind != GROUP)
			q->quotes += step->quotes;
		literal += step++->lit_n;
	}
	step->kind = END;
	if (q->quotes > QUOTES) {
		quick_free(q);
		return NULL;
	}
	return q;
}

static inline bool
literal_at(const char *p, const struct step *step)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	if (((word ^ step->head) & step->mask) != 0)
		return false;
	return step->lit_n <= HEAD ||
	       scan_equal(p + HEAD, step->tail, step->lit_n - HEAD);
}

/* Without a branch, as every fourth referrer is missing. */
static inline struct slice
value(const struct step *step, const char *p, size_t n)
{
	bool missing = (n == step->missing_n) & ((n == 0) | (*p == '-'));

	return slice_of(missing ? NULL : p, missing ? 0 : n);
}

/*
 * METHOD, a path that is $uri as it stands, perhaps arguments, HTTP/d.d, with
 * single blanks between: what comes from it into r, the plan's derived
 * values.  False, and r is undefined, for any other.
 */
static NOINLINE bool
take_request(const char *p, const char *end, struct slice *r)
{
	const size_t tail = strlen(" HTTP/1.1");
	const char *method = p, *query;
	bool normal;
	size_t n;

	if (end - p < (ptrdiff_t)(strlen("GET /") + tail))
		return false;
	end -= tail;
	if (memcmp(end, " HTTP/", 6) != 0 || end[6] < '0' || end[6] > '9' ||
	    end[7] != '.' || end[8] < '0' || end[8] > '9')
		return false;
	/* Nine of ten are GET. */
	if (memcmp(p, "GET ", 4) == 0)
		p += 3;
	else
		while ((*p >= 'A' && *p <= 'Z') || *p == '_' || *p == '-')
			p++;
	if (p == method || p[0] != ' ' || p[1] != '/' || p + 1 >= end)
		return false;
	r[PLAN_METHOD] = slice_of(method, (size_t)(p - method));
	p++;
	query = scan_path(p, end, &normal);
	if (!normal)
		return false;
	r[PLAN_URI] = slice_of(p, (size_t)(query - p));
	/* Arguments: all but a blank and '#'.  Every other request has some, so
	 * that it is not asked. */
	n = (size_t)(end - query);
	n -= n > 0;
	if (((query < end) & (*query != '?')) |
	    !scan_none(end - n, n, ' ', '#'))
		return false;
	r[PLAN_ARGS] = slice_of(n > 0 ? end - n : NULL, n);
	r[PLAN_REQUEST_URI] = slice_of(p, (size_t)(end - p));
	r[PLAN_PROTOCOL] = slice_of(end + 1, tail - 1);
	r[PLAN_ODD] = SLICE_NULL;
	return true;
}

/* Up to a byte that is not looked for in the index, or NULL. */
static NOINLINE const char *
take_text(const struct step *step, const char *pos, const char *limit,
    struct slice *val)
{
	const char *hit = scan_byte(pos, limit, (unsigned char)step->byte);

	if (hit == NULL || hit - pos < (ptrdiff_t)step->back)
		return NULL;
	hit -= step->back;
	*val = value(step, pos, (size_t)(hit - pos));
	return hit;
}

/* An address that is not IPv4. */
static NOINLINE const char *
take_address(const struct step *step, const char *pos, const char *limit,
    struct slice *val)
{
	const char *hit = take_text(step, pos, limit, val);

	if (hit != NULL && val->p != NULL && !client_address_valid(*val))
		return NULL;
	return hit;
}

/* The steps over the line [pos, limit), whose quotes are the places at. */
static bool
run(const struct quick *q, const char *base, const char *pos, const char *limit,
    const uint16_t *at, struct slice *val, bool *request)
{
	const char *hit = pos, *group = pos, *end = pos;
	const struct step *step;
	size_t values = 0;
	size_t n;

	for (step = q->step;; step++) {
		switch (step->kind) {
		case REQUEST:
			hit = base + *at;
			if (hit < pos)
				return false;
			val[step->field] =
			    value(step, pos, (size_t)(hit - pos));
			*request = take_request(pos, hit, val + q->derived);
			break;
		case QUOTED:
			hit = base + *at - step->back;
			if (hit < pos)
				return false;
			val[step->field] =
			    value(step, pos, (size_t)(hit - pos));
			break;
		case TEXT:
			hit = take_text(step, pos, limit, &val[step->field]);
			if (hit == NULL)
				return false;
			break;
		case REST:
			if (limit < pos)
				return false;
			hit = limit;
			val[step->field] =
			    value(step, pos, (size_t)(hit - pos));
			break;
		case LIST:
			hit = split_list(pos, limit, &values);
			if (hit == NULL)
				return false;
			val[step->field] =
			    value(step, pos, (size_t)(hit - pos));
			break;
		case ADDRESS:
			n = ipv4_at(pos);
			hit = pos + n;
			val[step->field] = slice_of(pos, n);
			if (n > 0)
				break;
			hit = take_address(step, pos, limit, &val[step->field]);
			if (hit == NULL)
				return false;
			break;
		case STATUS:
			if (!scan_digits16(pos, 3))
				return false;
			val[step->field] = slice_of(pos, 3);
			hit = pos + 3;
			break;
		case DIGITS:
			n = (size_t)__builtin_ctz(
			    scan_not_digits(pos) | 1u << 16);
			val[step->field] = slice_of(pos, n);
			if (n == 0) {
				n = *pos == '-';
				val[step->field] = value(step, pos, n);
				if (val[step->field].p != NULL)
					return false;
			}
			if (n == 16)
				return false;
			hit = pos + n;
			break;
		case WIDTH:
			if (limit - pos < (ptrdiff_t)step->back)
				return false;
			val[step->field] = slice_of(pos, step->back);
			hit = pos + step->back;
			break;
		case LITERAL:
			hit = pos;
			break;
		case DASH_TIME:
			/* Else the three steps of the group, which follow. */
			hit = pos + step->lit_n;
			group = hit + step[2].back;
			if (!literal_at(pos, step) ||
			    group + step[1].back != base + *at)
				continue;
			val[step->field] = SLICE_NULL;
			val[step[2].field] = slice_of(hit, step[2].back);
			step += 3;
			hit = group;
			break;
		case GROUP:
			group = end = base + *at - step->back;
			continue;
		case RIGHT_WIDTH:
			if (end - pos < (ptrdiff_t)(step->back + step->lit_n))
				return false;
			hit = end - step->back;
			end = hit - step->lit_n;
			if (!literal_at(end, step))
				return false;
			val[step->field] = slice_of(hit, step->back);
			continue;
		case GROUP_REST:
			if (end < pos)
				return false;
			val[step->field] =
			    value(step, pos, (size_t)(end - pos));
			hit = group;
			break;
		case END:
			return pos == limit;
		default:
			__builtin_unreachable();
		}
		if (!literal_at(hit, step))
			return false;
		pos = hit + step->lit_n;
		if (step->quotes > 0) {
			/* The same place, without waiting for hit. */
			at += step->quotes;
			if (base + at[-1] + step->behind != pos)
				return false;
			pos = base + at[-1] + step->behind;
		}
	}
}

/* The next quotes and LF, from rest on; false when they are not there. */
static bool
look_ahead(struct quick *q, struct slice rest, uint64_t offset)
{
	size_t from = (size_t)(offset - q->offset);

	if (q->n > 0 && offset - q->offset < SCAN_INDEX) {
		while (q->k < q->n && q->at[q->k] < from)
			q->k++;
		if (q->n - q->k > q->quotes)
			return true;
	}
	q->offset = offset;
	q->k = 0;
	q->n = q->scan->index(
	    rest.p, rest.n < SCAN_INDEX ? rest.n : SCAN_INDEX, q->at);
	return q->n > q->quotes;
}

size_t
quick_line(struct quick *q, struct slice rest, uint64_t offset,
    struct slice *val, bool *request)
{
	const uint16_t *at;
	const char *base, *limit, *text;

	if (!look_ahead(q, rest, offset))
		return 0;
	at = q->at + q->k;
	base = rest.p - (offset - q->offset);
	text = limit = base + at[q->quotes];
	if (*limit == '\r' && q->n - q->k > q->quotes + 1 &&
	    at[q->quotes + 1] == at[q->quotes] + 1)
		limit++;
	*request = false;
	if (*limit != '\n' || !run(q, base, rest.p, text, at, val, request))
		return 0;
	q->k += q->quotes + (size_t)(limit - text) + 1;
	return (size_t)(limit + 1 - rest.p);
}

#else

struct quick *
quick_new(const struct plan *plan, const struct scan *scan)
{
	(void)plan;
	(void)scan;
	return NULL;
}

size_t
quick_line(struct quick *q, struct slice rest, uint64_t offset,
    struct slice *val, bool *request)
{
	(void)q;
	(void)rest;
	(void)offset;
	(void)val;
	*request = false;
	return 0;
}

#endif

void
quick_restart(struct quick *q)
{
	if (q != NULL)
		q->n = 0;
}

void
quick_free(struct quick *q)
{
	if (q == NULL)
		return;
	free(q->literals);
	free(q->step);
	free(q);
}

bool
quick_checks(const struct quick *q, unsigned field)
{
	const struct step *step;

	for (step = q->step; step->kind != END; step++)
		if (step->field == field &&
		    (step->kind == ADDRESS || step->kind == STATUS ||
			step->kind == DIGITS))
			return true;
	return false;
}
