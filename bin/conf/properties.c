#include "config.h"

#include "conf/properties.h"

#include "base/alloc.h"
#include "base/text.h"
#include "conf/log.h"

#define TEXT(s)                                                                \
	{                                                                      \
		(s), sizeof(s) - 1,                                            \
		{                                                              \
			0, 0                                                   \
		}                                                              \
	}
#define LIST(v)                                                                \
	{                                                                      \
		(v), sizeof(v) / sizeof((v)[0])                                \
	}

/* Where a visit came from: campaigns and the click ids of the large
 * advertisers (Google, Meta, Microsoft, TikTok). */
static struct conf_text default_args[] = { TEXT("utm_*"), TEXT("gclid"),
	TEXT("fbclid"), TEXT("msclkid"), TEXT("ttclid"), TEXT("ref") };
static const struct conf_list default_args_list = LIST(default_args);

/* Secrets and people, as applications name them in addresses. */
static struct conf_text default_deny[] = { TEXT("*token*"), TEXT("*passw*"),
	TEXT("pwd"), TEXT("pass"), TEXT("*secret*"), TEXT("*email*"),
	TEXT("mail"), TEXT("code"), TEXT("otp"), TEXT("pin"), TEXT("auth*"),
	TEXT("*api_key*"), TEXT("*apikey*"), TEXT("key"), TEXT("sig"),
	TEXT("*signature*"), TEXT("*session*"), TEXT("*sessid*"), TEXT("sid"),
	TEXT("*csrf*"), TEXT("jwt"), TEXT("*phone*"), TEXT("ssn"),
	TEXT("*card*"), TEXT("cvv") };
static const struct conf_list default_deny_list = LIST(default_deny);

const struct conf_list *
conf_args(const struct conf_properties *p)
{
	return p->args.v != NULL ? &p->args : &default_args_list;
}

const struct conf_list *
conf_deny(const struct conf_properties *p)
{
	return p->deny.v != NULL ? &p->deny : &default_deny_list;
}

static void
read_globs(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_list *list = field;
	size_t i;
	char *lower;

	conf_read_texts(r, node, where, list);
	for (i = 0; i < list->n; i++) {
		lower = xmemdup(list->v[i].s, list->v[i].n);
		text_lower_copy(lower, lower, list->v[i].n);
		list->v[i].s = lower;
	}
}

static void
read_variables(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_list *list = field;
	const struct yaml_node *at;
	size_t i;

	conf_read_texts(r, node, where, list);
	for (i = 0; i < list->n; i++) {
		at = node->kind == YAML_SEQ && node->n == list->n
			 ? node->item[i]
			 : node;
		(void)conf_take_variable(r, at, where, &list->v[i]);
	}
}

static const struct conf_key keys[] = {
	{ "args", read_globs, offsetof(struct conf_properties, args) },
	{ "cookies", read_globs, offsetof(struct conf_properties, cookies) },
	{ "variables", read_variables,
	    offsetof(struct conf_properties, variables) },
	{ "deny", read_globs, offsetof(struct conf_properties, deny) },
};

void
conf_read_properties(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), field);
}
