/*
 * client: what follows from a client's address and agent, as text that only
 * has to be copied: the visitor's id and the country.
 *
 *	clients_init(&cs, &agents, country, v6_prefix);
 *	clients_ask(&cs, &q, address, agent);   for some rows,
 *	clients_seek(&cs, &q);                  then for all of them again,
 *	clients_fetch(&cs, &q);                 and a third time
 *	c = clients_find(&cs, &q, key, key_id, &a);
 *	c->id, c->country                       columns with their TAB
 *	a                                       what the agent says (agent.h)
 *
 * Most rows are of a client that was there before.  So what was worked out
 * for an address and an agent, under the key of a period, is kept in a table
 * of fixed size: in sets of eight, of which one that the hash says gives way.
 * Tags say which of a set it may be, so that only its cache line is fetched.
 * The hash is keyed anew in each run, and address and agent are compared whole,
 * the agent with the text that the cache of agents keeps: nobody who writes
 * log lines can get another's result.
 *
 * The hash looks at a part of the agent only; agents that are alike there
 * share a set, which costs time and changes nothing.
 *
 * Results are borrowed until the next clients_find().
 */
#ifndef EV_ENRICH_CLIENT_H
#define EV_ENRICH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/number.h"
#include "base/slice.h"
#include "enrich/agent.h"
#include "enrich/country.h"
#include "enrich/visitor.h"

/* An address of at most so many bytes of text is kept as that text. */
#define CLIENT_TEXT 16

/* The bytes from here on may be read in one block, as columns are copied. */
#define CLIENT_COLUMN 32

/* In place of the text's length: the address stands there as address.h has
 * it, and there is none. */
#define CLIENT_BINARY (CLIENT_TEXT + 1)
#define CLIENT_NONE (CLIENT_TEXT + 2)

/* A cache line. */
struct client {
	uint64_t agent; /* where the cache of agents has it; 0: nothing here */
	int64_t key_id;
	char address[CLIENT_TEXT];
	char id[NUMBER_MAX + 1]; /* "-1234\t", or NULL's column */
	uint8_t id_n;
	uint8_t address_n;
	bool known; /* the address is one */
	char country[3];
};

/* Who is asked for. */
struct client_query {
	struct slice address, agent;
	uint64_t hash;
	uint64_t agent_hash;	/* agents_hash(), or 0: not known yet */
	uint32_t likely;	/* where it is, if it is there */
	char head[CLIENT_TEXT]; /* as struct client has it */
	uint8_t address_n;
};

struct clients {
	struct agents *agents;
	struct country *country; /* NULL: no database */
	unsigned v6_prefix;
	struct hash_key key;
	void *block; /* that both are in: */
	struct client *v;
	uint16_t *tag;	     /* of each: bits of its hash, 0 where nothing is */
	struct client other; /* what is not kept */
	uint64_t hits, misses;
};

void clients_init(struct clients *cs, struct agents *agents,
    struct country *country, unsigned v6_prefix);
void clients_release(struct clients *cs);
/*
 * Both values are as they stand in the map, or NULL; CACHE_PAD bytes from
 * either's first on must be readable.
 */
void clients_ask(const struct clients *cs, struct client_query *q,
    struct slice address, struct slice agent);
/* The tags should be near by now: fetches the client that they tell. */
void clients_seek(const struct clients *cs, struct client_query *q);
/* And that client should be: fetches its agent, or where a new one's is. */
void clients_fetch(const struct clients *cs, struct client_query *q);
/* key is NULL where visitors are to be; no two keys have one key_id. */
const struct client *clients_find(struct clients *cs,
    const struct client_query *q, const struct visitor_key *key, int64_t key_id,
    const struct agent **a);

#endif
