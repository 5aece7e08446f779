#include "config.h"

#include "enrich/mmdb.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/utc.h"

/* A record has at most 32 bits, and places in memory need some of them. */
#define FILE_MAX ((size_t)2 << 30)

/* The metadata begins behind its last occurrence in the last 128 KiB. */
#define MARKER "\xab\xcd\xefMaxMind.com"
#define MARKER_N (sizeof(MARKER) - 1)
#define METADATA_MAX ((size_t)128 << 10)

/* Zeros between the tree and the data, which records count in. */
#define SEPARATOR 16

/* As deep as libmaxminddb goes; a cycle is deeper. */
#define DEPTH_MAX 512

/*
 * Each value has a byte of its own, and is visited once, and once more for
 * each value around it that is pointed to from elsewhere.  More visits than
 * this a byte are none of a database but of an attempt to keep us busy.
 */
#define VISITS 64

/* Bits of an address that one look answers: 256 KiB for a family. */
#define TOP_BITS 16

/* Nodes that are checked at once: see block_known(). */
#define BLOCK 64

/* Compiled anew for each size of a record, which is a constant there: a
 * choice at each node takes half of the time. */
#define ONE_FOR_EACH_SIZE static inline __attribute__((__always_inline__))

/* Places are counted from p. */
struct section {
	const uint8_t *p;
	size_t n;
};

struct mmdb {
	uint8_t *file; /* the tree, then the rest */
	size_t size;
	void *block; /* where file lies */
	uint32_t nodes;
	unsigned bits; /* of a record: 24, 28 or 32 */
	unsigned ip_version;
	struct section data;
	struct slice type;
	uint64_t build_epoch;
	uint32_t top_v4[1U << TOP_BITS]; /* record behind these bits */
	uint32_t top_v6[1U << TOP_BITS];
};

