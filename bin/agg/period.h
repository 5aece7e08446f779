/*
 * period: days, weeks from Monday on, and months, as days since 1970-01-01.
 */
#ifndef EV_AGG_PERIOD_H
#define EV_AGG_PERIOD_H

#include <stdint.h>

#include "conf/metrics.h"

/* The first and the last day of the period that day is in. */
int64_t period_first(enum conf_period period, int64_t day);
int64_t period_last(enum conf_period period, int64_t day);

#endif
