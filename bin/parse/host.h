/*
 * host: the name of a host as the dim_hostname column has it.
 *
 * Lower case, no port, no trailing dot; IDNA names stay as they are sent.
 * What is no host (empty labels, over 253 bytes, bytes that no host has) is
 * refused, so that a scanner's Host header is NULL and not a new host.
 * An IPv6 literal keeps its brackets.
 */
#ifndef EV_PARSE_HOST_H
#define EV_PARSE_HOST_H

#include <stddef.h>

#include "base/slice.h"

#define HOST_MAX 253 /* RFC 1035, section 2.3.4, as text */

/* dst has room for HOST_MAX bytes; the length, or 0 when it is none. */
size_t host_clean(char *dst, struct slice raw);

#endif