/* What a control byte and those that belong to it say. */
struct header {
	unsigned type;
	uint32_t size; /* bytes, pairs or elements; of a pointer its target */
	size_t body;   /* where the value goes on */
};

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* n bytes, at most 8, as a number. */
static uint64_t
be(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* The first size of one, two and three further bytes: "29 + next byte". */
static const uint32_t size_base[] = { 29, 285, 65821 };

/* Of pointers of two, three and four bytes; five have the whole value. */
static const uint32_t pointer_base[] = { 0, 2048, 526336 };

static int
read_pointer(const struct section *s, unsigned control, struct header *h)
{
	unsigned n = control >> 3 & 3;

	if (s->n - h->body < n + 1)
		return -1;
	h->size = (uint32_t)be(s->p + h->body, n + 1);
	if (n < 3)
		h->size += pointer_base[n] + ((control & 7) << (8 * (n + 1)));
	h->body += n + 1;
	return 0;
}

static int
read_size(const struct section *s, unsigned control, struct header *h)
{
	unsigned size = control & 31, n;

	h->size = size;
	if (size < 29)
		return 0;
	n = size - 28;
	if (s->n - h->body < n)
		return -1;
	h->size = size_base[n - 1] + (uint32_t)be(s->p + h->body, n);
	h->body += n;
	return 0;
}

/* -1: it does not end within the section, or is no type. */
static int
read_header(const struct section *s, size_t at, struct header *h)
{
	unsigned control;

	if (at >= s->n)
		return -1;
	control = s->p[at++];
	h->type = control >> 5;
	h->body = at;
	if (h->type == MMDB_POINTER)
		return read_pointer(s, control, h);
	if (h->type == 0) {
		if (at >= s->n)
			return -1;
		h->type = 7U + s->p[at];
		h->body = at + 1;
		if (h->type < MMDB_INT32 || h->type > MMDB_FLOAT)
			return -1;
	}
	return read_size(s, control, h);
}

/* Of the types that are bytes in a row; containers have none. */
static size_t
body_size(const struct header *h)
{
	switch (h->type) {
	case MMDB_POINTER:
	case MMDB_MAP:
	case MMDB_ARRAY:
	case MMDB_BOOLEAN:
		return 0;
	default:
		return h->size;
	}
}

static bool
size_fits(const struct header *h)
{
	switch (h->type) {
	case MMDB_DOUBLE:
		return h->size == 8;
	case MMDB_FLOAT:
		return h->size == 4;
	case MMDB_UINT16:
		return h->size <= 2;
	case MMDB_UINT32:
	case MMDB_INT32:
		return h->size <= 4;
	case MMDB_UINT64:
		return h->size <= 8;
	case MMDB_UINT128:
		return h->size <= 16;
	case MMDB_BOOLEAN:
		return h->size <= 1;
	case MMDB_CONTAINER:
	case MMDB_END:
		return false;
	default:
		return true;
	}
}

/*
 * Verification.  A value that a pointer or a record leads to is marked when
 * it is known to be good, so it is looked at once, however many do.
 */
struct check {
	const struct section *s;
	uint8_t *good;	 /* one a byte of the section */
	uint64_t visits; /* left */
};

static int check_at(struct check *c, size_t at, unsigned depth);

static int
check_key(struct check *c, size_t *at)
{
	struct header h;

	if (read_header(c->s, *at, &h) == -1)
		return -1;
	*at = h.body;
	if (h.type == MMDB_POINTER) {
		if (read_header(c->s, h.size, &h) == -1)
			return -1;
	} else {
		*at += h.size;
	}
	return h.type == MMDB_STRING && h.size <= c->s->n - h.body ? 0 : -1;
}

/* Moves at behind the value. */
static int
check_value(struct check *c, size_t *at, unsigned depth)
{
	struct header h, target;
	uint32_t i;

	if (c->visits-- == 0 || depth > DEPTH_MAX ||
	    read_header(c->s, *at, &h) == -1)
		return -1;
	*at = h.body;
	if (h.type == MMDB_POINTER) {
		if (read_header(c->s, h.size, &target) == -1 ||
		    target.type == MMDB_POINTER)
			return -1;
		return check_at(c, h.size, depth + 1);
	}
	if (!size_fits(&h) || body_size(&h) > c->s->n - h.body)
		return -1;
	*at += body_size(&h);
	if (h.type != MMDB_MAP && h.type != MMDB_ARRAY)
		return 0;
	for (i = 0; i < h.size; i++)
		if ((h.type == MMDB_MAP && check_key(c, at) == -1) ||
		    check_value(c, at, depth + 1) == -1)
			return -1;
	return 0;
}

static int
check_at(struct check *c, size_t at, unsigned depth)
{
	size_t p = at;

	if (at >= c->s->n)
		return -1;
	if (c->good[at])
		return 0;
	if (check_value(c, &p, depth) == -1)
		return -1;
	c->good[at] = 1;
	return 0;
}

/*
 * The two records of a node (specification, "Node Layout"): big-endian, and
 * of 28 bits the middle byte holds the upper four of both.  One byte past
 * the node is read: behind the tree is the separator.
 */
static inline uint32_t
record(const uint8_t *tree, unsigned bits, uint32_t node, unsigned side)
{
	const uint8_t *p = tree + (size_t)node * (bits / 4);

	switch (bits) {
	case 24:
		return be32(p + 3 * side) >> 8;
	case 28:
		return side ? be32(p + 3) & 0xfffffff
			    : be32(p) >> 8 | (uint32_t)(p[3] & 0xf0) << 20;
	default:
		return be32(p + 4 * side);
	}
}

/* A record beyond the nodes and "nothing" is nodes + 16 + the entry's place;
 * one in between is a place past the end. */
static inline uint32_t
entry_of(const struct mmdb *m, uint32_t rec)
{
	return rec - m->nodes - SEPARATOR;
}

/* Both records of the node at p: of eight bytes, the last may be those of the
 * node behind it, or the separator's. */
static inline void
records(const uint8_t *p, unsigned bits, uint32_t rec[2])
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	v = be64toh(v);
	switch (bits) {
	case 24:
		rec[0] = (uint32_t)(v >> 40);
		rec[1] = (uint32_t)(v >> 16) & 0xffffff;
		break;
	case 28:
		rec[0] = (uint32_t)(v >> 40) | (uint32_t)(v >> 36 & 0xf) << 24;
		rec[1] = (uint32_t)(v >> 8) & 0xfffffff;
		break;
	default:
		rec[0] = (uint32_t)(v >> 32);
		rec[1] = (uint32_t)v;
		break;
	}
}

