/* ev-parse: access logs into events. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/number.h"
#include "base/options.h"
#include "base/out.h"
#include "base/processors.h"
#include "conf/conf.h"
#include "parse/explain.h"
#include "parse/order.h"
#include "parse/parse.h"
#include "parse/schema.h"

static const char usage[] =
    "usage: ev-parse [-Hqv] [-c config] [-j jobs] [-o file] [--check] "
    "[--no-marks] [--explain] [--format format] [--nginx-conf file] [--rejects "
    "file] "
    "[--max-rejects n|p%] [--resume root | --rebuild root] "
    "[--replay file | file ...]\n"
    "Turns nginx access logs, plain, gzip or zstd, into events.\n"
    "  -c, --config FILE        settings, else $EV_CONFIG, else none\n"
    "  -j, --jobs N             threads for long logs; else two\n"
    "  -o, --output FILE        written whole or not at all\n"
    "  -H, --header             begin with the names of the columns\n"
    "  -q, --quiet              errors only\n"
    "  -v, --verbose            say what was decided\n"
    "      --check              check the config and the format; exit\n"
    "      --no-marks           write no marks\n"
    "      --explain            say what comes from where; exit\n"
    "      --format FORMAT      combined, main, vhost, ingress or nginx's own\n"
    "      --nginx-conf FILE    take the format from nginx's own config\n"
    "      --rejects FILE       keep the lines that are no events\n"
    "      --max-rejects N|P%   more of them: exit 3\n"
    "      --resume ROOT        skip what that table has of the files\n"
    "      --rebuild ROOT       read all, in the steps in which it was stored\n"
    "      --replay FILE        read the lines of such a file again\n"
    "  -h, --help               this text\n"
    "  -V, --version            the version\n";

enum {
	OPT_EXPLAIN = OPT_OWN,
	OPT_FORMAT,
	OPT_NGINX_CONF,
	OPT_REJECTS,
	OPT_MAX_REJECTS,
	OPT_REPLAY,
	OPT_RESUME,
	OPT_REBUILD
};

/* Within 8 MiB: each further one takes 1.6 MiB.  To read and to hash, which one
 * does at a time, is a third of the work. */
#define JOBS 2

struct run {
	struct options opts;
	bool explain;
	const char *format;
	const char *nginx_conf;
	const char *rejects_path;
	const char *replay;
	const char *resume_root; /* or --rebuild's */
	bool rebuild;
	uint64_t max_rejects; /* UINT64_MAX: any number */
	uint64_t max_percent; /* 100: any share */
	unsigned jobs;	      /* 0: -j does not say */
	char **files;	      /* NULL-terminated; none: stdin */
	size_t nfiles;

	const struct conf *conf;
	struct schema schema;
	struct plan *plan;
	struct rules *rules;
	struct rejects rejects;
	struct resume resume;
	struct parse parse;
	struct out out;
};

static void
read_max_rejects(struct run *run, const char *s)
{
	size_t n = strlen(s);
	bool percent = n > 0 && s[n - 1] == '%';
	uint64_t v;

	if (number_u64(slice_of(s, percent ? n - 1 : n), &v) == -1 ||
	    (percent && v > 100))
		options_usage("--max-rejects: '%s' is neither a number nor "
			      "a percentage",
		    s);
	if (percent)
		run->max_percent = v;
	else
		run->max_rejects = v;
}

/* What is read twice must be a file. */
static void
check_resume(const struct run *run)
{
	char **file = run->files;

	if (*file == NULL)
		options_usage("--resume needs files");
	for (; *file != NULL; file++)
		if (strcmp(*file, "-") == 0)
			options_usage("--resume: stdin cannot be read twice");
}

static void
read_options(struct run *run, int argc, char *argv[])
{
	static const struct option longs[] = { OPTIONS_LONG,
		{ "explain", no_argument, NULL, OPT_EXPLAIN },
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "jobs", required_argument, NULL, 'j' },
		{ "nginx-conf", required_argument, NULL, OPT_NGINX_CONF },
		{ "rejects", required_argument, NULL, OPT_REJECTS },
		{ "max-rejects", required_argument, NULL, OPT_MAX_REJECTS },
		{ "resume", required_argument, NULL, OPT_RESUME },
		{ "rebuild", required_argument, NULL, OPT_REBUILD },
		{ "replay", required_argument, NULL, OPT_REPLAY },
		{ NULL, 0, NULL, 0 } };
	int ch;

	options_init(&run->opts);
	run->max_rejects = UINT64_MAX;
	run->max_percent = 100;
	while ((ch = getopt_long(
		    argc, argv, OPTIONS_SHORT "j:", longs, NULL)) != -1)
		switch (ch) {
		case 'j':
			run->jobs = options_jobs(optarg);
			break;
		case OPT_EXPLAIN:
			run->explain = true;
			break;
		case OPT_FORMAT:
			run->format = optarg;
			break;
		case OPT_NGINX_CONF:
			run->nginx_conf = optarg;
			break;
		case OPT_REJECTS:
			run->rejects_path = optarg;
			break;
		case OPT_MAX_REJECTS:
			read_max_rejects(run, optarg);
			break;
		case OPT_REPLAY:
			run->replay = optarg;
			break;
		case OPT_RESUME:
		case OPT_REBUILD:
			if (run->resume_root != NULL)
				options_usage("one --resume or --rebuild");
			run->resume_root = optarg;
			run->rebuild = ch == OPT_REBUILD;
			break;
		default:
			options_common(&run->opts, ch);
		}
	run->files = argv + optind;
	run->nfiles = (size_t)(argc - optind);
	if (run->jobs == 0)
		run->jobs = processors_usual(JOBS, run->nfiles > 0);
	if (run->resume_root != NULL && run->replay != NULL)
		options_usage("--replay goes with no table");
	if (run->resume_root != NULL && !run->rebuild)
		check_resume(run);
	if (run->replay != NULL && *run->files != NULL)
		options_usage("--replay takes no further files");
}

