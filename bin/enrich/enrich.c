#include "config.h"

#include "enrich/enrich.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/text.h"
#include "enrich/address.h"
#include "enrich/campaign.h"
#include "enrich/datafile.h"
#include "io/digest.h"

#define DAY 86400 /* seconds */

/* An event of ev-parse has some twenty; more than this is no event. */
#define PAIRS_START 256
#define PAIRS_MAX 65536

/*
 * A longer address is not scrubbed, it leaves: a line of a log has 1 MiB,
 * encoded 3 MiB at most, and memory is bounded.
 */
#define URL_MAX ((size_t)4 << 20)

/* A block of put(), and from where on memcpy() is faster. */
#define COPY 16
#define LONG 512

/* Read in blocks. */
static const char own_medium[sizeof("referrer_medium=internal&") + COPY] =
    "referrer_medium=internal&";

/* What is found out about one row. */
struct row {
	struct slice address, agent, referer; /* encoded values, or NULL */
	size_t urls; /* bytes of values that may be written anew */
	bool marker; /* referrer_medium: enriched before */
	bool enriched;
	struct campaign campaign;
	struct agent *device;
	const struct referral *referral;
	/* referrer, referrer_medium, referrer_source: finished pairs */
	struct slice source[DERIVED_COUNT - DERIVED_OF_AGENT];
	char country[2]; /* [0] is NUL: none */
	char id[NUMBER_MAX];
	size_t id_n; /* 0: none */
};

static int
open_key(struct enrich *e)
{
	if (keyring_open(&e->keys, &e->conf->enrich.visitor) == -1)
		return -1;
	if (e->keys.random)
		msg_warn(
		    "no enrich.visitor.key_file: visitors are hashed under a "
		    "random key, and differ from those of any other run");
	return 0;
}

/* max_age in days; 0: an old one is not warned of. */
static void
note_database(
    const struct mmdb *m, const char *what, const char *file, uint64_t max_age)
{
	struct strbuf sb = STRBUF_INIT;
	int64_t days = (int64_t)time(NULL) / DAY - mmdb_day(m);

	mmdb_describe(m, &sb);
	msg_debug("%s database: %s, %s", what, file, sb.buf);
	if (max_age > 0 && days > (int64_t)max_age)
		msg_warn("%s: the %s database is %lld days old, more than "
			 "enrich.%s.max_age",
		    file, what, (long long)days, what);
	strbuf_release(&sb);
}

static int
open_databases(struct enrich *e)
{
	const struct conf_country *c = &e->conf->enrich.country;
	const struct conf_asn *asn = &e->conf->enrich.asn;

	if (c->database.s == NULL) {
		msg_warn("no enrich.country.database: countries are NULL");
	} else {
		e->country = country_open(c->database.s, c->path.s);
		if (e->country == NULL)
			return -1;
		note_database(country_mmdb(e->country), "country",
		    c->database.s, c->max_age);
	}
	if (geo_open(&e->geo, &e->conf->enrich,
		e->country == NULL ? NULL : country_mmdb(e->country)) == -1)
		return -1;
	if (e->geo.asn != NULL)
		note_database(e->geo.asn, "asn", asn->database.s, asn->max_age);
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
	if (agents_open(&e->agents, e->regexes) == -1)
		return -1;
	e->agents.by_device =
	    e->conf->enrich.visitor.identify_by == IDENTIFY_DEVICE;
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
	e->anonymize = conf->enrich.anonymize.ipv4 != 0 ||
		       conf->enrich.anonymize.ipv6 != 0;
	policy_init(&e->policy, conf);
	e->pairs = xgrow(NULL, &e->cap_pairs, PAIRS_START, sizeof(*e->pairs));
	e->plans = xgrow(NULL, &e->cap_plans, PAIRS_START, sizeof(*e->plans));
	if (open_key(e) == -1 || open_databases(e) == -1 ||
	    open_agents(e) == -1 ||
	    referrer_open(&e->referrer, &conf->site, &e->policy) == -1)
		return -1;
	campaigns_init(&e->campaigns, &e->referrer.sources);
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
	keyring_report(&e->keys);
	if (e->no_address > 0)
		msg_info("%llu of %llu rows have no client address: no "
			 "visitor, no country",
		    (unsigned long long)e->no_address,
		    (unsigned long long)e->rows);
}

