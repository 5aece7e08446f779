/*
 * derived: the properties that ev-enrich adds, in the order of the map.
 *
 * Names are sorted by their bytes, as the keys of the map are; none of them
 * is a variable of nginx.
 */
#ifndef EV_ENRICH_DERIVED_H
#define EV_ENRICH_DERIVED_H

enum derived {
	DERIVED_BOT,
	DERIVED_BOT_CLASS,
	DERIVED_BOT_TAG,
	DERIVED_BROWSER,
	DERIVED_BROWSER_VERSION,
	DERIVED_DEVICE_MODEL,
	DERIVED_OS,
	DERIVED_OS_VERSION,
	DERIVED_REFERRER,
	DERIVED_REFERRER_MEDIUM,
	DERIVED_REFERRER_SOURCE,
	DERIVED_COUNT
};

/* Those that an agent has: all up to here. */
#define DERIVED_OF_AGENT DERIVED_REFERRER

/* Stands behind referrer_source, as one text with it. */
#define DERIVED_TERM "referrer_term"

extern const char *const derived_names[DERIVED_COUNT];

#endif
