/*
 * sources: which host is whose, and of what kind.
 *
 *	sources_load(&s, NULL)                         reported
 *	src = sources_by_host(&s, SLICE_LIT("www.google.co.uk"));
 *	src->name "Google", src->medium MEDIUM_SEARCH
 *
 * A file that the config names wins, then share/referrers.tsv, which is ours;
 * share/referrers-imported.tsv is made by share/import-referrers.  All have
 * lines of host, source, medium; the longest suffix of whole labels wins.  A
 * host may also be an app: android-app://com.linkedin.android.
 */
#ifndef EV_ENRICH_SOURCES_H
#define EV_ENRICH_SOURCES_H

#include "base/hash.h"
#include "base/slice.h"
#include "base/strbuf.h"

enum medium {
	MEDIUM_UNKNOWN,
	MEDIUM_SEARCH,
	MEDIUM_SOCIAL,
	MEDIUM_EMAIL,
	MEDIUM_AI,
	MEDIUM_NEWS,
	MEDIUM_PAID,
	MEDIUM_INTERNAL,
	MEDIUM_COUNT
};

extern const char *const medium_names[MEDIUM_COUNT];

struct source_entry {
	struct slice host; /* lower case */
	struct slice name; /* empty: known, but gets no credit */
	enum medium medium;
};

struct sources {
	struct strbuf text[3]; /* of the files; entries point into it */
	struct source_entry *v;
	size_t n, cap;
	struct hash_key key;
	uint32_t *by_host; /* number of an entry plus 1; 0: free */
	uint32_t *by_name;
	size_t mask;
};

/* own is the path of a file of the site's own, or NULL.  0, or -1 (reported).
 */
int sources_load(struct sources *s, const char *own);
void sources_release(struct sources *s);
/* Lower case; NULL when no suffix is known. */
const struct source_entry *sources_by_host(
    const struct sources *s, struct slice host);
/* What campaigns call it, in any case: "linkedin", "LinkedIn". */
const struct source_entry *sources_by_name(
    const struct sources *s, struct slice name);

#endif
