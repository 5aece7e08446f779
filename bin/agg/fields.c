#include "config.h"

#include "agg/fields.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/alloc.h"
#include "base/strbuf.h"
#include "base/utc.h"

/* The number of the field of that name; *fresh when it is new. */
static unsigned
find_or_add(struct fields *f, struct slice name, bool *fresh)
{
	struct strbuf key = STRBUF_INIT;
	struct field *new;

	*fresh = false;
	for (unsigned i = 0; i < f->n; i++)
		if (slice_eq(f->v[i].name, name))
			return i;
	*fresh = true;
	f->v = xgrow(f->v, &f->cap, f->n + 1, sizeof(*f->v));
	new = &f->v[f->n];
	*new = (struct field){ .column = FIELD_PROPERTY };
	new->name = slice_of(xmemdup(name.p, name.n), name.n);
	text_encode_strbuf(&key, name, TEXT_MAP);
	new->key.n = key.len;
	new->key.p = strbuf_detach(&key);
	return f->n++;
}

static int
column_of(struct slice name)
{
	return slice_is(name, "hour") ? FIELD_HOUR : event_column_find(name);
}

unsigned
fields_add(struct fields *f, struct slice name)
{
	bool fresh;
	unsigned i = find_or_add(f, name, &fresh);

	if (fresh)
		f->v[i].column = column_of(name);
	return i;
}

unsigned
fields_add_first(struct fields *f, const struct conf_list *list)
{
	struct strbuf name = STRBUF_INIT;
	unsigned *first = xcalloc(list->n, sizeof(*first)), i;
	bool fresh;

	for (size_t j = 0; j < list->n; j++) {
		first[j] = fields_add(f, slice_of(list->v[j].s, list->v[j].n));
		/* No name of a property holds a blank. */
		strbuf_adds(&name, j > 0 ? ", " : "");
		strbuf_add(&name, list->v[j].s, list->v[j].n);
	}
	i = first[0];
	if (list->n > 1) {
		i = find_or_add(f, strbuf_slice(&name), &fresh);
		if (fresh) {
			f->v[i].column = FIELD_FIRST;
			f->v[i].first = first;
			f->v[i].nfirst = (unsigned)list->n;
			first = NULL;
		}
	}
	free(first);
	strbuf_release(&name);
	return i;
}

static void
add_property(struct fields *f, unsigned field)
{
	struct field_property *p = &f->property[f->nproperties++];
	struct slice key = f->v[field].key;

	p->field = field;
	p->n = key.n + 1;
	p->key = xmalloc(p->n);
	memcpy(p->key, key.p, key.n);
	p->key[key.n] = '=';
}

static int
compare_properties(const void *a, const void *b)
{
	const struct field_property *x = a, *y = b;

	return slice_cmp(slice_of(x->key, x->n), slice_of(y->key, y->n));
}

static void
sort_fields(struct fields *f)
{
	f->hour = -1;
	f->lists = f->n;
	for (unsigned i = 0; i < f->n; i++) {
		if (f->v[i].column >= 0)
			f->column[f->ncolumns++] =
			    (struct field_column){ i, f->v[i].column };
		else if (f->v[i].column == FIELD_PROPERTY)
			add_property(f, i);
		else if (f->v[i].column == FIELD_FIRST && f->lists == f->n)
			f->lists = i;
		else if (f->v[i].column == FIELD_HOUR)
			f->hour = (int)i;
	}
	qsort(f->property, f->nproperties, sizeof(*f->property),
	    compare_properties);
}

static unsigned char
first_byte(const struct fields *f, unsigned property)
{
	return (unsigned char)f->property[property].key[0];
}

/* The properties from i on that begin as this one does. */
static unsigned
alike(const struct fields *f, unsigned i)
{
	unsigned n = 0;

	while (
	    i + n < f->nproperties && first_byte(f, i) == first_byte(f, i + n))
		n++;
	return n;
}

static struct field_look
look_for(const struct fields *f, unsigned property)
{
	const struct field_property *p = &f->property[property];
	size_t n = p->n < FIELD_HEAD ? p->n : FIELD_HEAD;
	struct field_look l = { .property = property + 1,
		.more = p->n > FIELD_HEAD };

	memcpy(l.word, p->key, n);
	memset(l.mask, 0xff, n);
	return l;
}

