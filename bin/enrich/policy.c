#include "config.h"

#include "enrich/policy.h"

#include <string.h>

#include "base/text.h"
#include "enrich/campaign.h"
#include "enrich/derived.h"

const char *const derived_names[DERIVED_COUNT] = {
	[DERIVED_BOT] = "bot",
	[DERIVED_BOT_CLASS] = "bot_class",
	[DERIVED_BOT_TAG] = "bot_tag",
	[DERIVED_BROWSER] = "browser",
	[DERIVED_BROWSER_VERSION] = "browser_version",
	[DERIVED_DEVICE_MODEL] = "device_model",
	[DERIVED_OS] = "os",
	[DERIVED_OS_VERSION] = "os_version",
	[DERIVED_REFERRER] = "referrer",
	[DERIVED_REFERRER_MEDIUM] = "referrer_medium",
	[DERIVED_REFERRER_SOURCE] = "referrer_source",
};

/*
 * Globs of variables.  The headers are those by which proxies and CDNs pass
 * on the client's address, and those that carry credentials or a person's
 * address or number.
 */
static const char *const personal[] = {
	"binary_remote_addr",
	"realip_remote_addr",
	"proxy_protocol_addr",
	"proxy_add_x_forwarded_for",
	"remote_user",
	"ssl_client_*",
	"ssl_session_id",
	"sent_http_set_cookie",
	"upstream_http_set_cookie",
	"upstream_cookie_*",
	"http_*authorization*",
	"http_*token*",
	"http_*api_key*",
	"http_*apikey*",
	"http_*session*",
	"http_*remote_user*",
	"http_*user_agent*",
	"http_*email*",
	"http_cookie",
	"http_forwarded",
	"http_*forwarded_for*",
	"http_x_forwarded",
	"http_*real_ip*",
	"http_*client_ip*",
	"http_*clientip*",
	"http_*connecting_ip*",
	"http_*user_ip*",
	"http_*socketip*",
	"http_*remote_ip*",
	"http_*remote_addr*",
	"http_*pseudo_ipv4*",
	"http_*external_address*",
	"http_*msisdn*",
	"http_from",
	"request_body",
};

static const struct {
	const char *name;
	enum policy_role role;
} roles[] = {
	{ "remote_addr", ROLE_ADDRESS },
	{ "http_user_agent", ROLE_AGENT },
	{ "http_referer", ROLE_REFERER },
	{ "request", ROLE_URL },
	{ "request_uri", ROLE_URL },
	{ "uri", ROLE_URL },
	{ "document_uri", ROLE_URL },
	{ "http_x_original_uri", ROLE_URL },
	{ "http_x_original_url", ROLE_URL },
	{ "http_x_rewrite_url", ROLE_URL },
	{ "sent_http_location", ROLE_URL },
	{ "upstream_http_location", ROLE_URL },
	{ "args", ROLE_ARGS },
	{ "query_string", ROLE_ARGS },
	{ "arg_utm_source", ROLE_UTM_SOURCE },
	{ "arg_utm_medium", ROLE_UTM_MEDIUM },
};

void
policy_init(struct policy *p, const struct conf *conf)
{
	memset(p, 0, sizeof(*p));
	hash_key_random(&p->key);
	p->properties = &conf->properties;
	p->enrich = &conf->enrich;
}

static bool
in_list(const struct conf_list *list, struct slice name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (conf_glob_match(list->v[i].s, name))
			return true;
	return false;
}

/* Named in full; a glob of a list asks for nobody's secrets. */
static bool
in_list_exactly(const struct conf_list *list, struct slice name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (slice_is(name, list->v[i].s))
			return true;
	return false;
}

bool
policy_arg_denied(const struct policy *p, struct slice name)
{
	char buf[256];
	struct slice variable;

	if (!in_list(conf_deny(p->properties), name))
		return false;
	if (name.n + 4 > sizeof(buf))
		return true;
	memcpy(buf, "arg_", 4);
	memcpy(buf + 4, name.p, name.n);
	variable = slice_of(buf, name.n + 4);
	return !in_list(&p->enrich->keep, variable) &&
	       !in_list_exactly(&p->properties->variables, variable);
}

