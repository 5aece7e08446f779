#include "config.h"

#include "conf/log.h"

static const struct conf_key keys[] = {
	{ "format", conf_read_text, offsetof(struct conf_log, format) },
	{ "trusted_proxies", conf_read_nets,
	    offsetof(struct conf_log, trusted_proxies) },
	{ "user_id", conf_read_text, offsetof(struct conf_log, user_id) },
};

void
conf_read_log(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(r, node, where, keys, sizeof(keys) / sizeof(keys[0]),
	    field);
}
