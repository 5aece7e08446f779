/* ev-partition: events into the fact table, exactly once. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/msg.h"
#include "base/number.h"
#include "base/options.h"
#include "base/out.h"
#include "base/processors.h"
#include "base/progress.h"
#include "base/reader.h"
#include "base/strbuf.h"
#include "base/utc.h"
#include "conf/conf.h"
#include "facts/manifest.h"
#include "facts/table.h"
#include "io/codec.h"
#include "partition/identity.h"
#include "partition/keep.h"
#include "partition/list.h"
#include "partition/parts.h"
#include "partition/publish.h"
#include "partition/recover.h"
#include "partition/stage.h"
#include "partition/verify.h"

#define WAIT_SECONDS 60
#define WAIT_MAX 86400

static const char usage[] =
    "usage: ev-partition [-qv] [-c file] [--no-marks] [--overlap] [--raw]"
    " [--rebuild] [--rows-per-part n] [--wait seconds]"
    " [--outside file [--since day] [--until day]] root [file ...]\n"
    "       ev-partition [-Hqv] [-o file] --list | --dirty sequence root\n"
    "       ev-partition [-qv] [-c file] [--wait seconds] --verify |"
    " --compact day | --drop day root\n"
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
    "      --rows-per-part N  begin another part after so many rows\n"
    "      --since DAY     earlier rows go to --outside\n"
    "      --until DAY     later rows go to --outside\n"
    "      --outside FILE  where they go, not stored\n"
    "      --wait SECONDS  for another writer (60), then exit 4\n"
    "      --list          print the parts: batch, day, rows, sources\n"
    "      --dirty SEQ     print the days changed since that manifest\n"
    "  -o, --output FILE   of --list and --dirty\n"
    "  -H, --header        of --list and --dirty: names of their columns\n"
    "      --verify        compare each part with its manifest\n"
    "      --compact DAY   make the day's parts one\n"
    "      --drop DAY      remove the day's rows for good\n"
    "  -q, --quiet         errors only\n"
    "  -v, --verbose       what was decided, and why\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n";

enum {
	OPT_OVERLAP = OPT_OWN,
	OPT_RAW,
	OPT_REBUILD,
	OPT_WAIT,
	OPT_ROWS_PER_PART,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_OUTSIDE,
	OPT_LIST,
	OPT_DIRTY,
	OPT_VERIFY,
	OPT_COMPACT,
	OPT_DROP
};

enum mode {
	MODE_PUBLISH,
	MODE_LIST = OPT_LIST,
	MODE_DIRTY = OPT_DIRTY,
	MODE_VERIFY = OPT_VERIFY,
	MODE_COMPACT = OPT_COMPACT,
	MODE_DROP = OPT_DROP
};

struct settings {
	struct options common;
	const char *root;
	char **files; /* nfiles; none: stdin */
	int nfiles;
	bool raw;
	enum mode mode;
	const char *day;	   /* --compact, --drop */
	uint64_t since;		   /* --dirty */
	const char *first, *final; /* --since, --until: days, else NULL */
	const char *outside;
	struct publish_how how;
	uint64_t rows_per_part; /* 0: the config's */
	struct conf_partition conf;
};

