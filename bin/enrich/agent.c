#include "config.h"

#include "enrich/agent.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

/*
 * 4 MiB and 16 Ki answers of some 300 bytes: a large site has a few
 * thousand agents a day; one that is not there costs some 2 us.
 */
#define CACHE_BYTES ((size_t)4 << 20)
#define CACHE_SLOTS 16384

/* The texts begin where the head ends. */
_Static_assert(
    offsetof(struct agent, text) == sizeof(struct agent), "no room between");

/* No key has this id: the device is not hashed yet. */
#define NO_KEY INT64_MIN

/* What uap-core says of one agent. */
struct facts {
	struct uap_result browser, os, device;
	bool limit;
};

static void
begin(struct agents *ag)
{
	memset(ag, 0, sizeof(*ag));
	ag->raw = ag->uap_text = ag->text = STRBUF_INIT;
}

int
agents_open(struct agents *ag, const char *regexes)
{
	begin(ag);
	ag->rules = rules_new();
	if (uap_load(&ag->uap, regexes, ag->rules) == -1 ||
	    bots_load(&ag->bots, ag->rules) == -1)
		return -1;
	rules_seal(ag->rules);
	cache_init(&ag->cache, CACHE_BYTES, CACHE_SLOTS);
	return 0;
}

void
agents_again(struct agents *ag, const struct agents *from)
{
	begin(ag);
	ag->again = true;
	ag->by_device = from->by_device;
	ag->rules = rules_again(from->rules);
	ag->uap = from->uap;
	ag->bots = from->bots;
	cache_init(&ag->cache, CACHE_BYTES, CACHE_SLOTS);
}

