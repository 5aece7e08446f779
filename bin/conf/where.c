#include "config.h"

#include "conf/where.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/strbuf.h"

const char *
conf_field_error(struct slice name)
{
	int column = event_column_find(name);

	if (column == EV_OTHER_PROPERTIES)
		return "is the map itself; name one of its properties";
	if (column >= 0)
		return NULL;
	if (name.n == 0)
		return "is no name of a column or a property";
	/* No variable of nginx is called so, but columns are, misspelt. */
	if (slice_starts(name, SLICE_LIT("dim_")))
		return "is no column";
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ')
			return "is no name of a column or a property";
	return NULL;
}

void
conf_check_field(
    struct conf_reader *r, const char *where, const struct conf_text *t)
{
	const char *why = conf_field_error(slice_of(t->s, t->n));

	if (why != NULL)
		conf_error_at(r, t, "%s: '%s' %s", where, t->s, why);
}

bool
conf_check_number(struct conf_reader *r, const struct yaml_node *node,
    const char *where, size_t max)
{
	if (node->kind == YAML_SCALAR || node->n <= max)
		return true;
	conf_error(r, node, "%s: more than %zu", where, max);
	return false;
}

static struct conf_cond *
add_cond(struct conf_conds *c, enum conf_cond_kind kind, struct conf_text field)
{
	c->v = xreallocarray(c->v, c->n + 1, sizeof(*c->v));
	c->v[c->n] = (struct conf_cond){ .kind = kind, .field = field };
	return &c->v[c->n++];
}

static bool
is_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/*
 * 2xx or 200-299, for the fields that hold a status: no other value of
 * theirs looks so.
 */
static bool
status_range(struct conf_conds *c, struct conf_text field, struct conf_text t)
{
	struct slice name = slice_of(field.s, field.n);
	struct conf_cond *cond;
	char *low, *high;

	if (!slice_is(name, "status") && !slice_is(name, "upstream_status"))
		return false;
	if (t.n == 3 && is_digits(t.s, 1) && strcmp(t.s + 1, "xx") == 0) {
		low = xmemdup(t.s, 3);
		high = xmemdup(t.s, 3);
		memcpy(low + 1, "00", 2);
		memcpy(high + 1, "99", 2);
	} else if (t.n == 7 && is_digits(t.s, 3) && t.s[3] == '-' &&
		   is_digits(t.s + 4, 3)) {
		low = xmemdup(t.s, 3);
		high = xmemdup(t.s + 4, 3);
	} else {
		return false;
	}
	cond = add_cond(c, COND_RANGE, field);
	cond->low = (struct conf_text){ low, 3, t.pos };
	cond->high = (struct conf_text){ high, 3, t.pos };
	return true;
}

void
conf_conds_add(struct conf_conds *c, struct conf_text field,
    const struct conf_list *values, bool null)
{
	struct conf_cond cond = { .kind = COND_VALUES, .null = null };
	struct conf_conds ranges = { 0 };

	cond.field = field;
	cond.any.v = xcalloc(values->n + 1, sizeof(*cond.any.v));
	for (size_t i = 0; i < values->n; i++)
		if (!status_range(&ranges, field, values->v[i]))
			cond.any.v[cond.any.n++] = values->v[i];
	if (ranges.n == 0) {
		*add_cond(c, COND_VALUES, field) = cond;
		return;
	}
	if (cond.any.n > 0 || null)
		*add_cond(&ranges, COND_VALUES, field) = cond;
	add_cond(c, COND_ANY, field)->sub = ranges.v;
	c->v[c->n - 1].nsub = ranges.n;
}

/* A value or a list of values; becomes one condition. */
static void
read_values(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_text field, struct conf_conds *out)
{
	const struct yaml_node *one[1] = { node };
	struct yaml_node *const *item = (struct yaml_node *const *)one;
	struct conf_list values = { 0 };
	bool null = false;
	size_t n = 1;

	if (node->kind == YAML_SEQ) {
		item = node->item;
		n = node->n;
		if (n == 0)
			conf_error(
			    r, node, "%s: '%s' has no value", where, field.s);
	}
	values.v = xcalloc(n + 1, sizeof(*values.v));
	for (size_t i = 0; i < n; i++) {
		if (yaml_null(item[i]))
			null = true;
		else if (conf_take_text(r, item[i], where, &values.v[values.n]))
			values.n++;
	}
	conf_conds_add(out, field, &values, null);
	free(values.v);
}

static void read_field(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_text field,
    struct conf_conds *out); /* mutual */

/* min, max, above or below; one range for those of a mapping. */
static void
read_bound(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_cond *range)
{
	bool high = strcmp(where, "max") == 0 || strcmp(where, "below") == 0;
	struct conf_text *t = high ? &range->high : &range->low;

	if (t->s != NULL)
		conf_error(r, node, "%s: a second bound on this side", where);
	conf_read_text(r, node, where, t);
	if (strcmp(where, "above") == 0)
		range->above = true;
	if (strcmp(where, "below") == 0)
		range->below = true;
}

static void
read_operator(struct conf_reader *r, const struct yaml_node *key,
    const struct yaml_node *node, struct conf_text field,
    struct conf_cond *range, struct conf_conds *out)
{
	struct conf_conds sub = { 0 };
	struct slice name = key->text;

