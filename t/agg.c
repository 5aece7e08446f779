/*
 * agg-test TOPIC: pieces of bin/agg against what their headers promise, on
 * random input of a fixed sequence.  Prints each failed check; exits 1 if any
 * failed, 2 for an unknown topic.  t/4005-agg-pieces.bats calls it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agg/decimal.h"
#include "agg/dict.h"
#include "agg/fields.h"
#include "agg/key.h"
#include "agg/keysort.h"
#include "agg/set.h"
#include "base/alloc.h"
#include "base/map.h"
#include "base/reader.h"
#include "base/strbuf.h"
#include "conf/where.h"

static int failed;

#define CHECK(x)                                                               \
	do {                                                                   \
		if (!(x)) {                                                    \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #x);         \
			failed = 1;                                            \
		}                                                              \
	} while (0)

/* splitmix64, less than n. */
static uint64_t
pick(uint64_t n)
{
	static uint64_t state = 42;
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* A key of the kind: how long, and of which bytes. */
static size_t
make_key(char *key, unsigned kind, size_t i)
{
	size_t n;

	switch (kind) {
	case 0: /* few bytes, NUL among them, all lengths, many equal */
		n = pick(20);
		for (size_t j = 0; j < n; j++)
			key[j] = (char)pick(2);
		return n;
	case 1: /* as states have it */
		return (size_t)sprintf(key,
		    "1 c 0123456789abcdef 2026-11-01 k=%zu",
		    (size_t)pick(1000));
	case 2: /* sorted already, or from behind */
		return (size_t)sprintf(key, "%09zu", i);
	case 3:
		return (size_t)sprintf(key, "%09zu", 1000000 - i);
	case 4: /* any bytes */
		n = pick(40);
		for (size_t j = 0; j < n; j++)
			key[j] = (char)pick(256);
		return n;
	default: /* each is the beginning of the next */
		memset(key, 'a', i % 60);
		return i % 60;
	}
}

static void
check_keysort(size_t n, unsigned kind)
{
	struct keysort_item *item = xcalloc(n, sizeof(*item));
	struct slice *want = xcalloc(n, sizeof(*want)), state;
	char key[64], *p;

	for (size_t i = 0; i < n; i++) {
		size_t len = make_key(key, kind, i);

		want[i] = slice_of(xmemdup(key, len), len);
		p = xmalloc(keysort_size(want[i], want[i]) + 1);
		/* Not aligned, as in the arena. */
		keysort_put(p + (i & 1), want[i], want[i]);
		item[i].p = p + (i & 1);
	}
	qsort(want, n, sizeof(*want), slice_order);
	keysort(item, n);
	for (size_t i = 0; i < n; i++) {
		state = keysort_state(item[i].p);
		if (!slice_eq(keysort_key(item[i].p), want[i]) ||
		    !slice_eq(state, want[i])) {
			printf("kind %u of %zu: %zu\n", kind, n, i);
			failed = 1;
			break;
		}
	}
	for (size_t i = 0; i < n; i++) {
		free((char *)want[i].p);
		/* An odd place is one behind what was allocated. */
		free((char *)item[i].p - ((uintptr_t)item[i].p & 1));
	}
	free(item);
	free(want);
}

static void
test_keysort(void)
{
	for (unsigned kind = 0; kind < 6; kind++) {
		for (size_t n = 0; n < 60; n++)
			check_keysort(n, kind);
		check_keysort(20000, kind);
	}
}

static void
test_set(void)
{
	struct hash_key hk = { { 1, 2 } };
	struct set s = { 0 };
	bool *in = xcalloc(100000, sizeof(*in));
	size_t n = 0, seen = 0;
	uint64_t v;

	for (int i = 0; i < 200000; i++) {
		v = pick(99999) + 1;
		CHECK(set_add(&s, &hk, v << 31 | v) == !in[v]);
		n += !in[v];
		in[v] = true;
	}
	CHECK(s.n == n);
	for (size_t i = 0; i < set_slots(&s); i++)
		seen += s.key[i] != 0 && in[s.key[i] & 0x7fffffff];
	CHECK(seen == n);
	set_release(&s);
	free(in);
}

/* The one shortest form of [-]digits[.digits]. */
static void
normalise(char *want, const char *text)
{
	bool negative = *text == '-';
	const char *p = text + negative, *point = strchr(p, '.');
	size_t whole = point != NULL ? (size_t)(point - p) : strlen(p);
	size_t places = point != NULL ? strlen(point + 1) : 0;

	while (whole > 1 && *p == '0') {
		p++;
		whole--;
	}
	while (places > 0 && point[places] == '0')
		places--;
	if (whole == 1 && *p == '0' && places == 0)
		negative = false;
	sprintf(want, "%s%.*s%s%.*s", negative ? "-" : "", (int)whole, p,
	    places > 0 ? "." : "", (int)places, places > 0 ? point + 1 : "");
}

static void
test_decimal(void)
{
	static const char *const wrong[] = { "", "-", ".", "1.", ".1", "-.1",
		"1.2.3", "1e3", " 1", "1 ", "+1", "--1", "1.1234567891",
		"1234567890123456789", "0x1", "1-" };
	char text[64], want[64], got[DECIMAL_MAX];
	decimal v, other;
	size_t n;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (decimal_parse(slice_str(wrong[i]), &v) == 0) {
			printf("%s: taken\n", wrong[i]);
			failed = 1;
		}
	for (int i = 0; i < 300000; i++) {
		size_t whole = 1 + pick(29), places = pick(10);

		n = 0;
		if (pick(2))
			text[n++] = '-';
		for (size_t j = 0; j < whole; j++)
			text[n++] = (char)('0' + (pick(3) ? pick(10) : 0));
		if (places > 0)
			text[n++] = '.';
		for (size_t j = 0; j < places; j++)
			text[n++] = (char)('0' + (pick(3) ? pick(10) : 0));
		text[n] = '\0';
		normalise(want, text);
		if (decimal_read(slice_of(text, n), &v) == -1) {
			printf("%s: not read\n", text);
			failed = 1;
			return;
		}
		CHECK((decimal_parse(slice_of(text, n), &other) == 0) ==
		      (whole <= DECIMAL_DIGITS));
		CHECK(whole > DECIMAL_DIGITS || other == v);
		n = decimal_put(got, v);
		if (!slice_is(slice_of(got, n), want)) {
			printf("%s: %.*s\n", text, (int)n, got);
			failed = 1;
			return;
		}
	}
}

static void
test_key(void)
{
	struct strbuf sb = STRBUF_INIT, back = STRBUF_INIT;
	struct slice id = SLICE_LIT("0123456789abcdef");
	char part[2][20];
	size_t n[2];
	struct key k;

	for (int i = 0; i < 100000; i++) {
		key_begin(&sb, 'c', id);
		for (int j = 0; j < 2; j++) {
			n[j] = pick(sizeof(part[j]));
			for (size_t at = 0; at < n[j]; at++)
				part[j][at] = "\t !\"#a"[pick(6)];
			key_add(&sb, slice_of(part[j], n[j]));
		}
		CHECK(memchr(sb.buf, '\t', sb.len) == NULL);
		CHECK(key_split(&k, strbuf_slice(&sb)) == 0);
		CHECK(k.n == 2 && k.kind == 'c' && slice_eq(k.id, id));
		for (int j = 0; j < 2 && j < (int)k.n; j++) {
			strbuf_clear(&back);
			key_decode(&back, k.part[j]);
			CHECK(slice_eq(
			    strbuf_slice(&back), slice_of(part[j], n[j])));
		}
	}
	/* What no key has is decoded to something. */
	strbuf_clear(&back);
	key_decode(&back, SLICE_LIT("a!"));
	CHECK(slice_is(strbuf_slice(&back), "a!"));
	strbuf_release(&sb);
	strbuf_release(&back);
}

static struct conf_text
text_of(const char *s)
{
	return (struct conf_text){ s, strlen(s), { 0, 0 } };
}

/* Whether p is x or y, and p is x or z. */
static bool
same_values(const char *x, const char *y, const char *z)
{
	struct conf_text one[2] = { text_of(x), text_of(y) };
	struct conf_text two[2] = { text_of(x), text_of(z) };
	struct conf_conds a = { 0 }, b = { 0 };

	conf_conds_add(&a, text_of("p"), &(struct conf_list){ one, 2 }, false);
	conf_conds_add(&b, text_of("p"), &(struct conf_list){ two, 2 }, false);
	CHECK(conf_conds_same(&a, &b) == conf_conds_same(&b, &a));
	return conf_conds_same(&a, &b);
}

static void
test_where(void)
{
	CHECK(same_values("a", "b", "b"));
	CHECK(same_values("a", "a", "a"));
	CHECK(!same_values("a", "b", "c"));
	/* Each of the first was one of the second. */
	CHECK(!same_values("a", "a", "b"));
	CHECK(!same_values("a", "b", "a"));
}

/* What there is to choose from is met again and again. */
#define DICT_POOL 3000
/* Bytes that may be read behind a value. */
#define READABLE 64

static struct slice
make_value(enum dict_kind kind)
{
	static const char bytes[] = "ab(&\0x";
	char text[READABLE * 2] = { 0 };
	size_t n = pick(5) ? pick(12) : pick(45);

	if (pick(8) == 0)
		return SLICE_NULL;
	if (kind == DICT_INTS && pick(4))
		n = (size_t)sprintf(text, "%s%.*s", pick(2) ? "-" : "",
		    (int)(1 + pick(21)), "922337203685477580712");
	else
		for (size_t i = 0; i < n; i++)
			text[i] = bytes[pick(sizeof(bytes) - 1)];
	if (n > 1 && pick(2))
		text[pick(n)] = (char)('0' + pick(10));
	return slice_of(xmemdup(text, sizeof(text)), n);
}

struct pool {
	struct slice v[DICT_POOL];
	size_t first[DICT_POOL];     /* the first that is the same */
	uint32_t id[DICT_POOL];	     /* of that; UINT32_MAX: not known yet */
	size_t owner[DICT_POOL + 1]; /* of an id, and one more */
};

static struct pool *
make_pool(enum dict_kind kind, bool tiny)
{
	struct pool *p = xcalloc(1, sizeof(*p));

	for (size_t i = 0; i < DICT_POOL; i++) {
		p->v[i] = make_value(kind);
		/* The one before and a NUL, or another byte in its place. */
		if (i > 0 && p->v[i - 1].p != NULL && pick(3) == 0) {
			free((char *)p->v[i].p);
			p->v[i] = p->v[i - 1];
			p->v[i].p = xmemdup(p->v[i].p, READABLE * 2);
			p->v[i].n += pick(2);
			if (pick(2) && p->v[i].n > 0)
				((char *)p->v[i].p)[pick(p->v[i].n)]++;
		}
		if (tiny && p->v[i].n > DICT_TINY)
			p->v[i].n = pick(DICT_TINY + 1);
		while (!slice_eq(p->v[p->first[i]], p->v[i]))
			p->first[i]++;
		p->id[i] = UINT32_MAX;
	}
	return p;
}

/* A value has one id, another one another, NULL has 0. */
static void
check_id(struct pool *p, size_t i, uint32_t id)
{
	if ((id == 0) != (p->v[i].p == NULL) || id > DICT_POOL) {
		printf("value %zu has the id %lu\n", i, (unsigned long)id);
		failed = 1;
		return;
	}
	if (p->id[i] == UINT32_MAX) {
		CHECK(p->owner[id] == 0);
		p->owner[id] = i + 1;
		p->id[i] = id;
	}
	CHECK(p->id[i] == id && p->owner[id] == i + 1);
}

/* What needs no encoding comes back as it was. */
static void
check_values(const struct pool *p, const struct dict *d)
{
	struct strbuf sb = STRBUF_INIT;
	struct dict_values v;

	dict_values_init(&v, d);
	for (uint32_t id = 1; id <= d->n; id++) {
		struct slice want = p->v[p->owner[id] - 1];
		size_t plain = 0;

		while (plain < want.n &&
		       strchr("-0123456789abx", want.p[plain]) != NULL &&
		       want.p[plain] != '\0')
			plain++;
		strbuf_clear(&sb);
		dict_values_put(&v, id, &sb);
		CHECK(plain < want.n || slice_eq(strbuf_slice(&sb), want));
	}
	dict_values_release(&v);
	strbuf_release(&sb);
}

static void
check_dict(enum dict_kind kind, bool tiny)
{
	struct pool *p = make_pool(kind, tiny);
	struct hash_key hk = { { 1, 2, 3, 4 } };
	uint32_t got[EVENT_ROWS], rows;
	struct slice v[EVENT_ROWS];
	size_t at[EVENT_ROWS];
	struct dict d;

	dict_init(&d, &hk, kind);
	for (int i = 0; i < 20000 && !failed; i++) {
		for (int k = 0; k < EVENT_ROWS; k++) {
			at[k] = p->first[pick(i % 2 ? 100 : DICT_POOL)];
			v[k] = p->v[at[k]];
			got[k] = UINT32_MAX;
		}
		rows = pick(3) ? rowset_first((int)pick(EVENT_ROWS + 1))
			       : (uint32_t)pick(UINT64_C(1) << EVENT_ROWS);
		dict_ids(&d, v, rows, got);
		for (unsigned k = 0; k < EVENT_ROWS; k++) {
			if (rows >> k & 1)
				check_id(p, at[k], got[k]);
			else
				CHECK(got[k] == UINT32_MAX);
		}
	}
	check_values(p, &d);
	dict_release(&d);
	for (size_t i = 0; i < DICT_POOL; i++)
		free((char *)p->v[i].p);
	free(p);
}

static void
test_dict(void)
{
	check_dict(DICT_TEXTS, false);
	check_dict(DICT_NAMES, false);
	check_dict(DICT_INTS, false);
	check_dict(DICT_TEXTS, true);
}

static void
add_pair(struct strbuf *sb)
{
	static const char *const key[] = { "a", "ab", "abc=", "b", "status",
		"status2", "statu", "a_key_of_16_bytes", "a_key_of_16_byte",
		"a_key_of_16_bytes_and_more", "a_key_of_15_byt", "c", "%5C",
		"uri", "hour", "zz" };

	strbuf_adds(sb, key[pick(sizeof(key) / sizeof(key[0]))]);
	if (pick(10))
		strbuf_addch(sb, '=');
	if (pick(4))
		strbuf_addf(sb, "%s%d", pick(9) ? "v" : "b=", (int)pick(100));
}

/* Maps as no writer would have them, too. */
static void
add_record(struct strbuf *sb, size_t npairs)
{
	static const char *const host[] = { "\\N", "status=1", "x.org", "" };

	strbuf_addf(sb, "%s\t\\N\t%s\t\\N\turi=2\ta\t2026-11-01 %02d:00:00\t",
	    pick(2) ? "7" : "\\N", host[pick(4)], (int)pick(25));
	if (npairs == 0 && pick(2))
		strbuf_adds(sb, "\\N");
	for (size_t i = 0; i < npairs; i++) {
		if (i > 0)
			strbuf_addch(sb, '&');
		if (pick(20))
			add_pair(sb);
	}
	strbuf_adds(sb, pick(2) ? "\t2026-11-01\n" : "\n");
}

static struct slice
field_value(const struct field *f, const struct event *ev)
{
	struct slice rest = ev->col[EV_OTHER_PROPERTIES], v = SLICE_NULL;
	struct map_pair pair;

	if (f->column >= 0)
		return ev->col[f->column];
	if (f->column == FIELD_HOUR) {
		v = slice_of(ev->col[EV_EVENT_TIMESTAMP].p + 11, 2);
		return slice_cmp(v, SLICE_LIT("24")) < 0 ? v : SLICE_NULL;
	}
	while (map_next(&rest, &pair))
		if (slice_eq(pair.key, f->key) && pair.val.p != NULL)
			v = pair.val;
	return v;
}

/* The records of a file by fields_get(), against map_next(). */
static void
check_fields(const struct fields *f, FILE *file)
{
	struct slice(*val)[EVENT_ROWS] = xcalloc(f->n, sizeof(*val)), want;
	struct source *src = source_fd(dup(fileno(file)), "records");
	uint32_t *found = fields_found(f);
	struct event_reader r;
	struct event_batch b;
	struct event ev;

	event_reader_init(&r);
	event_reader_attach(&r, src);
	while (event_reader_batch(&r, &b) > 0) {
		fields_get(f, found, b.base, b.row, b.n, val);
		for (int k = 0; k < b.n; k++) {
			event_batch_get(&b, k, &ev);
			for (unsigned i = 0; i < f->n; i++) {
				want = field_value(&f->v[i], &ev);
				CHECK(slice_eq(val[i][k], want));
			}
		}
	}
	CHECK(r.marks.rows_read == 3003);
	source_close(src);
	event_reader_release(&r);
	free(found);
	free(val);
}

static void
put_records(FILE *file)
{
	struct strbuf sb = STRBUF_INIT;

	/* The last have more pairs than places are kept of. */
	for (int i = 0; i < 3003; i++)
		add_record(&sb, i < 3000 ? pick(12) : EVENT_AMPS_MAX + pick(9));
	if (fwrite(sb.buf, 1, sb.len, file) != sb.len || fflush(file) == EOF)
		failed = 1;
	strbuf_release(&sb);
}

static void
test_fields(void)
{
	/* Of one property for each first byte, and of several; long keys. */
	static const char *const names[][8] = {
		{ "status", "uri", "ab", "user_id", "ds", "hour" },
		{ "status", "statu", "ab", "a", "dim_hostname", "zz" },
		{ "a_key_of_16_bytes", "uri" },
		{ "a_key_of_15_byt", "uri", "dim_device_brand" },
		{ "a_key_of_16_bytes", "a_key_of_16_byte",
		    "a_key_of_16_bytes_and_more", "other_properties" },
		{ "hour", "event_timestamp" },
	};
	struct fields f;
	FILE *file;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		file = tmpfile();
		if (file == NULL) {
			failed = 1;
			return;
		}
		put_records(file);
		rewind(file);
		f = (struct fields){ 0 };
		for (size_t j = 0; names[i][j] != NULL; j++)
			fields_add(&f, slice_str(names[i][j]));
		fields_finish(&f);
		check_fields(&f, file);
		fields_release(&f);
		fclose(file);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} topics[] = {
	{ "decimal", test_decimal },
	{ "dict", test_dict },
	{ "fields", test_fields },
	{ "key", test_key },
	{ "keysort", test_keysort },
	{ "set", test_set },
	{ "where", test_where },
};

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
		if (argc == 2 && strcmp(argv[1], topics[i].name) == 0) {
			topics[i].run();
			return failed;
		}
	}
	return 2;
}
