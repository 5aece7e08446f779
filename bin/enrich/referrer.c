#include "config.h"

#include "enrich/referrer.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "enrich/derived.h"
#include "enrich/scrub.h"
#include "enrich/term.h"

/*
 * 2 MiB and 8 Ki answers: a site of 100 thousand pages sends that many of
 * its own addresses, of which the busiest stay.
 */
#define CACHE_BYTES ((size_t)2 << 20)
#define CACHE_SLOTS 8192

/* The texts begin where the head ends. */
_Static_assert(offsetof(struct referral, text) == sizeof(struct referral),
    "no room between");

/* What is found out about one. */
struct facts {
	enum medium medium;
	struct slice host, full, source; /* raw; source is encoded */
};

static const struct referral *make_answer(
    struct referrer *rf, struct slice val);

static void
begin(struct referrer *rf, const struct conf_site *site, const struct policy *p)
{
	memset(rf, 0, sizeof(*rf));
	rf->site = site;
	rf->policy = p;
	rf->raw = rf->scrub = rf->text = rf->scrubbed = STRBUF_INIT;
	rf->term = rf->none = STRBUF_INIT;
	rf->psl = psl_builtin();
	cache_init(&rf->cache, CACHE_BYTES, CACHE_SLOTS);
}

static void
answer_none(struct referrer *rf)
{
	make_answer(rf, slice_of(cache_nothing, 0));
	strbuf_add_slice(&rf->none, strbuf_slice(&rf->text));
	strbuf_grow(&rf->none, CACHE_PAD);
}

int
referrer_open(
    struct referrer *rf, const struct conf_site *site, const struct policy *p)
{
	begin(rf, site, p);
	if (sources_load(&rf->sources, p->enrich->referrers.s) == -1)
		return -1;
	answer_none(rf);
	return 0;
}

void
referrer_again(
    struct referrer *rf, const struct referrer *from, const struct policy *p)
{
	begin(rf, from->site, p);
	rf->again = true;
	rf->sources = from->sources;
	answer_none(rf);
}

void
referrer_close(struct referrer *rf)
{
	if (!rf->again)
		sources_release(&rf->sources);
	cache_release(&rf->cache);
	strbuf_release(&rf->raw);
	strbuf_release(&rf->scrub);
	strbuf_release(&rf->term);
	strbuf_release(&rf->none);
	strbuf_release(&rf->text);
	strbuf_release(&rf->scrubbed);
}

static bool
host_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_' || c >= 0x80;
}

