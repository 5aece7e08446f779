#include "config.h"

#include "enrich/campaign.h"

#include <string.h>

#include "base/text.h"
#include "enrich/derived.h"

/* A site has some hundred campaigns; strangers invent any number. */
#define CACHE_BYTES ((size_t)512 << 10)
#define CACHE_SLOTS 2048

/* Of the cache, with what may be read behind it. */
#define KEY_SIZE (2 + CAMPAIGN_NAME + 1 + CAMPAIGN_VALUE + CACHE_PAD)

static const struct click {
	const char *arg;
	const char *source;
	enum medium medium;
} clicks[CAMPAIGN_CLICKS] = {
	{ "gclid", "Google", MEDIUM_PAID },
	{ "gbraid", "Google", MEDIUM_PAID },
	{ "wbraid", "Google", MEDIUM_PAID },
	{ "dclid", "Google", MEDIUM_PAID },
	{ "msclkid", "Bing", MEDIUM_PAID },
	{ "ttclid", "TikTok", MEDIUM_PAID },
	{ "li_fat_id", "LinkedIn", MEDIUM_PAID },
	{ "twclid", "X", MEDIUM_PAID },
	{ "yclid", "Yandex", MEDIUM_PAID },
	{ "epik", "Pinterest", MEDIUM_PAID },
	{ "rdt_cid", "Reddit", MEDIUM_PAID },
	{ "sccid", "Snapchat", MEDIUM_PAID },
	{ "fbclid", "Facebook", MEDIUM_SOCIAL },
};

/* What people write into utm_medium; matched whole, or to a '*'. */
static const struct {
	const char *word;
	enum medium medium;
} words[] = {
	{ "cpc", MEDIUM_PAID },
	{ "ppc", MEDIUM_PAID },
	{ "cpm", MEDIUM_PAID },
	{ "cpv", MEDIUM_PAID },
	{ "cpa", MEDIUM_PAID },
	{ "paid*", MEDIUM_PAID },
	{ "display*", MEDIUM_PAID },
	{ "banner", MEDIUM_PAID },
	{ "retargeting", MEDIUM_PAID },
	{ "ads", MEDIUM_PAID },
	{ "ad", MEDIUM_PAID },
	{ "email*", MEDIUM_EMAIL },
	{ "e-mail*", MEDIUM_EMAIL },
	{ "e_mail*", MEDIUM_EMAIL },
	{ "mail", MEDIUM_EMAIL },
	{ "newsletter*", MEDIUM_EMAIL },
	{ "social*", MEDIUM_SOCIAL },
	{ "sm", MEDIUM_SOCIAL },
	{ "organic", MEDIUM_SEARCH },
	{ "search", MEDIUM_SEARCH },
	{ "seo", MEDIUM_SEARCH },
	{ "news", MEDIUM_NEWS },
	{ "ai", MEDIUM_AI },
	{ "llm", MEDIUM_AI },
	{ "chatbot", MEDIUM_AI },
};

int
campaign_click(struct slice arg)
{
	size_t i;

	for (i = 0; i < CAMPAIGN_CLICKS; i++)
		if (slice_is(arg, clicks[i].arg))
			return (int)i;
	return -1;
}

/* Decoded, ASCII in lower case. */
static struct slice
plain(char buf[CAMPAIGN_VALUE], struct slice val)
{
	size_t n;

	if (val.n > CAMPAIGN_VALUE)
		val.n = CAMPAIGN_VALUE;
	n = text_decode(buf, val);
	text_lower_copy(buf, buf, n);
	return slice_of(buf, n);
}

static bool
word_is(const char *word, struct slice s)
{
	size_t n = strlen(word);

	if (n > 0 && word[n - 1] == '*')
		return s.n >= n - 1 && memcmp(word, s.p, n - 1) == 0;
	return slice_is(s, word);
}

/* MEDIUM_COUNT: none that we know. */
static enum medium
medium_of_word(struct slice val)
{
	char buf[CAMPAIGN_VALUE];
	struct slice s;
	size_t i;

	if (val.p == NULL)
		return MEDIUM_COUNT;
	s = plain(buf, val);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word_is(words[i].word, s))
			return words[i].medium;
	return MEDIUM_COUNT;
}

static const struct source_entry *
find_source(const struct sources *s, struct slice val)
{
	char buf[CAMPAIGN_VALUE];
	struct slice text = plain(buf, val);

	if (memchr(text.p, '.', text.n) != NULL)
		return sources_by_host(s, text);
	return sources_by_name(s, text);
}

/* name is encoded text, NULL for unknown; borrowed from c or sources. */
static void
resolve(const struct campaign *c, const struct sources *s, enum medium *medium,
    struct slice *name)
{
	const struct source_entry *src = NULL;
	const struct click *click = c->click < 0 ? NULL : &clicks[c->click];

