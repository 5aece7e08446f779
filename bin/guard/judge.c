#include "config.h"

#include "guard/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/strbuf.h"
#include "base/utc.h"

/* Its square is a double, and so is that of a sum of such. */
#define MOST 1e100

const char judge_header[] = "ds\tmetric\tverdict\tvalue\texpected\tlow\thigh"
			    "\tchance\tdrop\tsmallest drop\treason\n";

static void say(struct verdict *v, enum verdict_kind kind, const char *fmt, ...)
    MSG_PRINTF(3, 4);

static void
say(struct verdict *v, enum verdict_kind kind, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_addvf(&sb, fmt, ap);
	va_end(ap);
	free(v->reason);
	v->kind = kind;
	v->reason = strbuf_detach(&sb);
}

static bool
is_weekly(const struct judge *j)
{
	return j->metric->conf != NULL &&
	       j->metric->conf->period == PERIOD_WEEK;
}

static bool
is_share(const struct judge *j)
{
	return j->metric->conf != NULL && j->metric->conf->share;
}

/* Is a verdict due of that day? */
static bool
is_due(const struct judge *j, int64_t day)
{
	const struct history *h = j->history;

	if (!is_weekly(j))
		return true;
	return utc_weekday(day) == 1 &&
	       (h->day[h->ndays - 1] >= day + 6 || !history_is_daily(h));
}

/* NULL, or why the day's value has none of our distributions. */
static const char *
why_no_count(const struct judge *j, const struct day *d)
{
	if (d->y < 0)
		return "less than none is no count";
	if (d->y > MOST || d->e > MOST)
		return "no count is so large";
	if (is_share(j) && d->y > d->e)
		return "more than all is no share";
	return NULL;
}

static void
fill_day(const struct judge *j, const struct series *s, struct day *d)
{
	const struct point *p =
	    s != NULL ? history_on(j->history, s, d->day) : NULL;

	d->skip =
	    p == NULL || (p->kind != POINT_COUNT && p->kind != POINT_RATIO);
	if (d->skip)
		return;
	d->y = p->kind == POINT_RATIO ? p->num : p->value;
	d->e = p->kind == POINT_RATIO ? p->den : 1;
	d->skip = why_no_count(j, d) != NULL;
}

/* The series as exposures and events; a day without a row is skipped. */
static void
fill_days(struct judge *j)
{
	const struct series *s = metric_total(j->metric);

	for (size_t i = 0; i < j->history->ndays; i++) {
		struct day d = { .day = j->history->day[i] };

		if (!is_due(j, d.day))
			continue;
		fill_day(j, s, &d);
		j->day[j->n++] = d;
	}
}

bool
judge_is_up(const struct judge *j)
{
	return j->metric->conf != NULL &&
	       j->metric->conf->guardrail == GUARDRAIL_UP;
}

static struct dist
distribution(const struct judge *j, const struct baseline *b, double e)
{
	struct dist d = { .mean = b->rate * e, .s2 = b->s2 };

	if (is_share(j)) {
		d.kind = DIST_SHARE;
		d.n = e;
		if (d.mean > e)
			d.mean = e;
	}
	return d;
}

/* Down is one tail; of a guardrail that must not go up it is the other. */
static void
weigh(struct judge *j, struct verdict *v, const struct day *day,
    const struct dist *d)
{
	double p = budget_offer(&j->budget), e = day->e;
	double low = dist_low(d, p), high = dist_high(d, p);
	bool up = judge_is_up(j), beyond = up ? day->y > high : day->y <= low;

	v->expected = d->mean / e;
	v->low = (low + 1) / e;
	v->high = high / e;
	v->chance = up ? 1 - dist_cdf(d, day->y - 1) : dist_cdf(d, day->y);
	v->drop = up ? day->y / d->mean - 1 : 1 - day->y / d->mean;
	v->smallest = up ? (high + 1) / d->mean - 1 : 1 - low / d->mean;
	budget_take(&j->budget, up ? 1 - dist_cdf(d, high) : dist_cdf(d, low));
	if (!up && low < 0) {
		v->low = 0;
		v->smallest = NAN;
		say(v, VERDICT_NO_DATA,
		    "too little traffic: of %.1f expected none at all is no "
		    "alarm",
		    d->mean);
		return;
	}
	v->kind = beyond ? VERDICT_DOWN : VERDICT_OK;
}

/* used NULL: not asked for; else j->n of them. */
static int
fit_day(const struct judge *j, size_t i, struct baseline *b, bool *used)
{
	size_t from,
	    to = baseline_window(j->cadence, j->day, i, j->rules->weeks, &from);

	return baseline_fit(b, j->cadence, is_share(j), j->day + from,
	    to - from, j->day[i].day, used != NULL ? used + from : NULL);
}

void
judge_baseline(const struct judge *j, size_t i, bool *used)
{
	struct baseline b;

	memset(used, 0, j->n * sizeof(*used));
	(void)fit_day(j, i, &b, used);
}