/* What is open during a run. */
struct run {
	struct table table;
	struct stage stage;
	struct parts parts;
	struct event_reader reader;
	struct progress progress;
	struct marks marks; /* of all sources */
	struct out outside; /* if open */
	uint64_t noutside;
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
set_rows(struct settings *set, const char *arg)
{
	if (number_u64(slice_str(arg), &set->rows_per_part) == -1 ||
	    set->rows_per_part == 0)
		options_usage("--rows-per-part: '%s' is no number", arg);
}

static const char *
read_day(const char *arg)
{
	int64_t days;

	if (utc_parse_date(slice_str(arg), &days) == -1)
		options_usage("'%s' is no day, YYYY-MM-DD", arg);
	return arg;
}

static void
set_mode(struct settings *set, int ch, const char *arg)
{
	if (set->mode != MODE_PUBLISH)
		options_usage("only one of --list, --dirty, --verify, "
			      "--compact and --drop");
	set->mode = (enum mode)ch;
	if (ch == OPT_DIRTY && number_u64(slice_str(arg), &set->since) == -1)
		options_usage("--dirty: '%s' is no sequence number", arg);
	if (ch == OPT_COMPACT || ch == OPT_DROP)
		set->day = read_day(arg);
}

static void
check_operands(const struct settings *set)
{
	bool prints = set->mode == MODE_LIST || set->mode == MODE_DIRTY;

	if (!prints && (set->common.output != NULL || set->common.header))
		options_usage("-o and -H: there is no output but the table");
	if (set->root == NULL && !set->common.check)
		options_usage("root is missing");
	if (set->outside != NULL && set->first == NULL && set->final == NULL)
		options_usage("--outside goes with --since or --until");
	if (set->outside == NULL && (set->first != NULL || set->final != NULL))
		options_usage("--since and --until want an --outside FILE, "
			      "where other days go");
	if (set->first != NULL && set->final != NULL &&
	    memcmp(set->first, set->final, UTC_DATE_LEN) > 0)
		options_usage("no day is from --since to --until");
	if (set->mode != MODE_PUBLISH && set->nfiles > 0)
		options_usage("nothing is read but the table");
}

static void
parse_options(int argc, char **argv, struct settings *set)
{
	static const struct option longs[] = { OPTIONS_LONG,
		{ "overlap", no_argument, NULL, OPT_OVERLAP },
		{ "list", no_argument, NULL, OPT_LIST },
		{ "dirty", required_argument, NULL, OPT_DIRTY },
		{ "verify", no_argument, NULL, OPT_VERIFY },
		{ "compact", required_argument, NULL, OPT_COMPACT },
		{ "drop", required_argument, NULL, OPT_DROP },
		{ "raw", no_argument, NULL, OPT_RAW },
		{ "rows-per-part", required_argument, NULL, OPT_ROWS_PER_PART },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ "until", required_argument, NULL, OPT_UNTIL },
		{ "outside", required_argument, NULL, OPT_OUTSIDE },
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
		case OPT_ROWS_PER_PART:
			set_rows(set, optarg);
			break;
		case OPT_SINCE:
			set->first = read_day(optarg);
			break;
		case OPT_UNTIL:
			set->final = read_day(optarg);
			break;
		case OPT_OUTSIDE:
			set->outside = optarg;
			break;
		case OPT_LIST:
		case OPT_DIRTY:
		case OPT_VERIFY:
		case OPT_COMPACT:
		case OPT_DROP:
			set_mode(set, ch, optarg);
			break;
		case OPT_WAIT:
			set_wait(set, optarg);
			break;
		default:
			options_common(&set->common, ch);
		}
	set->root = argv[optind];
	set->files = argv + optind + (set->root != NULL);
	set->nfiles = argc - optind - (set->root != NULL);
	check_operands(set);
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
	set->conf = conf->partition;
	if (set->rows_per_part != 0)
		set->conf.rows_per_part = set->rows_per_part;
	set->how.conf = &set->conf;
	set->how.codec = (enum codec)codec;
	set->how.suffix = suffixes[codec];
	return 0;
}

static int
open_run(struct run *run, const struct settings *set)
{
	run->marks = MARKS_INIT;
	run->manifest = MANIFEST_INIT;
	run->noutside = 0;
	if (table_open(&run->table, set->root) == -1)
		return -1;
	if (set->outside != NULL &&
	    out_open(&run->outside, set->outside) == -1) {
		table_close(&run->table);
		return -1;
	}
	if (publish_tidy(&run->table) == -1 ||
	    stage_create(&run->stage, &run->table) == -1) {
		if (set->outside != NULL)
			out_abandon(&run->outside);
		table_close(&run->table);
		return -1;
	}
	parts_init(
	    &run->parts, &run->stage, &set->conf, set->how.codec, &run->reader);
	event_reader_init(&run->reader);
	progress_init(&run->progress);
	run->reader.in.progress = &run->progress;
	return 0;
}

/* ds is ten digits and dashes, or parts_put() says what it is. */
static bool
is_outside(const struct settings *set, struct slice ds)
{
	return ds.n == UTC_DATE_LEN &&
	       ((set->first != NULL &&
		    memcmp(ds.p, set->first, UTC_DATE_LEN) < 0) ||
		   (set->final != NULL &&
		       memcmp(ds.p, set->final, UTC_DATE_LEN) > 0));
}

static int
put_event(struct run *run, const struct settings *set, const struct event *ev)
{
	if (set->outside == NULL || !is_outside(set, ev->col[EV_DS]))
		return parts_put(&run->parts, ev);
	run->noutside++;
	event_put(&run->outside, ev);
	return run->outside.err == 0 ? 0 : -1;
}