void
agents_close(struct agents *ag)
{
	rules_free(ag->rules);
	if (!ag->again) {
		uap_release(&ag->uap);
		bots_release(&ag->bots);
	}
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

/* Texts come in the order of derived.h: those left out have no bytes. */
static void
begin_pair(struct agents *ag, int which)
{
	strbuf_adds(&ag->text, derived_names[which]);
	strbuf_addch(&ag->text, '=');
}

static void
end_pair(struct agents *ag, struct agent *a, int which)
{
	int i;

	strbuf_addch(&ag->text, '&');
	for (i = which + 1; i <= DERIVED_OF_AGENT; i++)
		a->at[i] = (uint32_t)(ag->text.len - sizeof(*a));
}

/* "browser=Chrome&"; nothing for NULL. */
static void
put_text(struct agents *ag, struct agent *a, int which, struct slice s)
{
	if (s.n == 0)
		return;
	begin_pair(ag, which);
	text_encode_strbuf(&ag->text, s, TEXT_MAP);
	end_pair(ag, a, which);
}

static void
put_brand(struct agents *ag, struct agent *a, struct slice s)
{
	size_t start = ag->text.len;

	if (s.n > 0)
		text_encode_strbuf(&ag->text, s, TEXT_COLUMN);
	a->brand_n = (uint32_t)(ag->text.len - start);
	if (s.n == 0)
		strbuf_adds(&ag->text, EV_NULL);
	strbuf_addch(&ag->text, '\t');
}

/* "bot=library:curl&" */
static void
put_bot(struct agents *ag, struct agent *a, const struct bot_verdict *v)
{
	if (v->kind.p == NULL)
		return;
	begin_pair(ag, DERIVED_BOT);
	text_encode_strbuf(&ag->text, v->kind, TEXT_MAP);
	if (v->name.n > 0) {
		strbuf_addch(&ag->text, ':');
		text_encode_strbuf(&ag->text, v->name, TEXT_MAP);
	}
	end_pair(ag, a, DERIVED_BOT);
	put_text(ag, a, DERIVED_BOT_CLASS,
	    v->suspected ? SLICE_LIT("suspected") : SLICE_LIT("declared"));
	put_text(ag, a, DERIVED_BOT_TAG, v->tag);
}

/* "17.2.1": as many parts as there are, up to the first that is missing. */
static void
put_version(
    struct agents *ag, struct agent *a, int which, const struct uap_result *r)
{
	struct slice part;
	int i;

	if (r->field[UAP_MAJOR].n == 0)
		return;
	begin_pair(ag, which);
	for (i = UAP_MAJOR; i <= UAP_PATCH; i++) {
		part = uap_text(&ag->uap_text, r, i);
		if (part.n == 0)
			break;
		if (i > UAP_MAJOR)
			strbuf_addch(&ag->text, '.');
		text_encode_strbuf(&ag->text, part, TEXT_MAP);
	}
	end_pair(ag, a, which);
}

/* "Other" is uap-core's word for none. */
static struct slice
known(struct slice s)
{
	return slice_is(s, "Other") ? SLICE_NULL : s;
}

static void
work_out(struct agents *ag, struct agent *a, struct slice agent, bool cut)
{
	const struct strbuf *sb = &ag->uap_text;
	struct bot_verdict verdict;
	struct facts f;
	struct slice family, os;
	bool spider;

	rules_subject(ag->rules, agent);
	find_facts(ag, &f);
	spider = slice_is(uap_text(sb, &f.device, UAP_FAMILY), "Spider") ||
		 slice_is(uap_text(sb, &f.device, UAP_BRAND), "Spider");
	family = known(uap_text(sb, &f.browser, UAP_FAMILY));
	bots_judge(
	    &ag->bots, ag->rules, agent, spider, family, f.limit, &verdict);
	if (cut && verdict.kind.p == NULL)
		verdict.kind = SLICE_LIT("agent_limit");

	put_bot(ag, a, &verdict);
	put_text(ag, a, DERIVED_BROWSER, family);
	if (family.n > 0)
		put_version(ag, a, DERIVED_BROWSER_VERSION, &f.browser);
	if (!spider)
		put_text(ag, a, DERIVED_DEVICE_MODEL,
		    known(uap_text(sb, &f.device, UAP_MODEL)));
	os = known(uap_text(sb, &f.os, UAP_FAMILY));
	put_text(ag, a, DERIVED_OS, os);
	if (os.n > 0)
		put_version(ag, a, DERIVED_OS_VERSION, &f.os);
	put_brand(ag, a,
	    spider ? SLICE_NULL : known(uap_text(sb, &f.device, UAP_BRAND)));
}

static struct slice
decode(struct agents *ag, struct slice val)
{
	strbuf_clear(&ag->raw);
	strbuf_grow(&ag->raw, val.n);
	ag->raw.len = text_decode(ag->raw.buf, val);
	return strbuf_slice(&ag->raw);
}

/* The value of "os=Android&", with a TAB behind; one pair of the answer. */
static void
add_name(struct strbuf *sb, const struct agent *a, int which)
{
	struct slice pair = agent_pairs(a, which, which + 1);
	size_t skip = strlen(derived_names[which]) + 1;

	if (pair.n > 0)
		strbuf_add(sb, pair.p + skip, pair.n - skip - 1);
	strbuf_addch(sb, '\t');
}

static struct slice
device_names(struct agents *ag, const struct agent *a)
{
	strbuf_clear(&ag->raw);
	strbuf_add_slice(&ag->raw, agent_brand(a));
	strbuf_addch(&ag->raw, '\t');
	add_name(&ag->raw, a, DERIVED_DEVICE_MODEL);
	add_name(&ag->raw, a, DERIVED_OS);
	add_name(&ag->raw, a, DERIVED_BROWSER);
	return strbuf_slice(&ag->raw);
}

void
agents_hash_device(struct agents *ag, struct agent *a, struct slice val,
    const struct visitor_key *key, int64_t key_id)
{
	struct slice raw = SLICE_NULL;

	if (ag->by_device)
		raw = device_names(ag, a);
	else if (val.p != NULL)
		raw = decode(ag, val);
	visitor_device(&a->device, key, raw);
	a->key_id = key_id;
}

void
agents_subject(struct agents *ag, struct slice val)
{
	static const enum rules_kind order[] = { RULES_DEVICE, RULES_BROWSER,
		RULES_OS, RULES_BOT, RULES_CRAWLER };
	struct slice raw = val.p == NULL ? SLICE_LIT("") : decode(ag, val);
	size_t i;

	if (raw.n > AGENT_MAX)
		raw.n = AGENT_MAX;
	rules_subject(ag->rules, raw);
	/* As find_facts() and bots_judge() ask: the budget ends where it did.
	 */
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (rules_first(ag->rules, order[i]) == RULES_LIMIT)
			break;
}

/* The answer is made in ag->text, its head last: the text moves. */
static struct agent *
make_answer(struct agents *ag, struct slice val)
{
	struct agent a = { .key_id = NO_KEY };
	struct slice raw;
	bool cut;

	raw = decode(ag, val);
	cut = raw.n > AGENT_MAX;
	if (cut)
		raw.n = AGENT_MAX;
	strbuf_clear(&ag->text);
	strbuf_add(&ag->text, &a, sizeof(a));
	work_out(ag, &a, raw, cut);
	/* Who copies whole vectors reads past the end. */
	strbuf_grow(&ag->text, CACHE_PAD);
	memcpy(ag->text.buf, &a, sizeof(a));
	return (struct agent *)(void *)ag->text.buf;
}

struct agent *
agents_find(struct agents *ag, struct slice val, uint64_t hash)
{
	struct slice key = val.p == NULL ? slice_of(cache_nothing, 0) : val;
	struct agent *a = cache_find(&ag->cache, key, hash);
	void *p;

	if (a != NULL)
		return a;
	a = make_answer(ag, key);
	p = cache_add(&ag->cache, key, hash, ag->text.len);
	if (p != NULL)
		memcpy(p, a, ag->text.len);
	return a;
}
