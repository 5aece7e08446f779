#include "config.h"

#include "enrich/explain.h"

#include <string.h>

#include "base/map.h"
#include "base/number.h"
#include "enrich/address.h"

/* The properties of the row that matter, encoded; NULL where absent. */
struct inputs {
	struct slice address, agent, referer;
	struct campaign campaign;
	struct slice geo[GEO_KINDS];
};

/* What the present row's lines begin with, and where they go. */
struct page {
	struct enrich *e;
	struct out *o;
	uint64_t number;
};

/* A regex may hold what no line of ours may. */
static void
put_plain(struct out *o, const char *s)
{
	for (; *s != '\0'; s++)
		out_putc(o, (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

static void
begin(struct page *pg, const char *what, struct slice value)
{
	out_put_u64(pg->o, pg->number);
	out_putc(pg->o, '\t');
	out_puts(pg->o, what);
	out_putc(pg->o, '\t');
	out_put_slice(pg->o, value.n == 0 ? SLICE_LIT(EV_NULL) : value);
	out_putc(pg->o, '\t');
}

static void
line(struct page *pg, const char *what, struct slice value, const char *why)
{
	begin(pg, what, value);
	out_puts(pg->o, why);
	out_putc(pg->o, '\n');
}

/* The value of a finished pair, "browser=Chrome&". */
static struct slice
pair_value(struct slice pair)
{
	const char *eq = pair.n == 0 ? NULL : memchr(pair.p, '=', pair.n);

	if (eq == NULL)
		return SLICE_NULL;
	return slice_of(eq + 1, pair.n - (size_t)(eq - pair.p) - 2);
}

static void
take(struct inputs *in, const struct policy_plan *plan, struct slice val)
{
	switch ((enum policy_role)plan->role) {
	case ROLE_ADDRESS:
		in->address = val;
		break;
	case ROLE_AGENT:
		in->agent = val;
		break;
	case ROLE_REFERER:
		in->referer = val;
		break;
	case ROLE_UTM_SOURCE:
		in->campaign.source = val;
		break;
	case ROLE_UTM_MEDIUM:
		in->campaign.medium = val;
		break;
	case ROLE_CLICK_ID:
		if (in->campaign.click < 0 || plan->which < in->campaign.click)
			in->campaign.click = plan->which;
		break;
	default:
		break;
	}
}

/* geo_source() put it there. */
static void
take_geo(struct inputs *in, struct slice key, struct slice val)
{
	int kind = geo_kind_of(key);

	if (kind != -1)
		in->geo[kind] = val;
}

static void
explain_leaving(
    struct page *pg, const struct policy_plan *plan, struct slice key)
{
	static const char *const why[] = {
		[ROLE_DROP] = "leaves: it identifies a person, or is denied",
		[ROLE_ADDRESS] = "leaves: the client's address",
		[ROLE_AGENT] = "leaves: the client's agent",
		[ROLE_DERIVED] = "leaves: the name of a derived property",
	};

	if (plan->role >= sizeof(why) / sizeof(why[0]) ||
	    why[plan->role] == NULL || plan->keep ||
	    (plan->role == ROLE_ADDRESS && pg->e->anonymize))
		return;
	out_put_u64(pg->o, pg->number);
	out_putc(pg->o, '\t');
	out_put_slice(pg->o, key);
	out_puts(pg->o, "\t-\t");
	out_puts(pg->o, why[plan->role]);
	out_putc(pg->o, '\n');
}

static void
read_inputs(struct page *pg, struct slice map, struct inputs *in)
{
	struct policy_plan plan;
	struct map_pair pair;

	*in = (struct inputs){ .campaign = { .click = -1 } };
	while (map_next(&map, &pair)) {
		if (pair.key.n == 0 && pair.val.p == NULL)
			continue; /* "&&": a broken map */
		plan = policy_find(&pg->e->policy, pair.key);
		take(in, &plan, pair.val);
		take_geo(in, pair.key, pair.val);
		explain_leaving(pg, &plan, pair.key);
	}
}

static void
explain_visitor(struct page *pg, const struct event *ev,
    const struct inputs *in, const struct address *a)
{
	struct enrich *e = pg->e;
	struct agents *ag = &e->agents;
	const struct visitor_key *key;
	const char *why;
	struct agent *agent;
	char id[NUMBER_MAX];
	size_t n;

	key = keyring_find(&e->hand, ev->col[EV_EVENT_TIMESTAMP], &why);
	if (key == NULL) {
		line(pg, "logged_out_user_id", SLICE_NULL,
		    why != NULL ? why : "the key of that time is forgotten");
		return;
	}
	agent = agents_find(ag, in->agent, agents_hash(ag, in->agent));
	n = visitor_id(id, key, a, e->v6_prefix,
	    agents_device(ag, agent, in->agent, key, e->hand.now.first));
	line(pg, "logged_out_user_id", slice_of(id, n),
	    e->keys->random
		? "address and agent, under a random key of this run"
		: "address and agent, under the key of that time");
}

static void
explain_address(
    struct page *pg, const struct event *ev, const struct inputs *in)
{
	struct slice val = in->address;
	struct enrich *e = pg->e;
	const char *why;
	struct address a;
	char code[2];

	if (val.p == NULL || address_decode(&a, val) == -1) {
		why = val.p == NULL ? "no remote_addr was logged"
				    : "remote_addr is no address";
		line(pg, "logged_out_user_id", SLICE_NULL, why);
		line(pg, "dim_country", SLICE_NULL, why);
		return;
	}
	explain_visitor(pg, ev, in, &a);
	if (e->country == NULL)
		line(pg, "dim_country", SLICE_NULL, "no database is set");
	else if (address_is_special(&a))
		line(pg, "dim_country", SLICE_NULL,
		    "a private or reserved address");
	else if (country_find(e->country, &a, code))
		line(pg, "dim_country", slice_of(code, 2),
		    "the database has the address");
	else
		line(pg, "dim_country", SLICE_NULL,
		    "the database has no country of the address");
}

/* "LIST NUMBER: REGEX" of the first rule that matches the agent. */
static void
put_rule(struct page *pg, enum rules_kind kind)
{
	static const char *const lists[] = {
		[RULES_BROWSER] = "user_agent_parsers",
		[RULES_OS] = "os_parsers",
		[RULES_DEVICE] = "device_parsers",
		[RULES_BOT] = "bots.tsv",
		[RULES_CRAWLER] = "bots-imported.tsv",
	};
	struct rules *rules = pg->e->agents.rules;
	int i = rules_first(rules, kind);

	out_puts(pg->o, lists[kind]);
	if (i == RULES_LIMIT) {
		out_puts(pg->o, ": matching took too long");
	} else if (i < 0) {
		out_puts(pg->o, ": no rule matches");
	} else {
		out_putc(pg->o, ' ');
		out_put_u64(pg->o, (uint64_t)i + 1);
		out_puts(pg->o, ": ");
		put_plain(pg->o, rules_regex(rules, kind, i));
	}
	out_putc(pg->o, '\n');
}

/* In the order of bots.h. */
static void
explain_bot(struct page *pg, const struct agent *a)
{
	struct slice bot =
	    pair_value(agent_pairs(a, DERIVED_BOT, DERIVED_BOT + 1));
	struct rules *rules = pg->e->agents.rules;

	begin(pg, "bot", bot);
	if (bot.n == 0)
		out_puts(pg->o, "no rule of bots.tsv, bots-imported.tsv or "
				"uap-core calls the agent a bot\n");
	else if (memchr(bot.p, ':', bot.n) == NULL)
		out_puts(pg->o, "the agent itself: see Bots in ev-enrich(1)\n");
	else if (rules_first(rules, RULES_BOT) >= 0)
		put_rule(pg, RULES_BOT);
	else if (slice_starts(bot, SLICE_LIT("spider:")))
		put_rule(pg, RULES_DEVICE);
	else
		put_rule(pg, RULES_CRAWLER);
	line(pg, "bot_class",
	    pair_value(
		agent_pairs(a, DERIVED_BOT_CLASS, DERIVED_BOT_CLASS + 1)),
	    "by bot");
	line(pg, "bot_tag",
	    pair_value(agent_pairs(a, DERIVED_BOT_TAG, DERIVED_BOT_TAG + 1)),
	    "by bot");
}

static void
explain_agent(struct page *pg, struct slice val)
{
	static const struct {
		int which;
		enum rules_kind kind;
	} of[] = { { DERIVED_BROWSER, RULES_BROWSER },
		{ DERIVED_BROWSER_VERSION, RULES_BROWSER },
		{ DERIVED_DEVICE_MODEL, RULES_DEVICE },
		{ DERIVED_OS, RULES_OS }, { DERIVED_OS_VERSION, RULES_OS } };
	struct agents *ag = &pg->e->agents;
	const struct agent *a = agents_find(ag, val, agents_hash(ag, val));
	size_t i;

	/* The rules' subject must be this agent: it may have been cached. */
	agents_subject(ag, val);
	explain_bot(pg, a);
	begin(pg, "dim_device_brand", agent_brand(a));
	put_rule(pg, RULES_DEVICE);
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		begin(pg, derived_names[of[i].which],
		    pair_value(agent_pairs(a, of[i].which, of[i].which + 1)));
		put_rule(pg, of[i].kind);
	}
}

static const char *
why_source(
    const struct inputs *in, const struct event *ev, const struct referral *r)
{
	struct slice host = referral_text(r, REFERRAL_FULL);

	if (in->campaign.click >= 0)
		return "a click identifier of an advertiser";
	if (campaign_is(&in->campaign))
		return "utm_source and utm_medium win over the referrer";
	if (in->referer.n == 0)
		return "no referrer was sent";
	if (host.n == 0)
		return "the referrer is no address of the web or an app";
	if (slice_eq(host, ev->col[EV_DIM_HOSTNAME]))
		return "the host that was asked is an own one";
	if (slice_is(pair_value(referral_text(r, REFERRAL_MEDIUM)), "internal"))
		return "site.hosts has the host of the referrer";
	return NULL;
}

/* Leaves the source in the text of two pairs; the other, which has none of its
 * own without a term. */
static struct slice
split_pairs(struct slice *source)
{
	const char *term, *end = source->p + source->n;

	if (slice_starts(*source, SLICE_LIT(DERIVED_TERM)))
		term = source->p;
	else
		term = memchr(source->p, '&', source->n);
	if (term == NULL)
		return SLICE_NULL;
	if (*term == '&')
		term++;
	source->n = (size_t)(term - source->p);
	return slice_of(term, (size_t)(end - term));
}

static void
explain_source(struct page *pg, const struct event *ev, const struct inputs *in)
{
	struct enrich *e = pg->e;
	const struct referral *r = referrer_find(&e->referrer, in->referer);
	struct slice host = referral_text(r, REFERRAL_FULL);
	struct slice medium, source, term;
	const struct source_entry *entry;
	const char *why = why_source(in, ev, r);

	enrich_source(
	    e, ev->col[EV_DIM_HOSTNAME], r, &in->campaign, &medium, &source);
	line(pg, "referrer", pair_value(referral_text(r, REFERRAL_HOST)),
	    host.n == 0 ? "no address of the web or an app was sent"
			: "the registrable host of http_referer");
	entry =
	    why == NULL ? sources_by_host(&e->referrer.sources, host) : NULL;
	begin(pg, "referrer_medium", pair_value(medium));
	if (entry != NULL) {
		out_puts(pg->o, "referrers.tsv or referrers-imported.tsv: ");
		out_put_slice(pg->o, entry->host);
	} else {
		out_puts(pg->o, why != NULL ? why : "no table has the host");
	}
	out_putc(pg->o, '\n');
	term = split_pairs(&source);
	line(pg, "referrer_source", pair_value(source), "by referrer_medium");
	line(pg, DERIVED_TERM, pair_value(term),
	    "an argument of http_referer that search engines use");
}

static void
explain_geo(struct page *pg, const struct inputs *in)
{
	const struct geo *g = &pg->e->geo;
	int k;

	for (k = 0; k < GEO_KINDS && geo_wanted(g); k++)
		if (g->wanted[k])
			line(pg, geo_names[k], in->geo[k],
			    k <= GEO_ORGANIZATION && g->asn != NULL
				? "enrich.asn.database"
				: "enrich.country.database");
}

void
explain_row(
    struct enrich *e, uint64_t number, const struct event *ev, struct out *o)
{
	struct page pg = { e, o, number };
	struct inputs in;

	read_inputs(&pg, ev->col[EV_OTHER_PROPERTIES], &in);
	if (ev->col[EV_LOGGED_OUT_USER_ID].p != NULL) {
		line(&pg, "logged_out_user_id", ev->col[EV_LOGGED_OUT_USER_ID],
		    "enriched before: what was derived stays");
		return;
	}
	explain_address(&pg, ev, &in);
	explain_geo(&pg, &in);
	explain_agent(&pg, in.agent);
	explain_source(&pg, ev, &in);
}
