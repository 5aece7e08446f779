/*
 * base-test TOPIC: the pieces of bin/base and bin/io against what their
 * headers promise.  Prints each failed check with its line; exits 1 if any
 * failed, 2 for an unknown topic.  t/0000-base.bats calls it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/lines.h"
#include "base/map.h"
#include "base/mark.h"
#include "base/number.h"
#include "base/places.h"
#include "base/reader.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/utc.h"
#include "conf/conf.h"
#include "io/codec.h"

static int failed;

#define CHECK(x)                                                            \
	do {                                                                \
		if (!(x)) {                                                 \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #x);      \
			failed = 1;                                         \
		}                                                           \
	} while (0)

/* A source over memory that hands out at most step bytes a read. */
struct memory {
	struct source base;
	const char *p;
	size_t n, step;
};

static ssize_t
memory_read(struct source *src, void *buf, size_t n)
{
	struct memory *m = (struct memory *)src;

	if (n > m->step)
		n = m->step;
	if (n > m->n)
		n = m->n;
	memcpy(buf, m->p, n);
	m->p += n;
	m->n -= n;
	return (ssize_t)n;
}

static struct memory
memory(const char *p, size_t n, size_t step)
{
	struct memory m = { { memory_read, NULL, NULL, 0, 0, -1 }, p, n, step };

	m.base.name = xstrdup("memory");
	return m;
}

static bool
encodes(const char *raw, size_t n, enum text_kind kind, const char *want)
{
	char enc[3 * 64 + 16];
	size_t len = text_encode(enc, raw, n, kind);

	if (len == strlen(want) && memcmp(enc, want, len) == 0)
		return true;
	printf("'%.*s' is not '%s'\n", (int)len, enc, want);
	return false;
}

static void
test_text_bytes(void)
{
	char one[1], want[4];
	int c;

	for (c = 0; c < 256; c++) {
		one[0] = (char)c;
		snprintf(want, sizeof(want), "%%%02X", (unsigned)c);
		if (c >= 0x20 && c < 0x7f && c != '%' && c != '\\')
			snprintf(want, sizeof(want), "%c", c);
		CHECK(encodes(one, 1, TEXT_COLUMN, want));
		if (c == '&' || c == '+' || c == '=')
			snprintf(want, sizeof(want), "%%%02X", (unsigned)c);
		CHECK(encodes(one, 1, TEXT_MAP, want));
	}
}

