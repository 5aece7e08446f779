#include "config.h"

#include "enrich/country.h"

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
 * 64 Ki addresses in pairs, 1.5 MiB: a busy site's clients of an hour; a
 * miss costs a walk of the tree, some 150 ns.
 */
#define MEMO_SETS 32768
#define MEMO_WAYS 2

#define PATH_MAX_PARTS 16

struct memo {
	struct address a;
	char code[2]; /* code[0] is NUL: no country */
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
	struct memo memo[MEMO_SETS][MEMO_WAYS];
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

bool
country_find(struct country *c, const struct address *a, char code[2])
{
	uint64_t h = hash_bytes(&c->key, a->b, sizeof(a->b));
	struct memo *m = c->memo[h % MEMO_SETS];
	int i;

	for (i = 0; i < MEMO_WAYS; i++)
		if (m[i].used && memcmp(&m[i].a, a, sizeof(*a)) == 0)
			break;
	if (i == MEMO_WAYS) {
		m[1] = m[0];
		i = 0;
		m[0].a = *a;
		m[0].used = 1;
		if (address_is_special(a) || !look_up(c, a, m[0].code))
			m[0].code[0] = '\0';
	}
	code[0] = m[i].code[0];
	code[1] = m[i].code[1];
	return code[0] != '\0';
}

/*
 * Every record of every node leads to a node, to nothing or to an entry
 * whose value can be read.  A database of 5 MB takes some 10 ms: entries
 * repeat, so each place in the data section is read once.
 */
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

static int
check_tree(struct country *c)
{
	size_t n = c->db.data_section_size;
	uint8_t *seen = xcalloc(n / 8 + 1, 1);
	MMDB_search_node_s node;
	uint32_t i, count = c->db.metadata.node_count;
	int r = 0;

	for (i = 0; i < count && r == 0; i++) {
		if (MMDB_read_node(&c->db, i, &node) != MMDB_SUCCESS ||
		    node.left_record_type == MMDB_RECORD_TYPE_INVALID ||
		    node.right_record_type == MMDB_RECORD_TYPE_INVALID)
			r = -1;
		if (r == 0 && node.left_record_type == MMDB_RECORD_TYPE_DATA)
			r = check_entry(c, &node.left_record_entry, seen, n);
		if (r == 0 && node.right_record_type == MMDB_RECORD_TYPE_DATA)
			r = check_entry(c, &node.right_record_entry, seen, n);
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
