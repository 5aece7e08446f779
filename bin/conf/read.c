#include "config.h"

#include "conf/read.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/strbuf.h"

static void
report(struct conf_reader *r, struct conf_pos at, const char *fmt, va_list ap)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addvf(&sb, fmt, ap);
	msg_error("%s:%u:%u: %s", r->path, at.line, at.column, sb.buf);
	strbuf_release(&sb);
	r->errors++;
}

void
conf_error(
    struct conf_reader *r, const struct yaml_node *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(r, (struct conf_pos){ at->line, at->column }, fmt, ap);
	va_end(ap);
}

void
conf_error_at(
    struct conf_reader *r, const struct conf_text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(r, t->pos, fmt, ap);
	va_end(ap);
}

bool
conf_expect(struct conf_reader *r, const struct yaml_node *node,
    enum yaml_kind kind, const char *where)
{
	static const char *const names[] = {
		[YAML_SCALAR] = "a single value",
		[YAML_SEQ] = "a list",
		[YAML_MAP] = "a mapping",
	};

	if (node->kind == kind)
		return true;
	conf_error(r, node, "%s: expected %s", where, names[kind]);
	return false;
}

static const struct conf_key *
find_key(const struct conf_key *keys, size_t n, struct slice name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (slice_is(name, keys[i].name))
			return &keys[i];
	return NULL;
}

void
conf_read_map(struct conf_reader *r, const struct yaml_node *node,
    const char *where, const struct conf_key *keys, size_t nkeys, void *base)
{
	const struct conf_key *key;
	size_t i;

	if (!conf_expect(r, node, YAML_MAP, where))
		return;
	for (i = 0; i < node->n; i++) {
		key = find_key(keys, nkeys, node->key[i]->text);
		if (key == NULL)
			conf_error(r, node->key[i], "%s: unknown key '%s'",
			    where, node->key[i]->text.p);
		else
			key->read(r, node->item[i], key->name,
			    (char *)base + key->offset);
	}
}

bool
conf_take_text(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_text *t)
{
	if (!conf_expect(r, node, YAML_SCALAR, where))
		return false;
	/* The document may go; the settings stay. */
	t->s = xmemdup(node->text.p, node->text.n);
	t->n = node->text.n;
	t->pos = (struct conf_pos){ node->line, node->column };
	return true;
}

void
conf_read_text(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t;

	if (!conf_take_text(r, node, where, &t))
		return;
	if (yaml_null(node) || t.n == 0)
		conf_error(r, node, "%s: has no value", where);
	else
		*(struct conf_text *)field = t;
}

void
conf_read_path(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct strbuf sb = STRBUF_INIT;
	struct conf_text t = { 0 };

	conf_read_text(r, node, where, &t);
	if (t.s == NULL)
		return;
	if (t.s[0] != '/' && strcmp(r->dir, ".") != 0) {
		strbuf_addf(&sb, "%s/%s", r->dir, t.s);
		t.n = sb.len;
		t.s = strbuf_detach(&sb);
	}
	*(struct conf_text *)field = t;
}

void
conf_read_regex(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t = { 0 };
	pcre2_code *code;
	PCRE2_UCHAR why[256];
	PCRE2_SIZE offset;
	int err;

	conf_read_text(r, node, where, &t);
	if (t.s == NULL)
		return;
	code = pcre2_compile(
	    (PCRE2_SPTR)t.s, t.n, CONF_REGEX_OPTIONS, &err, &offset, NULL);
	if (code == NULL) {
		pcre2_get_error_message(err, why, sizeof(why));
		conf_error(r, node, "%s: bad regex at offset %zu: %s", where,
		    offset, (const char *)why);
		return;
	}
	pcre2_code_free(code);
	*(struct conf_text *)field = t;
}

