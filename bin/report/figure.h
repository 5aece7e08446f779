/*
 * figure: numbers as people read them, appended to a strbuf.
 *
 * Thousands have commas, the minus is U+2212, what is not known is an en
 * dash.  Everything is rounded here and nowhere else.
 */
#ifndef EV_REPORT_FIGURE_H
#define EV_REPORT_FIGURE_H

#include "base/strbuf.h"
#include "report/amount.h"

#define FIGURE_NONE "\xe2\x80\x93"

void figure_count(struct strbuf *sb, uint64_t v); /* 1,959 */
/* 1,959 or 3.21: three digits at least, decimals below 100. */
void figure_decimal(struct strbuf *sb, double v);
void figure_percent(struct strbuf *sb, double v); /* 1.99%, 21.4% */
void figure_share(struct strbuf *sb, double v);	  /* 2.0%, 21% */
/* The whole percents by which v differs from base: +3%. */
void figure_change(struct strbuf *sb, double v, double base);
/* As the metric is: a count, a percentage, a decimal, or not known. */
void figure_value(struct strbuf *sb, const struct metric *m, double v);
void figure_amount(
    struct strbuf *sb, const struct metric *m, const struct amount *a);
/* Short, for an axis: 2,500, 40k, 1.5M, 2G, 3T; percent as 2%. */
void figure_axis(struct strbuf *sb, bool percent, double v);

/* Days since 1970: "2026-11-22", "Sunday, 22 November 2026", "22 Nov". */
void figure_iso(struct strbuf *sb, int64_t day);
void figure_long_date(struct strbuf *sb, int64_t day);
void figure_short_date(struct strbuf *sb, int64_t day);
void figure_month(struct strbuf *sb, int64_t day); /* Nov */
const char *figure_weekday(int64_t day);	   /* Sunday */

#endif
