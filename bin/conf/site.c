#include "config.h"

#include "conf/site.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static void
lower(struct conf_text *t)
{
	char *s = xmemdup(t->s, t->n);

	text_lower_copy(s, s, t->n);
	t->s = s;
}

/* A name as dim_hostname has it: no scheme, no port, no trailing dot. */
static bool
is_host(const struct conf_text *t)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-._";

	return t->n > 0 && t->n <= 253 && strspn(t->s, allowed) == t->n &&
	       t->s[0] != '.' && t->s[t->n - 1] != '.';
}

static void
check_host(struct conf_reader *r, const char *where, struct conf_text *t)
{
	lower(t);
	if (!is_host(t))
		conf_error_at(r, t, "%s: '%s' is no host name", where, t->s);
}

static void
read_hosts(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_list *list = field;
	size_t i;

	conf_read_texts(r, node, where, list);
	for (i = 0; i < list->n; i++)
		check_host(r, where, &list->v[i]);
}

static void
read_host(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text *t = field;

	conf_read_text(r, node, where, t);
	if (t->s != NULL)
		check_host(r, where, t);
}

static const struct conf_key keys[] = {
	{ "hosts", read_hosts, offsetof(struct conf_site, hosts) },
	{ "default_host", read_host, offsetof(struct conf_site, default_host) },
};

void
conf_read_site(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), field);
}
