/* ev-guard: did a guardrail go down? see ev-guard(1). */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/options.h"
#include "base/out.h"
#include "base/utc.h"
#include "conf/conf.h"
#include "guard/delivery.h"
#include "guard/health.h"
#include "guard/judge.h"
#include "guard/why.h"
#include "history/cause.h"
#include "history/history.h"

static const char usage[] =
    "usage: ev-guard [-HqVv] [-c file] [-o file] [--all] [--check] "
    "[--facts root]\n"
    "                [--since day] [--why file] [file ...]\n"
    "      --all                  a verdict for each day, not the newest\n"
    "      --facts ROOT           rejects, settings and sources of this table\n"
    "      --since DAY            for each day from YYYY-MM-DD on\n"
    "      --why FILE             what each drop is made of\n"
    "  -c, --config FILE          guardrails and how they are judged\n"
    "  -o, --output FILE          written whole or not at all\n"
    "  -H, --header               name the columns\n"
    "      --check                check the config and exit\n"
    "  -q, -v, -h, -V             quiet, verbose, help, version\n";

enum { OPT_ALL = OPT_OWN, OPT_FACTS, OPT_SINCE, OPT_WHY };

/* Half a year of weeks; a false alarm a year of each metric. */
#define WEEKS 26
#define BUDGET 0.25

struct settings {
	struct options common;
	int64_t since;	   /* INT64_MAX: the newest day alone */
	const char *why;   /* NULL: none */
	const char *facts; /* NULL: no table is asked */
	const struct conf *conf;
	struct judge_rules rules;
};

struct run {
	struct history history;
	struct deliveries facts;
	struct health health;
	size_t newest; /* day that is over, of the history */
	struct out out;
	struct out why;
	size_t down;   /* of the newest day */
	size_t judged; /* likewise: ok or down */
};

static bool
is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

static void
parse_options(struct settings *s, int argc, char **argv)
{
	static const struct option longs[] = { OPTIONS_LONG,
		{ "all", no_argument, NULL, OPT_ALL },
		{ "facts", required_argument, NULL, OPT_FACTS },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ "why", required_argument, NULL, OPT_WHY },
		{ NULL, 0, NULL, 0 } };
	int ch;

	*s = (struct settings){ .since = INT64_MAX };
	options_init(&s->common);
	while (
	    (ch = getopt_long(argc, argv, OPTIONS_SHORT, longs, NULL)) != -1) {
		switch (ch) {
		case OPT_ALL:
			s->since = INT64_MIN;
			break;
		case OPT_FACTS:
			s->facts = optarg;
			break;
		case OPT_SINCE:
			if (utc_parse_date(slice_str(optarg), &s->since) == -1)
				options_usage("'%s' is no date", optarg);
			break;
		case OPT_WHY:
			s->why = optarg;
			break;
		default:
			options_common(&s->common, ch);
		}
	}
	if (is_stdout(s->why) &&
	    (s->common.output == NULL || is_stdout(s->common.output)))
		options_usage("verdicts and --why are both standard output");
}

static int
load_config(struct settings *s)
{
	const struct conf *loaded = conf_load(s->common.config);
	static struct conf conf;

	if (loaded == NULL)
		return -1;
	conf = *loaded;
	if (conf.metrics.n == 0)
		conf_metrics_default(&conf.metrics);
	s->conf = &conf;
	s->rules.weeks =
	    conf.guard.weeks != 0 ? (size_t)conf.guard.weeks : WEEKS;
	s->rules.budget = conf.guard.budget > 0 ? conf.guard.budget : BUDGET;
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
		.facts = s->facts != NULL ? &r->facts : NULL };
	health_judge(&r->health);
	r->newest = r->history.ndays - 1;
	if (r->newest > 0 && r->health.day[r->newest].begun)
		r->newest--;
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
	last = &j.v[r->newest];
	for (size_t i = 0; i < j.n; i++) {
		if (j.v[i].day < s->since && &j.v[i] != last)
			continue;
		if (j.v[i].kind == VERDICT_DOWN)
			why_explain(&j, i, s->why != NULL ? &r->why : NULL);
		judge_put(&r->out, &j, &j.v[i]);
	}
	r->down += last->kind == VERDICT_DOWN;
	r->judged += last->kind == VERDICT_DOWN || last->kind == VERDICT_OK;
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
		else if (ms->v[i].period == PERIOD_WEEK)
			msg_warn("%s: guardrails of weeks are not judged",
			    ms->v[i].name.s);
		else
			judge_metric(r, s, m);
	}
	return close_outputs(r, s);
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
	health_release(&run.health);
	deliveries_release(&run.facts);
	history_release(&run.history);
	return status == 0 ? exit_status(&run) : EV_EXIT_FAIL;
}