uint32_t
conf_regex_groups(const struct conf_text *regex)
{
	uint32_t groups = 0;
	PCRE2_SIZE offset;
	pcre2_code *code;
	int err;

	code = pcre2_compile((PCRE2_SPTR)regex->s, regex->n, CONF_REGEX_OPTIONS,
	    &err, &offset, NULL);
	if (code == NULL)
		return 0;
	(void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	pcre2_code_free(code);
	return groups;
}

void
conf_read_texts(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_list *list = field;
	const struct yaml_node *one[1] = { node };
	struct yaml_node *const *items = node->item;
	size_t i, n = node->n;

	if (node->kind == YAML_MAP) {
		conf_error(r, node, "%s: expected a value or a list", where);
		return;
	}
	if (node->kind == YAML_SCALAR) {
		items = (struct yaml_node *const *)one;
		n = 1;
	}
	list->v = xcalloc(n, sizeof(*list->v));
	list->n = 0;
	for (i = 0; i < n; i++) {
		conf_read_text(r, items[i], where, &list->v[list->n]);
		if (list->v[list->n].s != NULL)
			list->n++;
	}
}

void
conf_read_bool(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t;

	if (!conf_take_text(r, node, where, &t))
		return;
	if (strcmp(t.s, "true") == 0)
		*(bool *)field = true;
	else if (strcmp(t.s, "false") == 0)
		*(bool *)field = false;
	else
		conf_error(
		    r, node, "%s: '%s' is neither true nor false", where, t.s);
}

void
conf_read_u64(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t;
	uint64_t v;

	if (!conf_take_text(r, node, where, &t))
		return;
	if (number_u64(slice_of(t.s, t.n), &v) == -1)
		conf_error(r, node, "%s: '%s' is no whole number", where, t.s);
	else
		*(uint64_t *)field = v;
}

void
conf_read_between(struct conf_reader *r, const struct yaml_node *node,
    const char *where, uint64_t low, uint64_t high, const char *unit,
    uint64_t *field)
{
	unsigned before = r->errors;

	conf_read_u64(r, node, where, field);
	if (r->errors == before && (*field < low || *field > high))
		conf_error(r, node, "%s: from %llu to %llu%s", where,
		    (unsigned long long)low, (unsigned long long)high, unit);
}

/* ADDRESS or ADDRESS/BITS; 0 or -1. */
static int
parse_net(const char *s, struct conf_net *net)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char addr[INET6_ADDRSTRLEN];
	size_t n = strcspn(s, "/");
	uint64_t bits, max = 128, base = 0;

	if (n >= sizeof(addr))
		return -1;
	memcpy(addr, s, n);
	addr[n] = '\0';
	if (inet_pton(AF_INET, addr, net->addr + 12) == 1) {
		memcpy(net->addr, mapped, sizeof(mapped));
		max = 32;
		base = 96;
	} else if (inet_pton(AF_INET6, addr, net->addr) != 1) {
		return -1;
	}
	bits = max;
	if (s[n] == '/' &&
	    (number_u64(slice_str(s + n + 1), &bits) == -1 || bits > max))
		return -1;
	net->bits = (unsigned)(base + bits);
	return 0;
}

void
conf_read_nets(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_nets *nets = field;
	struct conf_list list = { 0 };
	size_t i;

	conf_read_texts(r, node, where, &list);
	nets->v = xcalloc(list.n, sizeof(*nets->v));
	nets->n = 0;
	for (i = 0; i < list.n; i++) {
		if (strcmp(list.v[i].s, "unix:") == 0) {
			nets->sockets = true;
			continue;
		}
		if (parse_net(list.v[i].s, &nets->v[nets->n]) == 0)
			nets->n++;
		else
			conf_error_at(r, &list.v[i], "%s: '%s' is no network",
			    where, list.v[i].s);
	}
}

static void
canon_scalar(struct strbuf *sb, const struct yaml_node *n)
{
	/* Its length keeps two texts from running into one. */
	strbuf_addf(sb, "%c%zu:", yaml_null(n) ? '~' : 's', n->text.n);
	strbuf_add_slice(sb, n->text);
}

static int
by_key(const void *a, const void *b)
{
	return slice_cmp((*(const struct yaml_node *const *)a)->text,
	    (*(const struct yaml_node *const *)b)->text);
}

static void
canon_map(struct strbuf *sb, const struct yaml_node *n)
{
	struct yaml_node **keys;
	size_t i;

	keys = xcalloc(n->n, sizeof(struct yaml_node *));
	if (n->n > 0)
		memcpy(keys, n->key, n->n * sizeof(struct yaml_node *));
	qsort(keys, n->n, sizeof(struct yaml_node *), by_key);
	strbuf_addf(sb, "m%zu:", n->n);
	for (i = 0; i < n->n; i++) {
		canon_scalar(sb, keys[i]);
		conf_canon(sb, yaml_get(n, keys[i]->text.p));
	}
	free(keys);
}

void
conf_canon(struct strbuf *sb, const struct yaml_node *node)
{
	size_t i;

	switch (node->kind) {
	case YAML_SCALAR:
		canon_scalar(sb, node);
		break;
	case YAML_SEQ:
		strbuf_addf(sb, "l%zu:", node->n);
		for (i = 0; i < node->n; i++)
			conf_canon(sb, node->item[i]);
		break;
	case YAML_MAP:
		canon_map(sb, node);
		break;
	}
}

bool
conf_glob_match(const char *glob, struct slice s)
{
	const char *star = NULL;
	size_t i = 0, again = 0;

	/* One '*' to come back to is enough: a later one takes over. */
	while (i < s.n) {
		if (*glob == '*') {
			star = ++glob;
			again = i;
		} else if (*glob == '?' || (*glob != '\0' && *glob == s.p[i])) {
			glob++;
			i++;
		} else if (star != NULL) {
			glob = star;
			i = ++again;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}
