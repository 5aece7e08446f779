/*
 * geo: what databases say of an address beside its country, where the config
 * asks: subdivision, city, autonomous system.
 *
 *	geo_init(&g, conf, country, asn);
 *	if (geo_wanted(&g))
 *		src = geo_source(&g, src);       takes src
 *
 * A source of events that stands between the file and the reader, and adds
 * properties to the map of each, so that who asks for nothing pays nothing:
 *
 *	autonomous_system_number        autonomous_system_organization
 *	city                            subdivision
 *
 * named as MaxMind names them, without those that the databases do not have
 * for remote_addr.  An event that has a logged_out_user_id, or no remote_addr,
 * keeps what it has: it was enriched before.  In others properties of these
 * names are taken out.  Lines that are no events pass as they are.
 */
#ifndef EV_ENRICH_GEO_H
#define EV_ENRICH_GEO_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/source.h"
#include "conf/enrich.h"
#include "enrich/mmdb.h"

/* In the order of the map. */
enum geo_kind {
	GEO_ASN,
	GEO_ORGANIZATION,
	GEO_CITY,
	GEO_SUBDIVISION,
	GEO_KINDS
};

extern const char *const geo_names[GEO_KINDS];

struct geo {
	bool wanted[GEO_KINDS];
	const struct mmdb *place; /* the database of countries, borrowed */
	struct mmdb *asn;	  /* its own, or NULL: that of places */
	struct geo_memo *memo;
};

/* country and asn, which it takes, are NULL where there is no such database. */
void geo_init(struct geo *g, const struct conf_enrich *conf,
    const struct mmdb *country, struct mmdb *asn);
void geo_close(struct geo *g);
struct source *geo_source(struct geo *g, struct source *src);
/* Which kind a property is, or -1. */
int geo_kind_of(struct slice name);

static inline bool
geo_wanted(const struct geo *g)
{
	return g->memo != NULL;
}

#endif
