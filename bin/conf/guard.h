/*
 * guard: how ev-guard judges, ev.yaml(5).
 *
 *	guard:
 *	  weeks: 104
 *	  budget: 0.25
 *	  health:
 *	    hours: events_by_hour
 *	    shares: [bot_share, no_referrer_share, no_country_share]
 *	    surge: 0.1
 *	    rejects: 0.05
 *	    least: 0.3
 *	    most: 3
 *	    max_age: 30
 */
#ifndef EV_CONF_GUARD_H
#define EV_CONF_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/read.h"

/* What makes the data of a day doubtful; 0 and NULL: not set. */
struct conf_health {
	struct conf_text hours;	 /* a metric by hour */
	struct conf_list shares; /* metrics: ratios that must not surge */
	bool shares_given;	 /* an empty list is one */
	double surge;		 /* by how much at least, 0.1: ten points */
	double rejects;		 /* share of the lines that is too much */
	double least, most;	 /* events, of those expected */
	uint64_t max_age;	 /* of the country database, in days */
};

struct conf_guard {
	uint64_t weeks; /* of the baseline; 0: not set */
	double budget;	/* false alarms a metric and quarter; 0: not set */
	struct conf_health health;
};

conf_read_fn conf_read_guard; /* struct conf_guard */

#endif
