#include "config.h"

#include "conf/properties.h"

static const struct conf_key keys[] = {
	{ "args", conf_read_texts, offsetof(struct conf_properties, args) },
	{ "cookies", conf_read_texts,
	    offsetof(struct conf_properties, cookies) },
	{ "variables", conf_read_texts,
	    offsetof(struct conf_properties, variables) },
	{ "deny", conf_read_texts, offsetof(struct conf_properties, deny) },
};

void
conf_read_properties(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(r, node, where, keys, sizeof(keys) / sizeof(keys[0]),
	    field);
}
