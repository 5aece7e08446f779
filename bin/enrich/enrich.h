/*
 * enrich: one event in, one event out, with what its address, agent and
 * referrer say and without what identifies a person.
 *
 *	if (enrich_open(&e, conf) == -1)        reported; exit 2
 *	while (event_reader_batch(&r, &batch) > 0)
 *		if (enrich_rows(&e, &batch, &out, &done, &why) == -1) ...
 *	enrich_marks(&e, &marks);
 *	enrich_close(&e);
 *
 * Fills logged_out_user_id, dim_country and dim_device_brand (client.h,
 * agent.h), and rewrites the map: input pairs that stay (policy.h, shape.h)
 * merged with the derived ones (derived.h), both sorted.  A look-up that finds
 * nothing gives NULL and never drops a row.
 *
 * A row that was enriched before keeps its columns and derived properties;
 * what identifies a person leaves it as it leaves any other.  Such a row has
 * a logged_out_user_id, or a referrer_medium and neither address nor agent:
 * with these at hand everything is derived anew.
 */
#ifndef EV_ENRICH_ENRICH_H
#define EV_ENRICH_ENRICH_H

#include <stdint.h>

#include "base/mark.h"
#include "base/out.h"
#include "base/reader.h"
#include "conf/conf.h"
#include "enrich/agent.h"
#include "enrich/campaign.h"
#include "enrich/client.h"
#include "enrich/country.h"
#include "enrich/geo.h"
#include "enrich/keyring.h"
#include "enrich/policy.h"
#include "enrich/referrer.h"
#include "enrich/row.h"
#include "enrich/shape.h"

/* Raised when the same input and config give other events. */
#define ENRICH_VERSION 4

/* Texts are copied in whole blocks. */
#define ENRICH_PAD ROW_COPY

/* Debian's package uap-core. */
#define ENRICH_REGEXES "/usr/share/uap-core/regexes.yaml"

struct enrich {
	const struct conf *conf;
	struct country *country; /* NULL: no database */
	struct geo geo;
	struct keyring own_keys; /* but for enrich_again() */
	struct keyring *keys;
	struct keyring_hand hand;
	unsigned v6_prefix;
	bool anonymize;	     /* the address stays, in part */
	const char *regexes; /* path */
	struct policy policy;
	struct agents agents;
	struct referrer referrer;
	struct campaigns campaigns;

	struct clients clients;
	struct shapes shapes;
	struct row_writer writer;

	uint64_t rows;
	uint64_t no_address; /* rows without a client address */
};

/* 0, or -1 (reported). */
int enrich_open(struct enrich *e, const struct conf *conf);
/*
 * Another that gives the same events, for another thread: keys, database, rules
 * and tables are from's, and caches its own.  Closed before from.
 */
void enrich_again(struct enrich *e, const struct enrich *from);
/* Compiles all regexes of all tables: for --check.  0, or -1. */
int enrich_check(struct enrich *e);
/* Says what there is to say at the end. */
void enrich_report(const struct enrich *e);
void enrich_close(struct enrich *e);
/*
 * 0, or -1: row number done is no record that can be enriched, those before it
 * are written; why is a constant.  Behind an event's text ENRICH_PAD bytes must
 * be readable, as a reader's are.
 */
int enrich_rows(struct enrich *e, const struct event_batch *b, struct out *o,
    int *done, const char **why);
/* For explain.h: medium and source as finished pairs, borrowed until the next
 * call. */
void enrich_source(struct enrich *e, struct slice host,
    const struct referral *r, const struct campaign *campaign,
    struct slice *medium, struct slice *source);
/* Adds what the end mark says of this stage: enriched, settings, key,
 * database.  rows of a stage before are replaced. */
void enrich_marks(const struct enrich *e, struct marks *m);

#endif
