/*
 * scrub: takes denied arguments out of addresses.
 *
 *	if (scrub_url(&sb, SLICE_LIT("/a?token=x&b=1"), policy))
 *		... sb holds "/a?b=1" ...
 *
 * An argument is what follows '?', '&', ';' or '#', up to the next of
 * these or white space; its name ends at '='.  Names are compared as
 * policy_arg_denied() does, decoded and in lower case, so that %74oken is
 * token.  Name and value go, and the '&' that stood between.
 *
 * So does what stands before the host in "https://user:password@host/"
 * (RFC 3986, section 3.2.1).
 */
#ifndef EV_ENRICH_SCRUB_H
#define EV_ENRICH_SCRUB_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "enrich/policy.h"

/* True: something was taken out, and sb holds what is left; else sb is
 * unspecified.  url is raw bytes; args: it is arguments from the start. */
bool scrub_url(struct strbuf *sb, struct slice url, bool args,
    const struct policy *policy);

#endif
