#include "config.h"

#include "enrich/enrich.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/msg.h"
#include "enrich/datafile.h"
#include "io/digest.h"

#define DAY 86400 /* seconds */

/* So many rows before it is written, a row's client has its agent fetched. */
#define AHEAD 4

/* Read in blocks. */
static const char own_medium[sizeof("referrer_medium=internal&") + ROW_COPY] =
    "referrer_medium=internal&";

_Static_assert(INBUF_PAD >= ENRICH_PAD, "what is read is copied in blocks");
_Static_assert(CACHE_PAD >= ROW_COPY, "what is derived is copied in blocks");
_Static_assert(ENRICH_PAD >= CACHE_PAD, "what is read is a key");

static const struct campaign no_campaign = { .click = -1 };

/* Of share/, in this order in the digest of the settings. */
static const char *const tables[] = { "bots.tsv", "bots-imported.tsv",
	"referrers.tsv", "referrers-imported.tsv" };

static int
open_key(struct enrich *e)
{
	e->keys = &e->own_keys;
	if (keyring_open(e->keys, &e->conf->enrich.visitor) == -1)
		return -1;
	if (e->keys->random)
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

/* The databases while they are read and verified. */
struct databases {
	const struct conf_enrich *conf;
	struct country *country; /* NULL: none is wanted, or it failed */
	struct mmdb *asn;	 /* the same */
	int status;
	pthread_t thread;
	bool apart; /* by a thread of their own */
};

static void *
read_databases(void *arg)
{
	struct databases *db = arg;
	const struct conf_country *c = &db->conf->country;
	const char *asn = db->conf->asn.database.s;

	if (c->database.s != NULL)
		db->country = country_open(c->database.s, c->path.s);
	if (asn != NULL)
		db->asn = mmdb_open(asn, "asn");
	if ((c->database.s != NULL && db->country == NULL) ||
	    (asn != NULL && db->asn == NULL))
		db->status = -1;
	return NULL;
}

/*
 * A database takes as long as all that a short run has to read besides, so it
 * is read meanwhile.  Signals are for the program's first thread.
 */
static void
begin_databases(struct databases *db, const struct conf_enrich *conf)
{
	sigset_t all, before;

	*db = (struct databases){ .conf = conf };
	if (conf->country.database.s == NULL && conf->asn.database.s == NULL)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	db->apart = pthread_create(&db->thread, NULL, read_databases, db) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!db->apart)
		read_databases(db);
}

/* 0, or -1 (reported). */
static int
end_databases(struct databases *db, struct enrich *e)
{
	const struct conf_country *c = &db->conf->country;
	const struct conf_asn *asn = &db->conf->asn;

	if (db->apart)
		pthread_join(db->thread, NULL);
	e->country = db->country;
	geo_init(&e->geo, db->conf,
	    e->country == NULL ? NULL : country_mmdb(e->country), db->asn);
	if (db->status == -1)
		return -1;
	if (e->country == NULL)
		msg_warn("no enrich.country.database: countries are NULL");
	else
		note_database(country_mmdb(e->country), "country",
		    c->database.s, c->max_age);
	if (db->asn != NULL)
		note_database(db->asn, "asn", asn->database.s, asn->max_age);
	return 0;
}

static int
open_agents(struct enrich *e)
{
	struct prefilter_stats st;

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
		  "at most %zu of them at one place",
	    st.rules, st.always, st.literals, st.longest);
	return 0;
}

/* What does not depend on keys and databases, nor on another. */
static void
begin(struct enrich *e, const struct conf *conf)
{
	memset(e, 0, sizeof(*e));
	e->conf = conf;
	e->v6_prefix = conf_ipv6_prefix(&conf->enrich);
	e->anonymize = conf->enrich.anonymize.ipv4 != 0 ||
		       conf->enrich.anonymize.ipv6 != 0;
	e->regexes = conf->enrich.regexes.s;
	if (e->regexes == NULL)
		e->regexes = ENRICH_REGEXES;
	policy_init(&e->policy, conf);
	shapes_init(&e->shapes, &e->policy, e->anonymize);
}

