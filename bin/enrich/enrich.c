#include "config.h"

#include "enrich/enrich.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/text.h"
#include "enrich/address.h"
#include "enrich/campaign.h"
#include "enrich/datafile.h"
#include "io/digest.h"

/* An event of ev-parse has some twenty; more than this is no event. */
#define PAIRS_START 256
#define PAIRS_MAX 65536

/* What is found out about one row. */
struct row {
	struct slice address, agent, referer; /* encoded values, or NULL */
	struct slice marker; /* referrer_medium: enriched before */
	struct campaign campaign;
	const struct agent *device;
	const struct referral *referral;
	struct slice medium, source; /* of referral or campaign */
	char country[2];	     /* [0] is NUL: none */
	char id[NUMBER_MAX];
	size_t id_n; /* 0: none */
};

static int
open_key(struct enrich *e)
{
	const char *path = e->conf->enrich.visitor.key_file.s;

	if (path != NULL)
		return visitor_key_load(&e->key, path);
	visitor_key_random(&e->key);
	e->random_key = true;
	msg_warn("no enrich.visitor.key_file: visitors are hashed under a "
		 "random key, and differ from those of any other run");
	return 0;
}

static int
open_country(struct enrich *e)
{
	const struct conf_country *c = &e->conf->enrich.country;
	struct strbuf sb = STRBUF_INIT;

	if (c->database.s == NULL) {
		msg_warn("no enrich.country.database: countries are NULL");
		return 0;
	}
	e->country = country_open(c->database.s, c->path.s);
	if (e->country == NULL)
		return -1;
	country_describe(e->country, &sb);
	msg_debug("countries: %s, %s", c->database.s, sb.buf);
	strbuf_release(&sb);
	return 0;
}

static int
open_agents(struct enrich *e)
{
	struct prefilter_stats st;

	e->regexes = e->conf->enrich.regexes.s;
	if (e->regexes == NULL)
		e->regexes = ENRICH_REGEXES;
	if (access(e->regexes, R_OK) == -1) {
		msg_error("%s: cannot open: %s: Debian's package uap-core has "
			  "it, or set enrich.regexes",
		    e->regexes, msg_errno(errno));
		return -1;
	}
	if (agents_open(&e->agents, e->regexes, &e->key) == -1)
		return -1;
	rules_stats(e->agents.rules, &st);
	msg_debug("rules: %zu, %zu of them without a literal; %zu literals, "
		  "%zu states",
	    st.rules, st.always, st.literals, st.states);
	return 0;
}

int
enrich_open(struct enrich *e, const struct conf *conf)
{
	memset(e, 0, sizeof(*e));
	e->conf = conf;
	if (sodium_init() == -1) {
		msg_error("libsodium cannot be initialised");
		return -1;
	}
	e->v6_prefix = conf_ipv6_prefix(&conf->enrich);
	policy_init(&e->policy, conf);
	e->pairs = xgrow(NULL, &e->cap_pairs, PAIRS_START, sizeof(*e->pairs));
	e->plans = xgrow(NULL, &e->cap_plans, PAIRS_START, sizeof(*e->plans));
	if (open_key(e) == -1 || open_country(e) == -1 ||
	    open_agents(e) == -1 ||
	    referrer_open(&e->referrer, &conf->site, &e->policy) == -1)
		return -1;
	return 0;
}

int
enrich_check(struct enrich *e)
{
	return rules_check(e->agents.rules);
}

void
enrich_report(const struct enrich *e)
{
	const struct cache *a = &e->agents.cache, *r = &e->referrer.cache;

	msg_debug("agents: %llu from the cache, %llu looked up",
	    (unsigned long long)a->hits, (unsigned long long)a->misses);
	msg_debug("referrers: %llu from the cache, %llu looked up",
	    (unsigned long long)r->hits, (unsigned long long)r->misses);
	if (e->no_address > 0)
		msg_info("%llu of %llu rows have no client address: no "
			 "visitor, no country",
		    (unsigned long long)e->no_address,
		    (unsigned long long)e->rows);
}

