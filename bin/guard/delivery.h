/*
 * delivery: how each day came into the fact table, by its manifests.
 *
 *	struct deliveries d = { 0 };
 *	deliveries_read(&d, "facts");       -1: reported
 *	day = deliveries_on(&d, day);       NULL: no log came of that day
 *	deliveries_release(&d);
 *
 * A batch belongs to the days that at least DELIVERY_PART of its rows are of:
 * a log that is closed past midnight has some of the next day, which is not
 * that day's log.  Its lines and rejects are shared out by its rows.
 *
 * A source is known by its name without what tells days apart: dates, the
 * number of a rotation, and the suffix of a compression.
 */
#ifndef EV_GUARD_DELIVERY_H
#define EV_GUARD_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "facts/manifest.h"

#define DELIVERY_PART 0.02
/* Of a day without a database. */
#define DELIVERY_NO_DATE INT64_MAX

struct delivery {
	int64_t day; /* since 1970-01-01 */
	double lines, rejected;
	struct manifest_texts sources; /* as of delivery_source() */
	struct manifest_texts settings;
	int64_t built; /* the day of its oldest database */
};

struct deliveries {
	struct delivery *v; /* by day */
	size_t n, cap;
};

int deliveries_read(struct deliveries *d, const char *root);
void deliveries_release(struct deliveries *d);
const struct delivery *deliveries_on(const struct deliveries *d, int64_t day);
bool delivery_has(const struct delivery *d, const char *source);

/* Appends what the source of that name is known by. */
void delivery_source(struct strbuf *sb, const char *name);

#endif
