/*
 * campaign: what the arguments of a landing say about where it came from.
 *
 *	struct campaign c = { utm_source, utm_medium, click };
 *	if (campaign_resolve(&c, sources, &medium, &name))
 *		...              wins over the Referer header
 *
 * utm_medium decides the medium where it says one that we know; then a
 * click identifier of an advertiser (gclid, msclkid, ...) is paid; then
 * utm_source, if it names a known source, has that one's.  fbclid alone is
 * social: Facebook adds it to every link.
 */
#ifndef EV_ENRICH_CAMPAIGN_H
#define EV_ENRICH_CAMPAIGN_H

#include <stdbool.h>

#include "base/slice.h"
#include "enrich/sources.h"

/* Longer values are looked at by their first bytes. */
#define CAMPAIGN_VALUE 128

struct campaign {
	struct slice source; /* encoded text of utm_source, or NULL */
	struct slice medium; /* encoded text of utm_medium, or NULL */
	int click;	     /* kind of a click identifier, or -1 */
};

/* The kind of click identifier that this argument is, or -1. */
int campaign_click(struct slice arg);

/*
 * False: no campaign, and nothing is changed.  name is encoded text, NULL for
 * unknown; borrowed from c or sources.
 */
bool campaign_resolve(const struct campaign *c, const struct sources *s,
    enum medium *medium, struct slice *name);

#endif
