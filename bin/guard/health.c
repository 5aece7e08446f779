#include "config.h"

#include "guard/health.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/utc.h"
#include "guard/baseline.h"
#include "guard/dist.h"

/* What ev.yaml(5) says where the config says nothing. */
#define SURGE 0.1
#define REJECTS 0.05
#define LEAST 0.3
#define MOST 3
static const char hours_default[] = "events_by_hour";
static const char *const shares_default[] = { "bot_share", "no_referrer_share",
	"no_country_share" };
#define NSHARES (sizeof(shares_default) / sizeof(shares_default[0]))

/* A day has a few signs: one false fault in some years. */
#define CHANCE 1e-4
/* So many times what is expected is more of it. */
#define MORE 1.25
/* Rejects are rare: a fifth of what is too much is a surge. */
#define REJECTS_SURGE 5

/* An hour with less than this part of what is usual may be in a gap. */
#define GAP 0.2
/* The squared coefficient of variation of an hour: two to one is nothing. */
#define GAP_S2 0.25
#define HOURS 24
/* An hour's past: weeks, of which so many must be known; else days. */
#define PAST_WEEKS 4
#define PAST_WEEKS_LEAST 3
#define PAST_DAYS 14
#define PAST_DAYS_LEAST 5
#define PAST_MAX (PAST_WEEKS > PAST_DAYS ? PAST_WEEKS : PAST_DAYS)
/* A source that came on each of these days is expected. */
#define SOURCE_DAYS 7
#define SOURCES_NAMED 3

const char *const health_sign_names[SIGNS] = {
	[SIGN_DAY] = "day",
	[SIGN_HOURS] = "hours",
	[SIGN_EVENTS] = "events",
	[SIGN_SHARES] = "shares",
	[SIGN_REJECTS] = "rejects",
	[SIGN_FORMAT] = "format",
	[SIGN_DATABASE] = "database",
	[SIGN_SOURCE] = "source",
};

/* A number of each day, and of what; by the history's days. */
struct watch {
	struct day *share; /* y of e */
	struct day *count; /* the same y, of 1 */
	size_t from;	   /* what is older was another world */
	size_t faults;	   /* days in a row */
};

struct hours {
	bool known;
	double n[HOURS];
};

struct state {
	struct health *h;
	struct hours *hours; /* by day */
	struct watch events; /* count alone */
	struct watch rejects;
	struct watch *share;
	const char **share_name;
	size_t nshares;
};

static void fault(struct health_day *d, enum health_sign sign, const char *fmt,
    ...) MSG_PRINTF(3, 4);

static void
fault(struct health_day *d, enum health_sign sign, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	if (d->reason != NULL)
		strbuf_addf(&sb, "%s; ", d->reason);
	va_start(ap, fmt);
	strbuf_addvf(&sb, fmt, ap);
	va_end(ap);
	free(d->reason);
	d->reason = strbuf_detach(&sb);
	d->signs |= 1u << sign;
}

/* Watches: what is judged by the baseline of its own past. */

static void
watch_init(struct watch *w, const struct history *h)
{
	w->share = xcalloc(h->ndays, sizeof(*w->share));
	w->count = xcalloc(h->ndays, sizeof(*w->count));
	for (size_t i = 0; i < h->ndays; i++)
		w->share[i] = w->count[i] =
		    (struct day){ .day = h->day[i], .e = 1, .skip = true };
}

static void
watch_release(struct watch *w)
{
	free(w->share);
	free(w->count);
}

static void
watch_set(struct watch *w, size_t i, double y, double e)
{
	w->share[i].y = w->count[i].y = y;
	w->share[i].e = e;
	w->share[i].skip = w->count[i].skip = e <= 0;
}

/* The rate that is expected; false where the past does not say. */
static bool
expect(const struct state *st, const struct watch *w, const struct day *days,
    size_t i, struct baseline *b)
{
	size_t from,
	    to = baseline_window(&cadence_day, days, i, st->h->weeks, &from);

	if (from < w->from)
		from = w->from;
	if (to <= from)
		return false;
	return baseline_fit(b, &cadence_day, days == w->share, days + from,
		   to - from, days[i].day, NULL) == 0;
}

