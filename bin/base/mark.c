#include "config.h"

#include "base/mark.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/number.h"
#include "base/text.h"

#define BEGIN SLICE_LIT("#begin")
#define END SLICE_LIT("#end")
#define ROWS "rows"
#define SOURCE "source"
#define REPLAY "replay"

void
marks_release(struct marks *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		free(m->v[i].key);
		free(m->v[i].text);
	}
	free(m->v);
	*m = MARKS_INIT;
}

/* Is the line this word, alone or before a TAB? */
static bool
begins(struct slice line, struct slice word)
{
	return slice_starts(line, word) &&
	       (line.n == word.n || line.p[word.n] == '\t');
}

bool
mark_is(struct slice line)
{
	return begins(line, BEGIN) || begins(line, END);
}

static struct mark_entry *
add_entry(struct marks *m, const char *key)
{
	m->v = xgrow(m->v, &m->cap, m->n + 1, sizeof(*m->v));
	m->v[m->n] = (struct mark_entry){ .key = xstrdup(key) };
	return &m->v[m->n++];
}

void
marks_count(struct marks *m, const char *key, uint64_t add)
{
	struct mark_entry *e = NULL;
	size_t i;

	for (i = 0; i < m->n && e == NULL; i++)
		if (m->v[i].text == NULL && strcmp(m->v[i].key, key) == 0)
			e = &m->v[i];
	if (e == NULL)
		e = add_entry(m, key);
	if (__builtin_add_overflow(e->sum, add, &e->sum))
		m->overflow = true;
}

/* Is it kept as often as it comes? */
static bool
is_each(const char *key)
{
	return strcmp(key, SOURCE) == 0 || strcmp(key, REPLAY) == 0;
}

void
marks_text(struct marks *m, const char *key, struct slice text)
{
	struct mark_entry *e;
	size_t i;

	for (i = 0; i < m->n && !is_each(key); i++) {
		e = &m->v[i];
		if (e->text != NULL && strcmp(e->key, key) == 0 &&
		    slice_eq(slice_of(e->text, e->text_n), text))
			return;
	}
	e = add_entry(m, key);
	e->text = xmemdup(text.p, text.n);
	e->text_n = text.n;
}

static void
add_pair(struct marks *m, struct slice field)
{
	const char *eq = memchr(field.p, '=', field.n);
	char *key, *val;
	size_t nkey, nval;
	uint64_t v;

	if (eq == NULL)
		return;
	nkey = (size_t)(eq - field.p);
	nval = field.n - nkey - 1;
	key = xmemdup(field.p, nkey);
	key[text_decode(key, slice_of(field.p, nkey))] = '\0';
	val = xmalloc(nval + 1);
	nval = text_decode(val, slice_of(eq + 1, nval));
	if (number_u64(slice_of(val, nval), &v) == 0)
		marks_count(m, key, v);
	else
		marks_text(m, key, slice_of(val, nval));
	free(key);
	free(val);
}

static struct slice
next_field(struct slice *rest)
{
	const char *tab = memchr(rest->p, '\t', rest->n);
	size_t n = tab != NULL ? (size_t)(tab - rest->p) : rest->n;
	struct slice field = slice_of(rest->p, n);

	if (tab != NULL)
		n++;
	rest->p += n;
	rest->n -= n;
	return field;
}

static int
check_begin(struct slice rest, const char **why)
{
	struct slice field, version = SLICE_LIT("version=");
	uint64_t v;

	while (rest.n > 0) {
		field = next_field(&rest);
		if (!slice_starts(field, version))
			continue;
		field.p += version.n;
		field.n -= version.n;
		if (number_u64(field, &v) == 0 && v == MARK_VERSION)
			return 0;
		*why = "the stream has another version of the format";
		return -1;
	}
	*why = "a #begin without a version";
	return -1;
}

int
marks_add_line(struct marks *m, struct slice line, const char **why)
{
	struct slice rest = line;

	if (!mark_is(line)) {
		*why = "no mark";
		return -1;
	}
	next_field(&rest);
	if (begins(line, BEGIN)) {
		m->begins++;
		return check_begin(rest, why);
	}
	m->ends++;
	while (rest.n > 0)
		add_pair(m, next_field(&rest));
	return 0;
}

void
marks_add(struct marks *m, const struct marks *b)
{
	const struct mark_entry *e;
	size_t i;

	m->begins += b->begins;
	m->ends += b->ends;
	m->rows_read += b->rows_read;
	m->overflow = m->overflow || b->overflow;
	for (i = 0; i < b->n; i++) {
		e = &b->v[i];
		if (e->text == NULL)
			marks_count(m, e->key, e->sum);
		else
			marks_text(m, e->key, slice_of(e->text, e->text_n));
	}
}

uint64_t
marks_counter(const struct marks *m, const char *key)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].text == NULL && strcmp(m->v[i].key, key) == 0)
			return m->v[i].sum;
	return 0;
}

const struct mark_entry *
marks_next_text(const struct marks *m, const char *key, size_t *i)
{
	const struct mark_entry *e;

	while (*i < m->n) {
		e = &m->v[(*i)++];
		if (e->text != NULL && strcmp(e->key, key) == 0)
			return e;
	}
	return NULL;
}

bool
marks_have_text(const struct marks *m, const char *key, const char *text)
{
	const struct mark_entry *e;
	size_t i = 0;

	while ((e = marks_next_text(m, key, &i)) != NULL)
		if (slice_is(slice_of(e->text, e->text_n), text))
			return true;
	return false;
}

enum mark_state
marks_state(const struct marks *m)
{
	if (m->begins == 0 && m->ends == 0)
		return MARK_NONE;
	if (m->begins != m->ends || m->overflow ||
	    marks_counter(m, ROWS) != m->rows_read)
		return MARK_CUT;
	return MARK_COMPLETE;
}

void
mark_put_begin(struct out *o)
{
	int i;

	out_puts(o, "#begin\tversion=");
	out_put_u64(o, MARK_VERSION);
	out_puts(o, "\tcolumns=");
	for (i = 0; i < EV_COLUMNS; i++) {
		if (i > 0)
			out_putc(o, ',');
		out_puts(o, event_column_names[i]);
	}
	out_putc(o, '\n');
}

static void
put_encoded(struct out *o, struct slice s)
{
	out_advance(o, text_encode(out_reserve(o, TEXT_GROWTH * s.n + 16), s.p,
			   s.n, TEXT_MAP));
}

static void
put_entry(struct out *o, const struct mark_entry *e)
{
	out_putc(o, '\t');
	put_encoded(o, slice_str(e->key));
	out_putc(o, '=');
	if (e->text == NULL)
		out_put_u64(o, e->sum);
	else
		put_encoded(o, slice_of(e->text, e->text_n));
}

void
mark_put_end(struct out *o, const struct marks *m, uint64_t rows)
{
	size_t i;

	out_puts(o, "#end\trows=");
	out_put_u64(o, rows);
	for (i = 0; i < m->n; i++)
		if (m->v[i].text != NULL || strcmp(m->v[i].key, ROWS) != 0)
			put_entry(o, &m->v[i]);
	out_putc(o, '\n');
}
