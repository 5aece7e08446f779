#include "config.h"

#include "conf/log.h"

#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "conf/format.h"
#include "conf/layout.h"

/* Compiled here only to find what is wrong with it; ev-parse keeps one. */
static void
read_format(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t = { 0 };
	struct strbuf why = STRBUF_INIT;
	struct format format;
	struct layout layout;

	conf_read_text(r, node, where, &t);
	if (t.s == NULL)
		return;
	if (format_parse(&format, t.s, &why) == -1) {
		conf_error(r, node, "%s: %s", where, why.buf);
	} else {
		if (layout_compile(&layout, &format, &why) == -1)
			conf_error(r, node, "%s: %s", where, why.buf);
		else
			layout_release(&layout);
		format_release(&format);
		*(struct conf_text *)field = t;
	}
	strbuf_release(&why);
}

bool
conf_take_variable(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_text *t)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	char *lower;

	if (t->s[0] == '$') {
		t->s++;
		t->n--;
	}
	if (t->n > 0 && strspn(t->s, bytes) == t->n) {
		lower = xmemdup(t->s, t->n);
		text_lower_copy(lower, lower, t->n);
		t->s = lower;
		return true;
	}
	conf_error(
	    r, node, "%s: '%s' is no name of an nginx variable", where, t->s);
	return false;
}

void
conf_read_variable(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t = { 0 };

	conf_read_text(r, node, where, &t);
	if (t.s != NULL && conf_take_variable(r, node, where, &t))
		*(struct conf_text *)field = t;
}

/* A regex with a group. */
static void
read_match(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t = { 0 };

	conf_read_regex(r, node, where, &t);
	if (t.s == NULL)
		return;
	if (conf_regex_groups(&t) == 0)
		conf_error(r, node,
		    "%s: '%s' has no group, as in '^u([0-9]+)$', that is the "
		    "id",
		    where, t.s);
	else
		*(struct conf_text *)field = t;
}

static const struct conf_key user_keys[] = {
	{ "variable", conf_read_variable, offsetof(struct conf_log, user_id) },
	{ "match", read_match, offsetof(struct conf_log, user_match) },
};

/* The variable, or a map of it and a regex. */
static void
read_user(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_log *log = field;
	unsigned errors = r->errors;

	if (node->kind != YAML_MAP) {
		conf_read_variable(r, node, where, &log->user_id);
		return;
	}
	conf_read_map(r, node, where, user_keys,
	    sizeof(user_keys) / sizeof(user_keys[0]), log);
	if (log->user_id.s == NULL && r->errors == errors)
		conf_error(r, node, "%s: a map without 'variable'", where);
}

static const struct conf_key keys[] = {
	{ "format", read_format, offsetof(struct conf_log, format) },
	{ "trusted_proxies", conf_read_nets,
	    offsetof(struct conf_log, trusted_proxies) },
	{ "user_id", read_user, 0 },
};

void
conf_read_log(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), field);
}
