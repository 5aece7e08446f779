#include "config.h"

#include "enrich/agent.h"

#include <string.h>

#include "base/text.h"

/*
 * 8 MiB and 32 Ki answers of some 300 bytes: a large site has a few
 * thousand agents a day; one that is not there costs some 10 us.
 */
#define CACHE_BYTES ((size_t)8 << 20)
#define CACHE_SLOTS 32768

#define TEXT_BRAND DERIVED_OF_AGENT

/* A cached answer; the texts follow, in their order. */
struct stored {
	struct visitor_device device;
	uint32_t n[AGENT_TEXTS]; /* 0: NULL; none is ever empty */
};

/* What uap-core says of one agent. */
struct facts {
	struct uap_result browser, os, device;
	bool limit;
};

int
agents_open(
    struct agents *ag, const char *regexes, const struct visitor_key *key)
{
	memset(ag, 0, sizeof(*ag));
	ag->key = key;
	ag->raw = ag->uap_text = ag->text = STRBUF_INIT;
	ag->rules = rules_new();
	if (uap_load(&ag->uap, regexes, ag->rules) == -1 ||
	    bots_load(&ag->bots, ag->rules) == -1)
		return -1;
	rules_seal(ag->rules);
	cache_init(&ag->cache, CACHE_BYTES, CACHE_SLOTS);
	return 0;
}

void
agents_close(struct agents *ag)
{
	rules_free(ag->rules);
	uap_release(&ag->uap);
	bots_release(&ag->bots);
	cache_release(&ag->cache);
	strbuf_release(&ag->raw);
	strbuf_release(&ag->uap_text);
	strbuf_release(&ag->text);
}

static void
find_facts(struct agents *ag, struct facts *f)
{
	struct strbuf *sb = &ag->uap_text;
	int r;

	strbuf_clear(sb);
	r = uap_find(&ag->uap, ag->rules, RULES_DEVICE, sb, &f->device);
	f->limit = r == RULES_LIMIT;
	memset(&f->browser, 0, sizeof(f->browser));
	memset(&f->os, 0, sizeof(f->os));
	if (f->limit)
		return;
	r = uap_find(&ag->uap, ag->rules, RULES_BROWSER, sb, &f->browser);
	f->limit = r == RULES_LIMIT;
	if (f->limit)
		return;
	r = uap_find(&ag->uap, ag->rules, RULES_OS, sb, &f->os);
	f->limit = r == RULES_LIMIT;
}

static void
begin_text(struct agents *ag, int which)
{
	if (which < DERIVED_OF_AGENT) {
		strbuf_adds(&ag->text, derived_names[which]);
		strbuf_addch(&ag->text, '=');
	}
}

/* "browser=Chrome"; nothing for NULL. */
static void
put_text(struct agents *ag, struct stored *st, int which, struct slice s)
{
	size_t start = ag->text.len;

	if (s.n == 0)
		return;
	begin_text(ag, which);
	text_encode_strbuf(
	    &ag->text, s, which == TEXT_BRAND ? TEXT_COLUMN : TEXT_MAP);
	st->n[which] = (uint32_t)(ag->text.len - start);
}

/* "bot=library:curl" */
static void
put_bot(struct agents *ag, struct stored *st, const struct bot_verdict *v)
{
	size_t start = ag->text.len;

	if (v->kind.p == NULL)
		return;
	begin_text(ag, DERIVED_BOT);
	text_encode_strbuf(&ag->text, v->kind, TEXT_MAP);
	if (v->name.n > 0) {
		strbuf_addch(&ag->text, ':');
		text_encode_strbuf(&ag->text, v->name, TEXT_MAP);
	}
	st->n[DERIVED_BOT] = (uint32_t)(ag->text.len - start);
	put_text(ag, st, DERIVED_BOT_CLASS,
	    v->suspected ? SLICE_LIT("suspected") : SLICE_LIT("declared"));
	put_text(ag, st, DERIVED_BOT_TAG, v->tag);
}