void
enrich_close(struct enrich *e)
{
	country_close(e->country);
	agents_close(&e->agents);
	referrer_close(&e->referrer);
	free(e->pairs);
	free(e->plans);
	visitor_key_wipe(&e->key);
}

/* -1: too many pairs. */
static int
split(struct enrich *e, struct slice map)
{
	int n = map_split(map, e->pairs, (int)e->cap_pairs);

	while (n == -1 && e->cap_pairs < PAIRS_MAX) {
		e->pairs = xgrow(e->pairs, &e->cap_pairs, e->cap_pairs * 2,
		    sizeof(*e->pairs));
		e->plans = xgrow(e->plans, &e->cap_plans, e->cap_plans * 2,
		    sizeof(*e->plans));
		n = map_split(map, e->pairs, (int)e->cap_pairs);
	}
	return n;
}

static void
gather(struct enrich *e, int n, struct row *row)
{
	struct policy_plan *plan;
	struct slice val;
	int i;

	for (i = 0; i < n; i++) {
		plan = &e->plans[i];
		*plan = policy_plan(&e->policy, i, e->pairs[i].key);
		val = e->pairs[i].val;
		switch ((enum policy_role)plan->role) {
		case ROLE_ADDRESS:
			row->address = val;
			break;
		case ROLE_AGENT:
			row->agent = val;
			break;
		case ROLE_REFERER:
			row->referer = val;
			break;
		case ROLE_UTM_SOURCE:
			row->campaign.source = val;
			break;
		case ROLE_UTM_MEDIUM:
			row->campaign.medium = val;
			break;
		case ROLE_CLICK_ID:
			/* A paid click outweighs what merely tags along. */
			if (row->campaign.click < 0 ||
			    plan->click < row->campaign.click)
				row->campaign.click = plan->click;
			break;
		case ROLE_DROP:
			if (slice_is(e->pairs[i].key, "referrer_medium"))
				row->marker = e->pairs[i].key;
			break;
		case ROLE_KEEP:
		case ROLE_URL:
		case ROLE_ARGS:
			break;
		}
	}
}

/* The address in the map may be encoded, though nginx's never is. */
static int
read_address(struct address *a, struct slice val)
{
	char buf[64];

	if (val.p == NULL || val.n > sizeof(buf))
		return -1;
	if (memchr(val.p, '%', val.n) == NULL)
		return address_parse(a, val);
	return address_parse(a, slice_of(buf, text_decode(buf, val)));
}

static void
find_person(struct enrich *e, struct row *row)
{
	struct address a;

	row->device = agents_find(&e->agents, row->agent);
	row->country[0] = '\0';
	row->id_n = 0;
	if (read_address(&a, row->address) == -1) {
		e->no_address++;
		return;
	}
	row->id_n = visitor_id(
	    row->id, &e->key, &a, e->v6_prefix, &row->device->device);
	if (e->country != NULL)
		country_find(e->country, &a, row->country);
}

static void
find_source(struct enrich *e, const struct event *ev, struct row *row)
{
	const struct referral *r = referrer_find(&e->referrer, row->referer);
	struct slice own = ev->col[EV_DIM_HOSTNAME];
	enum medium medium = r->medium;

	row->referral = r;
	row->source = r->source;
	/* Without a list of own hosts, the one that was asked is one. */
	if (r->full.p != NULL && own.p != NULL && slice_eq(r->full, own)) {
		medium = MEDIUM_INTERNAL;
		row->source = SLICE_NULL;
	}
	campaign_resolve(
	    &row->campaign, &e->referrer.sources, &medium, &row->source);
	row->medium = slice_str(medium_names[medium]);
}

static char *
put(char *p, struct slice s)
{
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p + s.n;
}

static char *
put_column(char *p, struct slice s)
{
	p = put(p, s.p == NULL ? SLICE_LIT(EV_NULL) : s);
	*p++ = '\t';
	return p;
}

/* The map in the writing: where a pair begins, '&' goes before it. */
struct map_out {
	char *start;
	char *p;
	const char *run; /* pairs to copy at once; NULL: none */
	const char *run_end;
};

static void
begin_pair(struct map_out *m)
{
	if (m->p != m->start)
		*m->p++ = '&';
}