static int
read_source(struct run *run, const struct settings *set, const char *path)
{
	struct source *src = codec_open(path);
	struct event ev;
	int n;

	if (src == NULL)
		return -1;
	event_reader_attach(&run->reader, src);
	while ((n = event_reader_next(&run->reader, &ev)) == 1)
		if (put_event(run, set, &ev) == -1)
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
		r = read_source(run, set, NULL);
	for (i = 0; i < set->nfiles && r == 0; i++)
		r = read_source(run, set, set->files[i]);
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
	if (marks_have_text(m, "key", "random")) {
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

/* What is not stored is on the disk before the rest is. */
static int
finish_outside(struct run *run, const struct settings *set)
{
	if (run->noutside > 0)
		msg_info("%" PRIu64 " rows are outside of --since and "
			 "--until: they are in %s",
		    run->noutside, set->outside);
	return out_close(&run->outside);
}

/* Other bounds give other rows of the same logs. */
static void
add_bounds(struct manifest *m, const struct settings *set)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb, "partition:%s..%s",
	    set->first != NULL ? set->first : "",
	    set->final != NULL ? set->final : "");
	manifest_texts_add(&m->settings, strbuf_slice(&sb));
	strbuf_release(&sb);
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
	if (parts_finish(&run->parts, m) == -1)
		return EV_EXIT_FAIL;
	if (set->outside != NULL && finish_outside(run, set) == -1)
		return EV_EXIT_FAIL;
	if (identity_take(m, &run->marks, set->common.no_marks) == -1)
		return EV_EXIT_FAIL;
	if (set->outside != NULL)
		add_bounds(m, set);
	identity_name(m);
	if (publish(&run->table, &run->stage, m, &set->how, &outcome) == -1)
		return EV_EXIT_FAIL;
	return exits[outcome];
}

static void
close_run(struct run *run, const struct settings *set)
{
	/* Open only where the run failed. */
	if (set->outside != NULL && run->outside.buf != NULL)
		out_abandon(&run->outside);
	/* Still there only where nothing was committed. */
	stage_drop(&run->stage);
	parts_release(&run->parts);
	event_reader_release(&run->reader);
	marks_release(&run->marks);
	manifest_release(&run->manifest);
	table_close(&run->table);
}

/* What reads the manifests only, and waits for nobody. */
static enum ev_exit
print_table(const struct settings *set)
{
	bool header = set->common.header;
	struct table table;
	struct out out;
	int r = table_open_read(&table, set->root);

	if (r == 0)
		msg_error("%s: no table: it has no manifests", set->root);
	if (r != 1)
		return EV_EXIT_FAIL;
	r = out_open(&out, set->common.output);
	if (r == 0) {
		r = set->mode == MODE_LIST
			? list_parts(&table, &out, header)
			: list_dirty(&table, set->since, &out, header);
		if (r == -1)
			out_abandon(&out);
		else
			r = out_close(&out);
	}
	table_close(&table);
	return r == 0 ? EV_EXIT_OK : EV_EXIT_FAIL;
}

/* With the table's lock. */
static int
keep_locked(struct table *t, const struct settings *set)
{
	struct stage stage;

	if (recover(t) == -1)
		return -1;
	if (set->mode == MODE_VERIFY)
		return verify_table(t);
	if (stage_create(&stage, t) == -1)
		return -1;
	if (set->mode == MODE_DROP)
		return keep_drop(t, &stage, set->day);
	return keep_compact(
	    t, &stage, set->day, &set->conf, set->how.codec, set->how.suffix);
}

static enum ev_exit
keep_table(const struct settings *set)
{
	struct table table;
	int r = table_open_read(&table, set->root);

	if (r == 0)
		msg_error("%s: no table: it has no manifests", set->root);
	if (r != 1)
		return EV_EXIT_FAIL;
	table_close(&table);
	if (table_open(&table, set->root) == -1)
		return EV_EXIT_FAIL;
	r = publish_lock(&table, set->how.wait);
	if (r == 1) {
		r = keep_locked(&table, set) == 0;
		table_unlock(&table);
		table_close(&table);
		return r == 1 ? EV_EXIT_OK : EV_EXIT_FAIL;
	}
	table_close(&table);
	return r == 0 ? EV_EXIT_BUSY : EV_EXIT_FAIL;
}

static enum ev_exit
publish_stream(const struct settings *set)
{
	enum ev_exit status = EV_EXIT_FAIL;
	struct run run;

	if (open_run(&run, set) == -1)
		return EV_EXIT_FAIL;
	if (read_all(&run, set) == 0)
		status = finish(&run, set);
	close_run(&run, set);
	return status;
}

int
main(int argc, char **argv)
{
	struct settings set = { 0 };

	options_start("ev-partition", usage);
	processors_share();
	parse_options(argc, argv, &set);
	if (load_config(&set) == -1)
		return EV_EXIT_USAGE;
	if (set.common.check)
		return EV_EXIT_OK;
	switch (set.mode) {
	case MODE_LIST:
	case MODE_DIRTY:
		return (int)print_table(&set);
	case MODE_VERIFY:
	case MODE_COMPACT:
	case MODE_DROP:
		return (int)keep_table(&set);
	case MODE_PUBLISH:
	default:
		return (int)publish_stream(&set);
	}
}
