/* ev-report: metric history into one page; see ev-report(1). */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>

#include "base/msg.h"
#include "base/options.h"
#include "base/out.h"
#include "base/source.h"
#include "conf/conf.h"
#include "history/history.h"
#include "io/codec.h"
#include "report/causes.h"
#include "report/page.h"
#include "report/roles.h"
#include "report/verdicts.h"

static const char usage[] =
    "usage: ev-report [-qVv] [-c file] [-o file] [--check] [--text] "
    "[--verdicts file] [--why file] [file ...]\n"
    "      --text                 for a terminal, not HTML\n"
    "      --verdicts FILE        what ev-guard said; see ev-guard(1)\n"
    "      --why FILE             what ev-guard --why said\n"
    "  -c, --config FILE          names, guardrails and panels of this config\n"
    "  -o, --output FILE          written whole or not at all\n"
    "      --check                check the config and exit\n"
    "  -q, -v, -h, -V             quiet, verbose, help, version\n";

enum { OPT_TEXT = OPT_OWN, OPT_VERDICTS, OPT_WHY };

struct settings {
	struct options common;
	const char *verdicts; /* NULL: none */
	const char *why;      /* likewise */
	bool text;
	const struct conf *conf;
};

struct run {
	struct history history;
	struct verdicts verdicts;
	struct causes causes;
	struct roles roles;
	struct out out;
};

static void
parse_options(struct settings *s, int argc, char **argv)
{
	static const struct option longs[] = { OPTIONS_LONG,
		{ "text", no_argument, NULL, OPT_TEXT },
		{ "verdicts", required_argument, NULL, OPT_VERDICTS },
		{ "why", required_argument, NULL, OPT_WHY },
		{ NULL, 0, NULL, 0 } };
	int ch;

	*s = (struct settings){ 0 };
	options_init(&s->common);
	while (
	    (ch = getopt_long(argc, argv, OPTIONS_SHORT, longs, NULL)) != -1) {
		switch (ch) {
		case OPT_TEXT:
			s->text = true;
			break;
		case OPT_VERDICTS:
			s->verdicts = optarg;
			break;
		case OPT_WHY:
			s->why = optarg;
			break;
		default:
			options_common(&s->common, ch);
		}
	}
}

static int
read_verdicts(struct run *r, const char *path)
{
	struct source *src = codec_open(path);
	int status = src != NULL ? verdicts_read(&r->verdicts, src) : -1;

	source_close(src);
	return status == 0 ? verdicts_finish(&r->verdicts) : -1;
}

static int
read_causes(struct run *r, const char *path)
{
	struct source *src = codec_open(path);
	int status = src != NULL ? causes_read(&r->causes, src) : -1;

	source_close(src);
	return status;
}

static int
read_all(struct run *r, const struct settings *s, int argc, char **argv)
{
	int status;

	*r = (struct run){ 0 };
	status = history_read_files(&r->history, argv, argc);
	if (s->verdicts != NULL)
		status |= read_verdicts(r, s->verdicts);
	if (s->why != NULL)
		status |= read_causes(r, s->why);
	if (status != 0)
		return -1;
	return history_finish(&r->history, &s->conf->metrics);
}

/* The newest that is over, as far as the verdicts tell. */
static int64_t
newest_day(const struct run *r)
{
	size_t n = r->history.ndays;

	if (n > 1 && verdicts_begun(&r->verdicts, r->history.day[n - 1]))
		n--;
	return r->history.day[n - 1];
}

static int
write_page(struct run *r, const struct settings *s)
{
	struct page page = { .ops = s->text ? &text_ops : &html_ops,
		.out = &r->out,
		.conf = s->conf,
		.history = &r->history,
		.verdicts = &r->verdicts,
		.causes = &r->causes,
		.roles = &r->roles };

	if (out_open(&r->out, s->common.output) == -1)
		return -1;
	roles_find(&r->roles, &r->history, s->conf);
	page.day = newest_day(r);
	page_put(&page);
	roles_release(&r->roles);
	return out_close(&r->out);
}

static void
release(struct run *r)
{
	history_release(&r->history);
	verdicts_release(&r->verdicts);
	causes_release(&r->causes);
}

int
main(int argc, char **argv)
{
	struct settings settings;
	struct run run;
	int status;

	options_start("ev-report", usage);
	parse_options(&settings, argc, argv);
	settings.conf = conf_load_history(settings.common.config);
	if (settings.conf == NULL)
		return EV_EXIT_USAGE;
	if (settings.common.check)
		return EV_EXIT_OK;
	status = read_all(&run, &settings, argc - optind, argv + optind);
	if (status == 0)
		status = write_page(&run, &settings);
	release(&run);
	return status == 0 ? EV_EXIT_OK : EV_EXIT_FAIL;
}
