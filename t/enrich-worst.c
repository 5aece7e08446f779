/*
 * Looks for the agents that cost the rules most: no test, as it takes times,
 * but what RULES_BUDGET was chosen by.
 *
 *	enrich-worst REGEXES SECONDS
 *
 * Makes agents of AGENT_MAX bytes out of what each rule is about: this over
 * and over, with what stands in between, and without an end; then changes the
 * worst at random, keeping what gets worse.  Prints how many were tried, and
 * of the worst the time (the least of 50), what it was charged and its
 * beginning.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/msg.h"
#include "base/strbuf.h"
#include "enrich/agent.h"

#define KEPT 64
#define SHOWN 3
#define AGAIN 50

/* What stands between strings in agents, and in what regexes repeat. */
static const char *const fillers[] = { "", " ", ";", "; ", "/", "/1.", "-", "a",
	"1", "1.1.1.1", "aA1 ", ".", "(", "; Build ", "Mozilla/5.0 (",
	" Android 4 ", "bot", "_-1", "\n", "\xc3\xa9", "[", ";;;;;;;;",
	"x/1 " };

struct agent_text {
	char s[AGENT_MAX];
	size_t n;
	double us;
	uint64_t charged;
};

struct run {
	struct rules *rules;
	struct uap uap;
	struct bots bots;
	struct agent_text best[KEPT];
	uint64_t seed;
	unsigned long tried;
};

