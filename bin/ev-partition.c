/* ev-partition: events into the fact table, exactly once. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "base/number.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/reader.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "io/codec.h"
#include "partition/identity.h"
#include "facts/manifest.h"
#include "partition/parts.h"
#include "partition/publish.h"
#include "partition/stage.h"
#include "facts/table.h"

#define WAIT_SECONDS 60
#define WAIT_MAX 86400

static const char usage[] =
    "usage: ev-partition [-qv] [-c file] [--no-marks] [--overlap] [--raw]"
    " [--rebuild] [--wait seconds] root [file ...]\n"
    "       ev-partition --check [-c file]\n"
    "\n"
    "Publishes events as ROOT/ds=YYYY-MM-DD/part-BATCH.tsv, exactly once.\n"
    "\n"
    "  -c, --config FILE   the config (else $EV_CONFIG, else defaults)\n"
    "      --check         check the config and exit\n"
    "      --no-marks      take a stream whose marks do not agree\n"
    "      --overlap       store a log though parts of it are stored\n"
    "      --raw           take events that did not pass ev-enrich\n"
    "      --rebuild       replace the batch where it is stored\n"
    "      --wait SECONDS  for another writer (60), then exit 4\n"
    "  -q, --quiet         errors only\n"
    "  -v, --verbose       what was decided, and why\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n";

enum { OPT_OVERLAP = OPT_OWN, OPT_RAW, OPT_REBUILD, OPT_WAIT };

struct settings {
	struct options common;
	const char *root;
	char **files; /* nfiles; none: stdin */
	int nfiles;
	bool raw;
	struct publish_how how;
	enum codec codec;
};

/* What is open during a run. */
struct run {
	struct table table;
	struct stage stage;
	struct parts parts;
	struct event_reader reader;
	struct progress progress;
	struct marks marks; /* of all sources */
	struct manifest manifest;
};

static void
set_wait(struct settings *set, const char *arg)
{
	uint64_t v;

	if (number_u64(slice_str(arg), &v) == -1 || v > WAIT_MAX)
		options_usage(
		    "--wait: '%s' is not 0 to %d seconds", arg, WAIT_MAX);
	set->how.wait = (unsigned)v;
}

static void
parse_options(int argc, char **argv, struct settings *set)
{
	static const struct option longs[] = { OPTIONS_LONG,
		{ "overlap", no_argument, NULL, OPT_OVERLAP },
		{ "raw", no_argument, NULL, OPT_RAW },
		{ "rebuild", no_argument, NULL, OPT_REBUILD },
		{ "wait", required_argument, NULL, OPT_WAIT },
		{ NULL, 0, NULL, 0 } };
	int ch;

	options_init(&set->common);
	set->how.wait = WAIT_SECONDS;
	while ((ch = getopt_long(argc, argv, OPTIONS_SHORT, longs, NULL)) != -1)
		switch (ch) {
		case OPT_OVERLAP:
			set->how.overlap = true;
			break;
		case OPT_RAW:
			set->raw = true;
			break;
		case OPT_REBUILD:
			set->how.rebuild = true;
			break;
		case OPT_WAIT:
			set_wait(set, optarg);
			break;
		default:
			options_common(&set->common, ch);
		}
	if (set->common.output != NULL || set->common.header)
		options_usage("-o and -H: there is no output but the table");
	set->root = argv[optind];
	if (set->root == NULL && !set->common.check)
		options_usage("root is missing");
	set->files = argv + optind + (set->root != NULL);
	set->nfiles = argc - optind - (set->root != NULL);
}

/* Without a config parts are plain: what every reader opens. */
static int
load_config(struct settings *set)
{
	static const char *const suffixes[CODEC_COUNT] = { ".tsv", ".tsv.gz",
		".tsv.zst" };
	const struct conf *conf = conf_load(set->common.config);
	int codec = CODEC_NONE;

	if (conf == NULL)
		return -1;
	if (conf->partition.compress.s != NULL)
		codec = codec_find(slice_str(conf->partition.compress.s));
	if (codec == -1) {
		msg_error("partition: compress: '%s' is unknown",
		    conf->partition.compress.s);
		return -1;
	}
	set->codec = (enum codec)codec;
	set->how.suffix = suffixes[codec];
	return 0;
}

static int
open_run(struct run *run, const struct settings *set)
{
	run->marks = MARKS_INIT;
	run->manifest = MANIFEST_INIT;
	if (table_open(&run->table, set->root) == -1)
		return -1;
	if (publish_tidy(&run->table) == -1 ||
	    stage_create(&run->stage, &run->table) == -1) {
		table_close(&run->table);
		return -1;
	}
	parts_init(&run->parts, &run->stage, set->codec, &run->reader);
	event_reader_init(&run->reader);
	progress_init(&run->progress);
	run->reader.in.progress = &run->progress;
	return 0;
}

