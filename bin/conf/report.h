/*
 * report: what ev-report's page is called, shows and names, ev.yaml(5).
 *
 *	report:
 *	  title: Growth of xx.com
 *	  panels: [answers, series, fields]
 *	  metrics: [visitors, signups, visitors_by_country]
 *	  labels: {website_hits: hits, dim_country: country}
 *	  rows: 12
 *
 * Without the section, and for each key that is not there, ev-report takes
 * what follows from the metrics.
 */
#ifndef EV_CONF_REPORT_H
#define EV_CONF_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "conf/read.h"

enum conf_panel {
	PANEL_ANSWERS,
	PANEL_GUARDRAILS,
	PANEL_SERIES,
	PANEL_FUNNEL,
	PANEL_FIELDS,
	PANEL_BOTS,
	PANEL_HEALTH,
	PANEL_TOTALS,
	PANEL_OTHERS,
	PANEL_DAYS,
	PANELS
};

struct conf_panel_info {
	const char *name;
	const char *help;
};
extern const struct conf_panel_info conf_panels[PANELS];

/* Another name for a metric or a field. */
struct conf_label {
	struct conf_text name;
	struct conf_text label;
};

struct conf_report {
	struct conf_text title;
	struct conf_list metrics; /* none: all that the history has */
	enum conf_panel panel[PANELS];
	size_t npanels; /* 0: all, in the order of the enum */
	struct conf_label *label;
	size_t nlabels;
	uint64_t rows; /* of a breakdown; 0: not set */
};

conf_read_fn conf_read_report; /* struct conf_report */

#endif