static void
put_named(struct map_out *m, int which, struct slice val)
{
	if (val.p == NULL)
		return;
	begin_pair(m);
	m->p = put(m->p, slice_str(derived_names[which]));
	*m->p++ = '=';
	m->p = put(m->p, val);
}

static void
put_derived(struct map_out *m, const struct row *row, int which)
{
	if (which < DERIVED_OF_AGENT) {
		if (row->device->derived[which].p == NULL)
			return;
		begin_pair(m);
		m->p = put(m->p, row->device->derived[which]);
	} else if (which == DERIVED_REFERRER) {
		put_named(m, which, row->referral->host);
	} else if (which == DERIVED_REFERRER_MEDIUM) {
		put_named(m, which, row->medium);
	} else {
		put_named(m, which, row->source);
	}
}

/* The value to write: NULL when the pair leaves. */
static struct slice
pair_value(struct enrich *e, const struct row *row, int i)
{
	struct slice old = e->pairs[i].val, val = SLICE_NULL;
	const struct policy_plan *plan = &e->plans[i];

	switch ((enum policy_role)plan->role) {
	case ROLE_REFERER:
		val = row->referral->scrubbed;
		break;
	case ROLE_URL:
		val = referrer_scrub(&e->referrer, old, false);
		break;
	case ROLE_ARGS:
		val = referrer_scrub(&e->referrer, old, true);
		break;
	default:
		break;
	}
	return val.p != NULL ? val : old;
}

static bool
leaves(const struct policy_plan *plan)
{
	return plan->role == ROLE_DROP ||
	       ((plan->role == ROLE_ADDRESS || plan->role == ROLE_AGENT) &&
		   !plan->keep);
}

static const char *
pair_end(const struct map_pair *pair)
{
	return pair->val.p != NULL ? pair->val.p + pair->val.n
				   : pair->key.p + pair->key.n;
}

/* Pairs that stay as they are, side by side in the input. */
static void
flush(struct map_out *m)
{
	if (m->run == NULL)
		return;
	begin_pair(m);
	m->p = put(m->p, slice_of(m->run, (size_t)(m->run_end - m->run)));
	m->run = NULL;
}

static void
put_pair(struct enrich *e, struct map_out *m, const struct row *row, int i)
{
	const struct map_pair *pair = &e->pairs[i];
	struct slice val;

	if (leaves(&e->plans[i])) {
		flush(m);
		return;
	}
	val = pair_value(e, row, i);
	if (val.p == pair->val.p) {
		if (m->run == NULL)
			m->run = pair->key.p;
		m->run_end = pair_end(pair);
		return;
	}
	flush(m);
	begin_pair(m);
	m->p = put(m->p, pair->key);
	*m->p++ = '=';
	m->p = put(m->p, val);
}

/* Both lists are sorted, and rank says how many derived come before. */
static char *
put_map(struct enrich *e, char *p, const struct row *row, int n)
{
	struct map_out m = { .start = p, .p = p };
	int i, d = 0;

	for (i = 0; i < n; i++) {
		if (d < e->plans[i].rank)
			flush(&m);
		while (d < e->plans[i].rank)
			put_derived(&m, row, d++);
		put_pair(e, &m, row, i);
	}
	flush(&m);
	while (d < DERIVED_COUNT)
		put_derived(&m, row, d++);
	return m.p;
}

/* More than the row can take: what came in, scrubbed values encoded anew,
 * and what is derived. */
static size_t
row_bound(const struct event *ev, const struct row *row)
{
	size_t n = ev->text.n * TEXT_GROWTH + 512 + row->source.n;
	int i;

	for (i = 0; i < DERIVED_OF_AGENT; i++)
		n += row->device->derived[i].n + 1;
	return n + row->device->brand.n + row->referral->host.n;
}

