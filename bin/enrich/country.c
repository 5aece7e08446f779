#include "config.h"

#include "enrich/country.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

/*
 * Codes by the place of their entry, 512 KiB: a database of countries has
 * some 250 entries, one of cities a hundred thousand, and reading an entry
 * takes some 100 ns.
 */
#define MEMO_BITS 16

struct memo {
	uint32_t place; /* of the entry, plus 1; 0: free */
	char code[2];	/* [0] is NUL: no country */
};

struct country {
	struct mmdb *db;
	bool again; /* db and path are another's */
	struct mmdb_path path[2];
	unsigned npath;
	uint64_t key; /* odd */
	struct memo memo[1U << MEMO_BITS];
};

static bool
letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* ZZ and XX are what databases write for "unknown". */
static bool
take_code(const struct mmdb_value *v, char code[2])
{
	const char *p = v->text.p;

	if (v->type != MMDB_STRING || v->text.n != 2 || !letter(p[0]) ||
	    !letter(p[1]))
		return false;
	code[0] = (char)(p[0] & ~0x20);
	code[1] = (char)(p[1] & ~0x20);
	return memcmp(code, "ZZ", 2) != 0 && memcmp(code, "XX", 2) != 0;
}

static void
read_entry(const struct country *c, uint32_t at, char code[2])
{
	struct mmdb_value v;
	unsigned i;

	for (i = 0; i < c->npath; i++)
		if (mmdb_get(c->db, at, c->path[i].part, &v) &&
		    take_code(&v, code))
			return;
	code[0] = '\0';
}

bool
country_find(struct country *c, const struct address *a, char code[2])
{
	uint32_t at = mmdb_find(c->db, a);
	struct memo *m = &c->memo[at * c->key >> (64 - MEMO_BITS)];

	if (at == MMDB_NONE || address_is_special(a)) {
		code[0] = '\0';
		return false;
	}
	if (m->place != at + 1) {
		m->place = at + 1;
		read_entry(c, at, m->code);
	}
	memcpy(code, m->code, 2);
	return code[0] != '\0';
}

static int
choose_paths(struct country *c, const char *record_path)
{
	if (record_path != NULL) {
		c->npath = 1;
		return mmdb_path_split(
		    &c->path[0], record_path, "enrich.country.path");
	}
	c->npath = 2;
	(void)mmdb_path_split(&c->path[0], "country.iso_code", "");
	(void)mmdb_path_split(&c->path[1], "country_code", "");
	return 0;
}

static struct country *
new_country(struct mmdb *db)
{
	struct country *c = xcalloc(1, sizeof(*c));
	struct hash_key key;

	hash_key_random(&key);
	c->key = key.k[0] | 1;
	c->db = db;
	return c;
}

struct country *
country_open(const char *file, const char *record_path)
{
	struct mmdb *db = mmdb_open(file, "country");
	struct country *c;

	if (db == NULL)
		return NULL;
	c = new_country(db);
	if (choose_paths(c, record_path) == -1) {
		country_close(c);
		return NULL;
	}
	return c;
}

struct country *
country_again(const struct country *from)
{
	struct country *c = new_country(from->db);

	c->again = true;
	memcpy(c->path, from->path, sizeof(c->path));
	c->npath = from->npath;
	return c;
}

void
country_close(struct country *c)
{
	unsigned i;

	if (c == NULL)
		return;
	for (i = 0; i < c->npath && !c->again; i++)
		mmdb_path_release(&c->path[i]);
	if (!c->again)
		mmdb_close(c->db);
	free(c);
}

const struct mmdb *
country_mmdb(const struct country *c)
{
	return c->db;
}