/* Copies the host in lower case; false when it is none. */
static bool
take_host(char host[REFERRER_HOST + 1], struct slice s)
{
	size_t i;
	unsigned char c;

	while (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	if (s.n == 0 || s.n > REFERRER_HOST || s.p[0] == '.')
		return false;
	for (i = 0; i < s.n; i++) {
		c = (unsigned char)text_lower(s.p[i]);
		if (!host_byte(c))
			return false;
		host[i] = (char)c;
	}
	host[s.n] = '\0';
	return true;
}

static bool
starts_nocase(struct slice s, const char *prefix)
{
	size_t i;

	for (i = 0; prefix[i] != '\0'; i++)
		if (i >= s.n || text_lower(s.p[i]) != prefix[i])
			return false;
	return true;
}

/* The scheme's length, 0 for one that is none of ours. */
static size_t
scheme_len(struct slice url, bool *app)
{
	static const char *const schemes[] = { "http://", "https://",
		"android-app://", "ios-app://" };
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (starts_nocase(url, schemes[i])) {
			*app = i >= 2;
			return strlen(schemes[i]);
		}
	return 0;
}

/* Without user information and port (RFC 3986, section 3.2). */
static struct slice
authority_host(struct slice rest)
{
	const char *end = rest.p, *at, *colon;
	struct slice s;

	while (end < rest.p + rest.n && strchr("/?#\\", *end) == NULL)
		end++;
	s = slice_of(rest.p, (size_t)(end - rest.p));
	while ((at = memchr(s.p, '@', s.n)) != NULL) {
		s.n -= (size_t)(at + 1 - s.p);
		s.p = at + 1;
	}
	if (s.n > 0 && s.p[0] == '[')
		return s;
	colon = memchr(s.p, ':', s.n);
	if (colon != NULL)
		s.n = (size_t)(colon - s.p);
	return s;
}

static bool
is_v4(const char *host)
{
	return host[strspn(host, "0123456789.")] == '\0';
}

static bool
is_own(const struct referrer *rf, const char *host)
{
	size_t i;

	for (i = 0; i < rf->site->hosts.n; i++)
		if (strcmp(rf->site->hosts.v[i].s, host) == 0)
			return true;
	return false;
}

static const char *
registrable(const struct referrer *rf, const char *host)
{
	const char *reg = NULL;

	if (rf->psl != NULL && !is_v4(host))
		reg = psl_registrable_domain(rf->psl, host);
	return reg != NULL ? reg : host;
}

/* "[2001:db8::1]" or "[2001:db8::1]:8080": kept to the bracket. */
static struct slice
v6_literal(struct slice s)
{
	const char *end = memchr(s.p, ']', s.n);
	const char *p;

	if (s.n == 0 || s.p[0] != '[' || end == NULL)
		return SLICE_NULL;
	for (p = s.p + 1; p < end; p++)
		if (text_hex((unsigned char)*p) == -1 && *p != ':' && *p != '.')
			return SLICE_NULL;
	return slice_of(s.p, (size_t)(end + 1 - s.p));
}

/* Looks the host up. */
static void
find_host(struct referrer *rf, struct facts *f, const char *host, bool app)
{
	char key[sizeof("android-app://") + REFERRER_HOST];
	const struct source_entry *src;
	struct slice k = slice_str(host);

	f->full = k;
	f->host = app ? k : slice_str(registrable(rf, host));
	if (app) {
		memcpy(key, "android-app://", 14);
		memcpy(key + 14, host, k.n);
		k = slice_of(key, k.n + 14);
	}
	src = sources_by_host(&rf->sources, k);
	if (src != NULL) {
		f->medium = src->medium;
		if (src->name.n > 0)
			f->source = src->name;
	}
	if (!app && is_own(rf, host)) {
		f->medium = MEDIUM_INTERNAL;
		f->source = SLICE_NULL;
	}
}

/* host is where the name is put that f borrows. */
static void
find_facts(struct referrer *rf, struct facts *f, struct slice url,
    char host[REFERRER_HOST + 1])
{
	struct slice s, literal;
	bool app = false;
	size_t n = scheme_len(url, &app);

	*f = (struct facts){ .medium = MEDIUM_UNKNOWN };
	if (n == 0)
		return;
	s = authority_host(slice_of(url.p + n, url.n - n));
	literal = v6_literal(s);
	if (literal.p != NULL)
		f->host = f->full = literal;
	else if (take_host(host, s))
		find_host(rf, f, host, app);
}

static struct slice
decode(struct strbuf *sb, struct slice val)
{
	strbuf_clear(sb);
	strbuf_grow(sb, val.n);
	sb->len = text_decode(sb->buf, val);
	sb->buf[sb->len] = '\0';
	return strbuf_slice(sb);
}

static void
put_pair(struct strbuf *sb, int which, struct slice raw)
{
	if (raw.p == NULL)
		return;
	strbuf_adds(sb, derived_names[which]);
	strbuf_addch(sb, '=');
	text_encode_strbuf(sb, raw, TEXT_MAP);
	strbuf_addch(sb, '&');
}

static void
end_text(struct referral *r, const struct strbuf *sb, int which)
{
	r->at[which + 1] = (uint32_t)(sb->len - sizeof(*r));
}

/* Without what is denied, as in the address. */
static void
put_term(struct referrer *rf, struct slice url)
{
	if (!term_find(&rf->term, url))
		return;
	strbuf_adds(&rf->text, DERIVED_TERM "=");
	text_encode_strbuf(&rf->text, strbuf_slice(&rf->term), TEXT_MAP);
	strbuf_addch(&rf->text, '&');
}

/* The answer is made in rf->text, its head last: the text moves. */
static const struct referral *
make_answer(struct referrer *rf, struct slice val)
{
	struct strbuf *sb = &rf->text;
	struct referral r = { .changed = 0 };
	char host[REFERRER_HOST + 1];
	struct slice url = decode(&rf->raw, val);
	struct facts f;

	r.changed = scrub_url(&rf->scrub, url, false, rf->policy);
	find_facts(rf, &f, url, host);
	strbuf_clear(sb);
	strbuf_add(sb, &r, sizeof(r));
	put_pair(sb, DERIVED_REFERRER, f.host);
	end_text(&r, sb, REFERRAL_HOST);
	put_pair(
	    sb, DERIVED_REFERRER_MEDIUM, slice_str(medium_names[f.medium]));
	end_text(&r, sb, REFERRAL_MEDIUM);
	put_pair(sb, DERIVED_REFERRER_SOURCE, f.source);
	if (f.medium == MEDIUM_SEARCH)
		put_term(rf, r.changed ? strbuf_slice(&rf->scrub) : url);
	end_text(&r, sb, REFERRAL_SOURCE);
	strbuf_add_slice(sb, f.full);
	end_text(&r, sb, REFERRAL_FULL);
	if (r.changed)
		text_encode_strbuf(sb, strbuf_slice(&rf->scrub), TEXT_MAP);
	end_text(&r, sb, REFERRAL_SCRUBBED);
	/* Who copies whole vectors reads past the end. */
	strbuf_grow(sb, CACHE_PAD);
	memcpy(sb->buf, &r, sizeof(r));
	return (const struct referral *)(const void *)sb->buf;
}

const struct referral *
referrer_find(struct referrer *rf, struct slice val)
{
	const struct referral *r;
	uint64_t hash;
	void *p;

	/* A quarter of the rows of many logs. */
	if (val.n == 0)
		return (const struct referral *)(const void *)rf->none.buf;
	hash = cache_hash(&rf->cache, val);
	r = cache_find(&rf->cache, val, hash);
	if (r != NULL)
		return r;
	r = make_answer(rf, val);
	p = cache_add(&rf->cache, val, hash, rf->text.len);
	if (p != NULL)
		memcpy(p, r, rf->text.len);
	return r;
}

struct slice
referrer_scrub(struct referrer *rf, struct slice val, bool args)
{
	struct slice url;

	if (!referrer_may_hold(val))
		return SLICE_NULL;
	url = decode(&rf->raw, val);
	if (!scrub_url(&rf->scrub, url, args, rf->policy))
		return SLICE_NULL;
	strbuf_clear(&rf->scrubbed);
	text_encode_strbuf(&rf->scrubbed, strbuf_slice(&rf->scrub), TEXT_MAP);
	/* Who copies whole vectors reads past the end. */
	strbuf_grow(&rf->scrubbed, CACHE_PAD);
	return strbuf_slice(&rf->scrubbed);
}
