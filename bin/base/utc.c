#include "config.h"

#include "base/utc.h"

#define DAY INT64_C(86400)

static bool
leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

bool
utc_civil_valid(const struct utc_civil *c)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };
	unsigned last;

	if (c->year < 0 || c->year > 9999 || c->month < 1 || c->month > 12)
		return false;
	last = days[c->month - 1];
	if (c->month == 2 && leap(c->year))
		last = 29;
	return c->day >= 1 && c->day <= last;
}

int64_t
utc_days(const struct utc_civil *c)
{
	/* Years begin in March, so that the leap day is the last. */
	int64_t y = c->year - (c->month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t m = (int64_t)c->month + (c->month > 2 ? -3 : 9);
	int64_t doy = (153 * m + 2) / 5 + (int64_t)c->day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

struct utc_civil
utc_civil(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct utc_civil c;

	c.day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	c.month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	c.year = (int)(yoe + era * 400 + (c.month <= 2));
	return c;
}

unsigned
utc_weekday(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	int64_t w = (days + 3) % 7;

	return (unsigned)(w < 0 ? w + 7 : w) + 1;
}

static void
put2(char *dst, unsigned v)
{
	dst[0] = (char)('0' + v / 10);
	dst[1] = (char)('0' + v % 10);
}

void
utc_format_date(char *dst, int64_t days)
{
	struct utc_civil c = utc_civil(days);

	put2(dst, (unsigned)c.year / 100);
	put2(dst + 2, (unsigned)c.year % 100);
	dst[4] = '-';
	put2(dst + 5, c.month);
	dst[7] = '-';
	put2(dst + 8, c.day);
}

void
utc_format(char *dst, int64_t seconds)
{
	int64_t days = seconds / DAY, left = seconds % DAY;
	unsigned s;

	if (left < 0) {
		left += DAY;
		days--;
	}
	s = (unsigned)left;
	utc_format_date(dst, days);
	dst[10] = ' ';
	put2(dst + 11, s / 3600);
	dst[13] = ':';
	put2(dst + 14, s / 60 % 60);
	dst[16] = ':';
	put2(dst + 17, s % 60);
}

/* n digits at p, or -1. */
static int
digits(const char *p, size_t n)
{
	int v = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

int
utc_parse_date(struct slice s, int64_t *days)
{
	int y, m, d;
	struct utc_civil c;

	if (s.n != UTC_DATE_LEN || s.p[4] != '-' || s.p[7] != '-')
		return -1;
	y = digits(s.p, 4);
	m = digits(s.p + 5, 2);
	d = digits(s.p + 8, 2);
	if (y < 0 || m < 0 || d < 0)
		return -1;
	c = (struct utc_civil){ y, (unsigned)m, (unsigned)d };
	if (!utc_civil_valid(&c))
		return -1;
	*days = utc_days(&c);
	return 0;
}

int
utc_parse(struct slice s, int64_t *seconds, unsigned *ms)
{
	int h, m, sec, milli = 0;
	int64_t days;

	if (s.n != UTC_TIMESTAMP_LEN && s.n != UTC_TIMESTAMP_LEN + UTC_MS_LEN)
		return -1;
	if (utc_parse_date(slice_of(s.p, UTC_DATE_LEN), &days) == -1)
		return -1;
	if (s.p[10] != ' ' || s.p[13] != ':' || s.p[16] != ':')
		return -1;
	h = digits(s.p + 11, 2);
	m = digits(s.p + 14, 2);
	sec = digits(s.p + 17, 2);
	if (s.n > UTC_TIMESTAMP_LEN)
		milli = s.p[19] == '.' ? digits(s.p + 20, 3) : -1;
	if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59 ||
	    milli < 0)
		return -1;
	*seconds = days * DAY + h * 3600 + m * 60 + sec;
	*ms = (unsigned)milli;
	return 0;
}
