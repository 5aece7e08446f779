/*
 * term: what was searched for, by the address of a page of results.
 *
 *	if (term_find(&sb, SLICE_LIT("https://www.bing.com/search?q=a+b")))
 *		... sb holds "a b" ...
 *
 * The first argument of those that search engines use, by the order of a
 * list: q, query, text and others.  Decoded, '+' is a blank; blanks at the ends
 * go; of a longer one the first TERM_MAX bytes, in whole characters.  Most
 * engines send no term today: Google's referrer is its host alone.
 */
#ifndef EV_ENRICH_TERM_H
#define EV_ENRICH_TERM_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/strbuf.h"

#define TERM_MAX 256

/* url is raw bytes, of a search engine.  False: none was sent. */
bool term_find(struct strbuf *sb, struct slice url);

#endif
