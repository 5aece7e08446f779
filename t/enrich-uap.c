/*
 * Runs uap-core's own test cases through enrich/uap.
 *
 *	enrich-uap REGEXES KIND TESTS.yaml     KIND: browser, os, device
 *	enrich-uap REGEXES same FILE...        every agent of test files, cut
 *	                                       and spliced too, with and
 *	                                       without the prefilter
 *	enrich-uap REGEXES plain FILE...       the same, without vectors
 *	enrich-uap REGEXES time FILE...        ns that the device rules take
 *	                                       for one of 50 thousand agents
 *	                                       made of those of test files, all
 *	                                       different: the least of five
 *	                                       rounds; a test of nothing
 *
 * Prints one line for each failure and "passed OF total"; exits 1 when one
 * failed.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "conf/yaml.h"
#include "enrich/bots.h"
#include "enrich/rules.h"
#include "enrich/uap.h"

/* Agents, and how often each is looked up, when times are taken. */
#define TIMED ((size_t)50000)
#define ROUNDS 5

struct run {
	struct rules *rules;
	struct uap uap;
	struct bots bots;
	struct strbuf sb, sb2;
	size_t total, failed;
};

static const struct test_kind {
	const char *name;
	enum rules_kind kind;
	const char *field[UAP_FIELDS];
	int fields;
} test_kinds[] = {
	{ "browser", RULES_BROWSER, { "family", "major", "minor", "patch" },
	    4 },
	{ "os", RULES_OS,
	    { "family", "major", "minor", "patch", "patch_minor" }, 5 },
	{ "device", RULES_DEVICE, { "family", "brand", "model" }, 3 },
};

static const struct yaml_node *
cases(struct yaml_doc *doc, const char *path)
{
	const struct yaml_node *list;

	if (yaml_load(doc, path) == -1)
		msg_die(EV_EXIT_FAIL, "%s: no test cases", path);
	list = yaml_get(doc->root, "test_cases");
	if (list == NULL || list->kind != YAML_SEQ)
		msg_die(EV_EXIT_FAIL, "%s: no test_cases", path);
	return list;
}

static struct slice
agent_of(const struct yaml_node *test)
{
	const struct yaml_node *v = yaml_get(test, "user_agent_string");

	if (v == NULL)
		msg_die(EV_EXIT_FAIL, "line %u: no agent", test->line);
	return v->text;
}

static void
run_case(
    struct run *run, const struct test_kind *k, const struct yaml_node *test)
{
	struct uap_result got;
	const struct yaml_node *v;
	struct slice want, have;
	int i;

	run->total++;
	strbuf_clear(&run->sb);
	rules_subject(run->rules, agent_of(test));
	if (uap_find(&run->uap, run->rules, k->kind, &run->sb, &got) != 0) {
		run->failed++;
		printf("line %u: over the match limit\n", test->line);
		return;
	}
	for (i = 0; i < k->fields; i++) {
		v = yaml_get(test, k->field[i]);
		want = v == NULL || yaml_null(v) ? SLICE_LIT("") : v->text;
		have = uap_text(&run->sb, &got, i);
		if (want.n == have.n &&
		    (want.n == 0 || memcmp(want.p, have.p, want.n) == 0))
			continue;
		run->failed++;
		printf("line %u: %s: expected '%s', got '%.*s'\n", test->line,
		    k->field[i], want.p, (int)have.n,
		    have.p == NULL ? "" : have.p);
		return;
	}
}

static bool
result_eq(const struct strbuf *a, const struct uap_result *x,
    const struct strbuf *b, const struct uap_result *y)
{
	int i;

	for (i = 0; i < UAP_FIELDS; i++)
		if (!slice_eq(uap_text(a, x, i), uap_text(b, y, i)))
			return false;
	return x->matched == y->matched;
}

static void
compare(struct run *run, struct slice agent)
{
	static const enum rules_kind bots[2] = { RULES_BOT, RULES_CRAWLER };
	struct uap_result with[3], without[3];
	int k, bot[2];

	run->total++;
	strbuf_clear(&run->sb);
	strbuf_clear(&run->sb2);
	rules_set_prefilter(run->rules, true);
	rules_subject(run->rules, agent);
	for (k = 0; k < 3; k++)
		uap_find(&run->uap, run->rules, (enum rules_kind)k, &run->sb,
		    &with[k]);
	for (k = 0; k < 2; k++)
		bot[k] = rules_first(run->rules, bots[k]);
	rules_set_prefilter(run->rules, false);
	rules_subject(run->rules, agent);
	for (k = 0; k < 3; k++)
		uap_find(&run->uap, run->rules, (enum rules_kind)k, &run->sb2,
		    &without[k]);
	for (k = 0; k < 2; k++)
		if (rules_first(run->rules, bots[k]) != bot[k]) {
			run->failed++;
			printf("bots: the prefilter changes '%.*s'\n",
			    (int)agent.n, agent.p);
			return;
		}
	for (k = 0; k < 3; k++)
		if (!result_eq(&run->sb, &with[k], &run->sb2, &without[k])) {
			run->failed++;
			printf("%s: the prefilter changes '%.*s'\n",
			    test_kinds[k].name, (int)agent.n, agent.p);
			return;
		}
}