static bool
is_more(const struct state *st, const struct watch *w, size_t i)
{
	struct dist d = { .kind = DIST_COUNT };
	double y = w->count[i].y;
	struct baseline b;

	if (!expect(st, w, w->count, i, &b))
		return false;
	d.mean = b.rate;
	d.s2 = b.s2;
	return y > MORE * b.rate && 1 - dist_cdf(&d, y - 1) < CHANCE;
}

/* Is the share above what is expected by at least gain? */
static bool
surges(const struct state *st, const struct watch *w, size_t i, double gain,
    double *expected)
{
	const struct day *d = &w->share[i];
	struct dist dist = { .kind = DIST_SHARE };
	struct baseline b;

	/* Nothing is less than none: most days need no baseline. */
	if (d->skip || d->y < gain * d->e)
		return false;
	if (!expect(st, w, w->share, i, &b))
		return false;
	*expected = b.rate;
	if (d->y / d->e - b.rate < gain)
		return false;
	dist.n = d->e;
	dist.mean = b.rate * d->e;
	dist.s2 = b.s2;
	return 1 - dist_cdf(&dist, d->y - 1) < CHANCE && is_more(st, w, i);
}

/* After each day, in their order. */
static void
watch_pass(struct watch *w, size_t i, bool at_fault)
{
	w->faults = at_fault ? w->faults + 1 : 0;
	w->share[i].skip |= at_fault;
	w->count[i].skip |= at_fault;
	if (w->faults < HEALTH_ACCEPTED)
		return;
	w->from = i + 1 - w->faults;
	for (size_t j = w->from; j <= i; j++)
		w->share[j].skip = w->count[j].skip = false;
	w->faults = 0;
}

/* Hours. */

static void
read_hours(struct state *st)
{
	const struct history *h = st->h->history;
	const struct conf_text *name = &st->h->conf->hours;
	const struct metric *m = history_metric(
	    h, slice_str(name->s != NULL ? name->s : hours_default));
	char dims[] = "hour=00";

	if (m == NULL) {
		if (name->s != NULL)
			msg_warn("%s: guard.health.hours: no row", name->s);
		return;
	}
	for (int hour = 0; hour < HOURS; hour++) {
		const struct series *s;

		dims[5] = (char)('0' + hour / 10);
		dims[6] = (char)('0' + hour % 10);
		s = metric_find(m, slice_str(dims));
		for (size_t i = 0; s != NULL && i < s->n; i++) {
			const struct point *p = &s->point[i];

			if (p->kind != POINT_COUNT)
				continue;
			st->hours[p->day].known = true;
			st->hours[p->day].n[hour] = (double)p->count;
		}
	}
	for (size_t i = 0; i < h->ndays; i++) {
		double sum = 0;

		for (int hour = 0; hour < HOURS; hour++)
			sum += st->hours[i].n[hour];
		watch_set(&st->events, i, sum, st->hours[i].known);
	}
}

static size_t
past_days(const struct state *st, size_t i, int64_t step, int64_t n,
    const struct hours **past)
{
	const struct history *h = st->h->history;
	size_t found = 0;
	int at;

	for (int64_t k = 1; k <= n; k++) {
		at = history_day(h, h->day[i] - k * step);
		if (at != -1 && st->hours[at].known)
			past[found++] = &st->hours[at];
	}
	return found;
}

static int
compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The lower middle one of each hour: what came once is not usual. */
static bool
usual_hours(const struct state *st, size_t i, double *usual)
{
	const struct hours *past[PAST_MAX];
	double v[PAST_MAX];
	size_t n = past_days(st, i, 7, PAST_WEEKS, past);

	if (n < PAST_WEEKS_LEAST) {
		n = past_days(st, i, 1, PAST_DAYS, past);
		if (n < PAST_DAYS_LEAST)
			return false;
	}
	for (int hour = 0; hour < HOURS; hour++) {
		for (size_t k = 0; k < n; k++)
			v[k] = past[k]->n[hour];
		qsort(v, n, sizeof(*v), compare_doubles);
		usual[hour] = v[(n - 1) / 2];
	}
	return true;
}