/* What records of a tree lead to. */
struct tree_check {
	struct check entries;
	uint8_t *known; /* by record: nodes, nothing, and good entries; the
			 * root is not */
	uint32_t end;	/* the first that leads out of the file */
};

/*
 * Do the records of these nodes lead to nodes, to nothing and to entries
 * that are good?  Without a branch on any of them: what comes next in a tree
 * cannot be predicted, and a database has a million nodes.
 */
ONE_FOR_EACH_SIZE bool
block_known(
    const struct tree_check *t, unsigned bits, const uint8_t *p, uint32_t n)
{
	uint32_t rec[2];
	unsigned known = 1;

	for (; n > 0; n--, p += bits / 4) {
		records(p, bits, rec);
		rec[0] = rec[0] < t->end ? rec[0] : t->end;
		rec[1] = rec[1] < t->end ? rec[1] : t->end;
		known &= t->known[rec[0]] & t->known[rec[1]];
	}
	return known != 0;
}

/* No record leads to the root. */
static int
check_record(struct tree_check *t, const struct mmdb *m, uint32_t rec)
{
	if (rec == 0)
		return -1;
	return rec <= m->nodes ? 0 : check_at(&t->entries, entry_of(m, rec), 0);
}

static int
check_block(
    struct tree_check *t, const struct mmdb *m, const uint8_t *p, uint32_t n)
{
	uint32_t rec[2];
	int side;

	for (; n > 0; n--, p += m->bits / 4) {
		records(p, m->bits, rec);
		for (side = 0; side < 2; side++)
			if (check_record(t, m, rec[side]) == -1)
				return -1;
	}
	return 0;
}

ONE_FOR_EACH_SIZE int
check_nodes(struct tree_check *t, const struct mmdb *m, unsigned bits)
{
	const uint8_t *p = m->file;
	uint32_t left, n;

	for (left = m->nodes; left > 0; left -= n, p += n * (bits / 4)) {
		n = left < BLOCK ? left : BLOCK;
		if (!block_known(t, bits, p, n) &&
		    check_block(t, m, p, n) == -1)
			return -1;
	}
	return 0;
}

static int
check_tree(const struct mmdb *m)
{
	size_t others = (size_t)m->nodes + SEPARATOR;
	struct tree_check t = { .known = xcalloc(others + m->data.n + 1, 1),
		.end = (uint32_t)(others + m->data.n) };
	int r;

	memset(t.known + 1, 1, m->nodes);
	t.entries = (struct check){ .s = &m->data,
		.good = t.known + others,
		.visits = (uint64_t)m->data.n * VISITS };
	switch (m->bits) {
	case 24:
		r = check_nodes(&t, m, 24);
		break;
	case 28:
		r = check_nodes(&t, m, 28);
		break;
	default:
		r = check_nodes(&t, m, 32);
		break;
	}
	free(t.known);
	return r;
}

/* Down the tree by the upper n bits of v, which stand at its very top. */
ONE_FOR_EACH_SIZE uint32_t
descend_by(
    const struct mmdb *m, unsigned bits, uint32_t rec, uint64_t v, unsigned n)
{
	while (n-- > 0 && rec < m->nodes) {
		rec = record(m->file, bits, rec, (unsigned)(v >> 63));
		v <<= 1;
	}
	return rec;
}