/* The agent, its halves, and its first half before the last one's second. */
static void
compare_variants(struct run *run, struct slice agent, struct slice last)
{
	char buf[4096];
	size_t half = agent.n / 2, rest = last.n - last.n / 2;

	compare(run, agent);
	compare(run, slice_of(agent.p, half));
	compare(run, slice_of(agent.p + half, agent.n - half));
	if (half + rest > sizeof(buf) || last.p == NULL)
		return;
	memcpy(buf, agent.p, half);
	memcpy(buf + half, last.p + last.n / 2, rest);
	compare(run, slice_of(buf, half + rest));
}

static void
run_same(struct run *run, const char *path)
{
	struct yaml_doc doc;
	const struct yaml_node *list = cases(&doc, path);
	struct slice last = SLICE_NULL;
	size_t i;

	for (i = 0; i < list->n; i++) {
		compare_variants(run, agent_of(list->item[i]), last);
		last = agent_of(list->item[i]);
	}
	yaml_release(&doc);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* All of the list, then all with a word behind, until there are enough. */
static void
run_time(struct run *run, const char *path)
{
	struct yaml_doc doc;
	const struct yaml_node *list = cases(&doc, path);
	struct uap_result got;
	struct strbuf *agent = xcalloc(TIMED, sizeof(*agent));
	double start, least = 0;
	struct slice s;
	size_t i, round;

	for (i = 0; i < TIMED; i++) {
		s = agent_of(list->item[i % list->n]);
		agent[i] = STRBUF_INIT;
		strbuf_addf(&agent[i], "%.*s", (int)s.n, s.p);
		if (i >= list->n)
			strbuf_addf(&agent[i], " u%zu", i);
	}
	for (round = 0; round <= ROUNDS; round++) {
		start = now();
		for (i = 0; i < TIMED; i++) {
			strbuf_clear(&run->sb);
			rules_subject(run->rules, strbuf_slice(&agent[i]));
			uap_find(&run->uap, run->rules, RULES_DEVICE, &run->sb,
			    &got);
		}
		/* The first compiles the rules. */
		if (round == 1 || (round > 1 && now() - start < least))
			least = now() - start;
	}
	printf("%.0f\n", least / TIMED);
	for (i = 0; i < TIMED; i++)
		strbuf_release(&agent[i]);
	free(agent);
	yaml_release(&doc);
}

static void
run_kind(struct run *run, const struct test_kind *k, const char *path)
{
	struct yaml_doc doc;
	const struct yaml_node *list = cases(&doc, path);
	size_t i;

	for (i = 0; i < list->n; i++)
		run_case(run, k, list->item[i]);
	yaml_release(&doc);
}

int
main(int argc, char *argv[])
{
	struct run run = { .sb = STRBUF_INIT, .sb2 = STRBUF_INIT };
	size_t k, nkinds = sizeof(test_kinds) / sizeof(test_kinds[0]);
	bool plain = argc > 2 && strcmp(argv[2], "plain") == 0;
	bool timed = argc > 2 && strcmp(argv[2], "time") == 0;
	int i;

	msg_init("enrich-uap");
	if (argc < 4)
		msg_die(EV_EXIT_USAGE, "REGEXES KIND TESTS...");
	run.rules = rules_new();
	if (uap_load(&run.uap, argv[1], run.rules) == -1 ||
	    bots_load(&run.bots, run.rules) == -1)
		return EV_EXIT_USAGE;
	rules_seal(run.rules);
	if (plain)
		rules_set_plain(run.rules);
	for (i = 3; i < argc; i++) {
		if (strcmp(argv[2], "same") == 0 || plain)
			run_same(&run, argv[i]);
		if (strcmp(argv[2], "time") == 0)
			run_time(&run, argv[i]);
		for (k = 0; k < nkinds; k++)
			if (strcmp(argv[2], test_kinds[k].name) == 0)
				run_kind(&run, &test_kinds[k], argv[i]);
	}
	if (run.total > 0)
		printf("%zu of %zu\n", run.total - run.failed, run.total);
	rules_free(run.rules);
	uap_release(&run.uap);
	bots_release(&run.bots);
	strbuf_release(&run.sb);
	strbuf_release(&run.sb2);
	return run.failed == 0 && (run.total > 0 || timed) ? EV_EXIT_OK
							   : EV_EXIT_FAIL;
}