/* The first looks are of bytes that no property begins with. */
static void
make_looks(struct fields *f)
{
	struct field_look *l;
	unsigned n;

	for (unsigned i = 0; i < f->nproperties; i += n) {
		n = alike(f, i);
		if (n > f->nlooks)
			f->nlooks = n;
	}
	f->look =
	    xcalloc(((size_t)f->nproperties + 1) * f->nlooks, sizeof(*f->look));
	for (unsigned c = 0; c <= UCHAR_MAX; c++)
		f->first[c] = f->look;
	l = f->look;
	for (unsigned i = 0; i < f->nproperties; i += n) {
		n = alike(f, i);
		l += f->nlooks;
		f->first[first_byte(f, i)] = l;
		for (unsigned j = 0; j < n; j++) {
			l[j] = look_for(f, i + j);
			f->some_more = f->some_more || l[j].more;
		}
	}
}

void
fields_finish(struct fields *f)
{
	f->property = xcalloc(f->n, sizeof(*f->property));
	f->column = xcalloc(f->n, sizeof(*f->column));
	sort_fields(f);
	make_looks(f);
}

void
fields_release(struct fields *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		free((char *)f->v[i].name.p);
		free((char *)f->v[i].key.p);
		free(f->v[i].first);
	}
	for (unsigned i = 0; i < f->nproperties; i++)
		free(f->property[i].key);
	free(f->v);
	free(f->property);
	free(f->look);
	free(f->column);
	*f = (struct fields){ 0 };
}

enum text_kind
field_text_kind(const struct field *f)
{
	return f->column >= 0 ? TEXT_COLUMN : TEXT_MAP;
}

/* Is the rest of the key there, too? */
static bool
has_more(const struct fields *f, unsigned property, const char *p, size_t n)
{
	const struct field_property *want = &f->property[property - 1];

	return n >= want->n && memcmp(p + FIELD_HEAD, want->key + FIELD_HEAD,
				   want->n - FIELD_HEAD) == 0;
}

/* Does the pair begin with the bytes of a key that l has? */
static inline bool
begins_as(const struct field_look *l, const char *p)
{
	uint64_t word[FIELD_HEAD / 8];

	memcpy(word, p, sizeof(word));
	return (((word[0] ^ l->word[0]) & l->mask[0]) |
		   ((word[1] ^ l->word[1]) & l->mask[1])) == 0;
}

/*
 * found[property] becomes i where the pair of n bytes at p is the property's,
 * found[0] where it is none's.  No key holds what ends a pair, so one whose
 * first bytes are there does not go on behind it.
 */
static inline void
look_at_pair(const struct fields *f, const char *p, size_t n, uint32_t i,
    uint32_t *found)
{
	const struct field_look *l = f->first[(unsigned char)*p];
	const struct field_look *end = l + f->nlooks;

	for (; l < end; l++)
		if (begins_as(l, p) &&
		    (!l->more || has_more(f, l->property, p, n)))
			found[l->property] = i;
}

/* The numbers of the pairs that are wanted, from 1, for all pairs. */
static void
look_at_pairs(const struct fields *f, const char *base, const uint32_t *at,
    size_t n, uint32_t *found)
{
	const char *p;

	for (uint32_t i = 1; i <= n; i++) {
		p = base + (uint32_t)(at[i - 1] + 1);
		look_at_pair(f, p, at[i] - at[i - 1] - 1, i, found);
	}
}

/* The property that the pair is, where only one begins with that byte. */
static inline uint32_t
property_of(const struct field_look *l, const char *p)
{
#ifdef __SSE2__
	const __m128i *word = (const __m128i *)(const void *)l->word;
	const __m128i *mask = (const __m128i *)(const void *)l->mask;
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	v = _mm_and_si128(v, _mm_loadu_si128(mask));
	v = _mm_cmpeq_epi8(v, _mm_loadu_si128(word));
	/* FFFF and 1 where all are the same. */
	return l->property * (((uint32_t)_mm_movemask_epi8(v) + 1) >> 16);
#else
	return l->property * begins_as(l, p);
#endif
}

/*
 * The same where no two keys begin with the same byte, and none is long: a
 * branch, which nobody could foretell, is of no use then.
 */
static void
look_once(const struct fields *f, const char *base, const uint32_t *at,
    size_t n, uint32_t *restrict found)
{
	const struct field_look *const *first = f->first;
	const char *p;

	base++;
	for (uint32_t i = 1; i <= n; i++) {
		p = base + at[i - 1];
		found[property_of(first[(unsigned char)*p], p)] = i;
	}
}

static struct slice
value_of(const struct field_property *p, const char *from, const char *stop)
{
	return slice_of(from + p->n, (size_t)(stop - from) - p->n);
}

/* s if it is there; without a branch, for columns are NULL at random. */
static inline struct slice
slice_if(bool there, struct slice s)
{
	uintptr_t keep = 0 - (uintptr_t)there;

	return slice_of((const char *)((uintptr_t)s.p & keep), s.n & keep);
}