static uint32_t
descend(const struct mmdb *m, uint32_t rec, uint64_t v, unsigned n)
{
	switch (m->bits) {
	case 24:
		return descend_by(m, 24, rec, v, n);
	case 28:
		return descend_by(m, 28, rec, v, n);
	default:
		return descend_by(m, 32, rec, v, n);
	}
}

/* Of a record that is no node, all addresses below have it. */
static void
fill_top(const struct mmdb *m, uint32_t *top, uint32_t rec, unsigned bits)
{
	uint32_t i, n = 1U << bits;

	if (bits > 0 && rec < m->nodes) {
		fill_top(m, top, record(m->file, m->bits, rec, 0), bits - 1);
		fill_top(
		    m, top + n / 2, record(m->file, m->bits, rec, 1), bits - 1);
		return;
	}
	for (i = 0; i < n; i++)
		top[i] = rec;
}

/* IPv4 is ::/96 in a tree of IPv6; one of IPv4 has no IPv6. */
static void
fill_tops(struct mmdb *m)
{
	uint32_t v4 = 0, v6 = m->nodes;

	if (m->ip_version == 6) {
		v4 = descend(m, descend(m, 0, 0, 64), 0, 32);
		v6 = 0;
	}
	fill_top(m, m->top_v4, v4, TOP_BITS);
	fill_top(m, m->top_v6, v6, TOP_BITS);
}

static uint32_t
find_v4(const struct mmdb *m, const struct address *a)
{
	uint64_t v = (uint64_t)be32(a->b + 12) << 32;

	return descend(
	    m, m->top_v4[v >> (64 - TOP_BITS)], v << TOP_BITS, 32 - TOP_BITS);
}

static uint32_t
find_v6(const struct mmdb *m, const struct address *a)
{
	uint64_t v = be(a->b, 8);
	uint32_t rec = descend(
	    m, m->top_v6[v >> (64 - TOP_BITS)], v << TOP_BITS, 64 - TOP_BITS);

	return rec < m->nodes ? descend(m, rec, be(a->b + 8, 8), 64) : rec;
}

uint32_t
mmdb_find(const struct mmdb *m, const struct address *a)
{
	uint32_t rec = address_is_v4(a) ? find_v4(m, a) : find_v6(m, a);

	/* One that is still a node has no entry: the bits are used up. */
	return rec > m->nodes ? entry_of(m, rec) : MMDB_NONE;
}

/* Where the value ends.  Of verified values. */
static size_t
skip_value(const struct section *s, size_t at)
{
	struct header h;
	uint64_t left = 1; /* values */

	for (; left > 0; left--) {
		if (read_header(s, at, &h) == -1)
			return s->n;
		at = h.body + body_size(&h);
		if (h.type == MMDB_MAP)
			left += (uint64_t)h.size * 2;
		else if (h.type == MMDB_ARRAY)
			left += h.size;
	}
	return at;
}

/* The header of a value, or of what it points to. */
static int
read_target(const struct section *s, size_t at, struct header *h)
{
	if (read_header(s, at, h) == -1)
		return -1;
	return h->type == MMDB_POINTER ? read_header(s, h->size, h) : 0;
}

/* The place of the value of a key; false: the map has none. */
static bool
find_key(const struct section *s, const struct header *map, const char *name,
    size_t *at)
{
	size_t p = map->body, n = strlen(name);
	struct header key;
	uint32_t i;

	for (i = 0; i < map->size; i++) {
		if (read_target(s, p, &key) == -1)
			return false;
		p = skip_value(s, p);
		if (key.size == n && memcmp(s->p + key.body, name, n) == 0) {
			*at = p;
			return true;
		}
		p = skip_value(s, p);
	}
	return false;
}

static bool
find_element(const struct section *s, const struct header *array,
    const char *number, size_t *at)
{
	char *end;
	long i = strtol(number, &end, 10);

	if (end == number || *end != '\0')
		return false;
	if (i < 0)
		i += (long)array->size;
	if (i < 0 || i >= (long)array->size)
		return false;
	*at = array->body;
	while (i-- > 0)
		*at = skip_value(s, *at);
	return true;
}

