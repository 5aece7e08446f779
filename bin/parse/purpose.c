#include "config.h"

#include "parse/purpose.h"

#include "base/text.h"
#include "parse/scan.h"

const char *const purpose_variables[PURPOSE_VARIABLES + 1] = {
	"http_sec_purpose", "http_purpose", "http_x_purpose", "http_x_moz", NULL
};

/* The more particular first: "prefetch;prerender" is a prerender. */
static const struct {
	char text[SCAN_PAD]; /* copied as whole vectors */
	size_t n;
} purposes[] = {
	{ "prerender", 9 },
	{ "prefetch", 8 },
	{ "preview", 7 },
};

/* Without case: word is lower case. */
static bool
holds(struct slice s, const char *word, size_t n)
{
	size_t i, k;

	for (i = 0; i + n <= s.n; i++) {
		for (k = 0; k < n && text_lower(s.p[i + k]) == word[k]; k++)
			;
		if (k == n)
			return true;
	}
	return false;
}

struct slice
purpose_of(struct slice header)
{
	size_t i;

	if (header.p == NULL)
		return SLICE_NULL;
	for (i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (holds(header, purposes[i].text, purposes[i].n))
			return slice_of(purposes[i].text, purposes[i].n);
	return SLICE_NULL;
}