/*
 * How busy the day was where it was busiest: three quarters of it may be gone.
 * Not above 1, or a rush would make gaps of the hours around it.
 */
static double
busy(const struct hours *day, const double *usual)
{
	double v[HOURS];
	size_t n = 0;

	for (int hour = 0; hour < HOURS; hour++)
		if (usual[hour] > 0)
			v[n++] = day->n[hour] / usual[hour];
	if (n == 0)
		return 0;
	qsort(v, n, sizeof(*v), compare_doubles);
	return fmin(v[n * 3 / 4 < n ? n * 3 / 4 : n - 1], 1);
}

/* Hours that lack their events, as far as they hang together. */
static bool
judge_gaps(struct state *st, size_t i)
{
	const struct hours *day = &st->hours[i];
	struct dist d = { .kind = DIST_COUNT, .s2 = GAP_S2 };
	double usual[HOURS], part, n, mean;
	bool found = false;
	int from, to;

	if (!day->known || !usual_hours(st, i, usual))
		return false;
	part = busy(day, usual);
	for (from = 0; from < HOURS; from = to + 1) {
		n = mean = 0;
		for (to = from;
		     to < HOURS && day->n[to] < GAP * part * usual[to]; to++) {
			n += day->n[to];
			mean += part * usual[to];
		}
		d.mean = mean;
		if (to == from || dist_cdf(&d, n) >= CHANCE)
			continue;
		fault(&st->h->day[i], SIGN_HOURS,
		    "%.0f events from %02d:00 to %02d:00 UTC, where %.0f are "
		    "usual",
		    n, from, to, mean);
		found = true;
	}
	return found;
}

static bool
judge_events(struct state *st, size_t i)
{
	const struct conf_health *c = st->h->conf;
	double least = c->least > 0 ? c->least : LEAST;
	double most = c->most > 0 ? c->most : MOST;
	struct dist d = { .kind = DIST_COUNT };
	double y = st->events.count[i].y;
	struct baseline b;
	bool few, many;

	if (st->events.count[i].skip ||
	    !expect(st, &st->events, st->events.count, i, &b) || b.rate <= 0)
		return false;
	d.mean = b.rate;
	d.s2 = b.s2;
	few = y < least * b.rate && dist_cdf(&d, y) < CHANCE;
	many = y > most * b.rate && 1 - dist_cdf(&d, y - 1) < CHANCE;
	if (few || many)
		fault(&st->h->day[i], SIGN_EVENTS, "%.0f events, %.0f expected",
		    y, b.rate);
	return few || many;
}

/* The newest day, when its log was closed a little past midnight. */
static bool
has_begun(const struct state *st, size_t i)
{
	const struct history *h = st->h->history;

	if (i + 1 < h->ndays || h->day[i] <= st->h->over || !st->hours[i].known)
		return false;
	for (int hour = 1; hour < HOURS; hour++)
		if (st->hours[i].n[hour] > 0)
			return false;
	return true;
}

/* Shares. */

static void
read_share(struct state *st, const char *name, bool wanted)
{
	const struct history *h = st->h->history;
	const struct metric *m = history_metric(h, slice_str(name));
	const struct series *s = m != NULL ? metric_total(m) : NULL;
	struct watch *w = &st->share[st->nshares];

	if (s == NULL || !m->percent) {
		if (wanted)
			msg_warn("%s: guard.health.shares: %s", name,
			    s == NULL ? "no row" : "no share of a whole");
		return;
	}
	watch_init(w, h);
	st->share_name[st->nshares++] = name;
	for (size_t i = 0; i < s->n; i++)
		if (s->point[i].kind == POINT_RATIO)
			watch_set(w, s->point[i].day, s->point[i].num,
			    s->point[i].den);
}

