/*
 * chart: values over days or weeks, as an SVG picture.
 *
 *	struct chart c;
 *	chart_init(&c, metric, from, n, step);
 *	c.value[i] = ...                       NaN where not known
 *	chart_svg(&out, &c);
 *	chart_release(&c);
 *
 * The picture has the width of what it stands in and a height of its own:
 * texts, marks and rules are placed by percentages and keep their size,
 * the curves alone are stretched, in an <svg> within.  The scale begins at
 * zero, or at the least value where that is negative.
 */
#ifndef EV_REPORT_CHART_H
#define EV_REPORT_CHART_H

#include "base/out.h"
#include "history/history.h"

struct chart {
	const struct metric *metric;
	int64_t from; /* the first day */
	size_t n;     /* values, step days apart */
	int step;     /* 1: days, 7: weeks */
	double *value;
	double *mean;	    /* of seven days; all NaN: not drawn */
	double *low, *high; /* the guardrail's band */
	bool *down;	    /* the guardrail was down */
	const char *label;  /* what it says, for who cannot see it */
};

void chart_init(
    struct chart *c, const struct metric *m, int64_t from, size_t n, int step);
void chart_release(struct chart *c);
void chart_svg(struct out *o, const struct chart *c);

/* A curve of a table's cell or an answer, with no text at all. */
void chart_spark(struct out *o, const double *v, size_t n);

#endif
