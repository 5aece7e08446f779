/*
 * purpose: requests that a browser makes before anybody asks for the page.
 *
 * Sec-Purpose (Fetch: "prefetch", "prefetch;prerender") and what browsers sent
 * before it: Purpose and X-Purpose ("prefetch", "preview"), X-Moz
 * ("prefetch").
 */
#ifndef EV_PARSE_PURPOSE_H
#define EV_PARSE_PURPOSE_H

#include "base/slice.h"

/* The variables of those headers; the list ends with NULL. */
extern const char *const purpose_variables[];
#define PURPOSE_VARIABLES 4

/* "prerender", "prefetch" or "preview", a constant of which a whole vector may
 * be read; else p is NULL. */
struct slice purpose_of(struct slice header);

#endif
