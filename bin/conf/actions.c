#include "config.h"

#include "conf/actions.h"

#include <string.h>

#include "base/alloc.h"
#include "base/number.h"

#define TEXT(s)                                                                \
	{                                                                      \
		(s), sizeof(s) - 1,                                            \
		{                                                              \
			0, 0                                                   \
		}                                                              \
	}

static struct conf_text get[] = { TEXT("GET") };
static struct conf_status_range seen[] = { { 200, 299 }, { 304, 304 } };

static struct conf_rule builtin_rules[] = {
	{ .action = TEXT("static"),
	    .uri = TEXT("\\.(css|js|mjs|map|json|png|jpg|jpeg|gif|svg|webp|"
			"avif|ico|woff|woff2|ttf|eot|mp3|mp4|webm)$"),
	    .prefetch = true },
	{ .action = TEXT("landing_page"),
	    .method = { get, 1 },
	    .uri = TEXT("^/$"),
	    .status = seen,
	    .nstatus = 2 },
	{ .action = TEXT("page_view"),
	    .method = { get, 1 },
	    .status = seen,
	    .nstatus = 2 },
};

static const struct conf_actions builtin = { builtin_rules,
	sizeof(builtin_rules) / sizeof(builtin_rules[0]) };

const struct conf_actions *
conf_actions_in_force(const struct conf_actions *a)
{
	return a->v != NULL ? a : &builtin;
}

/* 200, 2xx or 200-299. */
static int
parse_status(const char *s, struct conf_status_range *range)
{
	const char *dash = strchr(s, '-');
	uint64_t first, last;

	if (strlen(s) == 3 && s[0] >= '1' && s[0] <= '9' &&
	    strcmp(s + 1, "xx") == 0) {
		range->first = (unsigned)(s[0] - '0') * 100;
		range->last = range->first + 99;
		return 0;
	}
	if (dash == NULL)
		dash = s + strlen(s);
	if (number_u64(slice_of(s, (size_t)(dash - s)), &first) == -1)
		return -1;
	last = first;
	if (*dash == '-' && number_u64(slice_str(dash + 1), &last) == -1)
		return -1;
	if (first > last || last > 999)
		return -1;
	range->first = (unsigned)first;
	range->last = (unsigned)last;
	return 0;
}

static void
read_status(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_rule *rule = field;
	struct conf_list list = { 0 };
	size_t i;

	conf_read_texts(r, node, where, &list);
	rule->status = xcalloc(list.n, sizeof(*rule->status));
	for (i = 0; i < list.n; i++) {
		if (parse_status(list.v[i].s, &rule->status[rule->nstatus]) ==
		    0)
			rule->nstatus++;
		else
			conf_error(r,
			    node->kind == YAML_SEQ && node->n == list.n
				? node->item[i]
				: node,
			    "%s: '%s' is no status, class (2xx) or range "
			    "(200-299)",
			    where, list.v[i].s);
	}
}

static const struct conf_key keys[] = {
	{ "action", conf_read_text, offsetof(struct conf_rule, action) },
	{ "method", conf_read_texts, offsetof(struct conf_rule, method) },
	{ "host", conf_read_texts, offsetof(struct conf_rule, host) },
	{ "uri", conf_read_regex, offsetof(struct conf_rule, uri) },
	{ "status", read_status, 0 },
	{ "prefetch", conf_read_bool, offsetof(struct conf_rule, prefetch) },
	{ "drop", conf_read_bool, offsetof(struct conf_rule, drop) },
};

static void
read_rule(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_rule *rule)
{
	unsigned errors = r->errors;

	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), rule);
	if (rule->action.s == NULL && r->errors == errors)
		conf_error(r, node, "%s: a rule without 'action'", where);
}

void
conf_read_actions(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_actions *actions = field;
	size_t i;

	if (!conf_expect(r, node, YAML_SEQ, where))
		return;
	actions->v = xcalloc(node->n, sizeof(*actions->v));
	actions->n = node->n;
	for (i = 0; i < node->n; i++)
		read_rule(r, node->item[i], where, &actions->v[i]);
}