/* Of two pairs of a name the last. */
static void
get_properties(const struct fields *f, uint32_t *found, const char *base,
    const struct event_row *row, int k, struct slice (*val)[EVENT_ROWS])
{
	const uint32_t *at = row->at + EV_MAP_TABS - 1;
	const struct field_property *p = f->property;
	struct slice s;
	uint32_t i;

	if (f->nlooks == 1 && !f->some_more)
		look_once(f, base, at, row->amps + 1, found);
	else
		look_at_pairs(f, base, at, row->amps + 1, found);
	for (unsigned j = 1; j <= f->nproperties; j++, p++) {
		i = found[j];
		found[j] = 0;
		/* Where there is none, i - 1 is the column before the map. */
		s = value_of(p, base + at[(int64_t)i - 1] + 1, base + at[i]);
		val[p->field][k] = slice_if(i != 0, s);
	}
}

/* The same where the places of some pairs are not known. */
static void
get_from_map(const struct fields *f, uint32_t *found, const char *base,
    const struct event_row *row, int k, struct slice (*val)[EVENT_ROWS])
{
	const uint32_t *at = row->at + EV_MAP_TABS - 1;
	const char *p = base + at[0] + 1, *end = base + at[row->amps + 1];
	const struct field_property *property = f->property;
	const char *stop;

	for (unsigned j = 0; j < f->nproperties; j++)
		val[property[j].field][k] = SLICE_NULL;
	for (; p <= end; p = stop + 1) {
		stop = memchr(p, '&', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		look_at_pair(f, p, (size_t)(stop - p), 1, found);
		for (unsigned j = 0; j < f->nproperties; j++) {
			if (found[j + 1] != 0)
				val[property[j].field][k] =
				    value_of(&property[j], p, stop);
			found[j + 1] = 0;
		}
	}
}

/* HH of "YYYY-MM-DD HH:MM:SS", whose digits nobody looked at so far. */
static struct slice
hour_of(struct slice timestamp)
{
	const char *p = timestamp.p + UTC_DATE_LEN + 1;

	if (p[0] < '0' || p[0] > '2' || p[1] < '0' ||
	    p[1] > (p[0] == '2' ? '3' : '9'))
		return SLICE_NULL;
	return slice_of(p, 2);
}

static inline struct slice
column_of_row(const char *base, const struct event_row *row, int column)
{
	struct slice s = event_row_column(base, row, column);

	return slice_if((s.n != 2) | (memcmp(s.p, EV_NULL, 2) != 0), s);
}

static struct slice
map_of_row(const char *base, const struct event_row *row)
{
	const char *p = base + row->at[EV_MAP_TABS - 1] + 1;
	const char *end = base + row->at[EV_MAP_TABS + row->amps];
	struct slice s = slice_of(p, (size_t)(end - p));

	return slice_is(s, EV_NULL) ? SLICE_NULL : s;
}

static void
get_column(const char *base, const struct event_row *row, int n, int column,
    struct slice *val)
{
	for (int k = 0; k < n; k++) {
		if (column == EV_DS)
			val[k] =
			    slice_of(event_row_ds(base, &row[k]), UTC_DATE_LEN);
		else if (column == EV_OTHER_PROPERTIES)
			val[k] = map_of_row(base, &row[k]);
		else
			val[k] = column_of_row(base, &row[k], column);
	}
}

static struct slice
first_value(const struct field *f, struct slice (*val)[EVENT_ROWS], int k)
{
	unsigned i = 0;

	while (i + 1 < f->nfirst && val[f->first[i]][k].p == NULL)
		i++;
	return val[f->first[i]][k];
}

/* By property from 1, zeros between two rows; at 0 is what is none. */
uint32_t *
fields_found(const struct fields *f)
{
	return xcalloc((size_t)f->nproperties + 1, sizeof(uint32_t));
}

void
fields_get(const struct fields *f, uint32_t *found, const char *base,
    const struct event_row *row, int n, struct slice (*val)[EVENT_ROWS])
{
	const struct field_column *c = f->column;

	for (unsigned i = 0; i < f->ncolumns; i++, c++)
		get_column(base, row, n, c->column, val[c->field]);
	for (int k = 0; f->hour >= 0 && k < n; k++)
		val[f->hour][k] = hour_of(
		    event_row_column(base, &row[k], EV_EVENT_TIMESTAMP));
	for (int k = 0; f->nproperties > 0 && k < n; k++) {
		if (row[k].amps < EVENT_AMPS_MAX)
			get_properties(f, found, base, &row[k], k, val);
		else
			get_from_map(f, found, base, &row[k], k, val);
	}
	for (unsigned i = f->lists; i < f->n; i++)
		for (int k = 0; f->v[i].column == FIELD_FIRST && k < n; k++)
			val[i][k] = first_value(&f->v[i], val, k);
}
