#include "config.h"

#include "agg/conds.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/text.h"

/* Longer lists of accepted values are searched by halving. */
#define FEW_VALUES 8

struct cond_regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

/* A copy of t as the field's values are written in a stream. */
static struct slice
encoded(const struct fields *f, unsigned field, const struct conf_text *t)
{
	struct strbuf sb = STRBUF_INIT;
	struct slice s;

	text_encode_strbuf(
	    &sb, conf_text_slice(t), field_text_kind(&f->v[field]));
	s = slice_of(xmemdup(sb.buf, sb.len), sb.len);
	strbuf_release(&sb);
	return s;
}

static void
add_values(struct cond *c, const struct fields *f, const struct conf_list *any)
{
	size_t n = 0;

	c->any = xcalloc(any->n, sizeof(*c->any));
	for (size_t i = 0; i < any->n; i++)
		c->any[i] = encoded(f, c->field, &any->v[i]);
	qsort(c->any, any->n, sizeof(*c->any), slice_order);
	for (size_t i = 0; i < any->n; i++) {
		if (n > 0 && slice_eq(c->any[n - 1], c->any[i]))
			free((char *)c->any[i].p);
		else
			c->any[n++] = c->any[i];
	}
	c->n = n;
}

static struct cond_bound
bound_of(const struct cond *c, const struct fields *f,
    const struct conf_text *t, bool open)
{
	struct cond_bound b = { .open = open };

	if (t->s == NULL)
		return b;
	b.text = encoded(f, c->field, t);
	b.number = decimal_parse(b.text, &b.value) == 0;
	return b;
}

static struct cond_regex *
regex_new(const struct conf_text *t)
{
	struct cond_regex *r = xcalloc(1, sizeof(*r));
	PCRE2_SIZE offset;
	int err;

	r->code = pcre2_compile(
	    (PCRE2_SPTR)t->s, t->n, CONF_REGEX_OPTIONS, &err, &offset, NULL);
	if (r->code == NULL) /* the config was checked */
		msg_die(EV_EXIT_FAIL, "out of memory");
	pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
	r->data = pcre2_match_data_create(1, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (r->data == NULL || r->context == NULL)
		msg_die(EV_EXIT_FAIL, "out of memory");
	pcre2_set_match_limit(r->context, CONDS_MATCH_LIMIT);
	return r;
}

static void
regex_free(struct cond_regex *r)
{
	if (r == NULL)
		return;
	pcre2_match_context_free(r->context);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r);
}

static void
cond_release(struct cond *c)
{
	for (size_t i = 0; i < c->n; i++)
		free((char *)c->any[i].p);
	free(c->any);
	free((char *)c->low.text.p);
	free((char *)c->high.text.p);
	regex_free(c->regex);
	free(c->sub);
	free(c->text);
}

static void
describe_bound(struct strbuf *sb, const struct cond_bound *b)
{
	if (b->text.p != NULL)
		strbuf_addf(sb, "\t%d%.*s", b->open, (int)b->text.n, b->text.p);
	else
		strbuf_adds(sb, "\t-");
}

static int
compare_numbers(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

static int
compare_texts(const void *a, const void *b)
{
	const struct cond *x = *(struct cond *const *)a;
	const struct cond *y = *(struct cond *const *)b;

	return slice_cmp(
	    slice_of(x->text, x->text_n), slice_of(y->text, y->text_n));
}

size_t
conds_sort(unsigned *number, size_t n)
{
	size_t left = 0;

	qsort(number, n, sizeof(*number), compare_numbers);
	for (size_t i = 0; i < n; i++)
		if (left == 0 || number[left - 1] != number[i])
			number[left++] = number[i];
	return left;
}

/* The parts' texts in their order, whatever their numbers. */
static void
describe_parts(struct strbuf *sb, const struct conds *all, const struct cond *c)
{
	const struct cond **part = xcalloc(c->nsub, sizeof(struct cond *));

	for (size_t i = 0; i < c->nsub; i++)
		part[i] = &all->v[c->sub[i]];
	qsort(part, c->nsub, sizeof(struct cond *), compare_texts);
	for (size_t i = 0; i < c->nsub; i++)
		strbuf_addf(sb, "\t%zu\t%.*s", part[i]->text_n,
		    (int)part[i]->text_n, part[i]->text);
	free(part);
}

/* Values, names and bounds hold no TAB; a regex may, and has its length. */
static void
describe(struct cond *c, const struct conds *all, const struct fields *f,
    const struct conf_cond *from)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb, "%d", (int)c->kind);
	if (c->kind < COND_NOT)
		strbuf_addf(&sb, "\t%s", f->v[c->field].name.p);
	switch (c->kind) {
	case COND_VALUES:
		strbuf_addf(&sb, "\t%d", c->null);
		for (size_t i = 0; i < c->n; i++)
			strbuf_addf(
			    &sb, "\t%.*s", (int)c->any[i].n, c->any[i].p);
		break;
	case COND_RANGE:
		describe_bound(&sb, &c->low);
		describe_bound(&sb, &c->high);
		break;
	case COND_REGEX:
		strbuf_addf(&sb, "\t%zu\t", from->regex.n);
		strbuf_add(&sb, from->regex.s, from->regex.n);
		break;
	default:
		describe_parts(&sb, all, c);
	}
	c->text_n = sb.len;
	c->text = strbuf_detach(&sb);
}

static void
add_parts(struct conds *all, struct fields *f, struct cond *c,
    const struct conf_cond *from)
{
	c->sub = xcalloc(from->nsub, sizeof(*c->sub));
	for (size_t i = 0; i < from->nsub; i++)
		c->sub[i] = conds_add(all, f, &from->sub[i]);
	c->nsub = conds_sort(c->sub, from->nsub);
}

