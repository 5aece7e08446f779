#include "config.h"

#include "conf/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <yaml.h>

#include "base/alloc.h"
#include "base/msg.h"

/* Nodes and texts are small and live together: one allocation for many. */
#define CHUNK ((size_t)64 << 10)
#define ALIGN 16

struct chunk {
	struct chunk *next;
	size_t used, cap;
	char bytes[] __attribute__((__aligned__(ALIGN)));
};

struct loader {
	struct yaml_doc *doc;
	yaml_parser_t parser;
	unsigned errors;
};

static void *
take(struct yaml_doc *doc, size_t n)
{
	struct chunk *c = doc->memory;
	size_t cap;
	void *p;

	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (c == NULL || c->cap - c->used < n) {
		cap = n > CHUNK ? n : CHUNK;
		c = xmalloc(sizeof(*c) + cap);
		c->next = doc->memory;
		c->used = 0;
		c->cap = cap;
		doc->memory = c;
	}
	p = c->bytes + c->used;
	c->used += n;
	return p;
}

static void
complain(struct loader *l, const yaml_mark_t *at, const char *why)
{
	l->errors++;
	msg_error(
	    "%s:%zu:%zu: %s", l->doc->path, at->line + 1, at->column + 1, why);
}

static void
complain_key(struct loader *l, const struct yaml_node *key)
{
	l->errors++;
	msg_error("%s:%u:%u: duplicate key '%s'", l->doc->path, key->line,
	    key->column, key->text.p);
}

/* libyaml calls it a character that cannot start any token. */
static bool
stopped_at_tab(const yaml_parser_t *p)
{
	return p->error == YAML_SCANNER_ERROR &&
	    p->buffer.pointer < p->buffer.last && *p->buffer.pointer == '\t';
}

/* libyaml's own complaint: its scanner, its parser or the file. */
static void
complain_parser(struct loader *l)
{
	const yaml_parser_t *p = &l->parser;

	l->errors++;
	if (p->error == YAML_READER_ERROR || p->problem == NULL)
		msg_error("%s: byte %zu: %s", l->doc->path, p->problem_offset,
		    p->problem != NULL ? p->problem : "cannot be read");
	else if (stopped_at_tab(p))
		msg_error("%s:%zu:%zu: a TAB: YAML is indented by blanks",
		    l->doc->path, p->problem_mark.line + 1,
		    p->problem_mark.column + 1);
	else if (p->context != NULL)
		msg_error("%s:%zu:%zu: %s %s", l->doc->path,
		    p->problem_mark.line + 1, p->problem_mark.column + 1,
		    p->problem, p->context);
	else
		msg_error("%s:%zu:%zu: %s", l->doc->path,
		    p->problem_mark.line + 1, p->problem_mark.column + 1,
		    p->problem);
}

static struct yaml_node *
new_node(struct loader *l, enum yaml_kind kind, const yaml_event_t *ev)
{
	struct yaml_node *n = take(l->doc, sizeof(*n));

	*n = (struct yaml_node){ .kind = kind };
	n->line = (unsigned)ev->start_mark.line + 1;
	n->column = (unsigned)ev->start_mark.column + 1;
	return n;
}

static int node_of(
    struct loader *l, yaml_event_t *ev, unsigned depth, struct yaml_node **out);

/* Reads the next event and the node that it begins: 1, 0 at the end, -1. */
static int
next_node(struct loader *l, unsigned depth, struct yaml_node **out)
{
	yaml_event_t ev;
	int r;

	if (!yaml_parser_parse(&l->parser, &ev)) {
		complain_parser(l);
		return -1;
	}
	if (ev.type == YAML_SEQUENCE_END_EVENT ||
	    ev.type == YAML_MAPPING_END_EVENT)
		r = 0;
	else
		r = node_of(l, &ev, depth, out);
	yaml_event_delete(&ev);
	return r;
}

