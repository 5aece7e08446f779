#include "config.h"

#include "conf/partition.h"

#include <string.h>

/* A part of a directory's name: letters, digits and "_". */
static bool
is_name(const struct conf_text *t)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	return t->n <= 64 && strspn(t->s, ok) == t->n;
}

static bool
is_repeated(const struct conf_list *by, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (strcmp(by->v[k].s, by->v[i].s) == 0)
			return true;
	return false;
}

static void
read_by(struct conf_reader *r, const struct yaml_node *node, const char *where,
    void *field)
{
	struct conf_list *by = field;
	size_t i;

	conf_read_texts(r, node, where, by);
	if (by->n == 0 || strcmp(by->v[0].s, "ds") != 0)
		conf_error(r, node, "%s: the first must be ds", where);
	if (by->n > CONF_BY_MAX + 1)
		conf_error(
		    r, node, "%s: more than %d beyond ds", where, CONF_BY_MAX);
	for (i = 1; i < by->n; i++)
		if (!is_name(&by->v[i]) || is_repeated(by, i) ||
		    strcmp(by->v[i].s, "event_timestamp") == 0 ||
		    strcmp(by->v[i].s, "other_properties") == 0)
			conf_error(r, node,
			    "%s: '%s' is repeated, or neither a column to "
			    "partition by nor a property's name",
			    where, by->v[i].s);
}

static void
read_most(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_between(r, node, where, 1, CONF_MOST_MAX, "", field);
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
	{ "allow", conf_read_texts, offsetof(struct conf_partition, allow) },
	{ "most", read_most, offsetof(struct conf_partition, most) },
	{ "rows_per_part", conf_read_u64,
	    offsetof(struct conf_partition, rows_per_part) },
	{ "compress", read_compress,
	    offsetof(struct conf_partition, compress) },
};

void
conf_read_partition(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), field);
}