/* NULL, or why no day of the metric is judged. */
static const char *
refusal(const struct judge *j)
{
	const struct conf_metric *c = j->metric->conf;

	if (c == NULL)
		return NULL;
	if (c->period == PERIOD_MONTH)
		return "months are too few, and weeks too old, to judge one by";
	if (!c->ratio && c->num.kind != MEASURE_COUNT &&
	    c->num.kind != MEASURE_MEAN && !conf_measure_distinct(&c->num))
		return "only counts, distincts, means and ratios are judged";
	return NULL;
}

static void
say_unfit(const struct judge *j, struct verdict *v, const struct baseline *b)
{
	if (b->days < j->cadence->least)
		say(v, VERDICT_NO_DATA, "too little history: %zu %s", b->days,
		    is_weekly(j) ? "weeks" : "days");
	else
		say(v, VERDICT_NO_DATA,
		    "too little history: %zu of this weekday", b->same);
}

static void
judge_day(struct judge *j, size_t i)
{
	struct verdict *v = &j->v[i];
	const char *no = refusal(j);
	struct baseline b;
	struct dist d;

	*v = (struct verdict){ j->day[i].day, VERDICT_OK, NAN, NAN, NAN, NAN,
		NAN, NAN, NAN, j->day[i].e, NULL };
	if (j->day[i].e > 0)
		v->value = j->day[i].y / j->day[i].e;
	if (no != NULL || j->day[i].skip) {
		no = no != NULL ? no : why_no_count(j, &j->day[i]);
		say(v, VERDICT_NO_DATA, "%s",
		    no != NULL ? no : "no value of this day");
		return;
	}
	if (fit_day(j, i, &b, NULL) == -1) {
		say_unfit(j, v, &b);
		return;
	}
	d = distribution(j, &b, j->day[i].e);
	if (!isfinite(d.mean) || !isfinite(d.s2)) {
		say(v, VERDICT_NO_DATA,
		    "the days before are too far apart to expect anything");
		return;
	}
	weigh(j, v, &j->day[i], &d);
}

/* Is the day one that the data do not let us judge?  Then it says so. */
static bool
is_at_fault(const struct judge *j, size_t i)
{
	int64_t first = j->day[i].day, last = first + (is_weekly(j) ? 6 : 0);

	for (int64_t day = first; day <= last; day++) {
		int at = history_day(j->history, day);
		const struct health_day *h;

		if (at == -1)
			continue;
		h = &j->health[at];
		if (h->begun)
			say(&j->v[i], VERDICT_NO_DATA, VERDICT_BEGUN);
		else if (h->reason != NULL)
			say(&j->v[i], VERDICT_NOT_COMPARABLE, "%s", h->reason);
		if (h->begun || h->reason != NULL)
			return true;
	}
	return false;
}

void
judge_all(struct judge *j)
{
	struct fall fall = { 0 };
	size_t most = j->history->ndays;

	j->cadence = is_weekly(j) ? &cadence_week : &cadence_day;
	j->budget =
	    (struct budget){ .part = j->rules->budget / j->cadence->quarter };
	j->day = xcalloc(most, sizeof(*j->day));
	j->v = xcalloc(most, sizeof(*j->v));
	fill_days(j);
	for (size_t i = 0; i < j->n; i++) {
		judge_day(j, i);
		if (j->health != NULL && is_at_fault(j, i)) {
			j->day[i].skip = true;
			continue;
		}
		if (j->v[i].kind != VERDICT_NO_DATA)
			fall_see(&fall, j->cadence, j->day, i,
			    j->v[i].kind == VERDICT_DOWN);
	}
}

void
judge_release(struct judge *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->v[i].reason);
	free(j->v);
	free(j->day);
	*j = (struct judge){ 0 };
}

void
judge_number(char buf[JUDGE_NUMBER], double v)
{
	if (isnan(v))
		(void)snprintf(buf, JUDGE_NUMBER, "%s", EV_NULL);
	else if (v == floor(v) && fabs(v) < 1e15)
		(void)snprintf(buf, JUDGE_NUMBER, "%.0f", v);
	else
		(void)snprintf(buf, JUDGE_NUMBER, "%.9g", v);
}

static void
put_number(struct out *out, double v, const char *end)
{
	char buf[JUDGE_NUMBER];

	judge_number(buf, v);
	out_puts(out, buf);
	out_puts(out, end);
}

void
judge_put(struct out *out, const struct judge *j, const struct verdict *v)
{
	char ds[UTC_DATE_LEN];

	utc_format_date(ds, v->day);
	out_put(out, ds, sizeof(ds));
	out_putc(out, '\t');
	out_put_slice(out, j->metric->name);
	out_putc(out, '\t');
	out_puts(out, verdict_name(v->kind));
	out_putc(out, '\t');
	put_number(out, v->value, "\t");
	put_number(out, v->expected, "\t");
	put_number(out, v->low, "\t");
	put_number(out, v->high, "\t");
	put_number(out, v->chance, "\t");
	put_number(out, v->drop, "\t");
	put_number(out, v->smallest, "\t");
	out_puts(out, v->reason != NULL ? v->reason : "\\N");
	out_putc(out, '\n');
}
