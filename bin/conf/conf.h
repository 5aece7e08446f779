/*
 * conf: the one YAML file that every filter reads, ev.yaml(5).
 *
 *	const struct conf *conf = conf_load(opts.config);
 *	if (conf == NULL)
 *		return EV_EXIT_USAGE;         all errors are on stderr
 *
 * Without a file the built-in defaults are returned.  Each section has a
 * header and a source file of its own; every filter checks all of them, so
 * that a config that ev-agg accepts does not stop ev-parse tomorrow.
 */
#ifndef EV_CONF_CONF_H
#define EV_CONF_CONF_H

#include "conf/actions.h"
#include "conf/enrich.h"
#include "conf/guard.h"
#include "conf/log.h"
#include "conf/metrics.h"
#include "conf/partition.h"
#include "conf/properties.h"
#include "conf/report.h"
#include "conf/site.h"
#include "conf/yaml.h"

struct conf {
	const char *path; /* NULL: built-in defaults */
	struct conf_site site;
	struct conf_log log;
	struct conf_actions actions;
	struct conf_properties properties;
	struct conf_enrich enrich;
	struct conf_partition partition;
	struct conf_metrics metrics;
	struct conf_guard guard;
	struct conf_report report;
	struct yaml_doc doc; /* for conf_canon_section */
};

/* NULL on errors (reported).  The settings live to the end of the program. */
const struct conf *conf_load(const char *path);
/* The same for who reads a history: without metrics in the config it is of
 * those that ev-agg has then. */
const struct conf *conf_load_history(const char *path);

/* conf_canon() of one top-level section; nothing where it is absent. */
struct strbuf;
void conf_canon_section(
    struct strbuf *sb, const struct conf *conf, const char *section);

#endif