static void
test_text_utf8(void)
{
	static const struct {
		const char *raw, *want;
	} cases[] = {
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		{ "\xf4\x90\x80\x80", "%F4%90%80%80" }, /* past U+10FFFF */
		{ "\xed\xa0\x80", "%ED%A0%80" },	/* a surrogate */
		{ "\xed\x9f\xbf", "\xed\x9f\xbf" },
		{ "\xc0\xaf", "%C0%AF" },	  /* overlong */
		{ "\xe0\x9f\xbf", "%E0%9F%BF" },  /* overlong */
		{ "\xf0\x8f\xbf\xbf", "%F0%8F%BF%BF" },
		{ "\xc2\x85", "%C2%85" },	  /* C1: NEL */
		{ "\xc2\x9f", "%C2%9F" },	  /* C1, the last */
		{ "\xc2\xa0", "\xc2\xa0" },	  /* no-break space */
		{ "caf\xe9", "caf%E9" },	  /* Latin-1 */
		{ "\xe6\x97", "%E6%97" },	  /* cut */
		{ "0123456789abcd\xc3\xa9", "0123456789abcd\xc3\xa9" },
		{ "0123456789abcde\xc3\xa9", "0123456789abcde\xc3\xa9" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(encodes(cases[i].raw, strlen(cases[i].raw), TEXT_MAP,
		    cases[i].want));
}

/* decode(encode(x)) == x, encode is valid, for random bytes of all lengths. */
static void
test_text_round_trip(void)
{
	char raw[100], enc[3 * 100 + 16], dec[sizeof(enc)];
	enum text_kind kind;
	size_t n, len, i, round;

	srandom(1);
	for (round = 0; round < 200000; round++) {
		n = (size_t)random() % sizeof(raw);
		for (i = 0; i < n; i++)
			raw[i] = (char)(random() % 3 != 0 ?
				32 + random() % 95 : random() % 256);
		kind = round % 2 == 0 ? TEXT_MAP : TEXT_COLUMN;
		len = text_encode(enc, raw, n, kind);
		CHECK(len <= 3 * n);
		CHECK(text_valid(slice_of(enc, len), kind));
		len = text_decode(dec, slice_of(enc, len));
		CHECK(len == n && memcmp(dec, raw, n) == 0);
	}
}

static void
test_text(void)
{
	char buf[8] = "%4%zz%41";

	test_text_bytes();
	test_text_utf8();
	test_text_round_trip();
	CHECK(text_decode(buf, slice_of(buf, 8)) == 6 &&
	    memcmp(buf, "%4%zzA", 6) == 0);
	CHECK(!text_valid(SLICE_LIT("a=b"), TEXT_MAP));
	CHECK(text_valid(SLICE_LIT("a=b"), TEXT_COLUMN));
	CHECK(!text_valid(SLICE_LIT("100%"), TEXT_COLUMN));
}

static void
test_map(void)
{
	struct slice map = SLICE_LIT("a=1&b=&c&d=x%3Dy"), rest = map, val;
	struct map_pair pair;
	int n = 0;

	while (map_next(&rest, &pair))
		n++;
	CHECK(n == 4);
	CHECK(map_get(map, SLICE_LIT("a"), &val) == 1 && slice_is(val, "1"));
	CHECK(map_get(map, SLICE_LIT("b"), &val) == 1 && val.p != NULL &&
	    val.n == 0);
	CHECK(map_get(map, SLICE_LIT("c"), &val) == 1 && val.p == NULL);
	CHECK(map_get(map, SLICE_LIT("d"), &val) == 1 &&
	    slice_is(val, "x%3Dy"));
	CHECK(map_get(map, SLICE_LIT("bb"), &val) == 0);
	CHECK(map_get(SLICE_NULL, SLICE_LIT("a"), &val) == 0);
	CHECK(map_get(SLICE_LIT(""), SLICE_LIT(""), &val) == 0);
}

static void
test_utc_days(void)
{
	int64_t days, back, first, last;
	struct utc_civil c;
	char text[UTC_DATE_LEN];

	CHECK(utc_parse_date(SLICE_LIT("0000-01-01"), &first) == 0);
	CHECK(utc_parse_date(SLICE_LIT("9999-12-31"), &last) == 0);
	CHECK(first * 86400 == UTC_MIN && last * 86400 + 86399 == UTC_MAX);
	for (days = first; days <= last && !failed; days++) {
		c = utc_civil(days);
		utc_format_date(text, days);
		CHECK(utc_civil_valid(&c));
		CHECK(utc_days(&c) == days);
		CHECK(utc_parse_date(slice_of(text, sizeof(text)), &back) ==
			0 && back == days);
	}
	CHECK(utc_weekday(0) == 4);  /* 1970-01-01, a Thursday */
	CHECK(utc_weekday(-4) == 7); /* 1969-12-28, a Sunday */
}

static void
test_utc(void)
{
	static const char *const bad[] = { "2026-02-29", "2026-13-01",
		"2026-00-01", "2026-01-00", "2026-1-01", "2026-01-011",
		"2026/01/01", "" };
	char text[UTC_TIMESTAMP_LEN];
	unsigned ms;
	int64_t t, days;
	time_t libc;
	struct tm tm;
	char want[32];
	size_t i;

	test_utc_days();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(utc_parse_date(slice_str(bad[i]), &days) == -1);
	for (t = -3000000000; t < 9000000000; t += 7654321) {
		libc = (time_t)t;
		gmtime_r(&libc, &tm);
		strftime(want, sizeof(want), "%Y-%m-%d %H:%M:%S", &tm);
		utc_format(text, t);
		CHECK(memcmp(text, want, sizeof(text)) == 0);
		CHECK(utc_parse(slice_of(text, sizeof(text)), &days, &ms) ==
			0 && days == t && ms == 0);
	}
	CHECK(utc_parse(SLICE_LIT("2026-11-21 23:59:59.250"), &t, &ms) == 0 &&
	    ms == 250);
	CHECK(utc_parse(SLICE_LIT("2026-11-21 24:00:00"), &t, &ms) == -1);
	CHECK(utc_parse(SLICE_LIT("2026-11-21T23:00:00"), &t, &ms) == -1);
	CHECK(utc_parse(SLICE_LIT("2026-11-21 23:59:59,250"), &t, &ms) == -1);
}

static void
test_number(void)
{
	char text[NUMBER_MAX];
	uint64_t u;
	int64_t i;

	CHECK(number_u64(SLICE_LIT("18446744073709551615"), &u) == 0 &&
	    u == UINT64_MAX);
	CHECK(number_u64(SLICE_LIT("18446744073709551616"), &u) == -1);
	CHECK(number_u64(SLICE_LIT(""), &u) == -1);
	CHECK(number_u64(SLICE_LIT("+1"), &u) == -1);
	CHECK(number_u64(SLICE_LIT("1 "), &u) == -1);
	CHECK(number_i64(SLICE_LIT("-9223372036854775808"), &i) == 0 &&
	    i == INT64_MIN);
	CHECK(number_i64(SLICE_LIT("9223372036854775808"), &i) == -1);
	CHECK(number_i64(SLICE_LIT("-9223372036854775809"), &i) == -1);
	CHECK(number_i64(SLICE_LIT("-"), &i) == -1);
	CHECK(number_put_i64(text, INT64_MIN) == 20 &&
	    memcmp(text, "-9223372036854775808", 20) == 0);
	CHECK(number_put_u64(text, 0) == 1 && text[0] == '0');
	for (u = 1; u < UINT64_MAX / 3; u = 2 * u + u / 7 + 1) {
		char want[24];
		int n = snprintf(want, sizeof(want), "%llu",
		    (unsigned long long)u);

		CHECK(number_put_u64(text, u) == (size_t)n &&
		    memcmp(text, want, (size_t)n) == 0);
	}
	CHECK(number_size(SLICE_LIT("256M"), &u) == 0 && u == 256u << 20);
	CHECK(number_size(SLICE_LIT("1K"), &u) == 0 && u == 1024);
	CHECK(number_size(SLICE_LIT("K"), &u) == -1);
	CHECK(number_size(SLICE_LIT("16777216T"), &u) == -1);
}

/* What lines gives of text read in steps, in one string to compare. */
static bool
lines_are(const char *text, size_t n, size_t step, size_t max,
    const char *want)
{
	static const char parts[] = "WFML";
	struct memory m = memory(text, n, step);
	struct strbuf sb = STRBUF_INIT;
	struct lines l;
	struct line line;
	bool ok;

	lines_init(&l, max);
	lines_attach(&l, &m.base);
	while (lines_next(&l, &line) == 1)
		strbuf_addf(&sb, "%c%llu@%llu:%.*s%s|", parts[line.part],
		    (unsigned long long)line.number,
		    (unsigned long long)line.offset, (int)line.text.n,
		    line.text.p, line.newline ? "" : "!");
	strbuf_addf(&sb, "%llu", (unsigned long long)l.hole_bytes);
	ok = strcmp(sb.buf, want) == 0;
	if (!ok)
		printf("step %zu: '%s' is not '%s'\n", step, sb.buf, want);
	strbuf_release(&sb);
	lines_release(&l);
	free(m.base.name);
	return ok;
}

static void
test_lines_long(size_t step)
{
	size_t max = (size_t)300 << 10, n = 3 * max + 5;
	char *big = xmalloc(n + 20);
	struct memory m;
	struct lines l;
	struct line line;
	size_t got[8], parts = 0;

	memset(big, 'x', n);
	memcpy(big + n, "\nnext\r\n", 7);
	m = memory(big, n + 7, step);
	lines_init(&l, max);
	lines_attach(&l, &m.base);
	while (lines_next(&l, &line) == 1 && parts < 8) {
		got[parts++] = line.text.n;
		CHECK(line.number == (parts <= 4 ? 1 : 2));
	}
	CHECK(parts == 5 && got[0] == max && got[1] == max && got[2] == max &&
	    got[3] == 5 && got[4] == 4);
	/* Exactly max bytes, with a CR LF, are still one line. */
	memcpy(big + max, "\r\n", 2);
	free(m.base.name);
	m = memory(big, max + 2, step);
	lines_attach(&l, &m.base);
	CHECK(lines_next(&l, &line) == 1 && line.part == LINE_WHOLE &&
	    line.text.n == max && line.cr);
	CHECK(lines_next(&l, &line) == 0);
	CHECK(l.in.cap <= max + 2);
	lines_release(&l);
	free(m.base.name);
	free(big);
}

static void
test_lines(void)
{
	static const size_t steps[] = { 1, 2, 3, 7, 4096, (size_t)1 << 20 };
	size_t i, s;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		s = steps[i];
		CHECK(lines_are("", 0, s, 9, "0"));
		CHECK(lines_are("a\nbc\r\n\nd", 8, s, 9,
		    "W1@0:a|W2@2:bc|W3@6:|W4@7:d!|0"));
		CHECK(lines_are("a\n\0\0\0b\n\0", 8, s, 9,
		    "W1@0:a|W2@5:b|4"));
		CHECK(lines_are("a\0b\n", 4, s, 9, "W1@0:a|0"));
		if (s > 1)
			test_lines_long(s * 1000);
	}
}

static int
read_all(const char *text, size_t step, struct event_reader *r,
    struct strbuf *sb)
{
	struct memory m = memory(text, strlen(text), step);
	struct event ev;
	int n;

	event_reader_attach(r, &m.base);
	while ((n = event_reader_next(r, &ev)) == 1) {
		strbuf_addf(sb, "%s,%.*s,%.*s|",
		    ev.col[EV_USER_ID].p == NULL ? "NULL" : "id",
		    (int)ev.col[EV_ACTION_TYPE].n, ev.col[EV_ACTION_TYPE].p,
		    (int)ev.col[EV_DS].n, ev.col[EV_DS].p);
	}
	free(m.base.name);
	return n;
}

#define ROW8 "\\N\t\\N\txx.com\t\\N\t\\N\tsignup\t2026-11-21 10:00:00\ta=1"
#define ROW9 "7\t\\N\txx.com\t\\N\t\\N\tother\t2026-11-21 10:00:00\t\t2026-11-21"
#define HEADER                                                              \
	"user_id\tlogged_out_user_id\tdim_hostname\tdim_country\t"          \
	"dim_device_brand\taction_type\tevent_timestamp\t"                  \
	"other_properties\tds"

static void
reader_case(const char *text, int want, enum mark_state state,
    const char *rows)
{
	struct event_reader r;
	struct strbuf sb = STRBUF_INIT;
	size_t step;

	for (step = 1; step < 300; step += 41) {
		event_reader_init(&r);
		strbuf_clear(&sb);
		CHECK(read_all(text, step, &r, &sb) == want);
		CHECK(want == -1 || marks_state(&r.marks) == state);
		CHECK(strcmp(sb.buf, rows) == 0);
		if (strcmp(sb.buf, rows) != 0)
			printf("'%s'\n", sb.buf);
		event_reader_release(&r);
	}
	strbuf_release(&sb);
}

/* A record read and written again has nine columns, the map NULL too. */
static void
put_case(const char *row, const char *want)
{
	struct memory m = memory(row, strlen(row), 5);
	struct event_reader r;
	struct event ev;
	struct out o;

	event_reader_init(&r);
	event_reader_attach(&r, &m.base);
	out_init_fd(&o, -1, "nowhere");
	CHECK(event_reader_next(&r, &ev) == 1);
	event_put(&o, &ev);
	CHECK(slice_is(slice_of(o.buf, o.len), want));
	out_abandon(&o);
	event_reader_release(&r);
}

/* The same at each run. */
static uint32_t
next_random(uint32_t *x, uint32_t n)
{
	*x = *x * 1103515245 + 12345;
	return (*x >> 8) % n;
}

/* Rows of all kinds: with any number of pairs, with '&' before the map, with
 * eight columns, and a mark here and there. */
static void
add_row(struct strbuf *sb, uint32_t *x)
{
	uint32_t i, n = next_random(x, 50) == 0 ? 2000 : next_random(x, 45);

	if (next_random(x, 60) == 0)
		strbuf_adds(sb, "#begin\tversion=1\n");
	strbuf_adds(sb, next_random(x, 2) ? "\\N\t\\N\txx.com" : "1\t2\t");
	strbuf_adds(sb, next_random(x, 8) ? "\tDE\t\\N\ta" : "\tDE\tAT&T\ta");
	strbuf_adds(sb, "\t2026-11-21 00:00:00\t");
	for (i = 0; i < n; i++)
		strbuf_addf(sb, "%sk%u=%u", i == 0 ? "" : "&", i,
		    next_random(x, 1000000));
	strbuf_adds(sb, next_random(x, 8) ? "\t2026-11-22\n" : "\n");
}

static void
put_batch(const struct event_batch *b, struct out *o)
{
	struct event ev;
	int i;

	for (i = 0; i < b->n; i++) {
		event_batch_get(b, i, &ev);
		event_put(o, &ev);
	}
}

/* One by one in small reads, and by batches with any kind of places. */
static void
read_both_ways(struct slice text, places_fn *places)
{
	struct memory small = memory(text.p, text.n, 61);
	struct memory large = memory(text.p, text.n, text.n);
	struct event_reader r;
	struct event_batch b;
	struct event ev;
	struct out one, some;

	out_init_fd(&one, -1, "nowhere");
	out_init_fd(&some, -1, "nowhere");
	one.cap = some.cap = 0;
	out_reserve(&one, 2 * text.n);
	out_reserve(&some, 2 * text.n);
	event_reader_init(&r);
	event_reader_attach(&r, &small.base);
	while (event_reader_next(&r, &ev) == 1)
		event_put(&one, &ev);
	r.places = places;
	event_reader_attach(&r, &large.base);
	while (event_reader_batch(&r, &b) > 0)
		put_batch(&b, &some);
	CHECK(one.len == some.len);
	CHECK(memcmp(one.buf, some.buf, one.len) == 0);
	CHECK(r.marks.rows_read == 3000);
	event_reader_release(&r);
	out_abandon(&one);
	out_abandon(&some);
}

/* What this machine has: the list goes up to the fastest. */
static size_t
usable_places(void)
{
	places_fn *best = places_best();
	size_t i;

	for (i = 0; places_all[i].find != best; i++)
		;
	return i + 1;
}

static void
test_batches(void)
{
	struct strbuf sb = STRBUF_INIT;
	uint32_t x = 20261121;
	size_t i;

	for (i = 0; i < 3000; i++)
		add_row(&sb, &x);
	for (i = 0; i < usable_places(); i++)
		read_both_ways(strbuf_slice(&sb), places_all[i].find);
	strbuf_release(&sb);
}

static void
test_places(void)
{
	static const char bytes[] = "\t\n&&=%a\0\x86\x89\x8a\xa6\x16\x19\x1a";
	enum { N = 300 };
	char text[N + PLACES_PAD], kind[2][N + PLACES_PAD];
	uint32_t at[2][N + PLACES_PAD], x = 1;
	size_t i, k, len, n;

	for (i = 0; i < 20000; i++) {
		len = next_random(&x, N);
		for (k = 0; k < sizeof(text); k++)
			text[k] = i % 2 ? bytes[next_random(&x, 15)]
					: (char)next_random(&x, 256);
		n = places_all[0].find(text, len, at[0], kind[0]);
		for (k = 1; k < usable_places(); k++) {
			CHECK(places_all[k].find(
				  text, len, at[1], kind[1]) == n);
			CHECK(memcmp(at[0], at[1], n * sizeof(at[0][0])) == 0);
			CHECK(memcmp(kind[0], kind[1], n) == 0);
		}
	}
}

static void
test_reader(void)
{
	const char *both = "NULL,signup,2026-11-21|id,other,2026-11-21|";

	reader_case("", 0, MARK_NONE, "");
	reader_case(ROW8 "\n" ROW9, 0, MARK_NONE, both);
	reader_case("#begin\tversion=1\n" ROW8 "\n" ROW9 "\n#end\trows=2\n", 0,
	    MARK_COMPLETE, both);
	reader_case("#begin\tversion=1\n" HEADER "\n" ROW8 "\n" ROW9
	    "\n#end\trows=2\n", 0, MARK_COMPLETE, both);
	/* A mark cut behind its rows would have lost the sources. */
	reader_case("#begin\tversion=1\n" ROW8 "\n" ROW9 "\n#end\trows=2", 0,
	    MARK_CUT, both);
	reader_case("#begin\tversion=1\n" ROW8 "\n" ROW9 "\n", 0, MARK_CUT,
	    both);
	reader_case("#begin\tversion=1\n" ROW8 "\n" ROW9 "\n#end\trows=3\n", 0,
	    MARK_CUT, both);
	reader_case(ROW8 "\n#end\trows=1\n", 0, MARK_CUT,
	    "NULL,signup,2026-11-21|");
	/* Sorted and concatenated: marks stand anywhere and add up. */
	reader_case("#begin\tversion=1\n#begin\tversion=1\n#end\trows=0\n"
	    "#end\trows=2\n" ROW8 "\n" ROW9 "\n", 0, MARK_COMPLETE, both);
	reader_case("#begin\tversion=2\n", -1, MARK_NONE, "");
	reader_case("#beginning\n", -1, MARK_NONE, "");
	reader_case(ROW8 "\n\n", -1, MARK_NONE, "NULL,signup,2026-11-21|");
	reader_case(ROW8 "\r\n", -1, MARK_NONE, "");
	reader_case(ROW9 "\tx\n", -1, MARK_NONE, "");
	reader_case("a\tb\n", -1, MARK_NONE, "");
#define ROW "1\t2\th\tDE\tb\ta\t2026-11-21 00:00:00\t"
	put_case(ROW "k=v", ROW "k=v\t2026-11-21\n");
	put_case(ROW "", ROW "\t2026-11-21\n");
	put_case(ROW "\\N", ROW "\\N\t2026-11-21\n");
	put_case(ROW "\\N\t2026-11-21\n", ROW "\\N\t2026-11-21\n");
#undef ROW
	test_batches();
}

static void
test_marks(void)
{
	struct marks m = MARKS_INIT, sum = MARKS_INIT;
	const struct mark_entry *e;
	const char *why;
	size_t i = 0;

	CHECK(marks_add_line(&m, SLICE_LIT("#end\trows=1\tlines=5\t"
	    "source=ab,1,0,1,x%26y\tsettings=parse:1"), &why) == 0);
	marks_add(&sum, &m);
	marks_add(&sum, &m);
	CHECK(marks_counter(&sum, "lines") == 10);
	CHECK(marks_counter(&sum, "absent") == 0);
	e = marks_next_text(&sum, "source", &i);
	CHECK(e != NULL && strcmp(e->text, "ab,1,0,1,x&y") == 0);
	CHECK(marks_next_text(&sum, "source", &i) != NULL);
	CHECK(marks_next_text(&sum, "source", &i) == NULL);
	i = 0;
	CHECK(marks_next_text(&sum, "settings", &i) != NULL);
	CHECK(marks_next_text(&sum, "settings", &i) == NULL);
	marks_count(&sum, "lines", UINT64_MAX - 10);
	CHECK(!sum.overflow);
	marks_count(&sum, "lines", 1);
	CHECK(sum.overflow && marks_state(&sum) == MARK_CUT);
	marks_release(&m);
	marks_release(&sum);
}

static void
test_hash(void)
{
	static char text[HASH_SHORT + HASH_BLOCK];
	static const char zero[64];
	struct hash_key a, b;
	uint64_t seen[65];
	size_t i, j;

	hash_key_random(&a);
	hash_key_random(&b);
	for (i = 0; i <= 64; i++) {
		seen[i] = hash_bytes(&a, text, i);
		CHECK(seen[i] == hash_bytes(&a, text, i));
		CHECK(seen[i] != hash_bytes(&b, text, i));
		for (j = 0; j < i; j++)
			CHECK(seen[i] != seen[j]);
	}
	for (i = 0; i <= HASH_SHORT; i++) {
		seen[i] = hash_short(&a, text, i);
		CHECK(seen[i] != hash_short(&b, text, i));
		for (j = 0; j < i; j++)
			CHECK(seen[i] != seen[j]);
		/* What stands behind does not matter. */
		text[i] = 'x';
		CHECK(seen[i] == hash_short(&a, text, i));
		text[i] = '\0';
	}
	/* Each bit of the input changes the hash. */
	for (i = 0; i < 64 * 8; i++) {
		text[i / 8] ^= (char)(1 << (i % 8));
		CHECK(hash_bytes(&a, text, 64) != hash_bytes(&a, zero, 64));
		CHECK(hash_short(&a, text, 64) != seen[64]);
		text[i / 8] ^= (char)(1 << (i % 8));
	}
}

static void
test_glob(void)
{
	CHECK(conf_glob_match("utm_*", SLICE_LIT("utm_source")));
	CHECK(!conf_glob_match("utm_*", SLICE_LIT("xutm_source")));
	CHECK(conf_glob_match("*", SLICE_LIT("")));
	CHECK(conf_glob_match("a?c", SLICE_LIT("abc")));
	CHECK(!conf_glob_match("a?c", SLICE_LIT("ac")));
	CHECK(conf_glob_match("*a*b", SLICE_LIT("xaxbab")));
	CHECK(!conf_glob_match("*a*b", SLICE_LIT("xaxba")));
	CHECK(!conf_glob_match("ref", SLICE_LIT("ref\0x")));
	/* Exponential in the naive matcher. */
	CHECK(!conf_glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*b",
	    SLICE_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
}

static void
memory_close(struct source *src)
{
	free(src->name);
	free(src);
}

/* The whole file, delivered step bytes at a time. */
static struct source *
stepwise(const char *path, size_t step)
{
	static char all[1 << 20];
	struct memory *m = xmalloc(sizeof(*m));
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return NULL;
	*m = memory(all, fread(all, 1, sizeof(all), f), step);
	m->base.close = memory_close;
	fclose(f);
	return codec_wrap(&m->base);
}

/* cat through the codecs: base-test cat FILE [STEP] */
static int
cat(const char *path, const char *step)
{
	struct source *src = step == NULL ? codec_open(path) :
		stepwise(path, (size_t)atoi(step));
	char buf[777];
	ssize_t n;

	if (src == NULL)
		return 1;
	while ((n = source_read(src, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	source_close(src);
	return n == 0 ? 0 : 1;
}

/* base-test pack CODEC: stdin to stdout, two members. */
static int
pack(const char *name)
{
	int codec = codec_find(slice_str(name));
	struct codec_writer *w;
	char buf[1000];
	struct out o;
	size_t n, total = 0;

	if (codec == -1)
		return 2;
	w = codec_writer_new((enum codec)codec, 0);
	out_open(&o, NULL);
	while ((n = fread(buf, 1, sizeof(buf), stdin)) > 0) {
		codec_writer_put(w, &o, buf, n);
		total += n;
		if (total == 5 * sizeof(buf))
			codec_writer_finish(w, &o);
	}
	codec_writer_finish(w, &o);
	codec_writer_free(w);
	return out_close(&o) == 0 ? 0 : 1;
}

/* base-test conf FILE: as every filter does with -c FILE --check. */
static int
check_conf(const char *path)
{
	return conf_load(path) != NULL ? EV_EXIT_OK : EV_EXIT_USAGE;
}

static const struct topic {
	const char *name;
	void (*run)(void);
} topics[] = {
	{ "text", test_text },
	{ "map", test_map },
	{ "utc", test_utc },
	{ "number", test_number },
	{ "lines", test_lines },
	{ "places", test_places },
	{ "reader", test_reader },
	{ "marks", test_marks },
	{ "hash", test_hash },
	{ "glob", test_glob },
};

int
main(int argc, char **argv)
{
	size_t i;

	msg_init("base-test");
	if (argc >= 3 && strcmp(argv[1], "cat") == 0)
		return cat(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "pack") == 0)
		return pack(argv[2]);
	if (argc == 3 && strcmp(argv[1], "conf") == 0)
		return check_conf(argv[2]);
	for (i = 0; argc == 2 && i < sizeof(topics) / sizeof(topics[0]); i++)
		if (strcmp(argv[1], topics[i].name) == 0) {
			topics[i].run();
			return failed;
		}
	fprintf(stderr, "usage: base-test TOPIC\n");
	return 2;
}
