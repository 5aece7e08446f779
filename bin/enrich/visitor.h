/*
 * visitor: logged_out_user_id, a keyed hash of address and agent.
 *
 *	inner = SipHash-2-4(key, agent)            8 bytes
 *	outer = SipHash-2-4(key, address || inner) over 24 bytes
 *
 * agent is the bytes of the User-Agent header as the client sent them
 * (decoded), nothing when it sent none; address is 16 bytes in network
 * order, IPv4 as ::ffff:a.b.c.d, IPv6 with all but the first prefix bits
 * cleared.  Hashes are the 8 bytes in the order that the reference
 * implementation writes them (little-endian); the id is outer read as a
 * little-endian signed 64-bit integer, in decimal.  ev-enrich(1) says the
 * same for who wants to recompute it.
 *
 * SipHash-2-4: Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * by libsodium's crypto_shorthash(), and the outer one in line.
 *
 * The key file holds 32 hexadecimal digits and a line feed, and nobody but
 * its owner may read or write it.
 */
#ifndef EV_ENRICH_VISITOR_H
#define EV_ENRICH_VISITOR_H

#include <stddef.h>

#include "base/slice.h"
#include "enrich/address.h"

#define VISITOR_KEY_SIZE 16
#define VISITOR_FINGERPRINT 16 /* hex digits */

struct visitor_key {
	unsigned char k[VISITOR_KEY_SIZE];
};

/* The inner hash. */
struct visitor_device {
	unsigned char h[8];
};

/* 0, or -1 (reported). */
int visitor_key_load(struct visitor_key *key, const char *path);
void visitor_key_random(struct visitor_key *key);
void visitor_key_wipe(struct visitor_key *key);
/* Makes the file, mode 0600; never overwrites.  0, or -1 (reported). */
int visitor_key_create(const char *path);
/*
 * A hash of a constant under the key: tells keys apart and reveals
 * neither key nor visitors.  VISITOR_FINGERPRINT digits and a NUL.
 */
void visitor_key_fingerprint(
    const struct visitor_key *key, char hex[VISITOR_FINGERPRINT + 1]);

/* agent.p may be NULL. */
void visitor_device(struct visitor_device *d, const struct visitor_key *key,
    struct slice agent);
/* Writes at most NUMBER_MAX bytes; returns the length. */
size_t visitor_id(char *dst, const struct visitor_key *key,
    const struct address *a, unsigned v6_prefix,
    const struct visitor_device *d);

#endif
