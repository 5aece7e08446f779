#include "config.h"

#include "parse/when.h"

#include <string.h>

#include "base/number.h"
#include "base/utc.h"
#include "parse/scan.h"

#define DAY INT64_C(86400)

/* Where the parts of a written time are; the zone is its last ZONE bytes. */
#define ZONE 6
#define LOCAL_DATE 12 /* 22/Nov/2026: */
#define ISO_DATE 11   /* 2026-11-22T */

void
when_init(struct when *w)
{
	*w = (struct when){ 0 };
}

/* Digits of fixed places; -1 when one is none. */
static int
digits(const char *p, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + (*p++ - '0');
	}
	return v;
}

/* HH:MM:SS at p in seconds, or -1. */
static int
clock_of(const char *p)
{
	int h = digits(p, 2), m = digits(p + 3, 2), s = digits(p + 6, 2);

	if (p[2] != ':' || p[5] != ':' || h < 0 || h > 23 || m < 0 || m > 59 ||
	    s < 0 || s > 59)
		return -1;
	return h * 3600 + m * 60 + s;
}

/* +HHMM or +HH:MM at p in seconds. */
static int
zone_of(const char *p, bool colon, int64_t *offset)
{
	int h = digits(p + 1, 2), m = digits(p + (colon ? 4 : 3), 2);

	if ((*p != '+' && *p != '-') || h < 0 || h > 23 || m < 0 || m > 59 ||
	    (colon && p[3] != ':'))
		return -1;
	*offset = h * 3600 + m * 60;
	if (*p == '-')
		*offset = -*offset;
	return 0;
}

static int
date_local(const char *p, struct utc_civil *day)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int d = digits(p, 2), y = digits(p + 7, 4);
	unsigned m;

	if (p[2] != '/' || p[6] != '/' || p[11] != ':')
		return -1;
	for (m = 0; m < 12 && memcmp(months + 3 * m, p + 3, 3) != 0; m++)
		;
	if (d < 0 || y < 0 || m == 12)
		return -1;
	*day = (struct utc_civil){ y, m + 1, (unsigned)d };
	return 0;
}

static int
date_iso(const char *p, struct utc_civil *day)
{
	int y = digits(p, 4), m = digits(p + 5, 2), d = digits(p + 8, 2);

	if (p[4] != '-' || p[7] != '-' || p[10] != 'T' || y < 0 || m < 0 ||
	    d < 0)
		return -1;
	*day = (struct utc_civil){ y, (unsigned)m, (unsigned)d };
	return 0;
}

/* Date and zone of f into w->midnight, unless they are the last ones. */
static int
set_midnight(struct when *w, bool iso, struct slice f)
{
	size_t n = iso ? ISO_DATE : LOCAL_DATE;
	const char *zone = f.p + f.n - ZONE;
	struct utc_civil day;
	int64_t offset;

	if (w->dated && scan_equal16(f.p, w->date, n) &&
	    scan_equal16(zone, w->zone, ZONE))
		return 0;
	if (iso) {
		if (date_iso(f.p, &day) == -1 ||
		    zone_of(zone, true, &offset) == -1)
			return -1;
	} else {
		if (date_local(f.p, &day) == -1 || *zone != ' ' ||
		    zone_of(zone + 1, false, &offset) == -1)
			return -1;
	}
	if (!utc_civil_valid(&day))
		return -1;
	w->midnight = utc_days(&day) * DAY - offset;
	memcpy(w->date, f.p, n);
	memcpy(w->zone, zone, ZONE);
	w->dated = true;
	return 0;
}

static int
parse_written(struct when *w, bool iso, struct slice f, int64_t *out)
{
	size_t n = iso ? ISO_DATE : LOCAL_DATE;
	int clock;

	if (f.n != n + strlen("HH:MM:SS") + ZONE ||
	    set_midnight(w, iso, f) == -1 || (clock = clock_of(f.p + n)) == -1)
		return -1;
	*out = w->midnight + clock;
	return *out >= UTC_MIN && *out <= UTC_MAX ? 0 : -1;
}

/* SECONDS.mmm; the milliseconds' text stays where it is. */
static int
parse_msec(struct slice f, int64_t *out)
{
	uint64_t s;

	if (f.n < 5 || f.p[f.n - 4] != '.' || digits(f.p + f.n - 3, 3) < 0 ||
	    number_u64(slice_of(f.p, f.n - 4), &s) == -1 || s > UTC_MAX)
		return -1;
	*out = (int64_t)s;
	return 0;
}

static void
put2(char *dst, unsigned v)
{
	dst[0] = (char)('0' + v / 10);
	dst[1] = (char)('0' + v % 10);
}

static void
put_text(struct when *w, int64_t seconds)
{
	int64_t left = seconds - w->day;
	unsigned s = (unsigned)left;

	if (w->n == 0 || left < 0 || left >= DAY) {
		utc_format(w->text, seconds);
		left = seconds % DAY;
		w->day = seconds - (left < 0 ? left + DAY : left);
		return;
	}
	put2(w->text + 11, s / 3600);
	put2(w->text + 14, s / 60 % 60);
	put2(w->text + 17, s % 60);
}

/* Is it the time of the line before? */
static inline bool
is_last(const struct when *w, struct slice f)
{
	if (f.n != w->last_n)
		return false;
	if (f.n <= 16)
		return f.n > 0 && scan_equal16(f.p, w->last, f.n);
	return scan_equal16(f.p, w->last, 16) &&
	       scan_equal16(f.p + f.n - 16, w->last + f.n - 16, 16);
}

int
when_set(struct when *w, enum layout_type type, struct slice f)
{
	int64_t seconds;
	int r;

	if (is_last(w, f))
		return 0;
	if (f.n > sizeof(w->last))
		return -1;
	r = type == LAYOUT_MSEC
		? parse_msec(f, &seconds)
		: parse_written(w, type == LAYOUT_TIME_ISO, f, &seconds);
	if (r == -1)
		return -1;
	put_text(w, seconds);
	w->n = UTC_TIMESTAMP_LEN;
	if (type == LAYOUT_MSEC) {
		memcpy(w->text + w->n, f.p + f.n - 4, UTC_MS_LEN);
		w->n += UTC_MS_LEN;
	}
	memcpy(w->last, f.p, f.n);
	w->last_n = f.n;
	return 0;
}
