/* ev-enrich: who came, from where, on what; and nothing that names them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/msg.h"
#include "base/options.h"
#include "base/out.h"
#include "base/processors.h"
#include "base/progress.h"
#include "base/reader.h"
#include "base/utc.h"
#include "conf/conf.h"
#include "enrich/common.h"
#include "enrich/enrich.h"
#include "enrich/explain.h"
#include "enrich/keyring.h"
#include "io/codec.h"

#define DAY 86400 /* seconds */

static const char usage[] =
    "usage: ev-enrich [-Hqv] [-c config] [-j jobs] [-o file] [--check] "
    "[--explain]\n"
    "                 [--no-marks] [file ...]\n"
    "       ev-enrich --new-key file\n"
    "       ev-enrich [-qv] [-c config] --forget date\n"
    "Adds country, device, referrer, bot verdict and visitor to events.\n"
    "  -c, --config FILE    settings, else $EV_CONFIG, else none\n"
    "  -j, --jobs N         threads for long inputs; else one for each "
    "processor\n"
    "  -o, --output FILE    written whole or not at all\n"
    "  -H, --header         begin with the names of the columns\n"
    "  -q, --quiet          errors only\n"
    "  -v, --verbose        say what was decided\n"
    "      --check          check config, key, databases and rules; exit\n"
    "      --explain        write why each event becomes what it is\n"
    "      --no-marks       write no marks and ask for none\n"
    "      --new-key FILE   make a key for visitors, mode 0600; exit\n"
    "      --forget DATE    destroy the keys of periods before that day\n"
    "  -h, --help           this text\n"
    "  -V, --version        the version\n";

enum { OPT_NEW_KEY = OPT_OWN, OPT_FORGET, OPT_EXPLAIN };

/* The caches of more would not stay within 64 MiB. */
#define JOBS 2

/* Less than some thousand rows for each file: a start is most of the run. */
#define SHORT_INPUT ((off_t)1 << 20)

struct run {
	struct options opts;
	const char *new_key;
	const char *forget; /* a date */
	bool explain;
	unsigned jobs; /* 0: -j does not say */
	char **files;  /* NULL-terminated; none: stdin */

	const struct conf *conf;
	struct enrich enrich;
	struct event_reader reader;
	struct crew *crew; /* NULL: one thread */
	struct progress progress;
	struct out out;
	struct marks marks; /* of all inputs */
	uint64_t explained; /* rows */
	bool begun;	    /* #begin is written */
	bool headed;	    /* the header is, or none is wanted */
};

static void
read_options(struct run *run, int argc, char *argv[])
{
	static const struct option longs[] = { OPTIONS_LONG,
		{ "new-key", required_argument, NULL, OPT_NEW_KEY },
		{ "explain", no_argument, NULL, OPT_EXPLAIN },
		{ "forget", required_argument, NULL, OPT_FORGET },
		{ "jobs", required_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 } };
	int ch;

	options_init(&run->opts);
	while ((ch = getopt_long(
		    argc, argv, OPTIONS_SHORT "j:", longs, NULL)) != -1)
		if (ch == 'j')
			run->jobs = options_jobs(optarg);
		else if (ch == OPT_NEW_KEY)
			run->new_key = optarg;
		else if (ch == OPT_EXPLAIN)
			run->explain = true;
		else if (ch == OPT_FORGET)
			run->forget = optarg;
		else
			options_common(&run->opts, ch);
	run->files = argv + optind;
	if (run->jobs == 0)
		run->jobs = processors_usual(JOBS, *run->files != NULL);
	if (run->new_key != NULL && *run->files != NULL)
		options_usage("--new-key reads no input");
	if (run->forget != NULL && *run->files != NULL)
		options_usage("--forget reads no input");
}

/*
 * Before a day to come would be the keys that visitors have now, and a typing
 * error in the year would keep all new ones from being made.
 */
static int
forget(const struct run *run)
{
	int64_t day;

	if (utc_parse_date(slice_str(run->forget), &day) == -1)
		options_usage("--forget takes a date, YYYY-MM-DD");
	if (day > (int64_t)time(NULL) / DAY) {
		msg_error("--forget: %s is still to come (in UTC): keys in use "
			  "would be destroyed",
		    run->forget);
		return EV_EXIT_USAGE;
	}
	return keyring_forget(&run->conf->enrich.visitor, day) == -1
		   ? EV_EXIT_USAGE
		   : EV_EXIT_OK;
}

/* Exits when that was all. */
static int
read_config(struct run *run)
{
	if (run->new_key != NULL)
		exit(visitor_key_create(run->new_key) == -1 ? EV_EXIT_USAGE
							    : EV_EXIT_OK);
	run->conf = conf_load(run->opts.config);
	if (run->conf == NULL)
		return EV_EXIT_USAGE;
	if (run->forget != NULL)
		exit(forget(run));
	return EV_EXIT_OK;
}

/* A regular file of few bytes: of a pipe nothing is known. */
static bool
is_short(int fd, const char *path)
{
	struct stat st;

	if ((path == NULL ? fstat(fd, &st) : stat(path, &st)) == -1)
		return false;
	return S_ISREG(st.st_mode) && st.st_size < SHORT_INPUT;
}

/*
 * Large pages take a third of the time of a long run, but the kernel may have
 * to make room for each: where memory is full of files, a start with them took
 * 22 ms instead of 9.
 */
