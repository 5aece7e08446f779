/*
 * dict: the values of one field as small dense numbers.
 *
 *	struct dict d;
 *	dict_init(&d, &key, DICT_NAMES);
 *	dict_ids(&d, value, rows, id);  0 for NULL, else from 1
 *	dict_name(&d, id[k])            the value as a dimension, encoded
 *	dict_release(&d);
 *
 * So a group, a cell and a member of a set are numbers, however long the
 * values, and a value that several metrics need is looked up once.
 *
 * Values come some at once: what has to be fetched from memory for all of them
 * is asked for before the first is looked up.  One of DICT_SHORT bytes at most
 * that was met lately needs no look into the table, and if all of some are of
 * DICT_TINY at most, one comparison.
 *
 * DICT_NAMES keeps what dict_name() needs (a name: dims.h).  Two values with
 * one name have one id.
 *
 * DICT_INTS is for columns of numbers without names: a value that is a
 * 64-bit integer in its one shortest form takes 12 bytes a slot instead of
 * its text.  Any other is kept as text, so that the answer is exact
 * whatever the column holds.
 */
#ifndef EV_AGG_DICT_H
#define EV_AGG_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/index.h"
#include "agg/rowset.h"
#include "base/hash.h"
#include "base/slice.h"
#include "base/strbuf.h"

enum dict_kind { DICT_TEXTS, DICT_NAMES, DICT_INTS };

/* A byte less than are compared, for the value's form. */
#define DICT_TINY 7
#define DICT_SHORT 31
/* Values that were met lately, by hash: 4 KiB of tiny ones, and 72 of short
 * ones, for a site has a thousand paths. */
#define DICT_TINY_BITS 8
#define DICT_SHORT_BITS 11

/*
 * The value, zeros behind it, and in the last byte its form: 1 and its length,
 * 0 for NULL.  So each value is one word, or text, and no other.
 */
struct dict_tiny {
	uint64_t word;
	uint32_t id;
};

struct dict_short {
	char text[DICT_SHORT + 1];
};

struct dict {
	const struct hash_key *hk; /* not owned */
	enum dict_kind kind;
	uint32_t n;		/* ids given so far */
	struct dict_tiny *tiny; /* of texts, as is ... */
	struct dict_short *recent;
	uint32_t *recent_id;

	struct index ints; /* DICT_INTS */

	/* Texts: slots of half the hash and the place of a record. */
	uint64_t *slot; /* 0: free */
	size_t mask;	/* slots - 1; 0: none yet */
	size_t used;
	char *arena;	  /* the records */
	size_t len, cap;  /* of the arena, in bytes */
	uint32_t *record; /* DICT_NAMES: of id 1 at 0 */
	size_t record_cap;
	struct strbuf name; /* scratch */
};

void dict_init(struct dict *d, const struct hash_key *hk, enum dict_kind kind);
void dict_release(struct dict *d);
/*
 * The ids of the rows' values, EVENT_ROWS at value; others stay as they are.
 * Of each value DICT_SHORT + 1 bytes may be read, however short it is.
 */
void dict_ids(
    struct dict *d, const struct slice *value, uint32_t rows, uint32_t *id);
/* Of an id that is not 0; DICT_NAMES only; borrowed until the next id. */
struct slice dict_name(const struct dict *d, uint32_t id);
/* Of memory. */
size_t dict_bytes(const struct dict *d);

/* All values by id, while none is added. */
struct dict_values {
	const struct dict *d;
	uint64_t *value;
	bool *text;
};

void dict_values_init(struct dict_values *v, const struct dict *d);
void dict_values_release(struct dict_values *v);
/* Appends the name of id, whatever the kind. */
void dict_values_put(
    const struct dict_values *v, uint32_t id, struct strbuf *sb);

#endif
