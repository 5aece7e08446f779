/* ev-guard: did a guardrail go down? see ev-guard(1). */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/options.h"
#include "base/out.h"
#include "base/utc.h"
#include "conf/conf.h"
#include "guard/delivery.h"
#include "guard/health.h"
#include "guard/judge.h"
#include "guard/notify.h"
#include "guard/state.h"
#include "guard/why.h"
#include "history/cause.h"
#include "history/history.h"

static const char usage[] =
    "usage: ev-guard [-HqVv] [-c file] [-o file] [--all] [--check] "
    "[--day day]\n"
    "                [--facts root] [--notify command] [--since day] [--state "
    "file]\n"
    "                [--timeout seconds] [--wait seconds] [--why file] "
    "[file ...]\n"
    "      --all                  a verdict for each day, not the newest\n"
    "      --day DAY              the day to judge, not the newest\n"
    "      --facts ROOT           rejects, settings and sources of this table\n"
    "      --notify COMMAND       told when a guardrail goes down, once\n"
    "      --since DAY            for each day from YYYY-MM-DD on\n"
    "      --state FILE           what --notify was told of\n"
    "      --timeout SECONDS      that COMMAND may take (60)\n"
    "      --wait SECONDS         for another run's state (60), then exit 4\n"
    "      --why FILE             what each drop is made of\n"
    "  -c, --config FILE          guardrails and how they are judged\n"
    "  -o, --output FILE          written whole or not at all\n"
    "  -H, --header               name the columns\n"
    "      --check                check the config and exit\n"
    "  -q, -v, -h, -V             quiet, verbose, help, version\n";

enum {
	OPT_ALL = OPT_OWN,
	OPT_DAY,
	OPT_FACTS,
	OPT_NOTIFY,
	OPT_SINCE,
	OPT_STATE,
	OPT_TIMEOUT,
	OPT_WAIT,
	OPT_WHY
};

/* Two years: a season is known once it came again.  A false alarm a year of
 * each metric. */
#define WEEKS 104
#define BUDGET 0.25
/* For another run, which may be mailing. */
#define WAIT_SECONDS 60
/* A mail or a webhook takes a second; a job of the night can wait a minute. */
#define TIMEOUT_SECONDS 60
#define SECONDS_MAX 86400

struct settings {
	struct options common;
	int64_t day;		    /* to judge; INT64_MIN: the newest */
	int64_t since;		    /* INT64_MAX: the newest day alone */
	const char *why;	    /* NULL: none */
	const char *facts;	    /* NULL: no table is asked */
	const char *notify, *state; /* both or neither is NULL */
	unsigned timeout, wait;
	const struct conf *conf;
	struct judge_rules rules;
};

/* The newest verdict of a guardrail. */
struct told {
	const struct metric *metric;
	struct verdict verdict; /* its reason is owned */
	int64_t since;		/* the first of the days that were like it */
};

struct run {
	struct history history;
	struct deliveries facts;
	struct health health;
	size_t newest; /* day that is over, of the history; or --day */
	struct out out;
	struct out why;
	size_t down;   /* of the newest day */
	size_t judged; /* likewise: ok or down */
	struct told *told;
	size_t ntold, told_cap;
};

static bool
is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

static void
set_day(int64_t *day, const char *arg)
{
	if (utc_parse_date(slice_str(arg), day) == -1)
		options_usage("'%s' is no date", arg);
}

static void
set_seconds(
    unsigned *seconds, const char *name, unsigned least, const char *arg)
{
	uint64_t v;

	if (number_u64(slice_str(arg), &v) == -1 || v < least ||
	    v > SECONDS_MAX)
		options_usage("--%s: '%s' is not %u to %d seconds", name, arg,
		    least, SECONDS_MAX);
	*seconds = (unsigned)v;
}

static void
check_options(const struct settings *s)
{
	if (is_stdout(s->why) &&
	    (s->common.output == NULL || is_stdout(s->common.output)))
		options_usage("verdicts and --why are both standard output");
	if ((s->notify == NULL) != (s->state == NULL))
		options_usage("--notify and --state want each other: without "
			      "a state the same is told every day");
	if (is_stdout(s->state))
		options_usage("--state wants a file");
	if (s->notify != NULL && s->notify[0] == '\0')
		options_usage("--notify wants a command");
}