static void
read_shares(struct state *st)
{
	const struct conf_health *c = st->h->conf;
	size_t n = c->shares_given ? c->shares.n : NSHARES;

	st->share = xcalloc(n, sizeof(*st->share));
	st->share_name = xcalloc(n, sizeof(*st->share_name));
	for (size_t i = 0; i < n; i++)
		read_share(st,
		    c->shares_given ? c->shares.v[i].s : shares_default[i],
		    c->shares_given);
}

static bool
judge_share(struct state *st, size_t i, size_t share)
{
	const struct watch *w = &st->share[share];
	double gain = st->h->conf->surge > 0 ? st->h->conf->surge : SURGE;
	double expected;

	if (!surges(st, w, i, gain, &expected))
		return false;
	fault(&st->h->day[i], SIGN_SHARES, "%s is %.1f%%, %.1f%% expected",
	    st->share_name[share], 100 * w->share[i].y / w->share[i].e,
	    100 * expected);
	return true;
}

/* What the manifests say. */

static void
read_rejects(struct state *st)
{
	const struct history *h = st->h->history;
	const struct delivery *d;

	for (size_t i = 0; i < h->ndays; i++) {
		d = deliveries_on(st->h->facts, h->day[i]);
		if (d != NULL)
			watch_set(&st->rejects, i, round(d->rejected),
			    round(d->lines));
	}
}

static bool
judge_rejects(struct state *st, size_t i)
{
	double most = st->h->conf->rejects > 0 ? st->h->conf->rejects : REJECTS;
	const struct day *d = &st->rejects.share[i];
	double expected;

	if (d->skip)
		return false;
	if (surges(st, &st->rejects, i, most / REJECTS_SURGE, &expected)) {
		fault(&st->h->day[i], SIGN_REJECTS,
		    "%.1f%% of the lines are rejects, %.1f%% expected",
		    100 * d->y / d->e, 100 * expected);
		return true;
	}
	if (d->y <= most * d->e)
		return false;
	fault(&st->h->day[i], SIGN_REJECTS,
	    "%.1f%% of the lines are rejects, more than %g%%",
	    100 * d->y / d->e, 100 * most);
	return true;
}

static const struct delivery *
delivery_before(const struct state *st, const struct delivery *d)
{
	return d > st->h->facts->v ? d - 1 : NULL;
}

/* "ev-parse" of "parse:...", where that differs from the day before. */
static bool
is_new(const char *setting, const struct delivery *before)
{
	for (size_t i = 0; i < before->settings.n; i++)
		if (strcmp(setting, before->settings.v[i]) == 0)
			return false;
	return true;
}

static void
judge_format(struct state *st, size_t i, const struct delivery *d)
{
	const struct delivery *before = delivery_before(st, d);
	char date[UTC_DATE_LEN];

	/* Batches without marks have none, and a day that has begun. */
	if (before == NULL || before->settings.n == 0)
		return;
	utc_format_date(date, before->day);
	for (size_t k = 0; k < d->settings.n; k++) {
		const char *setting = d->settings.v[k];

		if (!is_new(setting, before))
			continue;
		fault(&st->h->day[i], SIGN_FORMAT,
		    "the settings of ev-%.*s are not those of %.*s",
		    (int)strcspn(setting, ":"), setting, UTC_DATE_LEN, date);
		return;
	}
}

static void
judge_database(struct state *st, size_t i, const struct delivery *d)
{
	if (st->h->max_age == 0 || d->built == DELIVERY_NO_DATE ||
	    d->day - d->built <= (int64_t)st->h->max_age)
		return;
	fault(&st->h->day[i], SIGN_DATABASE,
	    "the country database was %lld days old",
	    (long long)(d->day - d->built));
}

/* Came it on the same weekday of three of four weeks, or every day? */
static bool
is_expected(
    const struct state *st, const struct delivery *d, const char *source)
{
	const struct delivery *v = st->h->facts->v, *was;
	size_t weeks = 0, days = 0;

	for (int k = 1; k <= PAST_WEEKS; k++) {
		was = deliveries_on(st->h->facts, d->day - 7 * k);
		weeks += was != NULL && delivery_has(was, source);
	}
	for (was = d; was > v && days < SOURCE_DAYS; days++)
		if (!delivery_has(--was, source))
			break;
	return weeks >= PAST_WEEKS_LEAST || days == SOURCE_DAYS;
}

