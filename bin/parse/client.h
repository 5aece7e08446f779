/*
 * client: the address that a request came from, through trusted proxies.
 *
 * The peer ($remote_addr) is believed about its peer when it is one of the
 * config's trusted proxies, and so on along X-Forwarded-For from its right
 * end, as nginx's realip module does with real_ip_recursive: the client is
 * the rightmost hop that is not trusted.  A hop may be an IPv4 or IPv6
 * address, mapped, in brackets, with a port; at one that is no address the
 * walk ends at the last that was.
 */
#ifndef EV_PARSE_CLIENT_H
#define EV_PARSE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "conf/read.h"

/* Is it an IPv4 or IPv6 address, or "unix:"? */
bool client_address_valid(struct slice s);

/* An address of text into 16 bytes, IPv4 mapped; false when it is none. */
bool client_address(struct slice s, uint8_t addr[16]);

/* The client, borrowed from peer or forwarded (whose p may be NULL). */
struct slice client_find(
    const struct conf_nets *trusted, struct slice peer, struct slice forwarded);

#endif
