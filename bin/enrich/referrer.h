/*
 * referrer: where a visit came from, by its Referer header.
 *
 *	r = referrer_find(&rf, val);          the encoded value of the map
 *	referral_text(r, REFERRAL_HOST)       "referrer=google.co.uk&"
 *
 * REFERRAL_HOST is the registrable host by the Public Suffix List, in lower
 * case (www.google.co.uk is google.co.uk); that of an app link its package name
 * (android-app://com.linkedin.android); an address stays as it is.  NULL
 * when nothing, or nothing that is an address of the web or an app, was
 * sent.  Pairs are finished, with '&' behind; empty when they are none.
 *
 * Answers are cached (cache.h) and borrowed until the next find.
 */
#ifndef EV_ENRICH_REFERRER_H
#define EV_ENRICH_REFERRER_H

#include <libpsl.h>
#include <stdbool.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/slice.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "enrich/cache.h"
#include "enrich/policy.h"
#include "enrich/sources.h"

/* A name of the DNS has at most 253 bytes. */
#define REFERRER_HOST 255

enum referral_text {
	REFERRAL_HOST,	   /* pair */
	REFERRAL_MEDIUM,   /* pair */
	REFERRAL_SOURCE,   /* pair, and of a search that of its term */
	REFERRAL_FULL,	   /* the whole host, not encoded */
	REFERRAL_SCRUBBED, /* the value, where changed is set */
	REFERRAL_TEXTS
};

/* An answer, as the cache keeps it. */
struct referral {
	uint32_t at[REFERRAL_TEXTS + 1]; /* in text */
	uint32_t changed;		 /* the value may not stay as it is */
	char text[];
};

struct referrer {
	const struct conf_site *site;
	const struct policy *policy;
	const psl_ctx_t *psl;
	bool again; /* sources are another's */
	struct sources sources;
	struct cache cache;
	struct strbuf raw;	/* the decoded value */
	struct strbuf scrub;	/* without denied arguments, decoded */
	struct strbuf term;	/* what was searched for */
	struct strbuf text;	/* of the answer, behind its head */
	struct strbuf none;	/* the answer where nothing was sent */
	struct strbuf scrubbed; /* of referrer_scrub() */
};

/* 0, or -1 (reported). */
int referrer_open(
    struct referrer *rf, const struct conf_site *site, const struct policy *p);
/* The same, with a cache of its own, for another thread; p is the thread's.
 * Closed before from. */
void referrer_again(
    struct referrer *rf, const struct referrer *from, const struct policy *p);
void referrer_close(struct referrer *rf);
/* val is NULL when the client sent none: that is an answer, too. */
const struct referral *referrer_find(struct referrer *rf, struct slice val);
/* A value that is no Referer, but holds an address: NULL, or what is left
 * of it, encoded, with CACHE_PAD bytes behind; borrowed until the next call.
 * 32 bytes behind val must be readable. */
struct slice referrer_scrub(struct referrer *rf, struct slice val, bool args);

/*
 * An argument has a '=', which a value of the map has encoded; a user an
 * '@'.  Most paths have neither, and every row has one.  32 bytes from the last
 * on must be readable.
 */
#ifdef __SSE2__
static inline __m128i
referrer_holds16(const char *p)
{
	const __m128i pct = _mm_set1_epi8('%'), eq = _mm_set1_epi8('=');
	const __m128i at = _mm_set1_epi8('@');
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return _mm_or_si128(_mm_cmpeq_epi8(v, pct),
	    _mm_or_si128(_mm_cmpeq_epi8(v, eq), _mm_cmpeq_epi8(v, at)));
}

/* Two blocks at once, as many paths are longer than one. */
static inline bool
referrer_may_hold(struct slice val)
{
	unsigned found = 0;
	size_t i;

	for (i = 0; i < val.n && found == 0; i += 32) {
		found =
		    (unsigned)_mm_movemask_epi8(referrer_holds16(val.p + i)) |
		    (unsigned)_mm_movemask_epi8(
			referrer_holds16(val.p + i + 16))
			<< 16;
		if (val.n - i < 32)
			found &= (1U << (val.n - i)) - 1;
	}
	return found != 0;
}
#else
static inline bool
referrer_may_hold(struct slice val)
{
	size_t i;

	for (i = 0; i < val.n; i++)
		if (val.p[i] == '%' || val.p[i] == '=' || val.p[i] == '@')
			return true;
	return false;
}
#endif

static inline struct slice
referral_text(const struct referral *r, int which)
{
	return slice_of(
	    r->text + r->at[which], r->at[which + 1] - r->at[which]);
}

#endif