static bool
get(const struct section *s, size_t at, const char *const *path,
    struct header *h)
{
	for (;; path++) {
		if (read_target(s, at, h) == -1)
			return false;
		if (*path == NULL)
			return true;
		if (h->type == MMDB_MAP) {
			if (!find_key(s, h, *path, &at))
				return false;
		} else if (h->type != MMDB_ARRAY ||
			   !find_element(s, h, *path, &at)) {
			return false;
		}
	}
}

static void
take_value(
    const struct section *s, const struct header *h, struct mmdb_value *v)
{
	const uint8_t *p = s->p + h->body;

	*v = (struct mmdb_value){ .type = (enum mmdb_type)h->type };
	switch (v->type) {
	case MMDB_STRING:
	case MMDB_BYTES:
		v->text = slice_of((const char *)p, h->size);
		break;
	case MMDB_UINT16:
	case MMDB_UINT32:
	case MMDB_UINT64:
		v->number = be(p, h->size);
		break;
	case MMDB_BOOLEAN:
		v->number = h->size;
		break;
	default:
		break;
	}
}

static bool
get_value(const struct section *s, size_t at, const char *const *path,
    struct mmdb_value *v)
{
	struct header h;

	if (!get(s, at, path, &h))
		return false;
	take_value(s, &h, v);
	return true;
}

bool
mmdb_get(const struct mmdb *m, uint32_t at, const char *const *path,
    struct mmdb_value *v)
{
	return at < m->data.n && get_value(&m->data, at, path, v);
}

/* The last marker in the file; NULL: there is none. */
static const uint8_t *
find_marker(const struct mmdb *m)
{
	const uint8_t *end = m->file + m->size, *p, *last = NULL;

	p = m->size > METADATA_MAX ? end - METADATA_MAX : m->file;
	while ((p = memmem(p, (size_t)(end - p), MARKER, MARKER_N)) != NULL)
		last = p++;
	return last;
}

static int
get_number(
    const struct section *s, const char *key, uint64_t max, uint64_t *number)
{
	const char *const path[] = { key, NULL };
	struct mmdb_value v;

	if (!get_value(s, 0, path, &v) ||
	    (v.type != MMDB_UINT16 && v.type != MMDB_UINT32 &&
		v.type != MMDB_UINT64) ||
	    v.number > max)
		return -1;
	*number = v.number;
	return 0;
}

static int
read_metadata(struct mmdb *m, const struct section *s)
{
	const char *const type[] = { "database_type", NULL };
	uint64_t major, nodes, bits, version;
	struct mmdb_value v;

	if (get_number(s, "binary_format_major_version", 2, &major) == -1 ||
	    major != 2 ||
	    get_number(s, "node_count", UINT32_MAX - 1, &nodes) == -1 ||
	    get_number(s, "record_size", 32, &bits) == -1 ||
	    (bits != 24 && bits != 28 && bits != 32) ||
	    get_number(s, "ip_version", 6, &version) == -1 ||
	    (version != 4 && version != 6) ||
	    get_number(s, "build_epoch", UINT64_MAX, &m->build_epoch) == -1 ||
	    !get_value(s, 0, type, &v) || v.type != MMDB_STRING)
		return -1;
	m->nodes = (uint32_t)nodes;
	m->bits = (unsigned)bits;
	m->ip_version = (unsigned)version;
	m->type = v.text;
	return 0;
}

static int
check_metadata(const struct section *s)
{
	struct check c = { .s = s,
		.good = xcalloc(s->n + 1, 1),
		.visits = (uint64_t)s->n * VISITS };
	struct header h;
	int r = -1;

	if (read_header(s, 0, &h) == 0 && h.type == MMDB_MAP)
		r = check_at(&c, 0, 0);
	free(c.good);
	return r;
}

