#include "config.h"

#include "agg/period.h"

#include "base/utc.h"

int64_t
period_first(enum conf_period period, int64_t day)
{
	int64_t first = day;

	if (period == PERIOD_WEEK)
		first = day - (int64_t)utc_weekday(day) + 1;
	if (period == PERIOD_MONTH)
		first = day - (int64_t)utc_civil(day).day + 1;
	/* The year 0000 begins on a Saturday. */
	return first < UTC_MIN / 86400 ? UTC_MIN / 86400 : first;
}

int64_t
period_last(enum conf_period period, int64_t day)
{
	struct utc_civil c;

	if (period == PERIOD_WEEK)
		return day - (int64_t)utc_weekday(day) + 7;
	if (period == PERIOD_DAY)
		return day;
	c = utc_civil(day);
	c.day = 1;
	c.year += c.month == 12;
	c.month = c.month % 12 + 1;
	/* In the year 9999 there is no next one. */
	return c.year > 9999 ? UTC_MAX / 86400 : utc_days(&c) - 1;
}
