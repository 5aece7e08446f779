#include "config.h"

#include "enrich/country.h"

#include <endian.h>
#include <errno.h>
#include <maxminddb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/msg.h"
#include "base/utc.h"

/*
 * Answers for 128 Ki addresses of IPv4, 1 MiB, and 8 Ki of IPv6: a busy
 * site's clients of an hour; a miss costs a walk of the tree, some 300 ns.
 */
#define MEMO_SETS 32768
#define MEMO_WAYS 4
#define MEMO_V6 8192

#define PATH_MAX_PARTS 16

/* Zeros between the tree and the data, which records count in. */
#define DATA_SEPARATOR 16

/* Half a cache line. */
struct memo_v4 {
	char addr[MEMO_WAYS][4];
	char code[MEMO_WAYS][2]; /* [0] is NUL: no country */
	uint8_t used;		 /* ways */
	uint8_t turn;		 /* the way to go next */
	uint8_t pad[6];
};

struct memo_v6 {
	struct address a;
	char code[2];
	uint8_t used;
};

/* The parts of a dotted path, as MMDB_aget_value() wants them. */
struct record_path {
	char *text;
	const char *part[PATH_MAX_PARTS + 1];
};

struct country {
	MMDB_s db;
	struct record_path path[2];
	unsigned npath;
	struct hash_key key;
	struct memo_v4 v4[MEMO_SETS];
	struct memo_v6 v6[MEMO_V6];
};

static int
path_split(struct record_path *p, const char *dotted)
{
	unsigned n = 0;
	char *s;

	p->text = s = xstrdup(dotted);
	for (;;) {
		if (n == PATH_MAX_PARTS)
			return -1;
		p->part[n++] = s;
		s = strchr(s, '.');
		if (s == NULL)
			break;
		*s++ = '\0';
	}
	p->part[n] = NULL;
	return 0;
}

static bool
letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* ZZ and XX are what databases write for "unknown". */
static bool
take_code(const MMDB_entry_data_s *d, char code[2])
{
	const char *p = d->utf8_string;

	if (!d->has_data || d->type != MMDB_DATA_TYPE_UTF8_STRING ||
	    d->data_size != 2 || !letter(p[0]) || !letter(p[1]))
		return false;
	code[0] = (char)(p[0] & ~0x20);
	code[1] = (char)(p[1] & ~0x20);
	return memcmp(code, "ZZ", 2) != 0 && memcmp(code, "XX", 2) != 0;
}

static bool
read_record(struct country *c, MMDB_entry_s *entry, char code[2])
{
	MMDB_entry_data_s d;
	unsigned i;

	for (i = 0; i < c->npath; i++)
		if (MMDB_aget_value(entry, &d, c->path[i].part) ==
			MMDB_SUCCESS &&
		    take_code(&d, code))
			return true;
	return false;
}

/* The result of the library for one address, NULL when it has none. */
static bool
look_up(struct country *c, const struct address *a, char code[2])
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	MMDB_lookup_result_s r;
	int err;

	if (address_is_v4(a)) {
		memcpy(&sin.sin_addr, a->b + 12, 4);
		r = MMDB_lookup_sockaddr(
		    &c->db, (const struct sockaddr *)&sin, &err);
	} else {
		if (c->db.metadata.ip_version != 6)
			return false;
		memcpy(&sin6.sin6_addr, a->b, 16);
		r = MMDB_lookup_sockaddr(
		    &c->db, (const struct sockaddr *)&sin6, &err);
	}
	if (err != MMDB_SUCCESS || !r.found_entry)
		return false;
	return read_record(c, &r.entry, code);
}

static void
work_out(struct country *c, const struct address *a, char code[2])
{
	if (address_is_special(a) || !look_up(c, a, code))
		code[0] = '\0';
}

static struct memo_v4 *
set_v4(struct country *c, const struct address *a)
{
	uint64_t h = hash_fold(
	    hash_read32((const char *)a->b + 12) ^ c->key.k[0], c->key.k[1]);

	return &c->v4[h % MEMO_SETS];
}

static const char *
find_v4(struct country *c, const struct address *a)
{
	struct memo_v4 *m = set_v4(c, a);
	unsigned i;

	for (i = 0; i < m->used; i++)
		if (memcmp(m->addr[i], a->b + 12, 4) == 0)
			return m->code[i];
	i = m->turn;
	m->turn = (uint8_t)((i + 1) % MEMO_WAYS);
	if (m->used < MEMO_WAYS)
		m->used++;
	memcpy(m->addr[i], a->b + 12, 4);
	work_out(c, a, m->code[i]);
	return m->code[i];
}

static const char *
find_v6(struct country *c, const struct address *a)
{
	uint64_t h = hash_bytes(&c->key, a->b, sizeof(a->b));
	struct memo_v6 *m = &c->v6[h % MEMO_V6];

	if (!m->used || memcmp(&m->a, a, sizeof(*a)) != 0) {
		m->a = *a;
		m->used = 1;
		work_out(c, a, m->code);
	}
	return m->code;
}

void
country_prefetch(struct country *c, const struct address *a)
{
	__builtin_prefetch(set_v4(c, a));
}