/* "17.2.1": as many parts as there are, up to the first that is missing. */
static void
put_version(
    struct agents *ag, struct stored *st, int which, const struct uap_result *r)
{
	size_t start = ag->text.len;
	struct slice part;
	int i;

	if (r->field[UAP_MAJOR].n == 0)
		return;
	begin_text(ag, which);
	for (i = UAP_MAJOR; i <= UAP_PATCH; i++) {
		part = uap_text(&ag->uap_text, r, i);
		if (part.n == 0)
			break;
		if (i > UAP_MAJOR)
			strbuf_addch(&ag->text, '.');
		text_encode_strbuf(&ag->text, part, TEXT_MAP);
	}
	st->n[which] = (uint32_t)(ag->text.len - start);
}

/* "Other" is uap-core's word for none. */
static struct slice
known(struct slice s)
{
	return slice_is(s, "Other") ? SLICE_NULL : s;
}

static void
work_out(struct agents *ag, struct stored *st, struct slice agent)
{
	const struct strbuf *sb = &ag->uap_text;
	struct bot_verdict verdict;
	struct facts f;
	struct slice family;
	bool spider;

	rules_subject(ag->rules, agent);
	find_facts(ag, &f);
	spider = slice_is(uap_text(sb, &f.device, UAP_FAMILY), "Spider") ||
		 slice_is(uap_text(sb, &f.device, UAP_BRAND), "Spider");
	family = known(uap_text(sb, &f.browser, UAP_FAMILY));
	bots_judge(
	    &ag->bots, ag->rules, agent, spider, family, f.limit, &verdict);

	/* In the order of derived.h: the texts are read back in it. */
	put_bot(ag, st, &verdict);
	put_text(ag, st, DERIVED_BROWSER, family);
	if (family.n > 0)
		put_version(ag, st, DERIVED_BROWSER_VERSION, &f.browser);
	if (!spider)
		put_text(ag, st, DERIVED_DEVICE_MODEL,
		    known(uap_text(sb, &f.device, UAP_MODEL)));
	put_text(ag, st, DERIVED_OS, known(uap_text(sb, &f.os, UAP_FAMILY)));
	if (st->n[DERIVED_OS] > 0)
		put_version(ag, st, DERIVED_OS_VERSION, &f.os);
	if (!spider)
		put_text(ag, st, TEXT_BRAND,
		    known(uap_text(sb, &f.device, UAP_BRAND)));
}

static const struct agent *
answer(struct agents *ag, const struct stored *st, const char *text)
{
	struct agent *a = &ag->answer;
	int i;

	a->device = st->device;
	for (i = 0; i < DERIVED_OF_AGENT; i++) {
		a->derived[i] =
		    st->n[i] == 0 ? SLICE_NULL : slice_of(text, st->n[i]);
		text += st->n[i];
	}
	a->brand = st->n[TEXT_BRAND] == 0 ? SLICE_NULL
					  : slice_of(text, st->n[TEXT_BRAND]);
	return a;
}

const struct agent *
agents_find(struct agents *ag, struct slice val)
{
	struct stored st = { .n = { 0 } };
	struct slice key = val.p == NULL ? SLICE_LIT("") : val;
	uint64_t hash = hash_slice(&ag->cache.key, key);
	const char *hit = cache_find(&ag->cache, key, hash);
	char *p;

	if (hit != NULL) {
		memcpy(&st, hit, sizeof(st));
		return answer(ag, &st, hit + sizeof(st));
	}
	strbuf_clear(&ag->raw);
	strbuf_grow(&ag->raw, key.n);
	ag->raw.len = text_decode(ag->raw.buf, key);
	strbuf_clear(&ag->text);
	visitor_device(&st.device, ag->key, strbuf_slice(&ag->raw));
	work_out(ag, &st, strbuf_slice(&ag->raw));
	p = cache_add(&ag->cache, key, hash, sizeof(st) + ag->text.len);
	if (p != NULL) {
		memcpy(p, &st, sizeof(st));
		memcpy(p + sizeof(st), ag->text.buf, ag->text.len);
	}
	return answer(ag, &st, ag->text.buf);
}
