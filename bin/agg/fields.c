#include "config.h"

#include "agg/fields.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"

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

unsigned
fields_add(struct fields *f, struct slice name)
{
	bool fresh;
	unsigned i = find_or_add(f, name, &fresh);

	if (fresh)
		f->v[i].column = event_column_find(name);
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

static int
compare_properties(const void *a, const void *b)
{
	const struct field_property *x = a, *y = b;

	return slice_cmp(x->key, y->key);
}

void
fields_finish(struct fields *f)
{
	f->property = xcalloc(f->n, sizeof(*f->property));
	for (unsigned i = 0; i < f->n; i++) {
		if (f->v[i].column != FIELD_PROPERTY)
			continue;
		f->property[f->nproperties].key = f->v[i].key;
		f->property[f->nproperties].field = i;
		f->nproperties++;
	}
	qsort(f->property, f->nproperties, sizeof(*f->property),
	    compare_properties);
}

void
fields_release(struct fields *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		free((char *)f->v[i].name.p);
		free((char *)f->v[i].key.p);
		free(f->v[i].first);
	}
	free(f->v);
	free(f->property);
	*f = (struct fields){ 0 };
}

enum text_kind
field_text_kind(const struct field *f)
{
	return f->column >= 0 ? TEXT_COLUMN : TEXT_MAP;
}

/*
 * The key that begins at p against key: < 0, 0 or > 0.  Where they are
 * equal the byte behind it is '=', '&' or the end.
 */
static inline int
compare_key(const char *p, const char *end, struct slice key)
{
	unsigned char a, b;
	size_t i;

	for (i = 0; i < key.n; i++) {
		if (p + i == end)
			return -1;
		a = (unsigned char)p[i];
		b = (unsigned char)key.p[i];
		if (a != b)
			return a == '=' || a == '&' || a < b ? -1 : 1;
	}
	return p + i == end || p[i] == '=' || p[i] == '&' ? 0 : 1;
}

static inline const char *
next_pair(const char *p, const char *end)
{
	const char *amp = memchr(p, '&', (size_t)(end - p));

	return amp != NULL ? amp : end;
}

static void
get_properties(const struct fields *f, struct slice map, struct slice *val)
{
	const struct field_property *want = f->property;
	const struct field_property *last = want + f->nproperties;
	const char *p = map.p, *end = map.p + map.n, *stop;
	int cmp;

	while (want < last && p < end) {
		cmp = compare_key(p, end, want->key);
		if (cmp > 0) {
			want++;
			continue;
		}
		stop = next_pair(p, end);
		if (cmp == 0) {
			p += want->key.n;
			if (p < stop)
				val[want->field] =
				    slice_of(p + 1, (size_t)(stop - p) - 1);
			want++;
		}
		p = stop + (stop < end);
	}
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
	for (unsigned i = 0; i < f->n; i++)
		val[i] =
		    f->v[i].column >= 0 ? ev->col[f->v[i].column] : SLICE_NULL;
	if (f->nproperties > 0 && ev->col[EV_OTHER_PROPERTIES].n > 0)
		get_properties(f, ev->col[EV_OTHER_PROPERTIES], val);
	for (unsigned i = 0; i < f->n; i++)
		if (f->v[i].column == FIELD_FIRST)
			val[i] = first_value(&f->v[i], val);
}