void
enrich_close(struct enrich *e)
{
	geo_close(&e->geo);
	country_close(e->country);
	agents_close(&e->agents);
	referrer_close(&e->referrer);
	campaigns_release(&e->campaigns);
	free(e->pairs);
	free(e->plans);
	keyring_close(&e->keys);
}

/* -1: too many pairs. */
static int
make_room(struct enrich *e)
{
	if (e->cap_pairs >= PAIRS_MAX)
		return -1;
	e->pairs =
	    xgrow(e->pairs, &e->cap_pairs, e->cap_pairs * 2, sizeof(*e->pairs));
	e->plans =
	    xgrow(e->plans, &e->cap_plans, e->cap_plans * 2, sizeof(*e->plans));
	return 0;
}

static void
note(struct row *row, const struct policy_plan *plan, struct slice val)
{
	switch ((enum policy_role)plan->role) {
	case ROLE_ADDRESS:
		row->address = val;
		break;
	case ROLE_AGENT:
		row->agent = val;
		break;
	case ROLE_REFERER:
		if (val.n <= URL_MAX)
			row->referer = val;
		row->urls += val.n;
		break;
	case ROLE_UTM_SOURCE:
		row->campaign.source = val;
		row->urls += val.n;
		break;
	case ROLE_UTM_MEDIUM:
		row->campaign.medium = val;
		row->urls += val.n;
		break;
	case ROLE_CLICK_ID:
		/* A paid click outweighs what merely tags along. */
		if (row->campaign.click < 0 ||
		    plan->which < row->campaign.click)
			row->campaign.click = plan->which;
		break;
	case ROLE_DERIVED:
		if (plan->which == DERIVED_REFERRER_MEDIUM)
			row->marker = true;
		break;
	case ROLE_URL:
	case ROLE_ARGS:
		row->urls += val.n;
		break;
	case ROLE_DROP:
	case ROLE_KEEP:
		break;
	}
}

/* The '&' of a map, one after the other; blocks of 16 bytes at once. */
struct amps {
	const char *block;
	const char *end; /* of the map */
	unsigned bits;	 /* of those not yet returned */
};

#ifdef __SSE2__
static inline unsigned
amp_bits(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (unsigned)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));
}

/* The next one, or the end of the map. */
static inline const char *
amps_next(struct amps *a)
{
	const char *p;

	while (a->bits == 0) {
		a->block += 16;
		if (a->block >= a->end)
			return a->end;
		a->bits = amp_bits(a->block);
	}
	p = a->block + __builtin_ctz(a->bits);
	a->bits &= a->bits - 1;
	return p < a->end ? p : a->end;
}

static inline void
amps_start(struct amps *a, struct slice map)
{
	a->block = map.p;
	a->end = map.p + map.n;
	a->bits = map.n == 0 ? 0 : amp_bits(map.p);
}
#else
static const char *
amps_next(struct amps *a)
{
	const char *p = memchr(a->block, '&', (size_t)(a->end - a->block));

	if (p == NULL)
		return a->end;
	a->block = p + 1;
	return p;
}

static void
amps_start(struct amps *a, struct slice map)
{
	*a = (struct amps){ map.p, map.p + map.n, 0 };
}
#endif

/* Splits the map, and notes what matters; the number of pairs, or -1. */
static int
gather(struct enrich *e, struct slice map, struct row *row)
{
	struct policy_memo *m = &e->policy.first;
	const char *p = map.p, *end = map.p + map.n, *amp;
	struct map_pair *pair;
	struct amps amps;
	size_t n = 0, len;

	amps_start(&amps, map);
	for (; p < end; p = amp + 1) {
		if (n == e->cap_pairs && make_room(e) == -1)
			return -1;
		amp = amps_next(&amps);
		len = (size_t)(amp - p);
		if (len == 0)
			continue; /* "&&": a broken map */
		pair = &e->pairs[n];
		m = policy_next(&e->policy, m, slice_of(p, len), &pair->key);
		pair->val = pair->key.n == len ? SLICE_NULL
					       : slice_of(p + pair->key.n + 1,
						     len - pair->key.n - 1);
		e->plans[n++] = m->plan;
		if (m->plan.role != ROLE_KEEP)
			note(row, &m->plan, pair->val);
	}
	return (int)n;
}