static uint64_t
draw(struct run *run, uint64_t below)
{
	uint64_t z = run->seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (z ^ (z >> 31)) % below;
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* As agent.c asks: to the first limit. */
static double
ask_once(struct run *run, const struct agent_text *a)
{
	static const enum rules_kind order[] = { RULES_DEVICE, RULES_BROWSER,
		RULES_OS, RULES_BOT, RULES_CRAWLER };
	double start = now_us();
	size_t i;

	rules_subject(run->rules, slice_of(a->s, a->n));
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (rules_first(run->rules, order[i]) == RULES_LIMIT)
			break;
	return now_us() - start;
}

static void
keep(struct run *run, const struct agent_text *a)
{
	size_t i, least = 0;

	for (i = 1; i < KEPT; i++)
		if (run->best[i].us < run->best[least].us)
			least = i;
	if (a->us > run->best[least].us)
		run->best[least] = *a;
}

/* The first time compiles rules, and others are interrupted: the least. */
static void
ask(struct run *run, struct agent_text *a)
{
	double us;
	int i;

	a->us = ask_once(run, a);
	for (i = 0; i < 4; i++) {
		us = ask_once(run, a);
		if (us < a->us)
			a->us = us;
	}
	a->charged = rules_charged(run->rules);
	run->tried++;
	keep(run, a);
}

static void
add(struct agent_text *a, const char *s, size_t n)
{
	if (n > AGENT_MAX - a->n)
		n = AGENT_MAX - a->n;
	memcpy(a->s + a->n, s, n);
	a->n += n;
}

/* head once, then body with filler over and over. */
static void
ask_repeated(
    struct run *run, struct slice head, struct slice body, const char *filler)
{
	struct agent_text a = { .n = 0 };

	add(&a, head.p, head.n);
	do {
		add(&a, body.p, body.n);
		add(&a, filler, strlen(filler));
	} while (a.n < AGENT_MAX && body.n + strlen(filler) > 0);
	ask(run, &a);
	a.s[a.n - 1] = '~';
	ask(run, &a);
}

/* What an escape may stand for. */
static char
sample_escape(char c)
{
	switch (c) {
	case 'd':
		return '1';
	case 'w':
	case 'S':
	case 'D':
		return 'a';
	case 's':
	case 'W':
	case 'b':
		return ' ';
	default:
		return c;
	}
}

/* Something like what the regex matches: its own text, each class and escape
 * one byte, all alternatives one after the other. */
static void
sample(struct strbuf *sb, const char *re)
{
	for (; *re != '\0'; re++) {
		if (*re == '\\' && re[1] != '\0') {
			strbuf_addch(sb, sample_escape(*++re));
		} else if (*re == '[') {
			re += re[1] == '^' ? 2 : 1;
			strbuf_addch(
			    sb, *re == '\\' ? sample_escape(re[1]) : *re);
			while (re[1] != '\0' && *re != ']')
				re += *re == '\\' ? 2 : 1;
		} else if (*re == '{') {
			while (re[1] != '\0' && *re != '}')
				re++;
		} else if (*re == '(' && re[1] == '?') {
			re += 2;
		} else if (strchr("()|?*+^$", *re) == NULL) {
			strbuf_addch(sb, *re);
		}
	}
}

static void
ask_rule(struct run *run, const char *regex)
{
	struct strbuf all = STRBUF_INIT;
	struct slice head, half, none = SLICE_LIT("");
	size_t f;

	sample(&all, regex);
	head = strbuf_slice(&all);
	half = slice_of(head.p, head.n / 2);
	for (f = 0; f < sizeof(fillers) / sizeof(fillers[0]); f++) {
		ask_repeated(run, none, head, fillers[f]);
		ask_repeated(run, none, half, fillers[f]);
		ask_repeated(run, head, none, fillers[f]);
		ask_repeated(run, half, head, fillers[f]);
	}
	strbuf_release(&all);
}

static void
ask_rules(struct run *run)
{
	const char *regex;
	int k, i;

	for (k = 0; k < RULES_KINDS; k++)
		for (i = 0; (regex = rules_regex(
				 run->rules, (enum rules_kind)k, i)) != NULL;
		     i++)
			ask_rule(run, regex);
}

/* A piece of one of the worst over a place in another, or a byte, or less. */
static void
ask_changed(struct run *run)
{
	struct agent_text a = run->best[draw(run, KEPT)];
	const struct agent_text *b = &run->best[draw(run, KEPT)];
	size_t n, at, from;

	if (a.n < 64 || b->n < 64)
		return;
	n = 1 + draw(run, draw(run, 2) ? 63 : b->n - 1);
	at = draw(run, a.n);
	from = draw(run, b->n);
	switch (draw(run, 4)) {
	case 0:
		a.s[at] = (char)(32 + draw(run, 96));
		break;
	case 1:
		a.n = 64 + draw(run, a.n - 63);
		break;
	default:
		if (n > a.n - at)
			n = a.n - at;
		if (n > b->n - from)
			n = b->n - from;
		memmove(a.s + at, b->s + from, n);
		break;
	}
	ask(run, &a);
}

static void
time_again(struct run *run, struct agent_text *a)
{
	double us;
	int i;

	for (i = 0; i < AGAIN; i++) {
		us = ask_once(run, a);
		if (i == 0 || us < a->us)
			a->us = us;
	}
}

static int
by_time(const void *va, const void *vb)
{
	const struct agent_text *a = va, *b = vb;

	return (a->us < b->us) - (a->us > b->us);
}

static void
print(struct run *run)
{
	const struct agent_text *a;
	size_t i, j;

	/* Who came so far had bad luck, too: once more, the least of many. */
	for (i = 0; i < KEPT; i++)
		time_again(run, &run->best[i]);
	qsort(run->best, KEPT, sizeof(run->best[0]), by_time);
	printf("%lu agents; the worst:\n", run->tried);
	for (i = 0; i < SHOWN; i++) {
		a = &run->best[i];
		printf("%.0f us, charged %llu, %zu bytes: ", a->us,
		    (unsigned long long)a->charged, a->n);
		for (j = 0; j < a->n && j < 100; j++)
			putchar(a->s[j] < ' ' || a->s[j] > '~' ? '?' : a->s[j]);
		putchar('\n');
	}
}

int
main(int argc, char *argv[])
{
	static struct run run;
	double end;

	msg_init("enrich-worst");
	if (argc != 3)
		msg_die(EV_EXIT_USAGE, "REGEXES SECONDS");
	run.rules = rules_new();
	if (uap_load(&run.uap, argv[1], run.rules) == -1 ||
	    bots_load(&run.bots, run.rules) == -1)
		return EV_EXIT_USAGE;
	rules_seal(run.rules);
	(void)rules_check(run.rules);
	ask_rules(&run);
	print(&run);
	end = now_us() + atof(argv[2]) * 1e6;
	while (now_us() < end)
		ask_changed(&run);
	print(&run);
	rules_free(run.rules);
	uap_release(&run.uap);
	bots_release(&run.bots);
	return EV_EXIT_OK;
}