/* Tree, separator, data, marker, metadata; -1: they do not fit together. */
static int
lay_out(struct mmdb *m)
{
	const uint8_t *marker = find_marker(m);
	struct section meta;
	uint64_t tree;

	if (marker == NULL)
		return -1;
	meta.p = marker + MARKER_N;
	meta.n = (size_t)(m->file + m->size - meta.p);
	if (check_metadata(&meta) == -1 || read_metadata(m, &meta) == -1)
		return -1;
	tree = (uint64_t)m->nodes * (m->bits / 4) + SEPARATOR;
	if (tree > (uint64_t)(marker - m->file))
		return -1;
	m->data.p = m->file + tree;
	m->data.n = (size_t)(marker - m->data.p);
	return 0;
}

static void
grow_file(struct mmdb *m, size_t *cap, size_t want)
{
	void *block;
	uint8_t *p = xlarge(want, &block);

	if (m->size > 0)
		memcpy(p, m->file, m->size);
	free(m->block);
	m->block = block;
	m->file = p;
	*cap = want;
}

/* 0, or -1 with errno. */
static int
read_whole(struct mmdb *m, int fd)
{
	struct stat st;
	size_t cap = 0;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return -1;
	/* One byte more: the end is seen without growing. */
	grow_file(m, &cap,
	    st.st_size > 0 && (uint64_t)st.st_size <= FILE_MAX
		? (size_t)st.st_size + 1
		: 65536);
	for (;;) {
		if (m->size == cap) {
			if (cap > FILE_MAX) {
				errno = EFBIG;
				return -1;
			}
			grow_file(m, &cap, cap * 2);
		}
		n = read(fd, m->file + m->size, cap - m->size);
		if (n == 0)
			return 0;
		if (n > 0)
			m->size += (size_t)n;
		else if (errno != EINTR)
			return -1;
	}
}

static int
read_file(struct mmdb *m, const char *file, const char *what)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC), r = -1;

	if (fd != -1)
		r = read_whole(m, fd);
	if (r == -1)
		msg_error("%s: cannot open the %s database: %s: set "
			  "enrich.%s.database to an MMDB file",
		    file, what, msg_errno(errno), what);
	if (fd != -1)
		close(fd);
	return r;
}

struct mmdb *
mmdb_open(const char *file, const char *what)
{
	struct mmdb *m = xcalloc(1, sizeof(*m));

	if (read_file(m, file, what) == -1)
		goto fail;
	if (lay_out(m) == -1) {
		msg_error("%s: the %s database is none, or corrupt: set "
			  "enrich.%s.database to an MMDB file",
		    file, what, what);
		goto fail;
	}
	if (check_tree(m) == -1) {
		msg_error("%s: the %s database is corrupt", file, what);
		goto fail;
	}
	fill_tops(m);
	return m;
fail:
	mmdb_close(m);
	return NULL;
}

void
mmdb_close(struct mmdb *m)
{
	if (m == NULL)
		return;
	free(m->block);
	free(m);
}

int
mmdb_path_split(struct mmdb_path *p, const char *dotted, const char *where)
{
	unsigned n = 0;
	char *s;

	p->text = s = xstrdup(dotted);
	for (;;) {
		if (n == MMDB_PATH_MAX) {
			msg_error("%s: %s: more than %d parts", where, dotted,
			    MMDB_PATH_MAX);
			return -1;
		}
		p->part[n++] = s;
		s = strchr(s, '.');
		if (s == NULL)
			break;
		*s++ = '\0';
	}
	p->part[n] = NULL;
	return 0;
}

void
mmdb_path_release(struct mmdb_path *p)
{
	free(p->text);
}

int64_t
mmdb_day(const struct mmdb *m)
{
	return (int64_t)(m->build_epoch / 86400);
}

void
mmdb_describe(const struct mmdb *m, struct strbuf *sb)
{
	char date[UTC_DATE_LEN];

	strbuf_add_slice(sb, m->type);
	if (m->build_epoch > UTC_MAX)
		return;
	utc_format_date(date, mmdb_day(m));
	strbuf_addch(sb, ':');
	strbuf_add(sb, date, sizeof(date));
}