	if (slice_is(name, "min") || slice_is(name, "max") ||
	    slice_is(name, "above") || slice_is(name, "below")) {
		read_bound(r, node, name.p, range);
	} else if (slice_is(name, "is")) {
		read_values(r, node, "is", field, out);
	} else if (slice_is(name, "regex")) {
		conf_read_regex(
		    r, node, "regex", &add_cond(out, COND_REGEX, field)->regex);
	} else if (slice_is(name, "not")) {
		read_field(r, node, "not", field, &sub);
		add_cond(out, COND_NOT, field)->sub = sub.v;
		out->v[out->n - 1].nsub = sub.n;
	} else {
		conf_error(r, key,
		    "where: '%s' is no operator: is, not, regex, min, max, "
		    "above or below",
		    name.p);
	}
}

/* What is said of one field. */
static void
read_field(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_text field, struct conf_conds *out)
{
	struct conf_cond range = { .kind = COND_RANGE, .field = field };

	if (node->kind != YAML_MAP) {
		read_values(r, node, where, field, out);
		return;
	}
	if (!conf_check_number(r, node, where, CONF_FIELDS_MAX))
		return;
	if (node->n == 0)
		conf_error(r, node, "%s: '%s' has no value", where, field.s);
	for (size_t i = 0; i < node->n; i++)
		read_operator(
		    r, node->key[i], node->item[i], field, &range, out);
	if (range.low.s != NULL || range.high.s != NULL)
		*add_cond(out, COND_RANGE, field) = range;
}

/* A mapping, or a list of them, as conditions of which each is a COND_ALL. */
static void
read_wheres(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_conds *out)
{
	const struct yaml_node *one[1] = { node };
	struct yaml_node *const *item = (struct yaml_node *const *)one;
	struct conf_conds sub;
	size_t n = 1;

	if (!conf_check_number(r, node, where, CONF_FIELDS_MAX))
		return;
	if (node->kind == YAML_SEQ) {
		item = node->item;
		n = node->n;
	}
	if (n == 0)
		conf_error(r, node, "%s: has no value", where);
	for (size_t i = 0; i < n; i++) {
		sub = (struct conf_conds){ 0 };
		conf_read_where(r, item[i], where, &sub);
		add_cond(out, COND_ALL, (struct conf_text){ 0 })->sub = sub.v;
		out->v[out->n - 1].nsub = sub.n;
	}
}

/* any, all and not: "not" of a list is none of them. */
static void
read_logic(struct conf_reader *r, const struct yaml_node *key,
    const struct yaml_node *node, struct conf_conds *out)
{
	static const struct conf_text none = { 0 };
	struct conf_conds sub = { 0 };
	struct conf_cond *c, any = { .kind = COND_ANY };

	read_wheres(r, node, key->text.p, &sub);
	if (slice_is(key->text, "all")) {
		c = add_cond(out, COND_ALL, none);
	} else if (slice_is(key->text, "any")) {
		c = add_cond(out, COND_ANY, none);
	} else {
		c = add_cond(out, COND_NOT, none);
		any.sub = sub.v;
		any.nsub = sub.n;
		c->sub = xcalloc(1, sizeof(*c->sub));
		c->sub[0] = any;
		c->nsub = 1;
		return;
	}
	c->sub = sub.v;
	c->nsub = sub.n;
}

static bool
is_logic(struct slice name)
{
	return slice_is(name, "any") || slice_is(name, "all") ||
	       slice_is(name, "not");
}

void
conf_read_where(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_conds *conds = field;
	struct conf_text name;

	if (!conf_expect(r, node, YAML_MAP, where) ||
	    !conf_check_number(r, node, where, CONF_FIELDS_MAX))
		return;
	for (size_t i = 0; i < node->n; i++) {
		if (is_logic(node->key[i]->text)) {
			read_logic(r, node->key[i], node->item[i], conds);
			continue;
		}
		if (!conf_take_text(r, node->key[i], where, &name))
			continue;
		conf_check_field(r, where, &name);
		read_field(r, node->item[i], where, name, conds);
	}
}

static bool
same_text(const void *x, const void *y)
{
	const struct conf_text *a = x, *b = y;

	return a->n == b->n && (a->n == 0 || memcmp(a->s, b->s, a->n) == 0);
}

/*
 * Are the n things of size bytes at a and at b the same, in whatever order,
 * each as often?
 */
static bool
one_for_one(const void *a, const void *b, size_t n, size_t size,
    bool (*same)(const void *, const void *))
{
	const char *x = a, *y = b;
	bool *used = xcalloc(n + 1, sizeof(*used));
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++)
			if (!used[j] && same(x + i * size, y + j * size))
				break;
		if (j == n)
			break;
		used[j] = true;
	}
	free(used);
	return i == n;
}

static bool
same_texts(const struct conf_list *a, const struct conf_list *b)
{
	return a->n == b->n &&
	       one_for_one(a->v, b->v, a->n, sizeof(*a->v), same_text);
}

static bool
same_cond(const void *x, const void *y)
{
	const struct conf_cond *a = x, *b = y;
	struct conf_conds of_a = { a->sub, a->nsub };
	struct conf_conds of_b = { b->sub, b->nsub };

	if (a->kind != b->kind || !same_text(&a->field, &b->field) ||
	    a->null != b->null || !same_texts(&a->any, &b->any) ||
	    a->above != b->above || a->below != b->below ||
	    !same_text(&a->low, &b->low) || !same_text(&a->high, &b->high) ||
	    !same_text(&a->regex, &b->regex))
		return false;
	return conf_conds_same(&of_a, &of_b);
}

/* One for one: in both directions, depth would cost its power of two. */
bool
conf_conds_same(const struct conf_conds *a, const struct conf_conds *b)
{
	return a->n == b->n &&
	       one_for_one(a->v, b->v, a->n, sizeof(*a->v), same_cond);
}
