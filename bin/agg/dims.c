#include "config.h"

#include "agg/dims.h"

#include "base/map.h"
#include "base/text.h"

static bool
encoded_byte(struct slice s, size_t i)
{
	return s.n - i > 2 && text_hex((unsigned char)s.p[i + 1]) >= 0 &&
	       text_hex((unsigned char)s.p[i + 2]) >= 0;
}

void
dims_name(struct strbuf *sb, struct slice value)
{
	size_t from = 0, i = 0;

	if (value.n > 0 && value.p[0] == '(') {
		strbuf_adds(sb, "%28");
		from = i = 1;
	}
	for (; i < value.n; i++) {
		if (value.p[i] != '%' || !encoded_byte(value, i))
			continue;
		text_encode_strbuf(
		    sb, slice_of(value.p + from, i - from), TEXT_MAP);
		strbuf_addch(sb, '%');
		from = i + 1;
	}
	text_encode_strbuf(sb, slice_of(value.p + from, i - from), TEXT_MAP);
}

static void
put_pair(struct strbuf *sb, struct slice key, struct slice name)
{
	if (sb->len > 0)
		strbuf_addch(sb, '&');
	strbuf_add_slice(sb, key);
	if (name.p == NULL)
		return;
	strbuf_addch(sb, '=');
	strbuf_add_slice(sb, name);
}

void
dims_put(struct strbuf *sb, const struct plan *p, const struct plan_group *g,
    const struct slice *val)
{
	const struct field *f;

	for (unsigned i = 0; i < g->by.n; i++) {
		f = &p->fields.v[g->by.v[i]];
		put_pair(sb, f->key, SLICE_NULL);
		if (val[g->by.v[i]].p == NULL)
			continue;
		strbuf_addch(sb, '=');
		dims_name(sb, val[g->by.v[i]]);
	}
}

bool
dims_is_name(struct slice name)
{
	return (name.n == 0 || name.p[0] != '(') && text_valid(name, TEXT_MAP);
}

bool
dims_fit(struct slice dims, const struct plan *p, const struct plan_group *g)
{
	struct map_pair pair;
	unsigned n = 0;

	if (dims.n > 0 && dims.p[dims.n - 1] == '&')
		return false;
	for (; map_next(&dims, &pair); n++) {
		if (n == g->by.n ||
		    !slice_eq(pair.key, p->fields.v[g->by.v[n]].key))
			return false;
		if (pair.val.p != NULL && !dims_is_name(pair.val))
			return false;
	}
	return n == g->by.n;
}

void
dims_with(
    struct strbuf *sb, struct slice dims, struct slice key, struct slice value)
{
	struct map_pair pair;
	bool put = false;

	while (map_next(&dims, &pair)) {
		if (!put && slice_cmp(key, pair.key) < 0) {
			put_pair(sb, key, value);
			put = true;
		}
		put_pair(sb, pair.key, pair.val);
	}
	if (!put)
		put_pair(sb, key, value);
}

void
dims_other(struct strbuf *sb, struct slice dims)
{
	struct map_pair pair;

	while (map_next(&dims, &pair))
		put_pair(sb, pair.key, SLICE_LIT("(other)"));
}