static void
missing_sources(const struct state *st, const struct delivery *d,
    struct manifest_texts *missing)
{
	const struct delivery *was;

	for (int k = 1; k <= 7 * PAST_WEEKS; k++) {
		was = deliveries_on(st->h->facts, d->day - k);
		for (size_t j = 0; was != NULL && j < was->sources.n; j++)
			if (!delivery_has(d, was->sources.v[j]) &&
			    is_expected(st, d, was->sources.v[j]))
				manifest_texts_add(
				    missing, slice_str(was->sources.v[j]));
	}
}

static void
judge_sources(struct state *st, size_t i, const struct delivery *d)
{
	struct manifest_texts missing = { 0 };
	struct strbuf sb = STRBUF_INIT;

	missing_sources(st, d, &missing);
	for (size_t k = 0; k < missing.n && k < SOURCES_NAMED; k++) {
		struct slice name = slice_str(missing.v[k]);

		strbuf_adds(&sb, k > 0 ? ", " : "");
		/* A manifest is a file like others. */
		if (text_valid(name, TEXT_COLUMN))
			strbuf_add_slice(&sb, name);
		else
			text_encode_strbuf(&sb, name, TEXT_COLUMN);
	}
	if (missing.n > SOURCES_NAMED)
		strbuf_addf(&sb, " and %zu more", missing.n - SOURCES_NAMED);
	if (missing.n > 0)
		fault(&st->h->day[i], SIGN_SOURCE, "nothing came from %s",
		    sb.buf);
	manifest_texts_release(&missing);
	strbuf_release(&sb);
}

static void
judge_delivery(struct state *st, size_t i)
{
	const struct delivery *d =
	    deliveries_on(st->h->facts, st->h->history->day[i]);

	if (d == NULL)
		return;
	judge_format(st, i, d);
	judge_database(st, i, d);
	judge_sources(st, i, d);
}

/* A day that was asked for, and has no row of its own. */
static bool
is_missing(const struct history *h, size_t i)
{
	for (size_t k = 0; k < h->nmetrics; k++)
		if (h->metric[k].on[i] && metric_is_daily(&h->metric[k]))
			return false;
	return history_is_daily(h);
}

static void
judge_day(struct state *st, size_t i)
{
	struct health *h = st->h;

	if (is_missing(h->history, i)) {
		fault(&h->day[i], SIGN_DAY, "no metrics of this day");
		return;
	}
	h->day[i].begun = has_begun(st, i);
	if (h->day[i].begun)
		return;
	/* A gap makes few events; one reason is enough. */
	watch_pass(&st->events, i, judge_gaps(st, i) || judge_events(st, i));
	for (size_t k = 0; k < st->nshares; k++)
		watch_pass(&st->share[k], i, judge_share(st, i, k));
	if (h->facts == NULL)
		return;
	watch_pass(&st->rejects, i, judge_rejects(st, i));
	judge_delivery(st, i);
}

void
health_judge(struct health *h)
{
	struct state st = { .h = h };
	size_t n = h->history->ndays;

	h->day = xcalloc(n, sizeof(*h->day));
	st.hours = xcalloc(n, sizeof(*st.hours));
	watch_init(&st.events, h->history);
	watch_init(&st.rejects, h->history);
	read_hours(&st);
	read_shares(&st);
	if (h->facts != NULL)
		read_rejects(&st);
	for (size_t i = 0; i < n; i++)
		judge_day(&st, i);
	for (size_t k = 0; k < st.nshares; k++)
		watch_release(&st.share[k]);
	watch_release(&st.events);
	watch_release(&st.rejects);
	free(st.share);
	free(st.share_name);
	free(st.hours);
}

void
health_release(struct health *h)
{
	for (size_t i = 0; h->day != NULL && i < h->history->ndays; i++)
		free(h->day[i].reason);
	free(h->day);
	h->day = NULL;
}