bool
country_find(struct country *c, const struct address *a, char code[2])
{
	const char *found = address_is_v4(a) ? find_v4(c, a) : find_v6(c, a);

	code[0] = found[0];
	code[1] = found[1];
	return code[0] != '\0';
}

static int
check_entry(struct country *c, MMDB_entry_s *entry, uint8_t *seen, size_t n)
{
	MMDB_entry_data_s d;
	size_t at = entry->offset;
	unsigned i;
	int r;

	if (at >= n)
		return -1;
	if (seen[at / 8] & (1U << (at % 8)))
		return 0;
	seen[at / 8] |= (uint8_t)(1U << (at % 8));
	for (i = 0; i < c->npath; i++) {
		r = MMDB_aget_value(entry, &d, c->path[i].part);
		if (r != MMDB_SUCCESS &&
		    r != MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR)
			return -1;
	}
	return 0;
}

/*
 * The two records of a node, of 24, 28 or 32 bits (specification, "Node
 * Layout"): big-endian, and of 28 the middle byte holds the upper four bits
 * of both.  Eight bytes are read: behind the tree is the separator.
 */
static inline void
read_node(const uint8_t *p, unsigned bits, uint32_t rec[2])
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
		rec[0] = (uint32_t)(v >> 40) | (uint32_t)(p[3] & 0xf0) << 20;
		rec[1] = (uint32_t)(v >> 8) & 0xfffffff;
		break;
	default:
		rec[0] = (uint32_t)(v >> 32);
		rec[1] = (uint32_t)v;
		break;
	}
}

/* A record beyond the nodes and "nothing": count + 16 + the entry's place. */
static int
check_record(struct country *c, uint32_t rec, uint8_t *seen, size_t n)
{
	uint32_t count = c->db.metadata.node_count;
	MMDB_entry_s entry = { .mmdb = &c->db };

	if (rec - count < DATA_SEPARATOR)
		return -1;
	entry.offset = rec - count - DATA_SEPARATOR;
	return check_entry(c, &entry, seen, n);
}

/*
 * Every record of every node leads to a node, to nothing or to an entry
 * whose value can be read.  Entries repeat, so each place in the data
 * section is read once.  Reads the nodes itself: with MMDB_read_node() a
 * database of 5 MB took 10 ms, which is a short run's time.
 */
static int
check_tree(struct country *c)
{
	size_t n = c->db.data_section_size;
	unsigned bits = c->db.metadata.record_size;
	uint32_t i, rec[2], last = 0, count = c->db.metadata.node_count;
	const uint8_t *p = c->db.file_content;
	uint8_t *seen;
	int r = 0;

	if ((bits != 24 && bits != 28 && bits != 32) ||
	    (uint64_t)count * (bits / 4) + DATA_SEPARATOR >
		(uint64_t)c->db.file_size)
		return -1;
	seen = xcalloc(n / 8 + 1, 1);
	for (i = 0; i < count && r == 0; i++, p += bits / 4) {
		read_node(p, bits, rec);
		if (rec[0] > count && rec[0] != last)
			r = check_record(c, last = rec[0], seen, n);
		if (rec[1] > count && rec[1] != last && r == 0)
			r = check_record(c, last = rec[1], seen, n);
	}
	free(seen);
	return r;
}

static int
choose_paths(struct country *c, const char *record_path)
{
	if (record_path != NULL) {
		c->npath = 1;
		return path_split(&c->path[0], record_path);
	}
	c->npath = 2;
	if (path_split(&c->path[0], "country.iso_code") == -1)
		return -1;
	return path_split(&c->path[1], "country_code");
}

struct country *
country_open(const char *file, const char *record_path)
{
	struct country *c = xcalloc(1, sizeof(*c));
	int r;

	hash_key_random(&c->key);
	r = MMDB_open(file, MMDB_MODE_MMAP, &c->db);
	if (r != MMDB_SUCCESS) {
		msg_error("%s: cannot open the country database: %s: set "
			  "enrich.country.database to an MMDB file",
		    file,
		    r == MMDB_IO_ERROR || r == MMDB_FILE_OPEN_ERROR
			? msg_errno(errno)
			: MMDB_strerror(r));
		free(c);
		return NULL;
	}
	if (choose_paths(c, record_path) == -1) {
		msg_error("enrich.country.path: %s: more than %d parts",
		    record_path, PATH_MAX_PARTS);
		country_close(c);
		return NULL;
	}
	if (check_tree(c) == -1) {
		msg_error("%s: the country database is corrupt", file);
		country_close(c);
		return NULL;
	}
	return c;
}

void
country_close(struct country *c)
{
	unsigned i;

	if (c == NULL)
		return;
	for (i = 0; i < c->npath; i++)
		free(c->path[i].text);
	MMDB_close(&c->db);
	free(c);
}

int64_t
country_day(const struct country *c)
{
	return (int64_t)(c->db.metadata.build_epoch / 86400);
}

void
country_describe(const struct country *c, struct strbuf *sb)
{
	char date[UTC_DATE_LEN];
	uint64_t days = c->db.metadata.build_epoch / 86400;

	strbuf_adds(sb, c->db.metadata.database_type);
	if (days > UTC_MAX / 86400)
		return;
	utc_format_date(date, (int64_t)days);
	strbuf_addch(sb, ':');
	strbuf_add(sb, date, sizeof(date));
}
