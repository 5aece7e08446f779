#include "config.h"

#include "report/chart.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "base/utc.h"
#include "report/figure.h"
#include "report/html.h"

/* The picture's parts from the top, in CSS pixels. */
#define HEAD 8 /* room for half the topmost label of the scale */
#define PLOT_DAYS 120
#define PLOT_WEEKS 56
#define FOOT 22 /* the dates */

#define TICKS 4	      /* rules of the scale, at most, but for the lowest */
#define DATES 7	      /* marks of the calendar, at most */
#define SPARK_HIGH 20 /* of a spark's own units */

struct scale {
	double low, high, step;
	double plot; /* pixels */
	bool percent;
};

void
chart_init(
    struct chart *c, const struct metric *m, int64_t from, size_t n, int step)
{
	*c = (struct chart){ .metric = m, .from = from, .n = n, .step = step };
	c->value = xcalloc(n, sizeof(double));
	c->mean = xcalloc(n, sizeof(double));
	c->low = xcalloc(n, sizeof(double));
	c->high = xcalloc(n, sizeof(double));
	c->down = xcalloc(n, sizeof(bool));
	for (size_t i = 0; i < n; i++)
		c->value[i] = c->mean[i] = c->low[i] = c->high[i] = NAN;
}

void
chart_release(struct chart *c)
{
	free(c->value);
	free(c->mean);
	free(c->low);
	free(c->high);
	free(c->down);
}

static void
widen(struct scale *s, const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i] > s->high)
			s->high = v[i];
		if (v[i] < s->low)
			s->low = v[i];
	}
}

/* The least of 1, 2, 2.5 and 5 times a power of ten that is at least v. */
static double
round_step(double v)
{
	static const double nice[] = { 1, 2, 2.5, 5, 10 };
	double power = pow(10, floor(log10(v)));

	for (size_t i = 0; i < sizeof(nice) / sizeof(nice[0]); i++)
		if (nice[i] * power >= v * (1 - 1e-9))
			return nice[i] * power;
	return 10 * power;
}

static struct scale
find_scale(const struct chart *c)
{
	struct scale s = { .plot = c->step == 1 ? PLOT_DAYS : PLOT_WEEKS };
	int ticks = c->step == 1 ? TICKS : TICKS / 2;

	s.percent = c->metric->percent;
	widen(&s, c->value, c->n);
	widen(&s, c->mean, c->n);
	widen(&s, c->high, c->n);
	widen(&s, c->low, c->n);
	if (!(s.high > s.low) || !isfinite(s.high - s.low))
		s.high = s.low + (s.percent ? 0.01 : 1);
	s.step = round_step((s.high - s.low) / ticks);
	/* Half a person is none. */
	if (!c->metric->ratio && s.step < 1)
		s.step = 1;
	s.high = ceil(s.high / s.step - 1e-9) * s.step;
	s.low = floor(s.low / s.step + 1e-9) * s.step;
	return s;
}

static double
place(const struct scale *s, double v)
{
	return s->plot * (s->high - v) / (s->high - s->low);
}

static void
put_rules(struct strbuf *sb, const struct scale *s)
{
	long n = lround((s->high - s->low) / s->step);
	/* Multiples of the step, so that zero is none of its small parts. */
	double first = round(s->low / s->step), v, y;

	for (long i = 0; i <= n; i++) {
		v = (first + (double)i) * s->step;
		y = HEAD + floor(place(s, v)) + 0.5;
		strbuf_addf(sb,
		    "<line class=%s x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>",
		    i == 0 ? "ax" : "gr", y, y);
	}
	for (long i = 0; i <= n; i++) {
		v = (first + (double)i) * s->step;
		strbuf_addf(sb, "<text x=-6 y=\"%.0f\" text-anchor=end>",
		    HEAD + place(s, v) + 4);
		figure_axis(sb, s->percent, v);
		strbuf_adds(sb, "</text>");
	}
}

/* Months between the marks of the calendar; 0: a mark each Monday. */
static unsigned
date_stride(size_t days)
{
	static const unsigned strides[] = { 1, 2, 3, 6, 12, 24, 60 };

	if (days <= 7 * DATES)
		return 0;
	for (size_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++)
		if (days <= (size_t)strides[i] * 30 * DATES)
			return strides[i];
	return 120;
}

static bool
is_mark(int64_t day, unsigned stride)
{
	struct utc_civil c = utc_civil(day);

	if (stride == 0)
		return utc_weekday(day) == 1;
	return c.day == 1 &&
	       ((unsigned)c.year * 12 + c.month - 1) % stride == 0;
}

static void
put_date(struct strbuf *sb, const struct chart *c, int64_t day, unsigned stride,
    double y)
{
	double x = 100 * ((double)(day - c->from) + 0.5 * c->step) /
		   ((double)c->n * c->step);
	const char *anchor = x < 5 ? "start" : x > 93 ? "end" : "middle";
	struct utc_civil date = utc_civil(day);
	struct strbuf text = STRBUF_INIT;

	if (stride == 0)
		figure_short_date(&text, day);
	else if (date.month == 1)
		strbuf_addf(&text, "%d", date.year);
	else
		figure_month(&text, day);
	strbuf_addf(sb,
	    "<line class=ti x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.1f\" "
	    "y2=\"%.1f\"/><text x=\"%.2f%%\" y=\"%.0f\" "
	    "text-anchor=%s>%s</text>",
	    x, x, y, y + 4, x, y + 17, anchor, text.buf);
	strbuf_release(&text);
}

