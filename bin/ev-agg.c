/* ev-agg: events into metric rows; see ev-agg(1). */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "agg/adhoc.h"
#include "agg/fold.h"
#include "agg/inputs.h"
#include "agg/intake.h"
#include "agg/plan.h"
#include "agg/rows.h"
#include "agg/state.h"
#include "agg/unfilled.h"
#include "agg/worker.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/options.h"
#include "base/out.h"
#include "base/processors.h"
#include "conf/conf.h"

static const char usage[] =
    "usage: ev-agg [-HqVv] [-c file] [-j jobs] [-m metric] [-o file] "
    "[--check] [--format format] [--memory size] [--merge] [--no-marks] "
    "[--open] [--partial] [--wide metric] [--approx field,...] "
    "[--by field,...] [--count] [--distinct field,...] [--max field] "
    "[--mean field] [--min field] [--period period] "
    "[--quantile field=fraction,...] "
    "[--sum field] [--top n] [--totals] [--where field=value,...] "
    "[file | directory ...]\n"
    "  -m, --metric NAME          only this metric; may be repeated\n"
    "      --wide NAME            only this one, its dimensions as columns\n"
    "      --format FORMAT        tsv, json (an object a line) or csv\n"
    "      --open                 rows, too, whose window is not over\n"
    "      --partial              states to be merged, not rows\n"
    "      --merge                read such states\n"
    "      --memory SIZE          256M unless told; beyond, use $TMPDIR\n"
    "  -j, --jobs N               read so many files at once\n"
    "      --count                count events, whatever the config says\n"
    "      --distinct FIELD[,FIELD]\n"
    "                             count the values of the first not NULL\n"
    "      --approx FIELD[,FIELD] the same, roughly, in little memory\n"
    "      --sum, --min, --max, --mean FIELD\n"
    "                             of the numbers in a field\n"
    "      --quantile FIELD=0.5[,0.95]\n"
    "      --by FIELD[,FIELD]     for each value of a column or property\n"
    "      --top N                the greatest, and the rest as (other)\n"
    "      --totals               also for each part of by, and for all\n"
    "      --period PERIOD        day, week or month\n"
    "      --where FIELD=VALUE[,VALUE]\n"
    "                             events with one of these; \\N is NULL\n"
    "      --where FIELD!=VALUE[,VALUE]\n"
    "                             or with none of them\n"
    "  -c, --config FILE          metrics of this config\n"
    "  -o, --output FILE          written whole or not at all\n"
    "  -H, --header               print a header line\n"
    "      --check                check the config and exit\n"
    "      --no-marks             do not look whether a stream was cut\n"
    "  -q, -v, -h, -V             quiet, verbose, help, version\n";

#define MEMORY_DEFAULT (UINT64_C(256) << 20)
/* Below it there is no room for a table of each kind. */
#define MEMORY_MIN (UINT64_C(64) << 10)
#define JOBS_MAX 256
/*
 * What the lines of states may take of the memory, then the rows, and each of
 * what is sorted in between.
 */
#define LINES_SHARE 4
#define ROWS_SHARE 4
#define FOLD_SHARE 8

enum {
	OPT_BY = OPT_OWN,
	OPT_FORMAT,
	OPT_MEMORY,
	OPT_MERGE,
	OPT_OPEN,
	OPT_PARTIAL,
	OPT_PERIOD,
	OPT_TOP,
	OPT_TOTALS,
	OPT_WHERE,
	OPT_WIDE,
	OPT_MEASURE /* and the kinds of measures */
};

struct settings {
	struct options common;
	struct adhoc adhoc;
	const char **names; /* -m */
	size_t nnames, names_cap;
	const char *wide;
	const struct row_format *format;
	uint64_t memory, jobs;
	bool merge, partial, open;
	const struct conf_metric **metrics; /* those to compute */
	size_t nmetrics;
};

struct run {
	struct plan plan;
	struct sorter lines; /* states */
	struct out out;
	bool failed; /* an input was not read whole */
};

static void
want(const char *option, const char *why)
{
	if (why != NULL)
		options_usage("--%s: %s", option, why);
}

static void
add_name(struct settings *s, const char *name)
{
	s->names =
	    xgrow(s->names, &s->names_cap, s->nnames + 1, sizeof(*s->names));
	s->names[s->nnames++] = name;
}

static void
parse_number(struct settings *s, int ch, const char *arg)
{
	if (ch == 'j' && (number_u64(slice_str(arg), &s->jobs) == -1 ||
			     s->jobs == 0 || s->jobs > JOBS_MAX))
		options_usage("-j: a number from 1 to %d", JOBS_MAX);
	if (ch == OPT_MEMORY &&
	    (number_size(slice_str(arg), &s->memory) == -1 ||
		s->memory < MEMORY_MIN || s->memory > SIZE_MAX / 2))
		options_usage("--memory: a size such as 64M, of 64K at least");
}

