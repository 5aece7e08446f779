#include "config.h"

#include "enrich/bots.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "enrich/datafile.h"

static const char *const files[2] = { "bots.tsv", "bots-imported.tsv" };

/* A declared bot says itself that it is one. */
static const struct {
	const char *kind;
	bool suspected;
} kinds[] = {
	{ "crawler", false },
	{ "ai", false },
	{ "preview", false },
	{ "feed", false },
	{ "monitor", false },
	{ "library", false },
	{ "headless", false },
	{ "scanner", false },
	{ "attack", true },
	{ "nonsense", true },
};

static int
kind_find(struct slice kind)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_is(kind, kinds[i].kind))
			return (int)i;
	return -1;
}

static size_t
count_lines(struct slice text)
{
	size_t i, n = 1;

	for (i = 0; i < text.n; i++)
		if (text.p[i] == '\n')
			n++;
	return n;
}

/* The regexes are copied, as the rules want them with a NUL behind. */
static int
load_file(struct bots *b, int which, struct rules *rules)
{
	enum rules_kind list = which == 0 ? RULES_BOT : RULES_CRAWLER;
	struct strbuf *re = &b->regexes[which];
	char *path = datafile_path(files[which]);
	struct bot_rule *rule;
	struct slice f[4];
	struct datafile d;
	int r = -1, kind;

	if (datafile_read(&b->text[which], path) == -1)
		goto out;
	/* The copies must not move: room for all of them at once. */
	strbuf_grow(re, b->text[which].len + 1);
	rule =
	    xcalloc(count_lines(strbuf_slice(&b->text[which])), sizeof(*rule));
	b->rule[which] = rule;
	datafile_start(&d, path, strbuf_slice(&b->text[which]));
	while ((r = datafile_next(&d, f, 4)) == 1) {
		kind = kind_find(f[0]);
		if (kind == -1 || f[1].n == 0 || f[3].n == 0) {
			msg_error("%s:%u: unknown kind, no name or no regex",
			    path, d.line);
			r = -1;
			break;
		}
		*rule++ = (struct bot_rule){ f[0], f[1], f[2],
			kinds[kind].suspected };
		rules_add(rules, list, re->buf + re->len, false);
		strbuf_add_slice(re, f[3]);
		strbuf_addch(re, '\0');
	}
out:
	free(path);
	return r;
}

int
bots_load(struct bots *b, struct rules *rules)
{
	int i;

	for (i = 0; i < 2; i++) {
		b->text[i] = b->regexes[i] = STRBUF_INIT;
		b->rule[i] = NULL;
	}
	for (i = 0; i < 2; i++)
		if (load_file(b, i, rules) == -1)
			return -1;
	return 0;
}

void
bots_release(struct bots *b)
{
	int i;

	for (i = 0; i < 2; i++) {
		strbuf_release(&b->text[i]);
		strbuf_release(&b->regexes[i]);
		free(b->rule[i]);
	}
}

/* Is one of eight bytes a control? */
static inline bool
any_control(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), top = ones * 0x80;
	uint64_t v, low, from_space;

	memcpy(&v, p, sizeof(v));
	low = v & ~top;
	from_space = low + ones * (0x80 - ' ');
	return ((~from_space | (low + ones)) & ~v & top) != 0;
}

static bool
has_control(struct slice s)
{
	size_t i;

	for (i = 0; i + 8 <= s.n; i += 8)
		if (any_control(s.p + i))
			return true;
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool
is_letter(unsigned char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80;
}

/*
 * A browser names itself in words.  Controls, fewer than three letters, or
 * the bare "Mozilla/5.0" are what scripts send.
 */
static bool
is_nonsense(struct slice agent)
{
	static const char *const bare[] = { "Mozilla", "Mozilla/4.0",
		"Mozilla/5.0" };
	size_t i, letters = 0;

	if (has_control(agent))
		return true;
	for (i = 0; i < agent.n && letters < 3; i++)
		letters += is_letter((unsigned char)agent.p[i]);
	while (agent.n > 0 && agent.p[agent.n - 1] == ' ')
		agent.n--;
	for (i = 0; i < sizeof(bare) / sizeof(bare[0]); i++)
		if (slice_is(agent, bare[i]))
			return true;
	return letters < 3;
}

static bool
by_rules(const struct bots *b, struct rules *rules, int which,
    struct bot_verdict *v, bool *limit)
{
	const struct bot_rule *rule;
	int i = rules_first(rules, which == 0 ? RULES_BOT : RULES_CRAWLER);

	if (i == RULES_LIMIT)
		*limit = true;
	if (i < 0)
		return false;
	rule = &b->rule[which][i];
	v->kind = rule->kind;
	v->name = rule->name;
	v->tag = rule->tag.n > 0 ? rule->tag : SLICE_NULL;
	v->suspected = rule->suspected;
	return true;
}

/*
 * What sort of bot it calls itself is asked of the imported list, whatever
 * the reason: uap-core has no tags, and a rule of ours knows one name of
 * several.
 */
static void
take_tag(const struct bots *b, struct rules *rules, struct bot_verdict *v)
{
	struct bot_verdict named = { .suspected = true };
	bool limit = false;

	if (by_rules(b, rules, 1, &named, &limit) && named.tag.n > 0)
		v->tag = named.tag;
}

void
bots_judge(const struct bots *b, struct rules *rules, struct slice agent,
    bool spider, struct slice family, bool limit, struct bot_verdict *v)
{
	*v = (struct bot_verdict){ .suspected = true };
	if (agent.n == 0) {
		v->kind = SLICE_LIT("empty_agent");
		return;
	}
	if (!limit && by_rules(b, rules, 0, v, &limit)) {
		take_tag(b, rules, v);
		return;
	}
	if (spider) {
		v->kind = SLICE_LIT("spider");
		v->name = family;
		v->suspected = false;
		if (!limit)
			take_tag(b, rules, v);
		return;
	}
	if (!limit && by_rules(b, rules, 1, v, &limit))
		return;
	if (limit)
		v->kind = SLICE_LIT("agent_limit");
	else if (is_nonsense(agent))
		v->kind = SLICE_LIT("nonsense_agent");
}