static bool
cookie_allowed(const struct policy *p, struct slice key, struct slice name)
{
	if (in_list_exactly(&p->properties->variables, key))
		return true;
	return in_list(&p->properties->cookies, name) &&
	       !in_list(conf_deny(p->properties), name);
}

static bool
is_personal(struct slice key)
{
	size_t i;

	for (i = 0; i < sizeof(personal) / sizeof(personal[0]); i++)
		if (conf_glob_match(personal[i], key))
			return true;
	return false;
}

static struct slice
after(struct slice s, size_t n)
{
	return slice_of(s.p + n, s.n - n);
}

/* Decoded and in lower case; what does not fit is cut. */
static struct slice
plain_name(char *buf, size_t size, struct slice key)
{
	size_t n;

	if (key.n > size)
		key.n = size;
	n = text_decode(buf, key);
	text_lower_copy(buf, buf, n);
	return slice_of(buf, n);
}

static struct policy_plan
decide_role(const struct policy *p, struct slice key)
{
	struct policy_plan plan = { .role = ROLE_KEEP };
	char buf[512];
	struct slice name = plain_name(buf, sizeof(buf), key);
	size_t i;
	int click;

	for (i = 0; i < DERIVED_COUNT; i++)
		if (slice_is(name, derived_names[i])) {
			/* Written in another way it is nobody's. */
			plan.role =
			    slice_eq(name, key) ? ROLE_DERIVED : ROLE_DROP;
			plan.which = (uint8_t)i;
			return plan;
		}
	if (slice_is(name, DERIVED_TERM)) {
		plan.role = slice_eq(name, key) ? ROLE_DERIVED : ROLE_DROP;
		plan.which = DERIVED_REFERRER_SOURCE;
		return plan;
	}
	plan.keep = in_list(&p->enrich->keep, name);
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (slice_is(name, roles[i].name)) {
			plan.role = (uint8_t)roles[i].role;
			return plan;
		}
	if (slice_starts(name, SLICE_LIT("arg_"))) {
		click = campaign_click(after(name, 4));
		if (click >= 0) {
			plan.role = ROLE_CLICK_ID;
			plan.which = (uint8_t)click;
		} else if (policy_arg_denied(p, after(name, 4))) {
			plan.role = ROLE_DROP;
		} else if (!plan.keep) {
			plan.role = ROLE_URL; /* may hold one: ?next= */
		}
		return plan;
	}
	if (slice_starts(name, SLICE_LIT("cookie_"))) {
		if (!cookie_allowed(p, name, after(name, 7)))
			plan.role = ROLE_DROP;
	} else if (is_personal(name)) {
		plan.role = ROLE_DROP;
	}
	if (plan.keep)
		plan.role = ROLE_KEEP;
	return plan;
}

static struct policy_plan
decide(const struct policy *p, struct slice key)
{
	struct policy_plan plan = decide_role(p, key);
	uint8_t i;

	plan.rank = 0;
	for (i = 0; i < DERIVED_COUNT; i++)
		if (slice_cmp(key, slice_str(derived_names[i])) > 0)
			plan.rank = (uint8_t)(i + 1);
	return plan;
}

struct policy_plan
policy_find(struct policy *p, struct slice key)
{
	struct policy_memo *m;

	if (key.n > POLICY_KEY)
		return decide(p, key);
	m = &p->memo[hash_slice(&p->key, key) % (POLICY_MEMO / 2) * 2];
	if (m[0].n == key.n + 1 && memcmp(m[0].key, key.p, key.n) == 0)
		return m[0].plan;
	if (m[1].n == key.n + 1 && memcmp(m[1].key, key.p, key.n) == 0)
		return m[1].plan;
	m[1] = m[0];
	m[0].plan = decide(p, key);
	m[0].n = (uint16_t)(key.n + 1);
	memcpy(m[0].key, key.p, key.n);
	return m[0].plan;
}
