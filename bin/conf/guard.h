/*
 * guard: how ev-guard judges, ev.yaml(5).
 *
 *	guard:
 *	  weeks: 26
 *	  budget: 0.25
 */
#ifndef EV_CONF_GUARD_H
#define EV_CONF_GUARD_H

#include <stdint.h>

#include "conf/read.h"

struct conf_guard {
	uint64_t weeks; /* of the baseline; 0: not set */
	double budget;	/* false alarms a metric and quarter; 0: not set */
};

conf_read_fn conf_read_guard; /* struct conf_guard */

#endif