/* What does not depend on databases. */
static int
open_tables(struct enrich *e)
{
	keyring_hold(&e->hand, e->keys);
	if (open_agents(e) == -1)
		return -1;
	return referrer_open(&e->referrer, &e->conf->site, &e->policy);
}

/* What does. */
static void
open_rest(struct enrich *e)
{
	campaigns_init(&e->campaigns, &e->referrer.sources);
	clients_init(&e->clients, &e->agents, e->country, e->v6_prefix);
	row_writer_init(&e->writer, &e->conf->enrich.anonymize, &e->referrer);
}

int
enrich_open(struct enrich *e, const struct conf *conf)
{
	struct databases db;
	int r;

	begin(e, conf);
	if (sodium_init() == -1) {
		msg_error("libsodium cannot be initialised");
		return -1;
	}
	if (open_key(e) == -1)
		return -1;
	begin_databases(&db, &conf->enrich);
	r = open_tables(e);
	if (end_databases(&db, e) == -1 || r == -1)
		return -1;
	open_rest(e);
	return 0;
}

void
enrich_again(struct enrich *e, const struct enrich *from)
{
	begin(e, from->conf);
	e->keys = from->keys;
	keyring_hold(&e->hand, e->keys);
	if (from->country != NULL)
		e->country = country_again(from->country);
	agents_again(&e->agents, &from->agents);
	referrer_again(&e->referrer, &from->referrer, &e->policy);
	open_rest(e);
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
	const struct clients *c = &e->clients;

	msg_debug("clients: %llu from the table, %llu worked out",
	    (unsigned long long)c->hits, (unsigned long long)c->misses);
	msg_debug("maps: %llu shapes made", (unsigned long long)e->shapes.made);
	msg_debug("agents: %llu from the cache, %llu looked up",
	    (unsigned long long)a->hits, (unsigned long long)a->misses);
	msg_debug("referrers: %llu from the cache, %llu looked up",
	    (unsigned long long)r->hits, (unsigned long long)r->misses);
	keyring_report(e->keys);
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
	clients_release(&e->clients);
	shapes_release(&e->shapes);
	keyring_drop(&e->hand);
	keyring_close(&e->own_keys);
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

/* Where the visit came from, by campaign, header and the host asked. */
static inline void
find_source(struct enrich *e, struct row *row)
{
	const struct referral *r = row->referral;

	row->source[0] = slice_of(r->text, r->at[REFERRAL_FULL]);
	row->source[1].n = 0;
	enrich_source(e, row->host, r,
	    row->shape->campaign ? &row->campaign : &no_campaign, &row->medium,
	    &row->source_name);
	/* Of the header alone, all three stand together. */
	if (row->medium.p == r->text + r->at[REFERRAL_MEDIUM])
		return;
	row->source[0].n = r->at[REFERRAL_MEDIUM];
	row->source[1] =
	    slice_of(row->medium.p, row->medium.n + row->source_name.n);
}

static inline struct slice
referer_of(const struct row *row)
{
	struct slice val =
	    shape_value(row->shape, &row->map, row->shape->referer);

	return val.n <= ROW_URL_MAX ? val : SLICE_NULL;
}

static void
find_person(struct enrich *e, const struct visitor_key *key, struct row *row)
{
	const struct shape *s = row->shape;
	const struct shape_map *m = &row->map;

	if (s->campaign) {
		row->campaign.source = shape_value(s, m, s->utm_source);
		row->campaign.medium = shape_value(s, m, s->utm_medium);
		row->campaign.click = s->click;
	}
	row->host = event_row_column(row->base, row->ev, EV_DIM_HOSTNAME);
	row->referral = referrer_find(&e->referrer, row->referer);
	find_source(e, row);
	row->client = clients_find(
	    &e->clients, &row->query, key, e->hand.now.first, &row->agent);
	e->no_address += !row->client->known;
}

/* 0, or -1: why says what is wrong. */
static int
finish_row(struct enrich *e, struct row *row, struct out *o, const char **why)
{
	const struct visitor_key *key;

	row->referer = referer_of(row);
	if (row->shape->enriched) {
		row->referral = referrer_find(&e->referrer, row->referer);
	} else {
		key = keyring_find(&e->hand,
		    event_row_column(row->base, row->ev, EV_EVENT_TIMESTAMP),
		    why);
		if (*why != NULL)
			return -1;
		find_person(e, key, row);
	}
	row_write(&e->writer, row, o);
	e->rows++;
	return 0;
}

static inline bool
is_null(struct slice written)
{
	return written.n == 2 && memcmp(written.p, EV_NULL, 2) == 0;
}

/* Splits a row; false: it has a shape that is not seen lately. */
static inline bool
begin_row(struct enrich *e, const char *base, const struct event_row *ev,
    struct row *row)
{
	const uint32_t *at = ev->at + EV_MAP_TABS - 1;
	size_t n = ev->amps + 1;

	row->base = row->map.base = base;
	row->ev = ev;
	row->map.at = at;
	/* An empty map and NULL have no pairs. */
	if (n == 1 && (at[1] - at[0] == 1 || is_null(slice_of(base + at[0] + 1,
						 at[1] - at[0] - 1))))
		n = 0;
	row->map.n = n;
	row->has_id =
	    !is_null(event_row_column(base, ev, EV_LOGGED_OUT_USER_ID));
	row->shape = shapes_find(&e->shapes, &row->map, row->has_id);
	return row->shape != NULL;
}

/* What is to be fetched from afar. */
static inline void
ask(struct enrich *e, struct row *row)
{
	const struct shape *s = row->shape;

	if (!s->enriched)
		clients_ask(&e->clients, &row->query,
		    shape_value(s, &row->map, s->address),
		    shape_value(s, &row->map, s->agent));
}

/*
 * The rows from the first on that can be looked at together: another whose
 * shape has to be made begins the next.  0: the first has too many pairs.
 */
static int
begin_rows(
    struct enrich *e, const struct event_batch *b, int first, struct row *row)
{
	const struct event_row *ev = &b->row[first];
	int i, n = b->n - first;

	if (!begin_row(e, b->base, &ev[0], &row[0])) {
		if (ev->amps == EVENT_AMPS_MAX)
			return 0;
		row[0].shape =
		    shapes_make(&e->shapes, &row[0].map, row[0].has_id);
	}
	ask(e, &row[0]);
	for (i = 1; i < n && begin_row(e, b->base, &ev[i], &row[i]); i++)
		ask(e, &row[i]);
	return i;
}

static inline void
seek(const struct enrich *e, struct row *row)
{
	if (!row->shape->enriched)
		clients_seek(&e->clients, &row->query);
}

static inline void
fetch(const struct enrich *e, struct row *row)
{
	if (!row->shape->enriched)
		clients_fetch(&e->clients, &row->query);
}

int
enrich_rows(struct enrich *e, const struct event_batch *b, struct out *o,
    int *done, const char **why)
{
	struct row row[EVENT_ROWS];
	int i, n;

	for (*done = 0; *done < b->n;) {
		n = begin_rows(e, b, *done, row);
		if (n == 0) {
			*why = "more than 65536 properties in one record";
			return -1;
		}
		for (i = 0; i < n; i++)
			seek(e, &row[i]);
		for (i = 0; i < n && i < AHEAD; i++)
			fetch(e, &row[i]);
		for (i = 0; i < n; i++, ++*done) {
			if (i + AHEAD < n)
				fetch(e, &row[i + AHEAD]);
			if (finish_row(e, &row[i], o, why) == -1)
				return -1;
		}
	}
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
	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		add_table(sb, tables[i]);
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
	keyring_describe(e->keys, &sb);
	marks_text(m, "key", strbuf_slice(&sb));
	if (e->country != NULL)
		mark_database(m, "country", country_mmdb(e->country));
	if (e->geo.asn != NULL)
		mark_database(m, "asn", e->geo.asn);
	strbuf_release(&sb);
}
