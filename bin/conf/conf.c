#include "config.h"

#include "conf/conf.h"

#include <libgen.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/strbuf.h"

static const struct conf_key sections[] = {
	{ "site", conf_read_site, offsetof(struct conf, site) },
	{ "log", conf_read_log, offsetof(struct conf, log) },
	{ "actions", conf_read_actions, offsetof(struct conf, actions) },
	{ "properties", conf_read_properties,
	    offsetof(struct conf, properties) },
	{ "enrich", conf_read_enrich, offsetof(struct conf, enrich) },
	{ "partition", conf_read_partition, offsetof(struct conf, partition) },
	{ "metrics", conf_read_metrics, offsetof(struct conf, metrics) },
	{ "guard", conf_read_guard, offsetof(struct conf, guard) },
	{ "report", conf_read_report, offsetof(struct conf, report) },
};

static struct conf *
load(const char *path)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));
	struct conf_reader r = { .path = path };
	char *copy;

	if (path == NULL)
		return conf;
	conf->path = xstrdup(path);
	if (yaml_load(&conf->doc, path) == -1)
		return NULL;
	copy = xstrdup(path);
	r.dir = dirname(copy);
	if (conf->doc.root == NULL)
		msg_warn("%s: the config is empty", path);
	else
		conf_read_map(&r, conf->doc.root, "config", sections,
		    sizeof(sections) / sizeof(sections[0]), conf);
	if (r.errors == 0)
		conf_metrics_check(
		    &r, &conf->metrics, conf->enrich.visitor.rotate);
	free(copy);
	return r.errors == 0 ? conf : NULL;
}

const struct conf *
conf_load(const char *path)
{
	return load(path);
}

const struct conf *
conf_load_history(const char *path)
{
	struct conf *conf = load(path);

	if (conf != NULL && conf->metrics.n == 0)
		conf_metrics_default(&conf->metrics);
	return conf;
}

void
conf_canon_section(
    struct strbuf *sb, const struct conf *conf, const char *section)
{
	const struct yaml_node *n = yaml_get(conf->doc.root, section);

	strbuf_addf(sb, "%s=", section);
	if (n != NULL)
		conf_canon(sb, n);
}
