#include "config.h"

#include "parse/when.h"

#include <string.h>

#include "base/number.h"

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

/* HH:MM:SS at p, and the offset +HHMM or +HH:MM at zone. */
static int
seconds_of(const struct utc_civil *day, const char *p, const char *zone,
    bool colon, int64_t *out)
{
	int h = digits(p, 2), m = digits(p + 3, 2), s = digits(p + 6, 2);
	int zh = digits(zone + 1, 2), zm = digits(zone + (colon ? 4 : 3), 2);
	int64_t offset;

	if (!utc_civil_valid(day) || p[2] != ':' || p[5] != ':' || h < 0 ||
	    h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
		return -1;
	if ((*zone != '+' && *zone != '-') || zh < 0 || zh > 23 || zm < 0 ||
	    zm > 59 || (colon && zone[3] != ':'))
		return -1;
	offset = zh * 3600 + zm * 60;
	*out = utc_days(day) * 86400 + h * 3600 + m * 60 + s -
	       (*zone == '+' ? offset : -offset);
	return *out >= UTC_MIN && *out <= UTC_MAX ? 0 : -1;
}

static int
parse_local(struct slice f, int64_t *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct utc_civil day;
	const char *p = f.p;
	int d, y;
	unsigned m;

	if (f.n != 26 || p[2] != '/' || p[6] != '/' || p[11] != ':' ||
	    p[20] != ' ')
		return -1;
	for (m = 0; m < 12 && memcmp(months + 3 * m, p + 3, 3) != 0; m++)
		;
	d = digits(p, 2);
	y = digits(p + 7, 4);
	if (d < 0 || y < 0 || m == 12)
		return -1;
	day = (struct utc_civil){ y, m + 1, (unsigned)d };
	return seconds_of(&day, p + 12, p + 21, false, out);
}

static int
parse_iso(struct slice f, int64_t *out)
{
	struct utc_civil day;
	const char *p = f.p;
	int y, m, d;

	if (f.n != 25 || p[4] != '-' || p[7] != '-' || p[10] != 'T')
		return -1;
	y = digits(p, 4);
	m = digits(p + 5, 2);
	d = digits(p + 8, 2);
	if (y < 0 || m < 0 || d < 0)
		return -1;
	day = (struct utc_civil){ y, (unsigned)m, (unsigned)d };
	return seconds_of(&day, p + 11, p + 19, true, out);
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

int
when_set(struct when *w, enum layout_type type, struct slice f)
{
	int64_t seconds;
	int r;

	if (f.n == w->last_n && f.n > 0 && memcmp(f.p, w->last, f.n) == 0)
		return 0;
	if (f.n > sizeof(w->last))
		return -1;
	r = type == LAYOUT_TIME_LOCAL ? parse_local(f, &seconds)
	    : type == LAYOUT_TIME_ISO ? parse_iso(f, &seconds)
				      : parse_msec(f, &seconds);
	if (r == -1)
		return -1;
	utc_format(w->text, seconds);
	w->n = UTC_TIMESTAMP_LEN;
	if (type == LAYOUT_MSEC) {
		memcpy(w->text + w->n, f.p + f.n - 4, UTC_MS_LEN);
		w->n += UTC_MS_LEN;
	}
	memcpy(w->last, f.p, f.n);
	w->last_n = f.n;
	return 0;
}
