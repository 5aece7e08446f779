#include "config.h"

#include "guard/delivery.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/utc.h"
#include "facts/catalog.h"
#include "facts/table.h"

/* Digits in a row that are a date, and not the number of a host. */
#define DATE_DIGITS 6
/* Of a rotation: access.log.14. */
#define ROTATION_DIGITS 3

static size_t
digits(const char *p)
{
	return strspn(p, "0123456789");
}

/* The length of a date or time at p, which follows no digit; or 0. */
static size_t
date_length(const char *p)
{
	size_t n = digits(p);

	if (n >= DATE_DIGITS)
		return n;
	/* 2026-11-21, 2026_11_21, 2026.11.21, 2026/11/21 */
	if (n == 4 && p[4] != '\0' && strchr("-_./", p[4]) != NULL &&
	    digits(p + 5) == 2 && p[7] == p[4] && digits(p + 8) == 2)
		return 10;
	return 0;
}

static bool
drop_suffix(struct strbuf *sb, size_t from, const char *suffix)
{
	size_t n = strlen(suffix);

	if (sb->len - from <= n || strcmp(sb->buf + sb->len - n, suffix) != 0)
		return false;
	sb->len -= n;
	sb->buf[sb->len] = '\0';
	return true;
}

static void
drop_rotation(struct strbuf *sb, size_t from)
{
	size_t n = 0;

	while (n < sb->len - from &&
	       isdigit((unsigned char)sb->buf[sb->len - n - 1]))
		n++;
	if (n == 0 || n > ROTATION_DIGITS || sb->len - from <= n + 1 ||
	    sb->buf[sb->len - n - 1] != '.')
		return;
	sb->len -= n + 1;
	sb->buf[sb->len] = '\0';
}

void
delivery_source(struct strbuf *sb, const char *name)
{
	static const char *const compressed[] = { ".gz", ".zst", ".bz2",
		".xz" };
	size_t from = sb->len, n;

	for (const char *p = name; *p != '\0';) {
		n = date_length(p);
		if (n > 0) {
			strbuf_addch(sb, '*');
		} else {
			n = digits(p);
			n += n == 0;
			strbuf_add(sb, p, n);
		}
		p += n;
	}
	for (size_t i = 0; i < sizeof(compressed) / sizeof(compressed[0]); i++)
		if (drop_suffix(sb, from, compressed[i]))
			break;
	drop_rotation(sb, from);
}

/* The rows that a manifest brought for one day. */
struct share {
	int64_t day;
	const struct manifest *manifest;
	double rows;
};

struct shares {
	struct share *v;
	size_t n, cap;
};

static int
compare_shares(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->manifest > y->manifest) - (x->manifest < y->manifest);
}

static void
add_parts(struct shares *s, const struct manifest *m)
{
	int64_t day;

	/* Joined parts and dropped days brought nothing. */
	if (m->identity != MANIFEST_SOURCES && m->identity != MANIFEST_ROWS)
		return;
	for (size_t i = 0; i < m->nparts; i++) {
		const struct manifest_part *p = &m->parts[i];

		if (strlen(p->path) < 3 + UTC_DATE_LEN ||
		    utc_parse_date(slice_of(p->path + 3, UTC_DATE_LEN), &day) ==
			-1)
			continue;
		s->v = xgrow(s->v, &s->cap, s->n + 1, sizeof(*s->v));
		s->v[s->n++] = (struct share){ day, m, (double)p->rows };
	}
}

static double
all_rows(const struct manifest *m)
{
	double n = 0;

	for (size_t i = 0; i < m->nparts; i++)
		n += (double)m->parts[i].rows;
	return n;
}

static double
counter(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->ncounters; i++)
		if (strcmp(m->counters[i].name, name) == 0)
			return (double)m->counters[i].value;
	return 0;
}

static void
add_sources(struct delivery *d, const struct manifest *m)
{
	struct strbuf sb = STRBUF_INIT;

	for (size_t i = 0; i < m->nsources; i++) {
		delivery_source(&sb, m->sources[i].name);
		manifest_texts_add(&d->sources, strbuf_slice(&sb));
		strbuf_clear(&sb);
	}
	strbuf_release(&sb);
}

/* "country:TYPE:2026-06-17" */
static void
add_databases(struct delivery *d, const struct manifest *m)
{
	const char *text;
	int64_t built;
	size_t n;

	for (size_t i = 0; i < m->databases.n; i++) {
		text = m->databases.v[i];
		n = strlen(text);
		if (n < UTC_DATE_LEN ||
		    utc_parse_date(
			slice_of(text + n - UTC_DATE_LEN, UTC_DATE_LEN),
			&built) == -1)
			continue;
		if (built < d->built)
			d->built = built;
	}
}

static void
add_share(struct delivery *d, const struct share *s)
{
	const struct manifest *m = s->manifest;
	double all = all_rows(m), part = all > 0 ? s->rows / all : 0;

	d->lines += part * counter(m, "lines");
	d->rejected += part * counter(m, "rejected");
	if (part < DELIVERY_PART)
		return;
	add_sources(d, m);
	add_databases(d, m);
	for (size_t i = 0; i < m->settings.n; i++)
		manifest_texts_add(&d->settings, slice_str(m->settings.v[i]));
}

static void
add_days(struct deliveries *d, const struct shares *s)
{
	struct delivery *last = NULL;
	struct share sum;

	for (size_t i = 0; i < s->n;) {
		sum = s->v[i];
		while (++i < s->n && compare_shares(&s->v[i], &sum) == 0)
			sum.rows += s->v[i].rows;
		if (last == NULL || last->day != sum.day) {
			d->v = xgrow(d->v, &d->cap, d->n + 1, sizeof(*d->v));
			last = &d->v[d->n++];
			*last = (struct delivery){ .day = sum.day,
				.built = DELIVERY_NO_DATE };
		}
		add_share(last, &sum);
	}
}

int
deliveries_read(struct deliveries *d, const char *root)
{
	struct shares s = { 0 };
	struct catalog c;
	struct table t;
	int r = table_open_read(&t, root);

	if (r == 0)
		msg_error("%s: no table of ev-partition", root);
	if (r != 1)
		return -1;
	r = catalog_load(&c, &t);
	if (r == 0) {
		for (size_t i = 0; i < c.n; i++)
			add_parts(&s, &c.v[i]);
		if (s.n > 0)
			qsort(s.v, s.n, sizeof(*s.v), compare_shares);
		add_days(d, &s);
		catalog_release(&c);
	}
	free(s.v);
	table_close(&t);
	return r;
}

void
deliveries_release(struct deliveries *d)
{
	for (size_t i = 0; i < d->n; i++) {
		manifest_texts_release(&d->v[i].sources);
		manifest_texts_release(&d->v[i].settings);
	}
	free(d->v);
	*d = (struct deliveries){ 0 };
}

static int
compare_days(const void *a, const void *b)
{
	const struct delivery *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

const struct delivery *
deliveries_on(const struct deliveries *d, int64_t day)
{
	struct delivery key = { .day = day };

	if (d->n == 0)
		return NULL;
	return bsearch(&key, d->v, d->n, sizeof(*d->v), compare_days);
}

bool
delivery_has(const struct delivery *d, const char *source)
{
	for (size_t i = 0; i < d->sources.n; i++)
		if (strcmp(d->sources.v[i], source) == 0)
			return true;
	return false;
}