/* The address in the map may be encoded, though nginx's never is. */
int
enrich_address(struct address *a, struct slice val)
{
	char buf[64 + ADDRESS_PAD];

	if (val.p == NULL || val.n > 64)
		return -1;
	if (address_parse(a, val) == 0)
		return 0;
	if (memchr(val.p, '%', val.n) == NULL)
		return -1;
	memset(buf, 0, sizeof(buf));
	return address_parse(a, slice_of(buf, text_decode(buf, val)));
}

void
enrich_source(struct enrich *e, struct slice host, const struct referral *r,
    const struct campaign *campaign, struct slice *medium, struct slice *source)
{
	struct slice full = referral_text(r, REFERRAL_FULL);
	const struct campaign_answer *c;

	if (campaign_is(campaign)) {
		c = campaigns_find(&e->campaigns, campaign);
		*medium = campaign_medium(c);
		*source = campaign_source(c);
	} else if (full.n > 0 && slice_eq(full, host)) {
		/* Without a list of own hosts, the one asked is one. */
		*medium = slice_of(own_medium, strlen(own_medium));
		*source = slice_of(own_medium, 0);
	} else {
		*medium = referral_text(r, REFERRAL_MEDIUM);
		*source = referral_text(r, REFERRAL_SOURCE);
	}
}

static void
find_source(struct enrich *e, const struct event *ev, struct row *row)
{
	row->referral = referrer_find(&e->referrer, row->referer);
	row->source[0] = referral_text(row->referral, REFERRAL_HOST);
	enrich_source(e, ev->col[EV_DIM_HOSTNAME], row->referral,
	    &row->campaign, &row->source[1], &row->source[2]);
}

static void
find_visitor(struct enrich *e, const struct address *a,
    const struct visitor_key *key, struct row *row)
{
	const struct visitor_device *d;

	if (key == NULL)
		return;
	d = agents_device(&e->agents, row->device, row->agent, key,
	    e->keys.v[e->keys.last].first);
	row->id_n = visitor_id(row->id, key, a, e->v6_prefix, d);
}

/* First all that is to be fetched from afar, then what needs it. */
static void
find_person(struct enrich *e, const struct event *ev,
    const struct visitor_key *key, struct row *row)
{
	uint64_t hash = agents_hash(&e->agents, row->agent);
	struct address a;
	bool known = enrich_address(&a, row->address) == 0;

	if (known && e->country != NULL)
		country_prefetch(e->country, &a);
	cache_prefetch_record(&e->agents.cache, hash);
	find_source(e, ev, row);
	row->device = agents_find(&e->agents, row->agent, hash);
	row->country[0] = '\0';
	row->id_n = 0;
	if (!known) {
		e->no_address++;
		return;
	}
	find_visitor(e, &a, key, row);
	if (e->country != NULL)
		country_find(e->country, &a, row->country);
}

/*
 * Copies whole blocks, past the end of both: what follows in the row is
 * written over it, and all that is read has room behind it.
 */
static inline char *
put(char *p, struct slice s)
{
	size_t i = 0;

	if (s.n > LONG)
		return (char *)memcpy(p, s.p, s.n) + s.n;
	do {
		memcpy(p + i, s.p + i, COPY);
		i += COPY;
	} while (i < s.n);
	return p + s.n;
}

static inline char *
put_column(char *p, struct slice s)
{
	if (s.p == NULL) {
		memcpy(p, EV_NULL "\t", 3);
		return p + 3;
	}
	p = put(p, s);
	*p++ = '\t';
	return p;
}

/* A column in room of a known size; n is 0 for NULL. */
static inline char *
put_small(char *p, const char *text, size_t room, size_t n)
{
	if (n == 0)
		return put_column(p, SLICE_NULL);
	memcpy(p, text, room);
	p += n;
	*p++ = '\t';
	return p;
}

/* Derived pairs from up to, not with, to. */
static char *
put_derived(char *p, const struct row *row, int from, int to)
{
	int i, mid = to < DERIVED_OF_AGENT ? to : DERIVED_OF_AGENT;

	if (from < mid)
		p = put(p, agent_pairs(row->device, from, mid));
	for (i = from < mid ? mid : from; i < to; i++)
		p = put(p, row->source[i - DERIVED_OF_AGENT]);
	return p;
}

/* What stays of a client address: NULL when nothing does. */
static struct slice
masked_address(const struct enrich *e, struct slice val, char *buf)
{
	const struct conf_anonymize *c = &e->conf->enrich.anonymize;
	struct address a;
	size_t n = 0;

	if (enrich_address(&a, val) == 0)
		n = address_put_masked(
		    buf, &a, (unsigned)c->ipv4, (unsigned)c->ipv6);
	return n == 0 ? SLICE_NULL : slice_of(buf, n);
}