static void
parse_options(struct settings *s, int argc, char **argv)
{
	static const struct option longs[] = { OPTIONS_LONG,
		{ "all", no_argument, NULL, OPT_ALL },
		{ "day", required_argument, NULL, OPT_DAY },
		{ "facts", required_argument, NULL, OPT_FACTS },
		{ "notify", required_argument, NULL, OPT_NOTIFY },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ "state", required_argument, NULL, OPT_STATE },
		{ "timeout", required_argument, NULL, OPT_TIMEOUT },
		{ "wait", required_argument, NULL, OPT_WAIT },
		{ "why", required_argument, NULL, OPT_WHY },
		{ NULL, 0, NULL, 0 } };
	int ch;

	*s = (struct settings){ .since = INT64_MAX,
		.day = INT64_MIN,
		.timeout = TIMEOUT_SECONDS,
		.wait = WAIT_SECONDS };
	options_init(&s->common);
	while (
	    (ch = getopt_long(argc, argv, OPTIONS_SHORT, longs, NULL)) != -1) {
		switch (ch) {
		case OPT_ALL:
			s->since = INT64_MIN;
			break;
		case OPT_DAY:
			set_day(&s->day, optarg);
			break;
		case OPT_FACTS:
			s->facts = optarg;
			break;
		case OPT_NOTIFY:
			s->notify = optarg;
			break;
		case OPT_STATE:
			s->state = optarg;
			break;
		case OPT_TIMEOUT:
			set_seconds(&s->timeout, "timeout", 1, optarg);
			break;
		case OPT_WAIT:
			set_seconds(&s->wait, "wait", 0, optarg);
			break;
		case OPT_SINCE:
			set_day(&s->since, optarg);
			break;
		case OPT_WHY:
			s->why = optarg;
			break;
		default:
			options_common(&s->common, ch);
		}
	}
	check_options(s);
}

static int
load_config(struct settings *s)
{
	const struct conf_guard *guard;

	s->conf = conf_load_history(s->common.config);
	if (s->conf == NULL)
		return -1;
	guard = &s->conf->guard;
	s->rules.weeks = guard->weeks != 0 ? (size_t)guard->weeks : WEEKS;
	s->rules.budget = guard->budget > 0 ? guard->budget : BUDGET;
	return 0;
}

static int
read_all(struct run *r, const struct settings *s, int argc, char **argv)
{
	int status = history_read_files(&r->history, argv, argc);

	if (s->facts != NULL)
		status |= deliveries_read(&r->facts, s->facts);
	if (status != 0)
		return -1;
	if (s->day != INT64_MIN)
		history_add_day(&r->history, s->day);
	return history_finish(&r->history, &s->conf->metrics);
}

static void
judge_health(struct run *r, const struct settings *s)
{
	const struct conf_health *c = &s->conf->guard.health;

	r->health = (struct health){ .history = &r->history,
		.conf = c,
		.weeks = s->rules.weeks,
		.max_age = c->max_age > 0 ? c->max_age
					  : s->conf->enrich.country.max_age,
		.facts = s->facts != NULL ? &r->facts : NULL,
		.over = s->day };
	health_judge(&r->health);
	r->newest = r->history.ndays - 1;
	if (s->day != INT64_MIN)
		r->newest = (size_t)history_day(&r->history, s->day);
	else if (r->newest > 0 && r->health.day[r->newest].begun)
		r->newest--;
}

/* Kept until the verdicts are written: who is told may look at them. */
static void
keep_newest(struct run *r, const struct judge *j, size_t newest)
{
	struct told *t;

	r->told = xgrow(r->told, &r->told_cap, r->ntold + 1, sizeof(*r->told));
	t = &r->told[r->ntold++];
	*t = (struct told){ j->metric, j->v[newest], j->v[newest].day };
	j->v[newest].reason = NULL;
	for (size_t i = newest + 1; i > 0 && j->v[i - 1].kind != VERDICT_OK;
	     i--)
		if (j->v[i - 1].kind == VERDICT_DOWN)
			t->since = j->v[i - 1].day;
}

/* Of the newest day, or of the newest whole week; NULL: there is none. */
static const struct verdict *
find_newest(const struct run *r, const struct judge *j)
{
	for (size_t i = j->n; i > 0; i--)
		if (j->v[i - 1].day <= r->history.day[r->newest])
			return &j->v[i - 1];
	return NULL;
}

