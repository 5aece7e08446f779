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
	char mask[sizeof(p->mask)] = { 0 };

	p->field = field;
	p->n = key.n + 1;
	/* Zeros behind it, to load a word of. */
	p->key = xcalloc(p->n + sizeof(p->word), 1);
	memcpy(p->key, key.p, key.n);
	p->key[key.n] = '=';
	memset(mask, 0xff, p->n < sizeof(mask) ? p->n : sizeof(mask));
	memcpy(&p->word, p->key, sizeof(p->word));
	memcpy(&p->mask, mask, sizeof(p->mask));
}

static int
compare_properties(const void *a, const void *b)
{
	const struct field_property *x = a, *y = b;

	return slice_cmp(slice_of(x->key, x->n), slice_of(y->key, y->n));
}

void
fields_finish(struct fields *f)
{
	unsigned at = 0;

	f->hour = -1;
	f->lists = f->n;
	f->property = xcalloc(f->n, sizeof(*f->property));
	f->column = xcalloc(f->n, sizeof(*f->column));
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
	for (unsigned c = 0; c <= UCHAR_MAX; c++) {
		f->begin[c] = at;
		while (at < f->nproperties &&
		       (unsigned char)f->property[at].key[0] == c)
			at++;
	}
	f->begin[UCHAR_MAX + 1] = at;
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
	free(f->column);
	*f = (struct fields){ 0 };
}

enum text_kind
field_text_kind(const struct field *f)
{
	return f->column >= 0 ? TEXT_COLUMN : TEXT_MAP;
}

/* The pair [p, stop), and val gets its value if it is wanted. */
static inline void
take_pair(
    const struct fields *f, const char *p, const char *stop, struct slice *val)
{
	unsigned i = f->begin[(unsigned char)*p];
	unsigned last = f->begin[(unsigned char)*p + 1];
	const struct field_property *want;
	uint64_t word;

	if (i == last)
		return;
	memcpy(&word, p, sizeof(word));
	for (; i < last; i++) {
		want = &f->property[i];
		if (((word ^ want->word) & want->mask) != 0)
			continue;
		/* No key holds a '&', so one that fits ends before stop. */
		if (want->n > sizeof(word) &&
		    ((size_t)(stop - p) < want->n ||
			memcmp(p, want->key, want->n) != 0))
			continue;
		val[want->field] =
		    slice_of(p + want->n, (size_t)(stop - p) - want->n);
		return;
	}
}

/* Blocks may pass the end; what is found there is not looked at. */
static void
get_properties(const struct fields *f, struct slice map, struct slice *val)
{
	const char *p = map.p, *end = map.p + map.n, *stop;
#ifdef __SSE2__
	const __m128i amp = _mm_set1_epi8('&');
	unsigned found;

	for (const char *at = p; at < end; at += 16) {
		found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(
		    _mm_loadu_si128((const __m128i *)(const void *)at), amp));
		for (; found != 0; found &= found - 1) {
			stop = at + __builtin_ctz(found);
			if (stop >= end)
				break;
			take_pair(f, p, stop, val);
			p = stop + 1;
		}
	}
	take_pair(f, p, end, val);
#else
	for (; p <= end; p = stop + 1) {
		stop = memchr(p, '&', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		take_pair(f, p, stop, val);
	}
#endif
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

static struct slice
first_value(const struct field *f, const struct slice *val)
{
	unsigned i = 0;

	while (i + 1 < f->nfirst && val[f->first[i]].p == NULL)
		i++;
	return val[f->first[i]];
}

void
fields_get(const struct fields *f, const struct event *ev, struct slice *val)
{
	const struct field_column *c = f->column;

	memset(val, 0, f->n * sizeof(*val));
	for (unsigned i = 0; i < f->ncolumns; i++, c++)
		val[c->field] = ev->col[c->column];
	if (f->hour >= 0)
		val[f->hour] = hour_of(ev->col[EV_EVENT_TIMESTAMP]);
	if (f->nproperties > 0 && ev->col[EV_OTHER_PROPERTIES].n > 0)
		get_properties(f, ev->col[EV_OTHER_PROPERTIES], val);
	for (unsigned i = f->lists; i < f->n; i++)
		if (f->v[i].column == FIELD_FIRST)
			val[i] = first_value(&f->v[i], val);
}
