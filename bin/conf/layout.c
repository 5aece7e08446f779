#include "config.h"

#include "conf/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct set {
	bool has[256];
};

static const struct type_info {
	const char *ranges; /* pairs of first and last byte */
	size_t width;	    /* 0: varies */
	bool always;	    /* never missing */
} types[LAYOUT_TYPES] = {
	[LAYOUT_FREE] = { "\001\377", 0, false },
	[LAYOUT_TOKEN] = { "\041\176\200\377", 0, false },
	[LAYOUT_NAME] = { "09AZaz--..__", 0, false },
	[LAYOUT_LIST] = { "\040\176", 0, false },
	[LAYOUT_NUMBERS] = { "09..,,  ::--", 0, false },
	[LAYOUT_ADDRESS] = { "09afAF..::uunniixx", 0, false },
	[LAYOUT_DIGITS] = { "09", 0, false },
	[LAYOUT_DECIMAL] = { "09..", 0, false },
	[LAYOUT_HEX] = { "09afAF", 0, false },
	[LAYOUT_METHOD] = { "AZ__--", 0, false },
	[LAYOUT_PROTOCOL] = { "AZ09//..", 0, false },
	[LAYOUT_STATUS] = { "09", 0, true },
	[LAYOUT_BYTES] = { "09", 0, false },
	[LAYOUT_TIME_LOCAL] = { "09AZaz//::  ++--", 26, true },
	[LAYOUT_TIME_ISO] = { "09TT::++--", 25, true },
	[LAYOUT_MSEC] = { "09..", 0, true },
};

/* In the order of bsearch. */
static const struct {
	const char *name;
	enum layout_type type;
} variables[] = {
	{ "binary_remote_addr", LAYOUT_FREE },
	{ "body_bytes_sent", LAYOUT_BYTES },
	{ "bytes_sent", LAYOUT_BYTES },
	{ "connection", LAYOUT_DIGITS },
	{ "connection_requests", LAYOUT_DIGITS },
	{ "connection_time", LAYOUT_DECIMAL },
	{ "content_length", LAYOUT_TOKEN },
	{ "gzip_ratio", LAYOUT_DECIMAL },
	{ "host", LAYOUT_TOKEN },
	{ "hostname", LAYOUT_TOKEN },
	{ "https", LAYOUT_NAME },
	{ "msec", LAYOUT_MSEC },
	{ "nginx_version", LAYOUT_NAME },
	{ "pid", LAYOUT_DIGITS },
	{ "pipe", LAYOUT_NAME },
	{ "proxy_alternative_upstream_name",
	    LAYOUT_NAME }, /* ingress-nginx's */
	{ "proxy_protocol_addr", LAYOUT_ADDRESS },
	{ "proxy_protocol_port", LAYOUT_DIGITS },
	{ "proxy_protocol_server_addr", LAYOUT_ADDRESS },
	{ "proxy_protocol_server_port", LAYOUT_DIGITS },
	{ "proxy_upstream_name", LAYOUT_NAME },
	{ "realip_remote_addr", LAYOUT_ADDRESS },
	{ "realip_remote_port", LAYOUT_DIGITS },
	{ "remote_addr", LAYOUT_ADDRESS },
	{ "remote_port", LAYOUT_DIGITS },
	{ "request_completion", LAYOUT_NAME },
	{ "request_id", LAYOUT_HEX },
	{ "request_length", LAYOUT_BYTES },
	{ "request_method", LAYOUT_METHOD },
	{ "request_time", LAYOUT_DECIMAL },
	{ "scheme", LAYOUT_NAME },
	{ "server_addr", LAYOUT_ADDRESS },
	{ "server_name", LAYOUT_TOKEN },
	{ "server_port", LAYOUT_DIGITS },
	{ "server_protocol", LAYOUT_PROTOCOL },
	{ "ssl_cipher", LAYOUT_NAME },
	{ "ssl_protocol", LAYOUT_NAME },
	{ "ssl_session_id", LAYOUT_HEX },
	{ "ssl_session_reused", LAYOUT_NAME },
	{ "status", LAYOUT_STATUS },
	{ "tcpinfo_rcv_space", LAYOUT_DIGITS },
	{ "tcpinfo_rtt", LAYOUT_DIGITS },
	{ "tcpinfo_rttvar", LAYOUT_DIGITS },
	{ "tcpinfo_snd_cwnd", LAYOUT_DIGITS },
	{ "time_iso8601", LAYOUT_TIME_ISO },
	{ "time_local", LAYOUT_TIME_LOCAL },
	{ "upstream_addr", LAYOUT_LIST },
	{ "upstream_bytes_received", LAYOUT_NUMBERS },
	{ "upstream_bytes_sent", LAYOUT_NUMBERS },
	{ "upstream_cache_status", LAYOUT_METHOD },
	{ "upstream_connect_time", LAYOUT_NUMBERS },
	{ "upstream_header_time", LAYOUT_NUMBERS },
	{ "upstream_queue_time", LAYOUT_NUMBERS },
	{ "upstream_response_length", LAYOUT_NUMBERS },
	{ "upstream_response_time", LAYOUT_NUMBERS },
	{ "upstream_status", LAYOUT_NUMBERS },
};