static void
put_dates(struct strbuf *sb, const struct chart *c, const struct scale *s)
{
	int64_t days = (int64_t)c->n * c->step;
	unsigned stride = date_stride((size_t)days);

	for (int64_t day = c->from; day < c->from + days; day++)
		if (is_mark(day, stride))
			put_date(sb, c, day, stride, HEAD + s->plot + 0.5);
}

/* Ends the path that began at from; one without a point goes. */
static void
end_path(struct strbuf *sb, size_t from)
{
	if (sb->buf[sb->len - 1] == '"')
		sb->len = from;
	else
		strbuf_adds(sb, "\"/>");
}

/* A curve with gaps; a value between two gaps is a dot. */
static void
put_curve(struct strbuf *sb, const char *class, const double *v, size_t n,
    const struct scale *s)
{
	bool pen = false;
	size_t from = sb->len;

	strbuf_addf(sb, "<path class=%s d=\"", class);
	for (size_t i = 0; i < n; i++) {
		if (!isnan(v[i]))
			strbuf_addf(sb, "%c%zu.5 %.1f", pen ? 'L' : 'M', i,
			    place(s, v[i]));
		if (!isnan(v[i]) && !pen && (i + 1 == n || isnan(v[i + 1])))
			strbuf_adds(sb, "h0");
		pen = !isnan(v[i]);
	}
	end_path(sb, from);
}

/* A box for each day that has one; next to each other they are a band. */
static void
put_band(struct strbuf *sb, const struct chart *c, const struct scale *s)
{
	double high, low;
	size_t from = sb->len;

	strbuf_adds(sb, "<path class=bn d=\"");
	for (size_t i = 0; i < c->n; i++) {
		if (isnan(c->low[i]) || isnan(c->high[i]))
			continue;
		high = place(s, c->high[i]);
		low = place(s, c->low[i]);
		strbuf_addf(sb, "M%zu %.1fh1V%.1fh-1z", i, high, low);
	}
	end_path(sb, from);
}

static void
put_curves(struct strbuf *sb, const struct chart *c, const struct scale *s)
{
	strbuf_addf(sb,
	    "<svg y=\"%d\" width=\"100%%\" height=\"%.0f\" viewBox=\"0 0 %zu "
	    "%.0f\" preserveAspectRatio=none>",
	    HEAD, s->plot, c->n, s->plot);
	put_band(sb, c, s);
	put_curve(sb, c->step == 1 ? "dy" : "wk", c->value, c->n, s);
	put_curve(sb, "mn", c->mean, c->n, s);
	strbuf_adds(sb, "</svg>");
}

static void
put_dot(struct strbuf *sb, const struct chart *c, const struct scale *s,
    size_t i, const char *class)
{
	if (isnan(c->value[i]))
		return;
	strbuf_addf(sb, "<circle class=%s cx=\"%.2f%%\" cy=\"%.1f\" r=4 />",
	    class, 100 * ((double)i + 0.5) / (double)c->n,
	    HEAD + place(s, c->value[i]));
}

void
chart_svg(struct out *o, const struct chart *c)
{
	struct scale s = find_scale(c);
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb, "<svg class=\"ch s%d\" role=img height=\"%.0f\"",
	    c->step, HEAD + s.plot + FOOT);
	if (c->step == 1) {
		strbuf_addf(&sb, " data-metric=\"%s\" data-n=%zu data-from=",
		    c->metric->name.p, c->n);
		figure_iso(&sb, c->from);
	}
	strbuf_adds(&sb, " aria-label=\"");
	html_add(&sb, slice_str(c->label));
	strbuf_adds(&sb, "\">");
	put_rules(&sb, &s);
	put_dates(&sb, c, &s);
	put_curves(&sb, c, &s);
	for (size_t i = 0; i < c->n; i++)
		if (c->down[i])
			put_dot(&sb, c, &s, i, "dn");
	if (!c->down[c->n - 1])
		put_dot(&sb, c, &s, c->n - 1, "pt");
	strbuf_adds(&sb, "</svg>");
	out_put_slice(o, strbuf_slice(&sb));
	strbuf_release(&sb);
}

void
chart_spark(struct out *o, const double *v, size_t n)
{
	struct scale s = { .plot = SPARK_HIGH };
	struct strbuf sb = STRBUF_INIT;

	widen(&s, v, n);
	if (!(s.high > s.low))
		s.high = s.low + 1;
	/* Room for half the stroke. */
	s.high += (s.high - s.low) * 0.06;
	strbuf_addf(&sb,
	    "<svg class=sp aria-hidden=true viewBox=\"0 0 %zu %d\" "
	    "preserveAspectRatio=none>",
	    n, SPARK_HIGH);
	put_curve(&sb, "dy", v, n, &s);
	strbuf_adds(&sb, "</svg>");
	out_put_slice(o, strbuf_slice(&sb));
	strbuf_release(&sb);
}
