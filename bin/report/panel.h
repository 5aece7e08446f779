/*
 * panel: the parts of the page, each from the same struct page.
 *
 * A panel that has nothing to say writes nothing.  What several of them
 * need is here, too.
 */
#ifndef EV_REPORT_PANEL_H
#define EV_REPORT_PANEL_H

#include "report/amount.h"
#include "report/page.h"

/* Days of the small curves, and of the large ones at most. */
#define DAYS_SPARK 28
#define DAYS_CHART 91

void panel_answers(struct page *p);
void panel_guardrails(struct page *p);
void panel_series(struct page *p);
void panel_funnel(struct page *p);
void panel_fields(struct page *p);
void panel_bots(struct page *p);
void panel_health(struct page *p);
void panel_totals(struct page *p);
void panel_others(struct page *p);
void panel_days(struct page *p);

/* The totals and rates that have a chart, and a column of their own. */
#define FIGURES_MAX 16
size_t panel_figures(
    const struct page *p, const struct metric *figure[FIGURES_MAX]);

/* What went wrong, why, and what to look at; none when nothing did. */
void panel_alarm(const struct page *p, struct phrases *ps);
/* The reason, with the dimension's label in front. */
void panel_add_reason(
    const struct page *p, struct phrase *ph, const struct verdict *v);

/* What m counts: the name of the total that it breaks down, or its own. */
void panel_measure(
    const struct page *p, struct strbuf *sb, const struct metric *m);

/*
 * The day whose value the page shows: its own, or for a metric of weeks or
 * months the first of the last one that there is.
 */
int64_t panel_day(const struct page *p, const struct metric *m);

/* The value of m's total on that day. */
struct amount panel_total(const struct page *p, const struct metric *m);
/* " (usual 2,020, +3%)", or nothing where nothing is known. */
void panel_add_usual(const struct page *p, struct phrase *ph,
    const struct metric *m, const struct series *s);
/* The last DAYS_SPARK days, to be filled in v. */
void panel_fill_spark(const struct page *p, const struct metric *m,
    const struct series *s, double *v);

/* A value of a field, or one of each of several, and what it has. */
struct ranked {
	const struct series *series;
	struct amount amount;
};
/*
 * The *n that occur on panel_day(), to be freed: the largest first; steps,
 * hours and what else has an order of its own in that.
 */
struct ranked *panel_rank(
    const struct page *p, const struct metric *m, size_t *n);
/* The value of the only key. */
struct slice panel_only_value(struct slice dims);
/* The share of m's rows whose value is none, is any, is "other". */
enum share_of { SHARE_NONE, SHARE_ANY, SHARE_OTHER };
struct amount panel_share(const struct page *p, const struct metric *m,
    int64_t day, enum share_of of);

#endif
