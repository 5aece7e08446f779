#include "config.h"

#include "enrich/referrer.h"

#include <string.h>

#include "base/text.h"
#include "enrich/scrub.h"

/*
 * 4 MiB and 16 Ki answers: a site of 100 thousand pages sends that many of
 * its own addresses, of which the busiest stay.
 */
#define CACHE_BYTES ((size_t)4 << 20)
#define CACHE_SLOTS 16384

/* A cached answer: lengths, then the texts in this order. */
struct stored {
	uint32_t medium;
	uint32_t host_n, full_n, source_n, scrubbed_n;
	uint32_t null; /* bit per text that is NULL */
};

enum { TEXT_HOST, TEXT_FULL, TEXT_SOURCE, TEXT_SCRUBBED };

int
referrer_open(
    struct referrer *rf, const struct conf_site *site, const struct policy *p)
{
	memset(rf, 0, sizeof(*rf));
	rf->site = site;
	rf->policy = p;
	rf->raw = rf->scrub = rf->text = rf->scrubbed = STRBUF_INIT;
	rf->psl = psl_builtin();
	cache_init(&rf->cache, CACHE_BYTES, CACHE_SLOTS);
	return sources_load(&rf->sources);
}

void
referrer_close(struct referrer *rf)
{
	sources_release(&rf->sources);
	cache_release(&rf->cache);
	strbuf_release(&rf->raw);
	strbuf_release(&rf->scrub);
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
		c = (unsigned char)s.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 32);
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
	char c;

	for (i = 0; prefix[i] != '\0'; i++) {
		if (i >= s.n)
			return false;
		c = s.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if (c != prefix[i])
			return false;
	}
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

static void
put_text(struct referrer *rf, struct stored *st, int which, struct slice s,
    bool encode)
{
	uint32_t *n[] = { &st->host_n, &st->full_n, &st->source_n,
		&st->scrubbed_n };
	size_t start = rf->text.len;

	if (s.p == NULL) {
		st->null |= 1U << which;
		return;
	}
	if (encode)
		text_encode_strbuf(&rf->text, s, TEXT_MAP);
	else
		strbuf_add_slice(&rf->text, s);
	*n[which] = (uint32_t)(rf->text.len - start);
}

/* Looks the host up, and puts host, full and source. */
static void
put_host(struct referrer *rf, struct stored *st, const char *host, bool app)
{
	char key[sizeof("android-app://") + REFERRER_HOST];
	const struct source_entry *src;
	struct slice source = SLICE_NULL, k = slice_str(host);

	if (app) {
		memcpy(key, "android-app://", 14);
		memcpy(key + 14, host, k.n);
		k = slice_of(key, k.n + 14);
	}
	src = sources_by_host(&rf->sources, k);
	if (src != NULL) {
		st->medium = src->medium;
		if (src->name.n > 0)
			source = src->name;
	}
	if (!app && is_own(rf, host)) {
		st->medium = MEDIUM_INTERNAL;
		source = SLICE_NULL;
	}
	put_text(rf, st, TEXT_HOST,
	    slice_str(app ? host : registrable(rf, host)), true);
	put_text(rf, st, TEXT_FULL, slice_str(host), false);
	put_text(rf, st, TEXT_SOURCE, source, true);
}

static void
work_out(struct referrer *rf, struct stored *st, struct slice url)
{
	char host[REFERRER_HOST + 1];
	struct slice s, literal;
	bool app = false;
	size_t n = scheme_len(url, &app);

	s = authority_host(slice_of(url.p + n, url.n - n));
	literal = n == 0 ? SLICE_NULL : v6_literal(s);
	if (literal.p != NULL) {
		put_text(rf, st, TEXT_HOST, literal, true);
		put_text(rf, st, TEXT_FULL, literal, false);
		put_text(rf, st, TEXT_SOURCE, SLICE_NULL, true);
	} else if (n > 0 && take_host(host, s)) {
		put_host(rf, st, host, app);
	} else {
		st->null |=
		    1U << TEXT_HOST | 1U << TEXT_FULL | 1U << TEXT_SOURCE;
	}
}

static struct slice
next_text(const char **p, const struct stored *st, int which, uint32_t n)
{
	struct slice s = slice_of(*p, n);

	if (st->null & (1U << which))
		return SLICE_NULL;
	*p += n;
	return s;
}

static const struct referral *
answer(struct referrer *rf, const struct stored *st, const char *text)
{
	struct referral *a = &rf->answer;

	a->medium = (enum medium)st->medium;
	a->host = next_text(&text, st, TEXT_HOST, st->host_n);
	a->full = next_text(&text, st, TEXT_FULL, st->full_n);
	a->source = next_text(&text, st, TEXT_SOURCE, st->source_n);
	a->scrubbed = next_text(&text, st, TEXT_SCRUBBED, st->scrubbed_n);
	return a;
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

const struct referral *
referrer_find(struct referrer *rf, struct slice val)
{
	static const struct referral nothing = { .medium = MEDIUM_UNKNOWN };
	struct stored st = { 0 };
	struct slice url;
	const char *hit;
	uint64_t hash;
	char *p;

	if (val.n == 0)
		return &nothing;
	hash = hash_slice(&rf->cache.key, val);
	hit = cache_find(&rf->cache, val, hash);
	if (hit != NULL) {
		memcpy(&st, hit, sizeof(st));
		return answer(rf, &st, hit + sizeof(st));
	}
	url = decode(&rf->raw, val);
	strbuf_clear(&rf->text);
	work_out(rf, &st, url);
	if (scrub_url(&rf->scrub, url, false, rf->policy))
		put_text(
		    rf, &st, TEXT_SCRUBBED, strbuf_slice(&rf->scrub), true);
	else
		st.null |= 1U << TEXT_SCRUBBED;
	p = cache_add(&rf->cache, val, hash, sizeof(st) + rf->text.len);
	if (p != NULL) {
		memcpy(p, &st, sizeof(st));
		memcpy(p + sizeof(st), rf->text.buf, rf->text.len);
	}
	return answer(rf, &st, rf->text.buf);
}

struct slice
referrer_scrub(struct referrer *rf, struct slice val, bool args)
{
	struct slice url;

	/* An argument has a '=', which a value of the map has encoded. */
	if (val.n == 0 || (memchr(val.p, '%', val.n) == NULL &&
			      memchr(val.p, '=', val.n) == NULL))
		return SLICE_NULL;
	url = decode(&rf->raw, val);
	if (!scrub_url(&rf->scrub, url, args, rf->policy))
		return SLICE_NULL;
	strbuf_clear(&rf->scrubbed);
	text_encode_strbuf(&rf->scrubbed, strbuf_slice(&rf->scrub), TEXT_MAP);
	return strbuf_slice(&rf->scrubbed);
}
