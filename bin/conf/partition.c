#include "config.h"

#include "conf/partition.h"

#include <string.h>

/* Further columns are laid out for, and not written yet. */
static void
read_by(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_list *by = field;

	conf_read_texts(r, node, where, by);
	if (by->n != 1 || strcmp(by->v[0].s, "ds") != 0)
		conf_error(r, node, "%s: only [ds] is supported", where);
}

static void
read_compress(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t = { 0 };

	conf_read_text(r, node, where, &t);
	if (t.s == NULL)
		return;
	if (strcmp(t.s, "none") != 0 && strcmp(t.s, "gzip") != 0 &&
	    strcmp(t.s, "zstd") != 0) {
		conf_error(r, node, "%s: '%s' is none of none, gzip, zstd",
		    where, t.s);
		return;
	}
	*(struct conf_text *)field = t;
}

static const struct conf_key keys[] = {
	{ "by", read_by, offsetof(struct conf_partition, by) },
	{ "compress", read_compress,
	    offsetof(struct conf_partition, compress) },
};

void
conf_read_partition(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(r, node, where, keys, sizeof(keys) / sizeof(keys[0]),
	    field);
}
