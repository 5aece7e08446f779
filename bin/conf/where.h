/*
 * where: conditions on the columns and properties of an event, ev.yaml(5).
 *
 *	where:
 *	  action_type: [landing_page, page_view]     one of these
 *	  bot: null                                  NULL
 *	  referrer: {not: [null, Google]}            neither
 *	  status: [2xx, 304, 400-403]                classes and ranges
 *	  request_time: {min: 0.5, below: 2}         numbers, or bytes
 *	  uri: {regex: '^/blog/'}                    PCRE2, decoded
 *	  any: [{...}, {...}]                        one of these holds
 *	  all: [{...}, {...}]
 *	  not: {...}                                 these do not all hold
 *
 * All conditions of a mapping hold.  There is no third truth value: what is
 * NULL is none of the values, and "not" of that is true.
 *
 * Fields and values are what the config says, decoded; a stream holds them
 * percent-encoded (base/text.h).
 */
#ifndef EV_CONF_WHERE_H
#define EV_CONF_WHERE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/read.h"

enum conf_cond_kind {
	COND_VALUES, /* one of any, or NULL */
	COND_RANGE,  /* from low to high */
	COND_REGEX,
	COND_NOT, /* not all of sub */
	COND_ANY, /* one of sub */
	COND_ALL  /* each of sub */
};

/* One condition; the first three are on a column or a property. */
struct conf_cond {
	enum conf_cond_kind kind;
	struct conf_text field;
	struct conf_list any;
	bool null;
	struct conf_text low, high; /* s is NULL: no bound */
	bool above, below;	    /* the bound itself is outside */
	struct conf_text regex;
	struct conf_cond *sub;
	size_t nsub;
};

/* Conditions that all hold. */
struct conf_conds {
	struct conf_cond *v;
	size_t n;
};

conf_read_fn conf_read_where; /* struct conf_conds */
/* Adds: the field has one of the values, which may be status classes. */
void conf_conds_add(struct conf_conds *c, struct conf_text field,
    const struct conf_list *values, bool null);

/* Do both say the same, in whatever order? */
bool conf_conds_same(const struct conf_conds *a, const struct conf_conds *b);

/* NULL, or why that cannot be the name of a column or a property. */
const char *conf_field_error(struct slice name);
/* The same as an error at t; where names the key. */
void conf_check_field(
    struct conf_reader *r, const char *where, const struct conf_text *t);
/* Has node, a list or a mapping, at most max items?  Else an error. */
bool conf_check_number(struct conf_reader *r, const struct yaml_node *node,
    const char *where, size_t max);

/* Of conditions, and of fields in a definition: ten times what a person
 * would write, as they are compared with each other. */
#define CONF_FIELDS_MAX 64

#endif
