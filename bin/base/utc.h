/*
 * utc: the proleptic Gregorian calendar in UTC, without libc and locale.
 *
 * Seconds are since 1970-01-01 00:00:00, without leap seconds, as time(2)
 * counts.  The years are 0000 to 9999, so that text sorts as time does.
 * Days from civil and back follow the counting of Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms".
 */
#ifndef EV_BASE_UTC_H
#define EV_BASE_UTC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define UTC_DATE_LEN 10		      /* YYYY-MM-DD */
#define UTC_TIMESTAMP_LEN 19	      /* YYYY-MM-DD HH:MM:SS */
#define UTC_MS_LEN 4		      /* .mmm */
#define UTC_MIN INT64_C(-62167219200) /* 0000-01-01 00:00:00 */
#define UTC_MAX INT64_C(253402300799) /* 9999-12-31 23:59:59 */

struct utc_civil {
	int year;	/* 0-9999 */
	unsigned month; /* 1-12 */
	unsigned day;	/* 1-31 */
};

bool utc_civil_valid(const struct utc_civil *c);
int64_t utc_days(const struct utc_civil *c);
struct utc_civil utc_civil(int64_t days);
/* 1 Monday to 7 Sunday, as ISO 8601. */
unsigned utc_weekday(int64_t days);

/* Exactly UTC_DATE_LEN or UTC_TIMESTAMP_LEN bytes, no NUL. */
void utc_format_date(char *dst, int64_t days);
void utc_format(char *dst, int64_t seconds);

/* The whole slice, strictly; 0 or -1. */
int utc_parse_date(struct slice s, int64_t *days);
/* YYYY-MM-DD HH:MM:SS, or with .mmm; ms is 0 without. */
int utc_parse(struct slice s, int64_t *seconds, unsigned *ms);

#endif
