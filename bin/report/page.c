#include "config.h"

#include "report/page.h"

#include "report/figure.h"
#include "report/label.h"
#include "report/panel.h"

static void (*const panels[PANELS])(struct page *) = {
	[PANEL_ANSWERS] = panel_answers,
	[PANEL_GUARDRAILS] = panel_guardrails,
	[PANEL_SERIES] = panel_series,
	[PANEL_FUNNEL] = panel_funnel,
	[PANEL_FIELDS] = panel_fields,
	[PANEL_BOTS] = panel_bots,
	[PANEL_HEALTH] = panel_health,
	[PANEL_TOTALS] = panel_totals,
	[PANEL_OTHERS] = panel_others,
	[PANEL_DAYS] = panel_days,
};

static void
add_title(struct strbuf *sb, const struct conf *conf)
{
	const struct conf_text *title = &conf->report.title;
	const struct conf_list *hosts = &conf->site.hosts;

	if (title->s != NULL)
		label_long(sb, slice_of(title->s, title->n));
	else if (hosts->n > 0)
		label_text(sb, slice_of(hosts->v[0].s, hosts->v[0].n));
	else
		strbuf_adds(sb, "Daily metrics");
}

/* The clock is not asked: equal rows give equal bytes. */
static void
add_span(struct strbuf *sb, const struct page *p)
{
	const struct history *h = p->history;
	int before = history_day(h, p->day);

	figure_long_date(sb, p->day);
	if (before > 0) {
		strbuf_addf(sb, ", and %d days of history since ", before);
		figure_long_date(sb, h->day[0]);
	}
}

void
page_put(struct page *p)
{
	const struct conf_report *r = &p->conf->report;
	struct strbuf title = STRBUF_INIT, of = STRBUF_INIT;
	struct phrases alarm = { 0 };

	add_title(&title, p->conf);
	add_span(&of, p);
	panel_alarm(p, &alarm);
	p->ops->begin(p, title.buf, of.buf, &alarm);
	for (size_t i = 0; i < (r->npanels > 0 ? r->npanels : PANELS); i++)
		panels[r->npanels > 0 ? r->panel[i] : (enum conf_panel)i](p);
	p->ops->end(p,
	    "Made by ev-report " PACKAGE_VERSION
	    ". Days are UTC. A visitor is an address with a device, as near "
	    "to a person as a log comes; bots are set apart where the metric "
	    "says so.");
	phrases_release(&alarm);
	strbuf_release(&title);
	strbuf_release(&of);
}