unsigned
conds_add(struct conds *all, struct fields *f, const struct conf_cond *from)
{
	struct cond c = { .kind = from->kind, .null = from->null };

	if (c.kind < COND_NOT)
		c.field = fields_add(f, conf_text_slice(&from->field));
	else
		add_parts(all, f, &c, from);
	if (c.kind == COND_VALUES)
		add_values(&c, f, &from->any);
	if (c.kind == COND_RANGE) {
		c.low = bound_of(&c, f, &from->low, from->above);
		c.high = bound_of(&c, f, &from->high, from->below);
	}
	describe(&c, all, f, from);
	for (size_t i = 0; i < all->n; i++) {
		if (slice_eq(slice_of(all->v[i].text, all->v[i].text_n),
			slice_of(c.text, c.text_n))) {
			cond_release(&c);
			return (unsigned)i;
		}
	}
	if (c.kind == COND_REGEX)
		c.regex = regex_new(&from->regex);
	all->v = xgrow(all->v, &all->cap, all->n + 1, sizeof(*all->v));
	all->v[all->n] = c;
	return (unsigned)all->n++;
}

void
conds_release(struct conds *c)
{
	for (size_t i = 0; i < c->n; i++)
		cond_release(&c->v[i]);
	free(c->v);
	*c = (struct conds){ 0 };
}

void
conds_rows_init(struct conds_rows *r, const struct conds *c)
{
	*r = (struct conds_rows){ .decoded = STRBUF_INIT };
	r->holds = xcalloc(c->n, sizeof(*r->holds));
}

void
conds_rows_release(struct conds_rows *r)
{
	free(r->holds);
	strbuf_release(&r->decoded);
}

static bool
is_one_of(const struct cond *c, struct slice val)
{
	if (val.p == NULL)
		return c->null;
	if (c->n > FEW_VALUES)
		return bsearch(&val, c->any, c->n, sizeof(*c->any),
			   slice_order) != NULL;
	for (size_t i = 0; i < c->n; i++)
		if (c->any[i].n == val.n &&
		    memcmp(c->any[i].p, val.p, val.n) == 0)
			return true;
	return false;
}

/* val against the bound: < 0, 0 or > 0; false when they do not compare. */
static bool
against(const struct cond_bound *b, struct slice val, int *cmp)
{
	decimal v;

	if (!b->number) {
		*cmp = slice_cmp(val, b->text);
		return true;
	}
	if (decimal_parse(val, &v) == -1)
		return false;
	*cmp = (v > b->value) - (v < b->value);
	return true;
}

static bool
is_in_range(const struct cond *c, struct slice val)
{
	int cmp;

	if (val.p == NULL)
		return false;
	if (c->low.text.p != NULL && (!against(&c->low, val, &cmp) || cmp < 0 ||
					 (cmp == 0 && c->low.open)))
		return false;
	return c->high.text.p == NULL ||
	       (against(&c->high, val, &cmp) &&
		   (cmp < 0 || (cmp == 0 && !c->high.open)));
}

static bool
matches(struct conds_rows *rows, const struct cond *c, struct slice val)
{
	struct strbuf *sb = &rows->decoded;
	struct slice s = val;
	int r;

	if (val.p == NULL)
		return false;
	if (memchr(val.p, '%', val.n) != NULL) {
		strbuf_clear(sb);
		strbuf_grow(sb, val.n);
		s = slice_of(sb->buf, text_decode(sb->buf, val));
	}
	r = pcre2_match(c->regex->code, (PCRE2_SPTR)s.p, s.n, 0, 0,
	    c->regex->data, c->regex->context);
	rows->limited += r < PCRE2_ERROR_PARTIAL;
	return r >= 0;
}

/* The rows of which all parts hold. */
static uint32_t
all_hold(const uint32_t *holds, const struct cond *c)
{
	uint32_t rows = rowset_first(EVENT_ROWS);

	for (size_t i = 0; i < c->nsub; i++)
		rows &= holds[c->sub[i]];
	return rows;
}

static uint32_t
one_holds(const uint32_t *holds, const struct cond *c)
{
	uint32_t rows = 0;

	for (size_t i = 0; i < c->nsub; i++)
		rows |= holds[c->sub[i]];
	return rows;
}

/* Those of n rows whose value is as the condition has it. */
static uint32_t
rows_that(
    struct conds_rows *r, const struct cond *c, int n, const struct slice *val)
{
	uint32_t rows = 0;

	for (unsigned k = 0; k < (unsigned)n; k++) {
		if (c->kind == COND_VALUES)
			rows |= rowset_if(is_one_of(c, val[k]), k);
		else if (c->kind == COND_RANGE)
			rows |= rowset_if(is_in_range(c, val[k]), k);
		else
			rows |= rowset_if(matches(r, c, val[k]), k);
	}
	return rows;
}

void
conds_eval(const struct conds *all, struct conds_rows *r, int n,
    struct slice (*val)[EVENT_ROWS])
{
	const struct cond *c = all->v;
	uint32_t *holds = r->holds;

	for (size_t i = 0; i < all->n; i++, c++) {
		switch (c->kind) {
		case COND_VALUES:
		case COND_RANGE:
		case COND_REGEX:
			holds[i] = rows_that(r, c, n, val[c->field]);
			break;
		case COND_NOT:
			holds[i] = ~all_hold(holds, c);
			break;
		case COND_ANY:
			holds[i] = one_holds(holds, c);
			break;
		case COND_ALL:
			holds[i] = all_hold(holds, c);
			break;
		}
	}
}
