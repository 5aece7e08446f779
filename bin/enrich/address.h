/*
 * address: client addresses as 16 bytes, IPv4 as ::ffff:a.b.c.d.
 *
 *	struct address a;
 *	if (address_parse(&a, SLICE_LIT("192.0.2.7")) == 0)
 *		...
 *
 * Takes what nginx writes in $remote_addr: dotted IPv4 and RFC 4291 text,
 * no brackets, port or zone.  "unix:" and anything else is -1.  Mapped
 * IPv4 (::ffff:0:0/96) is the IPv4 address itself.
 *
 * ADDRESS_PAD bytes behind the text must be readable: IPv4 is read in one
 * block, whatever its length.
 */
#ifndef EV_ENRICH_ADDRESS_H
#define EV_ENRICH_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"

#define ADDRESS_PAD 16
/* The longest text of an address, and a NUL. */
#define ADDRESS_TEXT 46

struct address {
	uint8_t b[16]; /* network order */
};

int address_parse(struct address *a, struct slice text);
/* The value of a map, which may be encoded, though nginx's never is; -1 for
 * NULL too. */
int address_decode(struct address *a, struct slice val);
static inline bool
address_is_v4(const struct address *a)
{
	return memcmp(a->b, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
}

/*
 * Has no country: private, loopback, link-local, documentation, multicast
 * and the rest of what IANA's special-purpose registries (RFC 6890) call
 * not globally reachable.
 */
bool address_is_special(const struct address *a);
/*
 * Writes the address with all but its first bits, v4 or v6, cleared, and a
 * NUL; the length.  0: an address of its kind has no bits to show.
 */
size_t address_put_masked(
    char dst[ADDRESS_TEXT], const struct address *a, unsigned v4, unsigned v6);
/* Clears all but the first bits (0-128) of an address that is not IPv4. */
void address_mask_v6(struct address *a, unsigned bits);

#endif