	*name = SLICE_NULL;
	if (c->source.n > 0) {
		src = find_source(s, c->source);
		*name = src != NULL && src->name.n > 0 ? src->name : c->source;
	} else if (click != NULL) {
		*name = slice_str(click->source);
	}
	*medium = medium_of_word(c->medium);
	if (*medium != MEDIUM_COUNT)
		return;
	if (click != NULL && (src == NULL || click->medium == MEDIUM_PAID))
		*medium = click->medium;
	else if (src != NULL)
		*medium = src->medium;
	else if (word_is("newsletter*", c->source))
		*medium = MEDIUM_EMAIL;
	else
		*medium = MEDIUM_UNKNOWN;
}

void
campaigns_release(struct campaigns *cs)
{
	int i;

	cache_release(&cs->cache);
	for (i = 0; i < CAMPAIGN_CLICKS; i++)
		strbuf_release(&cs->of_click[i]);
	strbuf_release(&cs->text);
}

/* The head comes last: the text moves. */
static const struct campaign_answer *
make_answer(struct campaigns *cs, const struct campaign *c)
{
	struct campaign_answer a = { 0, 0 };
	struct strbuf *sb = &cs->text;
	enum medium medium;
	struct slice name;

	resolve(c, cs->sources, &medium, &name);
	strbuf_clear(sb);
	strbuf_add(sb, &a, sizeof(a));
	strbuf_adds(sb, derived_names[DERIVED_REFERRER_MEDIUM]);
	strbuf_addch(sb, '=');
	strbuf_adds(sb, medium_names[medium]);
	strbuf_addch(sb, '&');
	a.medium_n = (uint32_t)(sb->len - sizeof(a));
	if (name.p != NULL && name.n <= CAMPAIGN_NAME) {
		strbuf_adds(sb, derived_names[DERIVED_REFERRER_SOURCE]);
		strbuf_addch(sb, '=');
		strbuf_add_slice(sb, name);
		strbuf_addch(sb, '&');
	}
	a.source_n = (uint32_t)(sb->len - sizeof(a)) - a.medium_n;
	/* Who copies whole vectors reads past the end. */
	strbuf_grow(sb, CACHE_PAD);
	memcpy(sb->buf, &a, sizeof(a));
	return (const struct campaign_answer *)(const void *)sb->buf;
}

void
campaigns_init(struct campaigns *cs, const struct sources *s)
{
	struct campaign c = { .click = CAMPAIGN_CLICKS };

	cs->sources = s;
	cs->text = STRBUF_INIT;
	cache_init(&cs->cache, CACHE_BYTES, CACHE_SLOTS);
	while (c.click-- > 0) {
		cs->of_click[c.click] = STRBUF_INIT;
		make_answer(cs, &c);
		strbuf_add_slice(
		    &cs->of_click[c.click], strbuf_slice(&cs->text));
		strbuf_grow(&cs->of_click[c.click], CACHE_PAD);
	}
}

/* What stands between the two where a map has one behind the other. */
#define BETWEEN "&arg_utm_source="

/*
 * Medium and source as they stand in the map are their own key, and no other's:
 * it has the '&' between them, which one that is made never has.
 */
static inline bool
is_key(const struct campaign *c)
{
	return c->click < 0 && c->medium.p != NULL &&
	       c->source.p == c->medium.p + c->medium.n + strlen(BETWEEN) &&
	       c->source.n <= CAMPAIGN_NAME && c->medium.n <= CAMPAIGN_VALUE;
}

/* Click, source, TAB, medium: no encoded text holds a TAB. */
static struct slice
make_key(char key[KEY_SIZE], const struct campaign *c)
{
	char *p = key;

	*p++ = (char)(c->click + 1);
	if (c->source.n > 0)
		memcpy(p, c->source.p, c->source.n);
	p += c->source.n;
	*p++ = '\t';
	if (c->medium.n > 0)
		memcpy(p, c->medium.p, c->medium.n);
	p += c->medium.n;
	return slice_of(key, (size_t)(p - key));
}

const struct campaign_answer *
campaigns_find(struct campaigns *cs, const struct campaign *c)
{
	struct campaign cut = *c;
	const struct campaign_answer *a;
	char text[KEY_SIZE];
	struct slice key;
	uint64_t hash;
	void *p;

	if (c->source.n == 0 && c->medium.n == 0 && c->click >= 0)
		return (const void *)cs->of_click[c->click].buf;
	/* What lies behind changes no answer, and memory is bounded. */
	if (cut.source.n > CAMPAIGN_NAME)
		cut.source.n = CAMPAIGN_NAME + 1;
	if (cut.medium.n > CAMPAIGN_VALUE)
		cut.medium.n = CAMPAIGN_VALUE;
	if (is_key(c))
		key = slice_of(c->medium.p,
		    (size_t)(c->source.p + c->source.n - c->medium.p));
	else
		key = make_key(text, &cut);
	hash = cache_hash(&cs->cache, key);
	a = cache_find(&cs->cache, key, hash);
	if (a != NULL)
		return a;
	a = make_answer(cs, &cut);
	p = cache_add(&cs->cache, key, hash, cs->text.len);
	if (p != NULL)
		memcpy(p, a, cs->text.len);
	return a;
}
