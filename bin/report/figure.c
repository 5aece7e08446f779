#include "config.h"

#include "report/figure.h"

#include <math.h>

#include "base/utc.h"

static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };
static const char *const weekdays[] = { "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday", "Sunday" };

/* Past this a double has no decimals to show, and a count is not exact. */
#define LARGE 1e15

void
figure_count(struct strbuf *sb, uint64_t v)
{
	if (v >= 1000) {
		figure_count(sb, v / 1000);
		strbuf_addf(sb, ",%03u", (unsigned)(v % 1000));
	} else {
		strbuf_addf(sb, "%u", (unsigned)v);
	}
}

static void
add_sign(struct strbuf *sb, double *v)
{
	if (*v < 0)
		strbuf_adds(sb, "\xe2\x88\x92");
	*v = fabs(*v);
}

void
figure_decimal(struct strbuf *sb, double v)
{
	add_sign(sb, &v);
	if (v >= LARGE)
		strbuf_addf(sb, "%.4g", v);
	else if (v >= 100)
		figure_count(sb, (uint64_t)(v + 0.5));
	else if (v >= 10 || v == 0)
		strbuf_addf(sb, "%.1f", v);
	else
		strbuf_addf(sb, "%.2f", v);
}

void
figure_percent(struct strbuf *sb, double v)
{
	v *= 100;
	add_sign(sb, &v);
	strbuf_addf(sb,
	    v >= 99.95	 ? "%.0f%%"
	    : v >= 9.995 ? "%.1f%%"
			 : "%.2f%%",
	    v);
}

void
figure_share(struct strbuf *sb, double v)
{
	v *= 100;
	strbuf_addf(sb, v >= 9.95 ? "%.0f%%" : "%.1f%%", v);
}

void
figure_change(struct strbuf *sb, double v, double base)
{
	double change = base != 0 ? round(100 * (v - base) / base) : NAN;

	if (isnan(change) || isinf(change))
		strbuf_adds(sb, v == base ? "0%" : FIGURE_NONE);
	else if (change > 999)
		strbuf_adds(sb, ">+999%");
	else if (change < 0)
		strbuf_addf(sb, "\xe2\x88\x92%.0f%%", -change);
	else
		strbuf_addf(sb, change > 0 ? "+%.0f%%" : "%.0f%%", change);
}

void
figure_value(struct strbuf *sb, const struct metric *m, double v)
{
	if (isnan(v))
		strbuf_adds(sb, FIGURE_NONE);
	else if (m->percent)
		figure_percent(sb, v);
	else if (m->counts && v >= 10 && v < LARGE)
		figure_count(sb, (uint64_t)(v + 0.5));
	else if (m->counts && v >= 0 && v < 10)
		strbuf_addf(sb, "%.1f", v);
	else
		figure_decimal(sb, v);
}

void
figure_amount(struct strbuf *sb, const struct metric *m, const struct amount *a)
{
	if (a->known && a->exact)
		figure_count(sb, a->count);
	else
		figure_value(sb, m, a->known ? a->value : NAN);
}

void
figure_axis(struct strbuf *sb, bool percent, double v)
{
	add_sign(sb, &v);
	if (percent)
		strbuf_addf(sb, "%.4g%%", v * 100);
	else if (v >= 1e12)
		strbuf_addf(sb, "%.4gT", v / 1e12);
	else if (v >= 1e9)
		strbuf_addf(sb, "%.4gG", v / 1e9);
	else if (v >= 1e6)
		strbuf_addf(sb, "%.4gM", v / 1e6);
	else if (v >= 10000)
		strbuf_addf(sb, "%.4gk", v / 1e3);
	else if (v >= 1000)
		figure_count(sb, (uint64_t)v);
	else
		strbuf_addf(sb, "%.4g", v);
}

void
figure_iso(struct strbuf *sb, int64_t day)
{
	char date[UTC_DATE_LEN];

	utc_format_date(date, day);
	strbuf_add(sb, date, sizeof(date));
}

const char *
figure_weekday(int64_t day)
{
	return weekdays[utc_weekday(day) - 1];
}

void
figure_long_date(struct strbuf *sb, int64_t day)
{
	struct utc_civil c = utc_civil(day);

	strbuf_addf(sb, "%s, %u %s %d", figure_weekday(day), c.day,
	    months[c.month - 1], c.year);
}

void
figure_short_date(struct strbuf *sb, int64_t day)
{
	struct utc_civil c = utc_civil(day);

	strbuf_addf(sb, "%u %.3s", c.day, months[c.month - 1]);
}

void
figure_month(struct strbuf *sb, int64_t day)
{
	strbuf_addf(sb, "%.3s", months[utc_civil(day).month - 1]);
}
