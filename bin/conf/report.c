#include "config.h"

#include "conf/report.h"

#include <string.h>

#include "base/alloc.h"

/* More rows make no report; the metric tables have them all. */
#define ROWS_MAX 1000

const struct conf_panel_info conf_panels[PANELS] = {
	[PANEL_ANSWERS] = { "answers", "the questions of the day" },
	[PANEL_GUARDRAILS] = { "guardrails", "what ev-guard said" },
	[PANEL_SERIES] = { "series", "the totals and rates by day" },
	[PANEL_FUNNEL] = { "funnel", "from people to purchases" },
	[PANEL_FIELDS] = { "fields",
	    "countries, devices, sources and all else that is counted by" },
	[PANEL_BOTS] = { "bots", "who was a bot, and why" },
	[PANEL_HEALTH] = { "health", "missing days and values" },
	[PANEL_TOTALS] = { "totals", "every total of the day" },
	[PANEL_OTHERS] = { "others", "what is counted by several fields" },
	[PANEL_DAYS] = { "days", "every day as a table" },
};

static int
find_panel(const struct conf_text *name)
{
	for (int i = 0; i < PANELS; i++)
		if (strcmp(name->s, conf_panels[i].name) == 0)
			return i;
	return -1;
}

static void
read_panels(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_report *report = field;
	struct conf_list list = { 0 };
	bool seen[PANELS] = { false };
	int panel;

	conf_read_texts(r, node, where, &list);
	for (size_t i = 0; i < list.n; i++) {
		panel = find_panel(&list.v[i]);
		if (panel == -1)
			conf_error(r, node, "%s: no panel is named '%s'", where,
			    list.v[i].s);
		else if (seen[panel])
			conf_error(
			    r, node, "%s: '%s' twice", where, list.v[i].s);
		else
			report->panel[report->npanels++] =
			    (enum conf_panel)panel;
		if (panel != -1)
			seen[panel] = true;
	}
}

static void
read_labels(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_report *report = field;
	struct conf_label *l;

	if (!conf_expect(r, node, YAML_MAP, where))
		return;
	report->label = xcalloc(node->n + 1, sizeof(*report->label));
	for (size_t i = 0; i < node->n; i++) {
		l = &report->label[report->nlabels];
		if (conf_take_text(r, node->key[i], where, &l->name) &&
		    conf_take_text(r, node->item[i], where, &l->label))
			report->nlabels++;
	}
}

static void
read_rows(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_between(r, node, where, 1, ROWS_MAX, "", field);
}

static const struct conf_key keys[] = {
	{ "labels", read_labels, 0 },
	{ "metrics", conf_read_texts, offsetof(struct conf_report, metrics) },
	{ "panels", read_panels, 0 },
	{ "rows", read_rows, offsetof(struct conf_report, rows) },
	{ "title", conf_read_text, offsetof(struct conf_report, title) },
};

void
conf_read_report(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), field);
}