static void
spare_large_pages(const struct run *run)
{
	bool all = *run->files != NULL || is_short(STDIN_FILENO, NULL);
	char **file;

	for (file = run->files; *file != NULL && all; file++)
		all = is_short(
		    STDIN_FILENO, strcmp(*file, "-") == 0 ? NULL : *file);
#ifdef PR_SET_THP_DISABLE
	if (all)
		(void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
#endif
}

static int
open_all(struct run *run)
{
	spare_large_pages(run);
	if (enrich_open(&run->enrich, run->conf) == -1)
		return EV_EXIT_USAGE;
	if (run->opts.check)
		exit(enrich_check(&run->enrich) == -1 ? EV_EXIT_USAGE
						      : EV_EXIT_OK);
	progress_init(&run->progress);
	event_reader_init(&run->reader);
	run->reader.in.progress = &run->progress;
	if (run->jobs > 1 && !run->explain) {
		run->crew = crew_new(&common_trade, &run->enrich);
		inbuf_read_ahead(
		    &run->reader.in, run->jobs, crew_work, run->crew);
	}
	if (out_open(&run->out, run->opts.output) == -1)
		return EV_EXIT_FAIL;
	return EV_EXIT_OK;
}

/* The marks of the input decide whether the output has any. */
static void
write_head(struct run *run)
{
	if (!run->begun && run->reader.saw_begin && !run->opts.no_marks) {
		mark_put_begin(&run->out);
		run->begun = true;
	}
	if (!run->headed && run->opts.header)
		event_put_header(&run->out);
	run->headed = true;
}

static void
explain_rows(struct run *run, const struct event_batch *b)
{
	struct event ev;
	int i;

	for (i = 0; i < b->n; i++) {
		event_batch_get(b, i, &ev);
		explain_row(&run->enrich, ++run->explained, &ev, &run->out);
	}
}

/* 0, or -1 (reported). */
static int
run_rows(struct run *run, const struct event_batch *b)
{
	const char *why;
	int done;

	if (run->explain) {
		explain_rows(run, b);
		return 0;
	}
	if (!run->headed || (run->reader.saw_begin && !run->begun))
		write_head(run);
	if (enrich_rows(&run->enrich, b, &run->out, &done, &why) == 0)
		return 0;
	msg_error("%s:%llu: %s", run->reader.in.src->name,
	    (unsigned long long)run->reader.line - (unsigned)(b->n - 1 - done),
	    why);
	return -1;
}

/* The rows at hand, if a thread has enriched them. */
static bool
take_run(struct run *run)
{
	const struct crew_run *done = NULL;

	if (event_reader_is_ahead(&run->reader))
		done = crew_run(run->crew, &run->reader.in);
	if (done == NULL)
		return false;
	if (!run->headed || (run->reader.saw_begin && !run->begun))
		write_head(run);
	out_put_whole(&run->out, done->text.p, done->text.n);
	event_reader_took(&run->reader, done->bytes, done->lines);
	common_count(&run->enrich, done);
	return true;
}

/* Some rows: 1, 0 at the end, -1 (reported). */
static int
run_some(struct run *run)
{
	struct event_batch batch;
	int n;

	if (run->crew != NULL && take_run(run))
		return 1;
	/* The next row may begin what a thread has done. */
	n = run->reader.in.ahead != NULL
		? event_reader_one(&run->reader, &batch)
		: event_reader_batch(&run->reader, &batch);
	if (n <= 0)
		return n;
	return run_rows(run, &batch) == 0 ? 1 : -1;
}

static int
run_file(struct run *run, const char *path)
{
	struct source *src = codec_open(path);
	int n;

	if (src == NULL)
		return -1;
	if (geo_wanted(&run->enrich.geo))
		src = geo_source(&run->enrich.geo, src);
	event_reader_attach(&run->reader, src);
	while ((n = run_some(run)) == 1 && run->out.err == 0)
		;
	if (!run->explain)
		write_head(run);
	marks_add(&run->marks, &run->reader.marks);
	inbuf_detach(&run->reader.in);
	source_close(src);
	return n == -1 ? -1 : 0;
}

static int
run_all(struct run *run)
{
	char **file;
	int r = 0;

	if (*run->files == NULL)
		r = run_file(run, NULL);
	for (file = run->files; *file != NULL && r == 0; file++)
		r = run_file(run, *file);
	progress_end(&run->progress);
	return r == 0 ? EV_EXIT_OK : EV_EXIT_FAIL;
}

/* A cut stream stays one: with a begin and without an end. */
static int
end_stream(struct run *run)
{
	switch (marks_state(&run->marks)) {
	case MARK_NONE:
		return EV_EXIT_OK;
	case MARK_COMPLETE:
		enrich_marks(&run->enrich, &run->marks);
		mark_put_end(&run->out, &run->marks, run->enrich.rows);
		return EV_EXIT_OK;
	case MARK_CUT:
		break;
	}
	if (!run->begun)
		mark_put_begin(&run->out);
	msg_error("the input is cut or does not agree with its end mark: "
		  "%llu rows read",
	    (unsigned long long)run->marks.rows_read);
	return EV_EXIT_FAIL;
}

static int
finish(struct run *run, int status)
{
	if (status == EV_EXIT_OK && !run->opts.no_marks && !run->explain)
		status = end_stream(run);
	enrich_report(&run->enrich);
	if (status != EV_EXIT_OK && run->opts.output != NULL)
		out_abandon(&run->out);
	else if (out_close(&run->out) == -1)
		status = EV_EXIT_FAIL;
	event_reader_release(&run->reader);
	crew_free(run->crew);
	marks_release(&run->marks);
	enrich_close(&run->enrich);
	return status;
}

int
main(int argc, char *argv[])
{
	struct run run = { 0 };
	int status;

	options_start("ev-enrich", usage);
	processors_share();
	read_options(&run, argc, argv);
	status = read_config(&run);
	if (status == EV_EXIT_OK)
		status = open_all(&run);
	if (status != EV_EXIT_OK)
		return status;
	status = run_all(&run);
	return finish(&run, status);
}
