/*
 * campaign: what the arguments of a landing say about where it came from.
 *
 *	struct campaign c = { utm_source, utm_medium, click };
 *	if (campaign_is(&c)) {
 *		a = campaigns_find(&cs, &c);     wins over the header
 *		campaign_medium(a)               "referrer_medium=paid&"
 *		campaign_source(a)               empty: unknown
 *	}
 *
 * utm_medium decides the medium where it says one that we know; then a
 * click identifier of an advertiser (gclid, msclkid, ...) is paid; then
 * utm_source, if it names a known source, has that one's.  fbclid alone is
 * social: Facebook adds it to every link.
 *
 * Answers are cached (cache.h) and borrowed until the next find.
 */
#ifndef EV_ENRICH_CAMPAIGN_H
#define EV_ENRICH_CAMPAIGN_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/strbuf.h"
#include "enrich/cache.h"
#include "enrich/sources.h"

/* Longer values are looked at by their first bytes. */
#define CAMPAIGN_VALUE 128
/* A utm_source that is longer names no source. */
#define CAMPAIGN_NAME 1024

/* Kinds of click identifiers. */
#define CAMPAIGN_CLICKS 13

struct campaign {
	struct slice source; /* encoded text of utm_source, or NULL */
	struct slice medium; /* encoded text of utm_medium, or NULL */
	int click;	     /* kind of a click identifier, or -1 */
};

/* The kind of click identifier that this argument is, or -1. */
int campaign_click(struct slice arg);

/* An answer, as the cache keeps it: two pairs, with '&' behind. */
struct campaign_answer {
	uint32_t medium_n, source_n;
	char text[];
};

struct campaigns {
	const struct sources *sources;
	struct cache cache;
	struct strbuf text; /* of the answer, behind its head */
	/* The answers of a click identifier alone. */
	struct strbuf of_click[CAMPAIGN_CLICKS];
};

void campaigns_init(struct campaigns *cs, const struct sources *s);
void campaigns_release(struct campaigns *cs);
const struct campaign_answer *campaigns_find(
    struct campaigns *cs, const struct campaign *c);

/* False: nothing was sent that says anything. */
static inline bool
campaign_is(const struct campaign *c)
{
	return c->source.n > 0 || c->medium.n > 0 || c->click >= 0;
}

static inline struct slice
campaign_medium(const struct campaign_answer *a)
{
	return slice_of(a->text, a->medium_n);
}

static inline struct slice
campaign_source(const struct campaign_answer *a)
{
	return slice_of(a->text + a->medium_n, a->source_n);
}

#endif