static void
write_row(struct enrich *e, const struct event *ev, const struct row *row,
    int n, struct out *o)
{
	const struct slice *col = ev->col;
	char *start = out_reserve(o, row_bound(ev, row)), *p = start;

	p = put_column(p, col[EV_USER_ID]);
	p = put_column(
	    p, row->id_n == 0 ? SLICE_NULL : slice_of(row->id, row->id_n));
	p = put_column(p, col[EV_DIM_HOSTNAME]);
	p = put_column(p,
	    row->country[0] == '\0' ? SLICE_NULL : slice_of(row->country, 2));
	p = put_column(p, row->device->brand);
	p = put_column(p, col[EV_ACTION_TYPE]);
	p = put_column(p, col[EV_EVENT_TIMESTAMP]);
	p = put_map(e, p, row, n);
	*p++ = '\t';
	p = put(p, col[EV_DS]);
	*p++ = '\n';
	out_advance(o, (size_t)(p - start));
}

int
enrich_row(
    struct enrich *e, const struct event *ev, struct out *o, const char **why)
{
	struct row row = { .campaign = { .click = -1 } };
	int n = split(e, ev->col[EV_OTHER_PROPERTIES]);

	if (n == -1) {
		*why = "more than 65536 properties in one record";
		return -1;
	}
	e->rows++;
	gather(e, n, &row);
	if (row.marker.p != NULL || ev->col[EV_LOGGED_OUT_USER_ID].p != NULL) {
		event_put(o, ev);
		return 0;
	}
	find_person(e, &row);
	find_source(e, ev, &row);
	write_row(e, ev, &row, n, o);
	return 0;
}

static void
add_file(struct strbuf *sb, const char *name, const char *path)
{
	struct strbuf text = STRBUF_INIT;
	char hex[DIGEST_HEX + 1];

	if (datafile_read(&text, path) == 0) {
		digest_of(strbuf_slice(&text), hex);
		strbuf_addf(sb, "%s=%s\n", name, hex);
	}
	strbuf_release(&text);
}

static void
add_table(struct strbuf *sb, const char *name)
{
	char *path = datafile_path(name);

	add_file(sb, name, path);
	free(path);
}

/*
 * All that makes other events of the same input, without the paths of
 * files: what is in them counts.
 */
static void
describe_settings(const struct enrich *e, struct strbuf *sb)
{
	const struct conf_enrich *c = &e->conf->enrich;
	size_t i;

	strbuf_addf(sb, "version=%d\n", ENRICH_VERSION);
	if (e->conf->path != NULL) {
		conf_canon_section(sb, e->conf, "site");
		conf_canon_section(sb, e->conf, "properties");
	}
	strbuf_addf(sb, "\npath=%s\nipv6_prefix=%u\n",
	    c->country.path.s == NULL ? "" : c->country.path.s, e->v6_prefix);
	for (i = 0; i < c->keep.n; i++)
		strbuf_addf(sb, "keep=%s\n", c->keep.v[i].s);
	add_file(sb, "regexes", e->regexes);
	add_table(sb, "bots.tsv");
	add_table(sb, "bots-imported.tsv");
	add_table(sb, "referrers.tsv");
	add_table(sb, "referrers-imported.tsv");
}

static void
set_counter(struct marks *m, const char *key, uint64_t value)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].text == NULL && strcmp(m->v[i].key, key) == 0)
			m->v[i].sum = 0;
	marks_count(m, key, value);
}

static void
mark_settings(const struct enrich *e, struct marks *m)
{
	struct strbuf sb = STRBUF_INIT;
	char text[sizeof("enrich:") + DIGEST_HEX] = "enrich:";

	describe_settings(e, &sb);
	digest_of(strbuf_slice(&sb), text + strlen("enrich:"));
	marks_text(m, "settings", slice_str(text));
	strbuf_release(&sb);
}

void
enrich_marks(const struct enrich *e, struct marks *m)
{
	/* A letter first: digits alone would read as a counter. */
	char key[1 + VISITOR_FINGERPRINT + 1] = "k";
	struct strbuf sb = STRBUF_INIT;

	set_counter(m, "enriched", e->rows);
	mark_settings(e, m);
	visitor_key_fingerprint(&e->key, key + 1);
	marks_text(m, "key", slice_str(e->random_key ? "random" : key));
	if (e->country != NULL) {
		strbuf_adds(&sb, "country:");
		country_describe(e->country, &sb);
		marks_text(m, "database", strbuf_slice(&sb));
	}
	strbuf_release(&sb);
}