/* True when ch is one of ours. */
static bool
parse_own(struct settings *s, int ch, const char *name)
{
	switch (ch) {
	case 'm':
		add_name(s, optarg);
		return true;
	case 'j':
	case OPT_MEMORY:
		parse_number(s, ch, optarg);
		return true;
	case OPT_WIDE:
		s->wide = optarg;
		return true;
	case OPT_FORMAT:
		s->format = row_format_find(optarg);
		if (s->format == NULL)
			options_usage("--format: tsv, json or csv");
		return true;
	case OPT_MERGE:
		s->merge = true;
		return true;
	case OPT_OPEN:
		s->open = true;
		return true;
	case OPT_PARTIAL:
		s->partial = true;
		return true;
	case OPT_BY:
		want(name, adhoc_by(&s->adhoc, optarg));
		return true;
	case OPT_WHERE:
		want(name, adhoc_where(&s->adhoc, optarg));
		return true;
	case OPT_PERIOD:
		want(name, adhoc_period(&s->adhoc, optarg));
		return true;
	case OPT_TOP:
		want(name, adhoc_top(&s->adhoc, optarg));
		return true;
	case OPT_TOTALS:
		s->adhoc.totals = true;
		return true;
	default:
		if (ch < OPT_MEASURE)
			return false;
		want(name,
		    adhoc_measure(&s->adhoc,
			(enum conf_measure_kind)(ch - OPT_MEASURE), optarg));
		return true;
	}
}

/* Options that do not go together. */
static void
check_options(const struct settings *s)
{
	if (s->wide != NULL && s->nnames > 0)
		options_usage("--wide names the metric, -m is for rows");
	if ((s->nnames > 0) && adhoc_any(&s->adhoc))
		options_usage("-m is for the metrics of a config");
	if (s->partial && (s->wide != NULL || s->open || s->common.header ||
			      s->format != row_format_find("tsv")))
		options_usage("--partial: states have no other form");
}

static void
parse_options(struct settings *s, int argc, char **argv)
{
#define MEASURE(name, has, kind)                                               \
	{                                                                      \
		name, has, NULL, OPT_MEASURE + (kind)                          \
	}
	static const struct option longs[] = { OPTIONS_LONG,
		{ "by", required_argument, NULL, OPT_BY },
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "jobs", required_argument, NULL, 'j' },
		{ "memory", required_argument, NULL, OPT_MEMORY },
		{ "merge", no_argument, NULL, OPT_MERGE },
		{ "metric", required_argument, NULL, 'm' },
		{ "open", no_argument, NULL, OPT_OPEN },
		{ "partial", no_argument, NULL, OPT_PARTIAL },
		{ "period", required_argument, NULL, OPT_PERIOD },
		{ "top", required_argument, NULL, OPT_TOP },
		{ "totals", no_argument, NULL, OPT_TOTALS },
		{ "where", required_argument, NULL, OPT_WHERE },
		{ "wide", required_argument, NULL, OPT_WIDE },
		MEASURE("approx", required_argument, MEASURE_APPROX),
		MEASURE("count", no_argument, MEASURE_COUNT),
		MEASURE("distinct", required_argument, MEASURE_DISTINCT),
		MEASURE("max", required_argument, MEASURE_MAX),
		MEASURE("mean", required_argument, MEASURE_MEAN),
		MEASURE("min", required_argument, MEASURE_MIN),
		MEASURE("quantile", required_argument, MEASURE_QUANTILE),
		MEASURE("sum", required_argument, MEASURE_SUM),
		{ NULL, 0, NULL, 0 } };
	int ch, i = 0;

	*s = (struct settings){ .adhoc = ADHOC_INIT,
		.memory = MEMORY_DEFAULT,
		.jobs = 1,
		.format = row_format_find("tsv") };
	options_init(&s->common);
	while ((ch = getopt_long(
		    argc, argv, OPTIONS_SHORT "j:m:", longs, &i)) != -1)
		if (!parse_own(s, ch, longs[i].name))
			options_common(&s->common, ch);
	check_options(s);
	if (s->wide != NULL)
		add_name(s, s->wide);
}

static const struct conf_metric *
find_metric(const struct conf_metrics *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].name.s, name) == 0)
			return &m->v[i];
	return NULL;
}

static bool
chosen(const struct settings *s, const struct conf_metric *m)
{
	for (size_t i = 0; i < s->nnames; i++)
		if (strcmp(m->name.s, s->names[i]) == 0)
			return true;
	return s->nnames == 0;
}

/* 0, or -1 (reported) when a metric that -m names is not there. */
static int
choose_metrics(struct settings *s, const struct conf_metrics *m)
{
	int r = 0;

	for (size_t i = 0; i < s->nnames; i++) {
		if (find_metric(m, s->names[i]) == NULL) {
			msg_error("no metric is named '%s'", s->names[i]);
			r = -1;
		}
	}
	s->metrics = xcalloc(m->n, sizeof(*s->metrics));
	for (size_t i = 0; i < m->n; i++)
		if (chosen(s, &m->v[i]))
			s->metrics[s->nmetrics++] = &m->v[i];
	return r;
}

