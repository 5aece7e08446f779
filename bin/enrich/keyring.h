/*
 * keyring: the keys of visitors, one for each period of time.
 *
 *	keyring_open(&kr, &conf->enrich.visitor)       -1: reported; exit 2
 *	key = keyring_find(&kr, event_timestamp, &why)
 *	    why != NULL: cannot go on; else key == NULL: forgotten
 *	keyring_describe(&kr, &sb)                     for the end mark
 *	keyring_close(&kr)
 *
 * Without rotation there is one key: that of key_file, or a random one for
 * this run.  With it, key_dir has a file for each period, YYYY-MM-DD and .day,
 * .week or .month, by its first day: the Monday, the first of the month.  It
 *has the form of a key file (visitor.h), holds a random key, and is made when
 *the first event of its period comes: written under another name and linked, so
 * that of any number of processes all get the same.  The directory must be
 * open to nobody but its owner.
 *
 * keyring_forget() destroys the keys of all periods that end before a day,
 * and puts the day into the file "forgotten": none of them is made again,
 * whatever is delivered later.  The rows keep all else.
 */
#ifndef EV_ENRICH_KEYRING_H
#define EV_ENRICH_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"
#include "base/strbuf.h"
#include "base/utc.h"
#include "conf/enrich.h"
#include "enrich/visitor.h"

/* A key that was asked for. */
struct keyring_key {
	int64_t first; /* day of its period */
	bool forgotten;
	struct visitor_key key;
};

struct keyring {
	const struct conf_visitor *conf;
	bool random;	       /* neither file nor directory */
	struct keyring_key *v; /* sorted by first; one without rotation */
	size_t n, cap;
	size_t last;		/* that of the day before */
	char day[UTC_DATE_LEN]; /* the day that last is for */
	uint64_t beyond;	/* events of more periods than are kept */
};

int keyring_open(struct keyring *kr, const struct conf_visitor *conf);
void keyring_close(struct keyring *kr);

/* The slow half of keyring_find(). */
const struct visitor_key *keyring_turn(
    struct keyring *kr, struct slice timestamp, const char **why);

/*
 * Borrowed until the next call.  NULL: forgotten, or no date, or of too many
 * periods: the visitor is NULL; or why is set, a constant.
 */
static inline const struct visitor_key *
keyring_find(struct keyring *kr, struct slice timestamp, const char **why)
{
	const struct keyring_key *k = &kr->v[kr->last];

	*why = NULL;
	if (kr->conf->rotate != ROTATE_NEVER &&
	    memcmp(kr->day, timestamp.p, UTC_DATE_LEN) != 0)
		return keyring_turn(kr, timestamp, why);
	return k->forgotten ? NULL : &k->key;
}

/* "random", or what tells these keys from others and reveals none. */
/* Says so when events had no key because of their number of periods. */
void keyring_report(const struct keyring *kr);
void keyring_describe(const struct keyring *kr, struct strbuf *sb);

/* Destroys; 0, or -1 (reported).  day is days since 1970. */
int keyring_forget(const struct conf_visitor *conf, int64_t day);

#endif