static void
judge_metric(
    struct run *r, const struct settings *s, const struct metric *metric)
{
	struct judge j = { .history = &r->history,
		.metric = metric,
		.rules = &s->rules,
		.health = r->health.day };
	const struct verdict *last;

	judge_all(&j);
	last = find_newest(r, &j);
	if (last == NULL)
		msg_warn("%s: no whole week", metric->name.p);
	for (size_t i = 0; i < j.n; i++) {
		if (s->day != INT64_MIN && i > r->newest)
			break;
		if (j.v[i].day < s->since && &j.v[i] != last)
			continue;
		if (j.v[i].kind == VERDICT_DOWN)
			why_explain(&j, i, s->why != NULL ? &r->why : NULL);
		judge_put(&r->out, &j, &j.v[i]);
	}
	if (last != NULL) {
		r->down += last->kind == VERDICT_DOWN;
		r->judged +=
		    last->kind == VERDICT_DOWN || last->kind == VERDICT_OK;
		keep_newest(r, &j, (size_t)(last - j.v));
	}
	judge_release(&j);
}

static int
open_outputs(struct run *r, const struct settings *s)
{
	if (out_open(&r->out, s->common.output) == -1)
		return -1;
	if (s->common.header)
		out_puts(&r->out, judge_header);
	if (s->why == NULL)
		return 0;
	if (out_open(&r->why, s->why) == -1)
		return -1;
	if (s->common.header)
		out_puts(&r->why, CAUSE_HEADER "\n");
	return 0;
}

static int
close_outputs(struct run *r, const struct settings *s)
{
	int status = s->why != NULL ? out_close(&r->why) : 0;

	return out_close(&r->out) | status;
}

/* A guardrail of which there is no row is one that could not be judged. */
static int
judge_metrics(struct run *r, const struct settings *s)
{
	const struct conf_metrics *ms = &s->conf->metrics;
	const struct metric *m;

	if (open_outputs(r, s) == -1)
		return -1;
	for (size_t i = 0; i < ms->n; i++) {
		if (ms->v[i].guardrail == GUARDRAIL_NONE)
			continue;
		m = history_metric(&r->history, slice_str(ms->v[i].name.s));
		if (m == NULL)
			msg_warn(
			    "%s: a guardrail without any row", ms->v[i].name.s);
		else
			judge_metric(r, s, m);
	}
	return close_outputs(r, s);
}

/* Each is tried, whatever becomes of the others. */
static int
tell_all(struct run *r, const struct settings *s)
{
	struct state state;
	struct notify n = {
		.command = s->notify, .seconds = s->timeout, .state = &state
	};
	int opened = state_open(&state, s->state, s->wait), status;

	if (opened != 1)
		return opened == 0 ? EV_EXIT_BUSY : EV_EXIT_FAIL;
	status = notify_health(&n, &r->health, r->newest);
	for (size_t i = 0; i < r->ntold; i++)
		status |= notify_verdict(&n, r->told[i].metric,
		    &r->told[i].verdict, r->told[i].since);
	status |= notify_finish(&n);
	state_close(&state);
	return status == 0 ? EV_EXIT_OK : EV_EXIT_FAIL;
}

static void
release(struct run *r)
{
	for (size_t i = 0; i < r->ntold; i++)
		free(r->told[i].verdict.reason);
	free(r->told);
	health_release(&r->health);
	deliveries_release(&r->facts);
	history_release(&r->history);
}

static int
exit_status(const struct run *r)
{
	if (r->down > 0)
		return EV_EXIT_THRESHOLD;
	return r->judged > 0 ? EV_EXIT_OK : EV_EXIT_NO_VERDICT;
}

int
main(int argc, char **argv)
{
	struct settings settings;
	struct run run = { 0 };
	int status;

	options_start("ev-guard", usage);
	parse_options(&settings, argc, argv);
	if (load_config(&settings) == -1)
		return EV_EXIT_USAGE;
	if (settings.common.check)
		return EV_EXIT_OK;
	status = read_all(&run, &settings, argc - optind, argv + optind);
	if (status == 0) {
		judge_health(&run, &settings);
		status = judge_metrics(&run, &settings);
	}
	status = status == 0 ? EV_EXIT_OK : EV_EXIT_FAIL;
	if (status == EV_EXIT_OK && settings.notify != NULL)
		status = tell_all(&run, &settings);
	if (status == EV_EXIT_OK)
		status = exit_status(&run);
	release(&run);
	return status;
}
