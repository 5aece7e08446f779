/*
 * country: ISO 3166-1 alpha-2 of an address, out of any MMDB.
 *
 *	struct country *c = country_open(path, "country.iso_code");
 *	if (c == NULL)
 *		return -1;                     reported
 *	if (country_find(c, &addr, code))      two upper-case letters
 *		...
 *
 * Without a path of the record two are tried: country.iso_code (MaxMind,
 * DB-IP) and country_code (flat records, as of ip-location-db).  Addresses
 * that have no country (address_is_special()), that the database does not
 * know, or whose record holds no two letters have none.
 *
 * country_open() walks the whole search tree once, so that a truncated or
 * corrupt file is refused before any input is read.  The file must not be
 * truncated in place while it is mapped: replace it by rename.
 *
 * Format: MaxMind DB File Format Specification 2.0.
 */
#ifndef EV_ENRICH_COUNTRY_H
#define EV_ENRICH_COUNTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "enrich/address.h"

struct country;

/* record_path is dotted, or NULL; NULL on error (reported). */
struct country *country_open(const char *file, const char *record_path);
void country_close(struct country *c);
/* The address will be asked for soon. */
void country_prefetch(struct country *c, const struct address *a);
bool country_find(struct country *c, const struct address *a, char code[2]);
/* The day that it was built on, since 1970. */
int64_t country_day(const struct country *c);
/* "TYPE:BUILD", build as YYYY-MM-DD: for the end mark. */
void country_describe(const struct country *c, struct strbuf *sb);

#endif