static int
load_config(struct settings *s)
{
	const struct conf *conf = conf_load(s->common.config);
	struct conf_metrics metrics;
	const char *why;

	if (conf == NULL)
		return -1;
	metrics = conf->metrics;
	conf_metrics_warn(conf->path, &metrics, &conf->actions);
	if (adhoc_any(&s->adhoc)) {
		why = adhoc_finish(&s->adhoc, &metrics);
		if (why != NULL)
			options_usage("%s", why);
		for (size_t i = 0; i < metrics.n; i++)
			if (!conf_metric_lasts(
				&metrics.v[i], conf->enrich.visitor.rotate))
				options_usage("--period: is longer than the "
					      "visitor's key lasts "
					      "(enrich.visitor.rotate)");
	} else if (metrics.n == 0) {
		conf_metrics_default(&metrics);
	}
	return choose_metrics(s, &metrics);
}

static int
open_run(struct run *r, const struct settings *s)
{
	*r = (struct run){ 0 };
	if (out_open(&r->out, s->common.output) == -1)
		return -1;
	plan_init(&r->plan, s->metrics, s->nmetrics);
	sorter_init(&r->lines, (size_t)(s->memory / LINES_SHARE), state_merge);
	return 0;
}

static void
read_inputs(struct run *r, const struct settings *s, int argc, char **argv)
{
	struct inputs files = { 0 };
	struct intake in = { .plan = &r->plan,
		.lines = &r->lines,
		.memory = (size_t)s->memory,
		.jobs = (unsigned)s->jobs,
		.merge = s->merge,
		.partial = s->partial,
		.no_marks = s->common.no_marks,
		.some = s->nnames > 0 };

	if (argc == 0)
		inputs_add(&files, "-");
	for (int i = 0; i < argc; i++)
		if (inputs_add(&files, argv[i]) == -1)
			in.missing++;
	r->failed = in.missing > 0;
	inputs_warn_twice(&files);
	if (intake_run(&in, &files) == -1)
		r->failed = true;
	inputs_release(&files);
}

/* All lines, each key once; 0, or -1 (reported). */
static int
put_lines(struct run *r)
{
	struct slice key, state;
	int n = sorter_finish(&r->lines);

	while (n != -1 && (n = sorter_next(&r->lines, &key, &state)) == 1) {
		out_put_slice(&r->out, key);
		out_putc(&r->out, '\t');
		out_put_slice(&r->out, state);
		out_putc(&r->out, '\n');
	}
	return n;
}

/* Where they are lost, who merges them is told so. */
static int
put_states(struct run *r)
{
	int n = put_lines(r);

	if (n == 0)
		return 0;
	sorter_release(&r->lines);
	sorter_init(&r->lines, (size_t)MEMORY_MIN, state_merge);
	worker_put_flaw(&r->lines, FLAW_UNREAD, 1);
	put_lines(r);
	return -1;
}

static int
put_rows(struct run *r, const struct settings *s)
{
	struct rows rows;
	struct fold fold;
	int n;

	rows_init(&rows, &r->plan, (size_t)(s->memory / ROWS_SHARE));
	fold_init(&fold, &r->plan, &rows, (size_t)(s->memory / FOLD_SHARE));
	fold.open = s->open;
	n = fold_all(&fold, &r->lines);
	if (n == 0) {
		unfilled_warn(&fold);
		n = rows_put(&rows, &r->out, s->format, s->common.header,
		    s->wide != NULL);
	}
	fold_release(&fold);
	rows_release(&rows);
	return n;
}

static int
finish(struct run *r, const struct settings *s)
{
	int status;

	if ((s->partial ? put_states(r) : put_rows(r, s)) == -1)
		r->failed = true;
	status = r->failed ? EV_EXIT_FAIL : EV_EXIT_OK;
	if (r->failed && s->common.output != NULL) {
		msg_error("%s: not written, the input was not read whole",
		    s->common.output);
		out_abandon(&r->out);
	} else if (out_close(&r->out) == -1) {
		status = EV_EXIT_FAIL;
	}
	sorter_release(&r->lines);
	plan_release(&r->plan);
	return status;
}

int
main(int argc, char **argv)
{
	struct settings settings;
	struct run run;

	options_start("ev-agg", usage);
	processors_share();
	parse_options(&settings, argc, argv);
	if (load_config(&settings) == -1)
		return EV_EXIT_USAGE;
	if (settings.common.check)
		return EV_EXIT_OK;
	if (open_run(&run, &settings) == -1)
		return EV_EXIT_FAIL;
	read_inputs(&run, &settings, argc - optind, argv + optind);
	return finish(&run, &settings);
}