static void
scalar(struct loader *l, const yaml_event_t *ev, struct yaml_node *n)
{
	size_t len = ev->data.scalar.length;
	char *text = take(l->doc, len + 1);

	memcpy(text, ev->data.scalar.value, len);
	text[len] = '\0';
	n->text = slice_of(text, len);
	n->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (memchr(text, '\0', len) != NULL)
		complain(l, &ev->start_mark, "a NUL byte in a scalar");
	if (ev->data.scalar.anchor != NULL)
		complain(l, &ev->start_mark, "anchors are not supported");
	if (ev->data.scalar.tag != NULL)
		complain(l, &ev->start_mark, "tags are not supported");
}

/* A list that grows until it is copied into the document's memory. */
struct growing {
	struct yaml_node **v;
	size_t n, cap;
};

static void
push(struct growing *g, struct yaml_node *n)
{
	g->v = xgrow(g->v, &g->cap, g->n + 1, sizeof(struct yaml_node *));
	g->v[g->n++] = n;
}

static struct yaml_node **
keep(struct loader *l, struct growing *g)
{
	struct yaml_node **v = take(l->doc, (g->n + 1) * sizeof(*v));

	if (g->n > 0)
		memcpy(v, g->v, g->n * sizeof(*v));
	free(g->v);
	return v;
}

static int
sequence(struct loader *l, unsigned depth, struct yaml_node *n)
{
	struct growing items = { 0 };
	struct yaml_node *item;
	int r;

	while ((r = next_node(l, depth + 1, &item)) == 1)
		push(&items, item);
	n->n = items.n;
	n->item = keep(l, &items);
	return r == 0 ? 1 : -1;
}

static int
by_key(const void *a, const void *b)
{
	const struct yaml_node *x = *(struct yaml_node *const *)a;
	const struct yaml_node *y = *(struct yaml_node *const *)b;
	int r = slice_cmp(x->text, y->text);

	if (r != 0)
		return r;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

/* Sorted, so that a hostile mapping of a million keys stays cheap. */
static void
check_duplicates(struct loader *l, const struct yaml_node *n)
{
	struct yaml_node **sorted;
	size_t i;

	if (n->n < 2)
		return;
	sorted = xreallocarray(NULL, n->n, sizeof(struct yaml_node *));
	memcpy(sorted, n->key, n->n * sizeof(struct yaml_node *));
	qsort(sorted, n->n, sizeof(struct yaml_node *), by_key);
	for (i = 1; i < n->n; i++)
		if (slice_eq(sorted[i - 1]->text, sorted[i]->text))
			complain_key(l, sorted[i]);
	free(sorted);
}

static int
mapping(struct loader *l, unsigned depth, struct yaml_node *n)
{
	struct growing keys = { 0 }, items = { 0 };
	struct yaml_node *key, *item;
	int r;

	while ((r = next_node(l, depth + 1, &key)) == 1) {
		if (key->kind != YAML_SCALAR) {
			l->errors++;
			msg_error("%s:%u:%u: a key is not a scalar",
			    l->doc->path, key->line, key->column);
			r = -1;
			break;
		}
		r = next_node(l, depth + 1, &item);
		if (r != 1) {
			r = -1;
			break;
		}
		push(&keys, key);
		push(&items, item);
	}
	n->n = keys.n;
	n->key = keep(l, &keys);
	n->item = keep(l, &items);
	if (r == 0)
		check_duplicates(l, n);
	return r == 0 ? 1 : -1;
}

static int
node_of(
    struct loader *l, yaml_event_t *ev, unsigned depth, struct yaml_node **out)
{
	if (depth > YAML_DEPTH) {
		complain(l, &ev->start_mark, "nested past 32 levels");
		return -1;
	}
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		*out = new_node(l, YAML_SCALAR, ev);
		scalar(l, ev, *out);
		return 1;
	case YAML_SEQUENCE_START_EVENT:
		*out = new_node(l, YAML_SEQ, ev);
		if (ev->data.sequence_start.anchor != NULL)
			complain(
			    l, &ev->start_mark, "anchors are not supported");
		if (ev->data.sequence_start.tag != NULL)
			complain(l, &ev->start_mark, "tags are not supported");
		return sequence(l, depth, *out);
	case YAML_MAPPING_START_EVENT:
		*out = new_node(l, YAML_MAP, ev);
		if (ev->data.mapping_start.anchor != NULL)
			complain(
			    l, &ev->start_mark, "anchors are not supported");
		if (ev->data.mapping_start.tag != NULL)
			complain(l, &ev->start_mark, "tags are not supported");
		return mapping(l, depth, *out);
	case YAML_ALIAS_EVENT:
		complain(l, &ev->start_mark, "aliases are not supported");
		/* Goes on as if it were empty, to find more errors. */
		*out = new_node(l, YAML_SCALAR, ev);
		(*out)->text = SLICE_LIT("");
		return 1;
	default:
		complain(l, &ev->start_mark, "unexpected content");
		return -1;
	}
}

