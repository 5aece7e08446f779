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
 * country_open() reads the file into memory and verifies it (mmdb.h), so
 * that a truncated or corrupt one is refused before any input is read, and
 * what becomes of the file later does not matter.
 */
#ifndef EV_ENRICH_COUNTRY_H
#define EV_ENRICH_COUNTRY_H

#include <stdbool.h>

#include "enrich/address.h"
#include "enrich/mmdb.h"

struct country;

/* record_path is dotted, or NULL; NULL on error (reported). */
struct country *country_open(const char *file, const char *record_path);
/* The same database and path, for another thread; closed before from. */
struct country *country_again(const struct country *from);
void country_close(struct country *c);
bool country_find(struct country *c, const struct address *a, char code[2]);
/* Borrowed: for who looks for more than the country. */
const struct mmdb *country_mmdb(const struct country *c);

#endif
