/* ev-agg: events into metric rows; see ev-agg(1). */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agg/adhoc.h"
#include "agg/inputs.h"
#include "agg/plan.h"
#include "agg/rows.h"
#include "agg/tally.h"
#include "agg/unfilled.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/options.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/reader.h"
#include "base/source.h"
#include "conf/conf.h"
#include "io/codec.h"

static const char usage[] =
    "usage: ev-agg [-HqVv] [-c file] [-m metric] [-o file] [--check] "
    "[--count] [--distinct field] [--by field,...] [--no-marks] "
    "[--where field=value,...] [file | directory ...]\n"
    "  -m, --metric NAME          only this metric; may be repeated\n"
    "      --count                count events, whatever the config says\n"
    "      --distinct FIELD       count the values of a field\n"
    "      --by FIELD[,FIELD]     for each value of a column or property\n"
    "      --where FIELD=VALUE[,VALUE]\n"
    "                             events with one of these; \\N is NULL\n"
    "  -c, --config FILE          metrics of this config\n"
    "  -o, --output FILE          written whole or not at all\n"
    "  -H, --header               print a header line\n"
    "      --check                check the config and exit\n"
    "      --no-marks             do not look whether a stream was cut\n"
    "  -q, -v, -h, -V             quiet, verbose, help, version\n";

enum { OPT_COUNT = OPT_OWN, OPT_DISTINCT, OPT_BY, OPT_WHERE };

struct settings {
	struct options common;
	struct adhoc adhoc;
	const char **names; /* -m */
	size_t nnames, names_cap;
	const struct conf_metric **metrics; /* those to compute */
	size_t nmetrics;
};

struct run {
	struct plan plan;
	struct tally tally;
	struct event_reader reader;
	struct progress progress;
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
parse_options(struct settings *s, int argc, char **argv)
{
	static const struct option longs[] = { OPTIONS_LONG,
		{ "metric", required_argument, NULL, 'm' },
		{ "count", no_argument, NULL, OPT_COUNT },
		{ "distinct", required_argument, NULL, OPT_DISTINCT },
		{ "by", required_argument, NULL, OPT_BY },
		{ "where", required_argument, NULL, OPT_WHERE },
		{ NULL, 0, NULL, 0 } };
	int ch;

	*s = (struct settings){ .adhoc = ADHOC_INIT };
	options_init(&s->common);
	while ((ch = getopt_long(
		    argc, argv, OPTIONS_SHORT "m:", longs, NULL)) != -1) {
		switch (ch) {
		case 'm':
			s->names = xgrow(s->names, &s->names_cap, s->nnames + 1,
			    sizeof(*s->names));
			s->names[s->nnames++] = optarg;
			break;
		case OPT_COUNT:
			s->adhoc.count = true;
			break;
		case OPT_DISTINCT:
			want("distinct", adhoc_distinct(&s->adhoc, optarg));
			break;
		case OPT_BY:
			want("by", adhoc_by(&s->adhoc, optarg));
			break;
		case OPT_WHERE:
			want("where", adhoc_where(&s->adhoc, optarg));
			break;
		default:
			options_common(&s->common, ch);
		}
	}
	if (s->nnames > 0 && adhoc_any(&s->adhoc))
		options_usage("-m is for the metrics of a config");
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
			msg_error("-m: no metric is named '%s'", s->names[i]);
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

	if (conf == NULL)
		return -1;
	metrics = conf->metrics;
	if (adhoc_any(&s->adhoc))
		adhoc_finish(&s->adhoc, &metrics);
	else if (metrics.n == 0)
		conf_metrics_default(&metrics);
	return choose_metrics(s, &metrics);
}

static int
open_run(struct run *r, const struct settings *s)
{
	*r = (struct run){ 0 };
	if (out_open(&r->out, s->common.output) == -1)
		return -1;
	plan_init(&r->plan, s->metrics, s->nmetrics);
	tally_init(&r->tally, &r->plan);
	event_reader_init(&r->reader);
	progress_init(&r->progress);
	r->reader.in.progress = &r->progress;
	return 0;
}

/* 0, or -1 (reported) where src cannot be read to its end. */
static int
read_events(struct run *r, struct source *src)
{
	struct event ev;
	int n;

	event_reader_attach(&r->reader, src);
	while ((n = event_reader_next(&r->reader, &ev)) == 1) {
		if (tally_add(&r->tally, &ev) == -1) {
			msg_error("%s:%llu: ds is no date", src->name,
			    (unsigned long long)r->reader.line);
			return -1;
		}
	}
	return n;
}

static int
read_file(struct run *r, const char *path, bool no_marks)
{
	struct source *src = codec_open(path);
	const struct marks *m = &r->reader.marks;
	int status;

	if (src == NULL)
		return -1;
	status = read_events(r, src);
	msg_debug(
	    "%s: %llu events", src->name, (unsigned long long)m->rows_read);
	if (status == 0 && !no_marks && marks_state(m) == MARK_CUT) {
		msg_error("%s: the stream was cut: %llu begin and %llu end "
			  "marks, %llu rows promised, %llu read",
		    src->name, (unsigned long long)m->begins,
		    (unsigned long long)m->ends,
		    (unsigned long long)marks_counter(m, "rows"),
		    (unsigned long long)m->rows_read);
		status = -1;
	}
	source_close(src);
	return status;
}

/* Reads all operands; those that fail do not keep the others from it. */
static void
read_inputs(struct run *r, const struct settings *s, int argc, char **argv)
{
	struct inputs in = { 0 };

	if (argc == 0)
		inputs_add(&in, "-");
	for (int i = 0; i < argc; i++)
		if (inputs_add(&in, argv[i]) == -1)
			r->failed = true;
	for (size_t i = 0; i < in.n; i++)
		if (read_file(r, in.v[i], s->common.no_marks) == -1)
			r->failed = true;
	progress_end(&r->progress);
	inputs_release(&in);
}

static int
finish(struct run *r, const struct settings *s)
{
	int status = r->failed ? EV_EXIT_FAIL : EV_EXIT_OK;

	unfilled_warn(&r->tally);
	if (s->common.header)
		rows_put_header(&r->out);
	rows_put(&r->out, &r->tally);
	if (r->failed && s->common.output != NULL) {
		msg_error("%s: not written, the input was not read whole",
		    s->common.output);
		out_abandon(&r->out);
	} else if (out_close(&r->out) == -1) {
		status = EV_EXIT_FAIL;
	}
	event_reader_release(&r->reader);
	tally_release(&r->tally);
	plan_release(&r->plan);
	return status;
}

int
main(int argc, char **argv)
{
	struct settings settings;
	struct run run;

	options_start("ev-agg", usage);
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