static void
format_error(const struct run *run, const char *why)
{
	const struct nginx_format *f = run->schema.named;

	if (f != NULL && f->file != NULL)
		msg_error("%s:%u: log_format: %s", f->file, f->line, why);
	else
		msg_error("--format: %s", why);
}

static int
read_config(struct run *run)
{
	struct strbuf why = STRBUF_INIT;

	run->conf = conf_load(run->opts.config);
	if (run->conf == NULL)
		return EV_EXIT_USAGE;
	if (schema_choose(
		&run->schema, run->nginx_conf, run->format, run->files) == -1)
		return EV_EXIT_USAGE;
	run->plan = plan_new(run->conf, run->schema.format, &why);
	if (run->plan == NULL) {
		format_error(run, why.buf);
		strbuf_release(&why);
		return EV_EXIT_USAGE;
	}
	run->rules = rules_new(conf_actions_in_force(&run->conf->actions));
	plan_warn(run->plan);
	return EV_EXIT_OK;
}

static int
explain_all(const struct run *run)
{
	struct out out;

	if (out_open(&out, run->opts.output) == -1)
		return EV_EXIT_FAIL;
	explain(&out, run->conf, run->plan, &run->schema);
	return out_close(&out) == -1 ? EV_EXIT_FAIL : EV_EXIT_OK;
}

static int
open_all(struct run *run)
{
	if (run->opts.check)
		exit(EV_EXIT_OK);
	if (run->explain)
		exit(explain_all(run));
	rejects_init(&run->rejects);
	if (run->resume_root != NULL &&
	    resume_open(&run->resume, run->resume_root) == -1)
		return EV_EXIT_FAIL;
	if (out_open(&run->out, run->opts.output) == -1)
		return EV_EXIT_FAIL;
	if (rejects_open(&run->rejects, run->rejects_path) == -1) {
		out_abandon(&run->out);
		return EV_EXIT_FAIL;
	}
	/* By any name, as /dev/stdout. */
	if (run->rejects.out.fd == STDOUT_FILENO && run->opts.output == NULL)
		options_usage("--rejects needs a file: stdout has the events");
	parse_init(
	    &run->parse, run->plan, run->rules, &run->out, &run->rejects);
	if (run->resume_root != NULL)
		run->parse.resume = &run->resume;
	run->parse.rebuild = run->rebuild;
	run->parse.max_rejects = run->max_rejects;
	parse_threads(&run->parse, run->jobs);
	run->parse.guess = guess_new(run->conf, &run->schema.nginx, run->rules);
	return EV_EXIT_OK;
}

/* A share is known at the end only. */
static bool
over_percent(const struct run *run)
{
	return (double)run->rejects.total * 100 >
	       (double)run->parse.nlines * (double)run->max_percent;
}

static int
run_all(struct run *run)
{
	struct parse *ps = &run->parse;
	char **file;
	int r = 0;

	order_files(run->plan, run->files, run->nfiles);
	parse_begin(ps, !run->opts.no_marks, run->opts.header);
	if (run->replay != NULL)
		r = parse_replay(ps, run->replay);
	else if (*run->files == NULL)
		r = parse_file(ps, NULL);
	for (file = run->files; *file != NULL && r == 0; file++)
		r = parse_file(ps, *file);
	if (r == -1)
		return EV_EXIT_FAIL;
	if (r == PARSE_THRESHOLD || over_percent(run)) {
		msg_error("more lines were rejected than --max-rejects "
			  "allows: %" PRIu64 " of %" PRIu64,
		    run->rejects.total, ps->nlines);
		return EV_EXIT_THRESHOLD;
	}
	if (!run->opts.no_marks)
		parse_end(ps);
	return EV_EXIT_OK;
}

/* What was parsed goes out even when the run failed; -o only when it did
 * not, and the rejects always, for they say why. */
static int
finish(struct run *run, int status)
{
	uint64_t limited = parse_limited(&run->parse);

	progress_end(&run->parse.progress);
	rejects_report(&run->rejects, run->parse.nlines);
	guess_report(run->parse.guess);
	if (limited > 0)
		msg_info("%" PRIu64 " paths reached the match limit of an "
			 "action's regex, which then did not match",
		    limited);
	if (status != EV_EXIT_OK && run->opts.output != NULL)
		out_abandon(&run->out);
	else if (out_close(&run->out) == -1)
		status = EV_EXIT_FAIL;
	if (rejects_close(&run->rejects) == -1)
		status = EV_EXIT_FAIL;
	guess_free(run->parse.guess);
	parse_release(&run->parse);
	resume_release(&run->resume);
	rules_free(run->rules);
	plan_free(run->plan);
	schema_release(&run->schema);
	return status;
}

int
main(int argc, char *argv[])
{
	struct run run = { 0 };
	int status;

	options_start("ev-parse", usage);
	processors_share();
	read_options(&run, argc, argv);
	if ((status = read_config(&run)) != EV_EXIT_OK)
		return status;
	if ((status = open_all(&run)) != EV_EXIT_OK)
		return status;
	return finish(&run, run_all(&run));
}