/* The value to write: the old one when the pair stays as it is. */
static struct slice
pair_value(struct enrich *e, const struct row *row, int i)
{
	struct slice old = e->pairs[i].val, val = SLICE_NULL;

	switch ((enum policy_role)e->plans[i].role) {
	case ROLE_REFERER:
		/* A broken map may have two. */
		if (old.p != row->referer.p)
			val = referrer_scrub(&e->referrer, old, false);
		else if (row->referral->changed)
			val = referral_text(row->referral, REFERRAL_SCRUBBED);
		break;
	case ROLE_URL:
	case ROLE_UTM_SOURCE:
	case ROLE_UTM_MEDIUM:
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
leaves(const struct policy_plan *plan, struct slice val, bool enriched)
{
	switch ((enum policy_role)plan->role) {
	case ROLE_DROP:
		return true;
	case ROLE_ADDRESS:
	case ROLE_AGENT:
		return !plan->keep;
	case ROLE_DERIVED:
		return !enriched;
	case ROLE_REFERER:
	case ROLE_URL:
	case ROLE_ARGS:
	case ROLE_UTM_SOURCE:
	case ROLE_UTM_MEDIUM:
		return val.n > URL_MAX;
	default:
		return false;
	}
}

/* Pairs that stay as they are, side by side in the input. */
struct run {
	const char *p; /* NULL: none */
	const char *end;
};

static inline char *
put_run(char *p, struct run *run)
{
	if (run->p == NULL)
		return p;
	p = put(p, slice_of(run->p, (size_t)(run->end - run->p)));
	*p++ = '&';
	run->p = NULL;
	return p;
}

static inline void
extend(struct run *run, const struct map_pair *pair)
{
	if (run->p == NULL)
		run->p = pair->key.p;
	run->end = pair->val.p != NULL ? pair->val.p + pair->val.n
				       : pair->key.p + pair->key.n;
}

static char *
put_changed(char *p, struct run *run, struct slice key, struct slice val)
{
	p = put_run(p, run);
	p = put(p, key);
	*p++ = '=';
	p = put(p, val);
	*p++ = '&';
	return p;
}

/* A pair that is not merely kept. */
static char *
put_pair(
    struct enrich *e, char *p, struct run *run, const struct row *row, int i)
{
	const struct map_pair *pair = &e->pairs[i];
	char buf[LONG + COPY]; /* more than put() can read */
	struct slice val;

	if (e->plans[i].role == ROLE_ADDRESS && e->anonymize) {
		val = masked_address(e, pair->val, buf);
		return val.p == NULL ? put_run(p, run)
				     : put_changed(p, run, pair->key, val);
	}
	if (leaves(&e->plans[i], pair->val, row->enriched))
		return put_run(p, run);
	val = pair_value(e, row, i);
	if (val.p == pair->val.p) {
		extend(run, pair);
		return p;
	}
	return put_changed(p, run, pair->key, val);
}

/*
 * Both lists are sorted, and rank says how many derived ones come before a
 * key.  Every pair is written with an '&' behind; the last is taken back.
 */
static char *
put_map(struct enrich *e, char *p, const struct row *row, int n)
{
	int i, rank, d = row->enriched ? DERIVED_COUNT : 0;
	struct run run = { NULL, NULL };
	char *start = p;

	for (i = 0; i < n; i++) {
		rank = e->plans[i].rank;
		if (d < rank) {
			p = put_run(p, &run);
			p = put_derived(p, row, d, rank);
			d = rank;
		}
		if (e->plans[i].role == ROLE_KEEP)
			extend(&run, &e->pairs[i]);
		else
			p = put_pair(e, p, &run, row, i);
	}
	p = put_run(p, &run);
	p = put_derived(p, row, d, DERIVED_COUNT);
	return p > start ? p - 1 : p;
}

/* More than the row can take: what came in, scrubbed values encoded anew,
 * and what is derived. */
static size_t
row_bound(const struct event *ev, const struct row *row)
{
	size_t size = ev->text.n + row->urls * (TEXT_GROWTH - 1) +
		      sizeof(row->id) + 64 + ADDRESS_TEXT;
	int i;

	if (row->enriched)
		return size;
	size += row->device->at[DERIVED_OF_AGENT] + row->device->brand_n;
	for (i = 0; i < DERIVED_COUNT - DERIVED_OF_AGENT; i++)
		size += row->source[i].n;
	return size;
}

static void
write_row(struct enrich *e, const struct event *ev, const struct row *row,
    int n, struct out *o)
{
	const struct slice *col = ev->col;
	char *start = out_reserve(o, row_bound(ev, row)), *p = start;

	p = put_column(p, col[EV_USER_ID]);
	p = put_small(p, row->id, NUMBER_MAX, row->id_n);
	p = put_column(p, col[EV_DIM_HOSTNAME]);
	p = put_small(p, row->country, 2, row->country[0] == '\0' ? 0 : 2);
	p = put_column(p, agent_brand(row->device));
	p = put_column(p, col[EV_ACTION_TYPE]);
	p = put_column(p, col[EV_EVENT_TIMESTAMP]);
	p = put_map(e, p, row, n);
	*p++ = '\t';
	p = put(p, col[EV_DS]);
	*p++ = '\n';
	out_advance(o, (size_t)(p - start));
}

/* The columns stay, and so do the derived properties. */
static void
write_again(struct enrich *e, const struct event *ev, const struct row *row,
    int n, struct out *o)
{
	char *start = out_reserve(o, row_bound(ev, row)), *p = start;
	int i;

	for (i = 0; i < EV_OTHER_PROPERTIES; i++)
		p = put_column(p, ev->col[i]);
	p = put_map(e, p, row, n);
	*p++ = '\t';
	p = put(p, ev->col[EV_DS]);
	*p++ = '\n';
	out_advance(o, (size_t)(p - start));
}

int
enrich_row(
    struct enrich *e, const struct event *ev, struct out *o, const char **why)
{
	const struct visitor_key *key;
	struct row row;
	int n;

	row.address = row.agent = row.referer = SLICE_NULL;
	row.urls = 0;
	row.marker = false;
	row.campaign = (struct campaign){ .click = -1 };
	n = gather(e, ev->col[EV_OTHER_PROPERTIES], &row);
	if (n == -1) {
		*why = "more than 65536 properties in one record";
		return -1;
	}
	e->rows++;
	row.enriched =
	    ev->col[EV_LOGGED_OUT_USER_ID].p != NULL ||
	    (row.marker && row.address.p == NULL && row.agent.p == NULL);
	if (row.enriched) {
		row.referral = referrer_find(&e->referrer, row.referer);
		write_again(e, ev, &row, n, o);
		return 0;
	}
	key = keyring_find(&e->keys, ev->col[EV_EVENT_TIMESTAMP], why);
	if (*why != NULL)
		return -1;
	find_person(e, ev, key, &row);
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
	strbuf_addf(sb, "\npath=%s\nipv6_prefix=%u\nrotate=%d\nby=%d\n",
	    c->country.path.s == NULL ? "" : c->country.path.s, e->v6_prefix,
	    (int)c->visitor.rotate, (int)c->visitor.identify_by);
	strbuf_addf(sb, "anonymize=%u,%u\n", (unsigned)c->anonymize.ipv4,
	    (unsigned)c->anonymize.ipv6);
	for (i = 0; i < c->keep.n; i++)
		strbuf_addf(sb, "keep=%s\n", c->keep.v[i].s);
	for (i = 0; i < GEO_KINDS && geo_wanted(&e->geo); i++)
		if (e->geo.wanted[i])
			strbuf_addf(sb, "add=%s\n", geo_names[i]);
	add_file(sb, "regexes", e->regexes);
	if (c->referrers.s != NULL)
		add_file(sb, "referrers", c->referrers.s);
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

/* "country:TYPE:BUILD" */
static void
mark_database(struct marks *marks, const char *what, const struct mmdb *m)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb, "%s:", what);
	mmdb_describe(m, &sb);
	marks_text(marks, "database", strbuf_slice(&sb));
	strbuf_release(&sb);
}

void
enrich_marks(const struct enrich *e, struct marks *m)
{
	struct strbuf sb = STRBUF_INIT;

	set_counter(m, "enriched", e->rows);
	mark_settings(e, m);
	keyring_describe(&e->keys, &sb);
	marks_text(m, "key", strbuf_slice(&sb));
	if (e->country != NULL)
		mark_database(m, "country", country_mmdb(e->country));
	if (e->geo.asn != NULL)
		mark_database(m, "asn", e->geo.asn);
	strbuf_release(&sb);
}
