/*
 * literal: regexes that are plain comparisons in disguise.
 *
 * Most rules of a config read ^/signup$, ^/api/ or \.(css|js)$.  Such a
 * regex is a list of texts of which one must be the whole, the beginning or
 * the end of the path, or stand inside it, and memcmp is several times
 * faster than PCRE2 on paths that were not seen before.
 */
#ifndef EV_PARSE_LITERAL_H
#define EV_PARSE_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct literal {
	bool at_start; /* '^' */
	bool at_end;   /* '$' */
	struct slice *alt;
	size_t n;
};

/* True, and lit is to be released, when the regex is one. */
bool literal_from_regex(struct literal *lit, struct slice regex);
bool literal_match(const struct literal *lit, struct slice s);
void literal_release(struct literal *lit);

#endif