/* Takes an event that has no content; its type, or YAML_NO_EVENT. */
static yaml_event_type_t
step(struct loader *l, yaml_mark_t *at)
{
	yaml_event_t ev;
	yaml_event_type_t type;

	if (!yaml_parser_parse(&l->parser, &ev)) {
		complain_parser(l);
		return YAML_NO_EVENT;
	}
	type = ev.type;
	*at = ev.start_mark;
	yaml_event_delete(&ev);
	return type;
}

static void
load(struct loader *l)
{
	yaml_event_type_t type;
	yaml_mark_t at;

	if (step(l, &at) != YAML_STREAM_START_EVENT)
		return;
	type = step(l, &at);
	if (type != YAML_DOCUMENT_START_EVENT)
		return;
	if (next_node(l, 1, &l->doc->root) != 1)
		return;
	if (step(l, &at) != YAML_DOCUMENT_END_EVENT)
		return;
	if (step(l, &at) == YAML_DOCUMENT_START_EVENT)
		complain(l, &at, "more than one document");
}

static FILE *
open_file(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "re");

	if (f == NULL) {
		msg_error("%s: %s", path, msg_errno(errno));
		return NULL;
	}
	if (fstat(fileno(f), &st) == 0 &&
	    (S_ISDIR(st.st_mode) || st.st_size > (off_t)YAML_SIZE)) {
		msg_error("%s: %s", path,
		    S_ISDIR(st.st_mode) ? msg_errno(EISDIR)
					: "larger than 16 MiB");
		fclose(f);
		return NULL;
	}
	return f;
}

int
yaml_load(struct yaml_doc *doc, const char *path)
{
	struct loader l = { .doc = doc };
	FILE *f;

	*doc = (struct yaml_doc){ 0 };
	f = open_file(path);
	if (f == NULL)
		return -1;
	doc->path = xstrdup(path);
	if (!yaml_parser_initialize(&l.parser))
		msg_die(EV_EXIT_FAIL, "out of memory: a YAML parser");
	yaml_parser_set_input_file(&l.parser, f);
	load(&l);
	yaml_parser_delete(&l.parser);
	fclose(f);
	if (l.errors > 0) {
		yaml_release(doc);
		return -1;
	}
	return 0;
}

void
yaml_release(struct yaml_doc *doc)
{
	struct chunk *c = doc->memory, *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(doc->path);
	*doc = (struct yaml_doc){ 0 };
}

bool
yaml_null(const struct yaml_node *n)
{
	return n->kind == YAML_SCALAR && n->plain &&
	       (slice_is(n->text, "null") || slice_is(n->text, "~"));
}

const struct yaml_node *
yaml_get(const struct yaml_node *map, const char *key)
{
	size_t i;

	if (map == NULL || map->kind != YAML_MAP)
		return NULL;
	for (i = 0; i < map->n; i++)
		if (slice_is(map->key[i]->text, key))
			return map->item[i];
	return NULL;
}
