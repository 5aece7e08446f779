/*
 * scrub: takes denied arguments out of addresses.
 *
 *	if (scrub_url(&sb, SLICE_LIT("/a?token=x&b=1"), false, policy))
 *		... sb holds "/a?b=1" ...
 *
 * An argument is what follows '?', '&', ';' or '#', up to the next of
 * these or white space; its name ends at '='.  Names are compared as
 * policy_arg_denied() does, decoded and in lower case, so that %74oken is
 * token.  Name and value go, and the '&' that stood between.
 *
 * Addresses nest: "?next=https%3A%2F%2Fx%2F%3Ftoken%3D1%26b%3D2" has the
 * address of another page, percent-encoded, and that one may have a third,
 * encoded twice.  So each of these marks counts however often it is encoded,
 * and an argument ends at a mark that is encoded as often as its own '=' or
 * less: what is left above is "?next=https%3A%2F%2Fx%2F%3Fb%3D2".  A value
 * may also be arguments from its start ("?state=token%3D1").  What is encoded
 * more than SCRUB_LEVELS times is taken as encoded so often.
 *
 * What stands before the host in "https://user:password@host/" (RFC 3986,
 * section 3.2.1) goes, too, where an address begins and in arguments.
 */
#ifndef EV_ENRICH_SCRUB_H
#define EV_ENRICH_SCRUB_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "enrich/policy.h"

/* Browsers and sites encode once for each address around: three is rare. */
#define SCRUB_LEVELS 8

/* True: something was taken out, and sb holds what is left; else sb is
 * unspecified.  url is raw bytes; args: it is arguments from the start. */
bool scrub_url(struct strbuf *sb, struct slice url, bool args,
    const struct policy *policy);

#endif
