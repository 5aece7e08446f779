/*
 * keyring: the keys of visitors, one for each period of time.
 *
 *	keyring_open(&kr, &conf->enrich.visitor)       -1: reported; exit 2
 *	keyring_hold(&hand, &kr)                       each thread its own
 *	key = keyring_find(&hand, event_timestamp, &why)
 *	    why != NULL: cannot go on; else key == NULL: forgotten
 *	keyring_drop(&hand)
 *	keyring_describe(&kr, &sb)                     for the end mark
 *	keyring_close(&kr)
 *
 * Without rotation there is one key: that of key_file, or a random one for
 * this run.  With it, key_dir has a file for each period, YYYY-MM-DD and .day,
 * .week or .month, by its first day: the Monday, the first of the month.  It
 * has the form of a key file (visitor.h), holds a random key, and is made when
 * the first event of its period comes: under a lock of the directory, so that
 * of any number of processes all get the same, and renamed, so that it is
 * whole.  The directory must be open to nobody but its owner.
 *
 * keyring_forget() destroys the keys of all periods that end before a day,
 * and puts the day into the file "forgotten": none of them is made again,
 * whatever is delivered later.  The rows keep all else.
 */
#ifndef EV_ENRICH_KEYRING_H
#define EV_ENRICH_KEYRING_H

#include <pthread.h>
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

/* All keys of a run, for any number of threads. */
struct keyring {
	const struct conf_visitor *conf;
	bool random;	       /* neither file nor directory */
	pthread_mutex_t lock;  /* of what follows */
	struct keyring_key *v; /* sorted by first; one without rotation */
	size_t n, cap;
	uint64_t beyond; /* events of more periods than are kept */
};

/* The key that a thread had last. */
struct keyring_hand {
	struct keyring *ring;
	bool turns;		/* there is rotation */
	char day[UTC_DATE_LEN]; /* that now is for */
	struct keyring_key now;
};

int keyring_open(struct keyring *kr, const struct conf_visitor *conf);
void keyring_close(struct keyring *kr);

void keyring_hold(struct keyring_hand *hand, struct keyring *kr);
/* One that never held is fine. */
void keyring_drop(struct keyring_hand *hand);

/* The slow half of keyring_find(). */
const struct visitor_key *keyring_turn(
    struct keyring_hand *hand, struct slice timestamp, const char **why);

/*
 * Borrowed until the next call.  NULL: forgotten, or no date, or of too many
 * periods: the visitor is NULL; or why is set, a constant.
 */
static inline const struct visitor_key *
keyring_find(
    struct keyring_hand *hand, struct slice timestamp, const char **why)
{
	*why = NULL;
	if (hand->turns && memcmp(hand->day, timestamp.p, UTC_DATE_LEN) != 0)
		return keyring_turn(hand, timestamp, why);
	return hand->now.forgotten ? NULL : &hand->now.key;
}

/* Says so when events had no key because of their number of periods. */
void keyring_report(const struct keyring *kr);
/* "random", or what tells these keys from others and reveals none. */
void keyring_describe(const struct keyring *kr, struct strbuf *sb);

/* Destroys; 0, or -1 (reported).  day is days since 1970. */
int keyring_forget(const struct conf_visitor *conf, int64_t day);

#endif
