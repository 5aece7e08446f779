/*
 * health: are the data of a day such that its guardrails can be judged?
 *
 *	struct health h = { .history = &history, .conf = &conf->guard.health,
 *	    .weeks = weeks, .max_age = days, .facts = &deliveries };
 *	health_judge(&h);
 *	h.day[i]                        of each day of the history
 *	health_release(&h);
 *
 * Each sign is judged by the days before it alone, in their order.  Where its
 * own past is known (baseline.h), a fault is what chance does not make and
 * what matters: a limit of ev.yaml(5) says how much that is.  A sign that was
 * at fault for HEALTH_ACCEPTED days in a row is how it is now: its past
 * begins with them.  What is not known is no fault.
 *
 * Two rules keep the site's own troubles out.  Hours are compared with the
 * other hours of their day, so a day with less traffic has no gap.  A share
 * is at fault only if there is also more of what it is a share of: where one
 * source of traffic dries up, the shares of the others rise by that alone.
 */
#ifndef EV_GUARD_HEALTH_H
#define EV_GUARD_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/guard.h"
#include "guard/delivery.h"
#include "history/history.h"

#define HEALTH_ACCEPTED 7

enum health_sign {
	SIGN_DAY,      /* nothing is known of it */
	SIGN_HOURS,    /* a gap */
	SIGN_EVENTS,   /* far too few or too many of the day */
	SIGN_SHARES,   /* more bots, NULL referrers, NULL countries */
	SIGN_REJECTS,  /* more lines that do not fit */
	SIGN_FORMAT,   /* lines became events by other settings */
	SIGN_DATABASE, /* it was stale */
	SIGN_SOURCE,   /* a log did not come */
	SIGNS
};

extern const char *const health_sign_names[SIGNS];

struct health_day {
	unsigned signs; /* 1 << enum health_sign of each fault */
	char *reason;	/* of the faults, owned; NULL: none */
	bool begun;	/* the newest day has events of its first hour alone */
};

struct health {
	const struct history *history;
	const struct conf_health *conf;
	size_t weeks;
	uint64_t max_age;		/* of a database, days; 0: any */
	const struct deliveries *facts; /* NULL: not known */
	int64_t over; /* days up to this one are; INT64_MIN: not known */
	struct health_day *day;
};

void health_judge(struct health *h);
void health_release(struct health *h);

#endif
