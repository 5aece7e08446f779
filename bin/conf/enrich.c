#include "config.h"

#include "conf/enrich.h"

#include <string.h>

static void
read_rotate(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	static const char *const names[] = {
		[ROTATE_NEVER] = "never",
		[ROTATE_DAILY] = "daily",
		[ROTATE_WEEKLY] = "weekly",
		[ROTATE_MONTHLY] = "monthly",
	};
	struct conf_text t;
	size_t i;

	if (!conf_take_text(r, node, where, &t))
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(t.s, names[i]) == 0) {
			*(enum conf_rotate *)field = (enum conf_rotate)i;
			return;
		}
	conf_error(r, node, "%s: '%s' is none of never, daily, weekly, monthly",
	    where, t.s);
}

/* What of a database may become a property. */
static void
read_add(struct conf_reader *r, const struct yaml_node *node, const char *where,
    void *field)
{
	static const char *const names[] = { "subdivision", "city", "asn" };
	struct conf_list *list = field;
	size_t i, k;

	conf_read_texts(r, node, where, list);
	for (i = 0; i < list->n; i++) {
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (strcmp(list->v[i].s, names[k]) == 0)
				break;
		if (k == sizeof(names) / sizeof(names[0]))
			conf_error(r, node,
			    "%s: '%s' is none of subdivision, city, asn", where,
			    list->v[i].s);
	}
}

static const struct conf_key country_keys[] = {
	{ "add", read_add, offsetof(struct conf_country, add) },
	{ "database", conf_read_path, offsetof(struct conf_country, database) },
	{ "max_age", conf_read_u64, offsetof(struct conf_country, max_age) },
	{ "path", conf_read_text, offsetof(struct conf_country, path) },
};

static void
read_country(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_country *c = field;

	conf_read_map(r, node, where, country_keys,
	    sizeof(country_keys) / sizeof(country_keys[0]), c);
	if (c->add.n > 0 && c->database.s == NULL)
		conf_error(r, yaml_get(node, "add"),
		    "%s: what is added is in a database: set one", where);
}

static const struct conf_key asn_keys[] = {
	{ "database", conf_read_path, offsetof(struct conf_asn, database) },
	{ "max_age", conf_read_u64, offsetof(struct conf_asn, max_age) },
};

static void
read_asn(struct conf_reader *r, const struct yaml_node *node, const char *where,
    void *field)
{
	conf_read_map(r, node, where, asn_keys,
	    sizeof(asn_keys) / sizeof(asn_keys[0]), field);
}

static void
read_prefix(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_between(r, node, where, 1, 128, " bits", field);
}

static void
read_identify(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	enum conf_identify *by = field;
	struct conf_text t;

	if (!conf_take_text(r, node, where, &t))
		return;
	if (strcmp(t.s, "agent") == 0)
		*by = IDENTIFY_AGENT;
	else if (strcmp(t.s, "device") == 0)
		*by = IDENTIFY_DEVICE;
	else
		conf_error(
		    r, node, "%s: '%s' is none of agent, device", where, t.s);
}

static const struct conf_key visitor_keys[] = {
	{ "identify_by", read_identify,
	    offsetof(struct conf_visitor, identify_by) },
	{ "key_file", conf_read_path, offsetof(struct conf_visitor, key_file) },
	{ "key_dir", conf_read_path, offsetof(struct conf_visitor, key_dir) },
	{ "rotate", read_rotate, offsetof(struct conf_visitor, rotate) },
	{ "ipv6_prefix", read_prefix,
	    offsetof(struct conf_visitor, ipv6_prefix) },
};

static void
read_visitor(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_visitor *v = field;

	conf_read_map(r, node, where, visitor_keys,
	    sizeof(visitor_keys) / sizeof(visitor_keys[0]), field);
	if (v->rotate == ROTATE_NEVER) {
		if (v->key_dir.s != NULL)
			conf_error(r, yaml_get(node, "key_dir"),
			    "%s: key_dir is for keys that rotate: daily, "
			    "weekly or monthly",
			    where);
		return;
	}
	if (v->key_dir.s == NULL)
		conf_error(r, yaml_get(node, "rotate"),
		    "%s: keys that rotate need a key_dir", where);
	if (v->key_file.s != NULL)
		conf_error(r, yaml_get(node, "key_file"),
		    "%s: keys that rotate are in key_dir, not in a key_file",
		    where);
}

static void
read_v4_bits(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_between(r, node, where, 1, 32, " bits", field);
}

static const struct conf_key anonymize_keys[] = {
	{ "ipv4", read_v4_bits, offsetof(struct conf_anonymize, ipv4) },
	{ "ipv6", read_prefix, offsetof(struct conf_anonymize, ipv6) },
};

/* A kind of address that is not named leaves the record. */
static void
read_anonymize(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(r, node, where, anonymize_keys,
	    sizeof(anonymize_keys) / sizeof(anonymize_keys[0]), field);
}

static const struct conf_key keys[] = {
	{ "anonymize", read_anonymize,
	    offsetof(struct conf_enrich, anonymize) },
	{ "asn", read_asn, offsetof(struct conf_enrich, asn) },
	{ "country", read_country, offsetof(struct conf_enrich, country) },
	{ "visitor", read_visitor, offsetof(struct conf_enrich, visitor) },
	{ "referrers", conf_read_path,
	    offsetof(struct conf_enrich, referrers) },
	{ "regexes", conf_read_path, offsetof(struct conf_enrich, regexes) },
	{ "keep", conf_read_texts, offsetof(struct conf_enrich, keep) },
};

void
conf_read_enrich(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), field);
}

unsigned
conf_ipv6_prefix(const struct conf_enrich *e)
{
	return e->visitor.ipv6_prefix == 0 ? CONF_IPV6_PREFIX
					   : (unsigned)e->visitor.ipv6_prefix;
}