enum layout_type
layout_type(struct slice name)
{
	size_t lo = 0, hi = sizeof(variables) / sizeof(variables[0]), mid;
	int r;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		r = slice_cmp(name, slice_str(variables[mid].name));
		if (r == 0)
			return variables[mid].type;
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return LAYOUT_FREE;
}

bool
layout_may_miss(enum layout_type type)
{
	return !types[type].always;
}

int
layout_find(const struct layout *l, const char *name)
{
	unsigned i;

	for (i = 0; i < l->nfields; i++)
		if (strcmp(l->field[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* What a variable of that type writes into a line. */
static void
set_of(struct set *s, enum layout_type type, enum format_escape escape)
{
	const unsigned char *r = (const unsigned char *)types[type].ranges;
	unsigned c;

	*s = (struct set){ 0 };
	for (; *r != '\0'; r += 2)
		for (c = r[0]; c <= r[1]; c++)
			s->has[c] = true;
	if (escape == FORMAT_DEFAULT) {
		/* The escaping itself, of what is not let through. */
		if (type == LAYOUT_TOKEN || type == LAYOUT_FREE)
			s->has['\\'] = true;
		if (!types[type].always)
			s->has['-'] = true;
		for (c = 0x7f; c < 256; c++)
			s->has[c] = false;
	}
	if (escape != FORMAT_NONE) {
		for (c = 0; c < 0x20; c++)
			s->has[c] = false;
		s->has['"'] = false;
	}
	s->has['\n'] = false;
}

struct compiler {
	struct layout *l;
	const struct format *f;
	struct strbuf *why;
	struct set *set; /* of each part; a literal's are its bytes */
	bool counted;	 /* a list has been counted in this line */
};

static struct layout_op *
op_add(struct compiler *c, enum layout_step step)
{
	struct layout_op *op = &c->l->op[c->l->nops++];

	*op = (struct layout_op){ .step = step, .lit = slice_of("", 0) };
	return op;
}

/* The literal behind part i, or an empty one. */
static struct slice
literal_at(const struct compiler *c, size_t i)
{
	if (i < c->f->n && !c->f->part[i].variable)
		return c->f->part[i].text;
	return slice_of("", 0);
}

static unsigned
field_of(const struct compiler *c, size_t part)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < part; i++)
		if (c->f->part[i].variable)
			n++;
	return n;
}

static const struct layout_field *
field_at(const struct compiler *c, size_t part)
{
	return &c->l->field[field_of(c, part)];
}

static void
set_step_find(const struct compiler *c, struct layout_op *op, bool group)
{
	op->quote = op->byte == '"';
	if (op->quote && c->l->escape == FORMAT_JSON)
		op->step = group ? LAYOUT_GROUP_QUOTE : LAYOUT_FIND_QUOTE;
}

/*
 * Does the literal hold a byte that none of the parts [first, at) can, nor
 * the literal itself before it?  Then that byte's first occurrence is sure.
 */
static bool
sure_byte(const struct compiler *c, size_t first, size_t at, size_t *back)
{
	struct slice lit = literal_at(c, at);
	unsigned char b;
	size_t i, k;

	for (k = 0; k < lit.n; k++) {
		b = (unsigned char)lit.p[k];
		for (i = first; i < at && !c->set[i].has[b]; i++)
			;
		/* Behind a literal backslash it would look escaped. */
		if (b == '"' && k > 0 && lit.p[k - 1] == '\\')
			continue;
		if (i == at && memchr(lit.p, b, k) == NULL) {
			*back = k;
			return true;
		}
	}
	return false;
}

/* The same from the right: the last byte of lit that the part cannot hold. */
static bool
sure_byte_right(
    const struct compiler *c, size_t part, struct slice lit, size_t *at)
{
	unsigned char b;
	size_t k;

	for (k = lit.n; k-- > 0;) {
		b = (unsigned char)lit.p[k];
		/* In json an escaped quote looks like one from behind. */
		if (b == '"' && c->l->escape == FORMAT_JSON)
			continue;
		if (!c->set[part].has[b] &&
		    memchr(lit.p + k + 1, b, lit.n - k - 1) == NULL) {
			*at = k;
			return true;
		}
	}
	return false;
}

/* The variable at part cannot be told from the one before it. */
static int
ambiguous(const struct compiler *c, size_t part)
{
	struct slice lit = literal_at(c, part - 1);
	unsigned field = field_of(c, part);

	strbuf_addf(c->why,
	    "ambiguous: where $%s ends and $%s begins cannot be told, ",
	    c->l->field[field - 1].name, c->l->field[field].name);
	if (lit.n == 0)
		strbuf_adds(c->why, "as nothing stands between them");
	else
		strbuf_addf(c->why, "as '%.*s' may be part of their values",
		    (int)(lit.n > 64 ? 64 : lit.n), lit.p);
	strbuf_adds(c->why,
	    c->l->escape == FORMAT_NONE
		? "; escape=none lets everything through, escape=default and "
		  "quotes around them tell"
		: "; quotes around them tell");
	return -1;
}

/* The variable at part from the group's right end; the literal before it. */
static int
from_right(struct compiler *c, size_t part)
{
	const struct layout_field *field = field_at(c, part);
	struct slice lit = literal_at(c, part - 1);
	size_t width = types[field->type].width, at = 0;
	struct layout_op *op;

	if (width == 0 && !sure_byte_right(c, part, lit, &at))
		return ambiguous(c, part);
	op = op_add(c, width > 0 ? LAYOUT_RIGHT_WIDTH : LAYOUT_RIGHT_FIND);
	op->field = field_of(c, part);
	op->lit = lit;
	if (width > 0) {
		op->back = width;
		op->time = true;
	} else {
		op->byte = (unsigned char)lit.p[at];
		op->back = at;
	}
	return 0;
}

/*
 * The group that begins with the variable at part: up to the first sure
 * byte, or to the end of the line.  Returns the part behind it.
 */
static int
group(struct compiler *c, size_t first, size_t *next)
{
	struct layout_op *op;
	size_t at, back = 0, part;
	bool sure = false;

	for (at = first + 1; at < c->f->n; at++)
		if (!c->f->part[at].variable &&
		    (sure = sure_byte(c, first, at, &back)))
			break;
	if (sure) {
		op = op_add(c, LAYOUT_GROUP);
		op->byte = (unsigned char)literal_at(c, at).p[back];
		op->back = back;
		set_step_find(c, op, true);
	} else if (c->f->n > first + 1 && !c->f->part[c->f->n - 1].variable) {
		/* The line ends in a literal that values may hold too. */
		op = op_add(c, LAYOUT_TAIL);
		at = c->f->n - 1;
		op->lit = literal_at(c, at);
	}
	for (part = at; part-- > first + 1;)
		if (c->f->part[part].variable && from_right(c, part) == -1)
			return -1;
	op = op_add(c, LAYOUT_GROUP_REST);
	op->field = field_of(c, first);
	if (at < c->f->n) {
		op->lit = literal_at(c, at);
		at++;
	}
	*next = at;
	return 0;
}

/* Could what stands behind part begin like the ": " between two values? */
static bool
may_go_on(const struct compiler *c, size_t part)
{
	struct slice lit = literal_at(c, part);
	enum layout_type type;

	if (lit.n > 1)
		return lit.p[1] == ':';
	if (part + 1 >= c->f->n)
		return false;
	lit = literal_at(c, part + 2);
	if (lit.n > 0 && lit.p[0] == ':')
		return true;
	/* An address has a ':', and is more than that. */
	type = field_at(c, part + 1)->type;
	return type != LAYOUT_LIST && type != LAYOUT_NUMBERS &&
	       type != LAYOUT_ADDRESS && c->set[part + 1].has[':'];
}

/*
 * Is the variable at part a list of upstreams whose values can be counted up
 * to the blank behind it?  All lists of a line have as many values as the
 * first of them; where that is not known, what follows the blank must not
 * look like another.
 */
static bool
is_counted(const struct compiler *c, size_t part)
{
	enum layout_type type = field_at(c, part)->type;
	struct slice lit = literal_at(c, part + 1);

	if ((type != LAYOUT_LIST && type != LAYOUT_NUMBERS) || lit.n == 0 ||
	    lit.p[0] != ' ')
		return false;
	return c->counted || !may_go_on(c, part + 1);
}

/* A list of upstreams, where nothing else tells where it ends. */
static void
counted(struct compiler *c, size_t part, size_t *next)
{
	struct layout_op *op = op_add(c, LAYOUT_COUNT);

	op->field = field_of(c, part);
	op->lit = literal_at(c, part + 1);
	*next = part + 2;
	c->counted = true;
}

/* A group, or, where the group cannot be told apart, the list it begins with.
 */
static int
group_or_list(struct compiler *c, size_t part, size_t *next)
{
	struct strbuf why_not = STRBUF_INIT, *why = c->why;
	size_t nops = c->l->nops;
	int r;

	c->why = &why_not;
	r = group(c, part, next);
	c->why = why;
	if (r == -1 && is_counted(c, part)) {
		c->l->nops = nops;
		counted(c, part, next);
		r = 0;
	} else if (r == -1) {
		strbuf_add_slice(why, strbuf_slice(&why_not));
	}
	strbuf_release(&why_not);
	return r;
}

/* One variable and the literal behind it, or a group. */
static int
variable(struct compiler *c, size_t part, size_t *next)
{
	const struct layout_field *field = field_at(c, part);
	size_t back = 0;
	struct layout_op *op;

	if (types[field->type].width > 0) {
		op = op_add(c, LAYOUT_WIDTH);
		op->back = types[field->type].width;
		op->time = true;
	} else if (sure_byte(c, part, part + 1, &back)) {
		op = op_add(c, LAYOUT_FIND);
		op->byte = (unsigned char)literal_at(c, part + 1).p[back];
		op->back = back;
		set_step_find(c, op, false);
	} else if (part + 1 == c->f->n) {
		op = op_add(c, LAYOUT_REST);
	} else {
		return group_or_list(c, part, next);
	}
	op->field = field_of(c, part);
	op->lit = literal_at(c, part + 1);
	*next = part + (op->lit.n > 0 ? 2 : 1);
	return 0;
}

static int
compile(struct compiler *c)
{
	struct layout_op *op;
	size_t part = 0;

	while (part < c->f->n) {
		if (c->f->part[part].variable) {
			if (variable(c, part, &part) == -1)
				return -1;
			continue;
		}
		op = op_add(c, LAYOUT_LITERAL);
		op->lit = c->f->part[part++].text;
		op->quote = memchr(op->lit.p, '"', op->lit.n) != NULL;
	}
	return 0;
}

static void
literal_set(struct set *s, struct slice lit)
{
	size_t i;

	*s = (struct set){ 0 };
	for (i = 0; i < lit.n; i++)
		s->has[(unsigned char)lit.p[i]] = true;
}

/* Copies names and literals, so that the layout outlives the format. */
static int
copy_parts(struct compiler *c, struct format_part *own)
{
	struct layout *l = c->l;
	size_t i, total = 0;
	char *d;

	for (i = 0; i < c->f->n; i++)
		total += c->f->part[i].text.n + 1;
	l->memory = d = xmalloc(total + 1);
	for (i = 0; i < c->f->n; i++) {
		own[i] = c->f->part[i];
		memcpy(d, own[i].text.p, own[i].text.n);
		d[own[i].text.n] = '\0';
		own[i].text.p = d;
		d += own[i].text.n + 1;
		if (!own[i].variable) {
			literal_set(&c->set[i], own[i].text);
			continue;
		}
		if (l->nfields == LAYOUT_FIELDS) {
			strbuf_addf(
			    c->why, "more than %d variables", LAYOUT_FIELDS);
			return -1;
		}
		l->field[l->nfields].name = own[i].text.p;
		l->field[l->nfields].type = layout_type(own[i].text);
		set_of(&c->set[i], l->field[l->nfields].type, l->escape);
		l->nfields++;
	}
	return 0;
}

int
layout_compile(struct layout *l, const struct format *f, struct strbuf *why)
{
	struct format own = *f;
	struct compiler c = { .l = l, .f = f, .why = why };
	int r;

	*l = (struct layout){ .escape = f->escape };
	l->field = xcalloc(LAYOUT_FIELDS, sizeof(*l->field));
	/* A variable makes one op, and a group one more. */
	l->op = xcalloc(2 * f->n + 2, sizeof(*l->op));
	c.set = xcalloc(f->n + 1, sizeof(*c.set));
	own.part = xcalloc(f->n + 1, sizeof(*own.part));
	r = copy_parts(&c, own.part);
	c.f = &own;
	if (r == 0)
		r = compile(&c);
	if (r == 0 && layout_find(l, "msec") == -1 &&
	    layout_find(l, "time_iso8601") == -1 &&
	    layout_find(l, "time_local") == -1) {
		strbuf_adds(why, "no time: an event needs $time_local, "
				 "$time_iso8601 or $msec");
		r = -1;
	}
	free(own.part);
	free(c.set);
	if (r == -1)
		layout_release(l);
	return r;
}

void
layout_release(struct layout *l)
{
	free(l->field);
	free(l->op);
	free(l->memory);
	*l = (struct layout){ 0 };
}
