/*
 * mmdb: a MaxMind DB in memory, verified whole.
 *
 *	struct mmdb *m = mmdb_open(path, "country");
 *	if (m == NULL)
 *		return -1;                     reported; exit 2
 *	at = mmdb_find(m, &addr);              MMDB_NONE: it has none
 *	if (mmdb_get(m, at, path, &v) && v.type == MMDB_STRING)
 *		... v.text, borrowed from m ...
 *
 * mmdb_open() reads the file into memory of our own, so nobody who truncates
 * or rewrites it can harm a run, and checks every record of every node and
 * every value that one of them leads to: lengths, types, pointers, depth.
 * What is refused there is not met later.
 *
 * The first 16 bits of an address are one look into a table, the rest
 * are steps in the tree as it lies in the file.
 *
 * Format: MaxMind DB File Format Specification 2.0.
 */
#ifndef EV_ENRICH_MMDB_H
#define EV_ENRICH_MMDB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/strbuf.h"
#include "enrich/address.h"

struct mmdb;

/* No entry is there: the data section ends long before. */
#define MMDB_NONE UINT32_MAX

/* Values of the specification's "Output Data Section". */
enum mmdb_type {
	MMDB_POINTER = 1, /* followed: no value has it */
	MMDB_STRING,
	MMDB_DOUBLE,
	MMDB_BYTES,
	MMDB_UINT16,
	MMDB_UINT32,
	MMDB_MAP,
	MMDB_INT32,
	MMDB_UINT64,
	MMDB_UINT128,
	MMDB_ARRAY,
	MMDB_CONTAINER, /* neither this */
	MMDB_END,	/* nor this is data */
	MMDB_BOOLEAN,
	MMDB_FLOAT
};

struct mmdb_value {
	enum mmdb_type type;
	struct slice text; /* of MMDB_STRING and MMDB_BYTES */
	uint64_t number;   /* of MMDB_UINT16, _UINT32, _UINT64 and _BOOLEAN */
};

/* A dotted path, cut. */
#define MMDB_PATH_MAX 16

struct mmdb_path {
	char *text;
	const char *part[MMDB_PATH_MAX + 1]; /* NULL behind the last */
};

/* what is its section in the config, for messages. */
struct mmdb *mmdb_open(const char *file, const char *what);
void mmdb_close(struct mmdb *m);

/* The place of the address's entry in the data section, or MMDB_NONE. */
uint32_t mmdb_find(const struct mmdb *m, const struct address *a);
/*
 * The value at a path below the entry: keys of maps, and numbers of elements
 * of arrays, from 0, or from -1 backwards; NULL behind the last.  False:
 * there is none.
 */
bool mmdb_get(const struct mmdb *m, uint32_t at, const char *const *path,
    struct mmdb_value *v);

/* where is the key in the config, for a message: 0, or -1: too many parts. */
int mmdb_path_split(struct mmdb_path *p, const char *dotted, const char *where);
void mmdb_path_release(struct mmdb_path *p);

/* The day that it was built on, since 1970. */
int64_t mmdb_day(const struct mmdb *m);
/* "TYPE:BUILD", build as YYYY-MM-DD: for the end mark. */
void mmdb_describe(const struct mmdb *m, struct strbuf *sb);

#endif