static int
read_source(struct run *run, const char *path)
{
	struct source *src = codec_open(path);
	struct event ev;
	int n;

	if (src == NULL)
		return -1;
	event_reader_attach(&run->reader, src);
	while ((n = event_reader_next(&run->reader, &ev)) == 1)
		if (parts_put(&run->parts, &ev) == -1)
			break;
	marks_add(&run->marks, &run->reader.marks);
	source_close(src);
	return n == 0 ? 0 : -1;
}

static int
read_all(struct run *run, const struct settings *set)
{
	int i, r = 0;

	if (set->nfiles == 0)
		r = read_source(run, NULL);
	for (i = 0; i < set->nfiles && r == 0; i++)
		r = read_source(run, set->files[i]);
	progress_end(&run->progress);
	return r;
}

/* A stream that was cut, or filtered, must not pass for the whole. */
static enum ev_exit
check_marks(const struct marks *m)
{
	switch (marks_state(m)) {
	case MARK_COMPLETE:
		return EV_EXIT_OK;
	case MARK_NONE:
		msg_error("the input has no marks: it is empty, or no event "
			  "stream; --no-marks takes it as it is");
		return EV_EXIT_FAIL;
	case MARK_CUT:
	default:
		break;
	}
	if (m->begins != m->ends)
		msg_error("the input was cut: %" PRIu64 " begun, %" PRIu64
			  " ended; nothing is published",
		    m->begins, m->ends);
	else
		msg_error("the input does not agree with its marks: they "
			  "promise %" PRIu64 " rows, %" PRIu64 " came; nothing "
			  "is published",
		    marks_counter(m, "rows"), m->rows_read);
	return EV_EXIT_FAIL;
}

static bool
has_random_key(const struct marks *m)
{
	const struct mark_entry *e;
	size_t i = 0;

	while ((e = marks_next_text(m, "key", &i)) != NULL)
		if (slice_is(slice_of(e->text, e->text_n), "random"))
			return true;
	return false;
}

/*
 * What is stored is for good: no addresses, no visitors of one run only.
 * With --no-marks more rows may have come than the marks know of.
 */
static enum ev_exit
check_enriched(const struct marks *m)
{
	uint64_t rows = marks_counter(m, "rows");
	uint64_t enriched = marks_counter(m, "enriched");

	if (rows < m->rows_read)
		rows = m->rows_read;
	if (enriched != rows) {
		msg_error("only %" PRIu64 " of %" PRIu64 " rows have passed "
			  "ev-enrich, as far as marks tell; --raw stores them "
			  "all the same",
		    enriched, rows);
		return EV_EXIT_USAGE;
	}
	if (has_random_key(m)) {
		msg_error("the visitor key was random: logged_out_user_id "
			  "means nothing beyond this run; give ev-enrich a "
			  "key_file, or store it all the same with --raw");
		return EV_EXIT_USAGE;
	}
	return EV_EXIT_OK;
}

static enum ev_exit
check_stream(const struct run *run, const struct settings *set)
{
	enum ev_exit status = EV_EXIT_OK;

	if (!set->common.no_marks)
		status = check_marks(&run->marks);
	if (status == EV_EXIT_OK && !set->raw)
		status = check_enriched(&run->marks);
	return status;
}

static enum ev_exit
finish(struct run *run, const struct settings *set)
{
	static const enum ev_exit exits[] = {
		[PUBLISH_DONE] = EV_EXIT_OK,
		[PUBLISH_SAME] = EV_EXIT_OK,
		[PUBLISH_BUSY] = EV_EXIT_BUSY,
		[PUBLISH_CONFLICT] = EV_EXIT_OVERLAP,
	};
	struct manifest *m = &run->manifest;
	enum publish_outcome outcome;
	enum ev_exit status = check_stream(run, set);

	if (status != EV_EXIT_OK)
		return status;
	if (parts_finish(&run->parts, m) == -1 ||
	    identity_take(m, &run->marks, set->common.no_marks) == -1)
		return EV_EXIT_FAIL;
	identity_name(m);
	if (publish(&run->table, &run->stage, m, &set->how, &outcome) == -1)
		return EV_EXIT_FAIL;
	return exits[outcome];
}

static void
close_run(struct run *run)
{
	/* Still there only where nothing was committed. */
	stage_drop(&run->stage);
	parts_release(&run->parts);
	event_reader_release(&run->reader);
	marks_release(&run->marks);
	manifest_release(&run->manifest);
	table_close(&run->table);
}

int
main(int argc, char **argv)
{
	struct settings set = { 0 };
	struct run run;
	enum ev_exit status = EV_EXIT_FAIL;

	options_start("ev-partition", usage);
	parse_options(argc, argv, &set);
	if (load_config(&set) == -1)
		return EV_EXIT_USAGE;
	if (set.common.check)
		return EV_EXIT_OK;
	if (open_run(&run, &set) == -1)
		return EV_EXIT_FAIL;
	if (read_all(&run, &set) == 0)
		status = finish(&run, &set);
	close_run(&run);
	return (int)status;
}
