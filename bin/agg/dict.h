/*
 * dict: the values of one field as small dense numbers.
 *
 *	struct dict d;
 *	dict_init(&d, &key, DICT_NAMES);
 *	id = dict_id(&d, value);        0 for NULL, else from 1
 *	dict_name(&d, id)               the value as a dimension, encoded
 *	dict_release(&d);
 *
 * So a group, a cell and a member of a set are numbers, however long the
 * values, and a value that several metrics need is looked up once.
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
#include "base/hash.h"
#include "base/slice.h"
#include "base/strbuf.h"

enum dict_kind { DICT_TEXTS, DICT_NAMES, DICT_INTS };

struct dict {
	const struct hash_key *hk; /* not owned */
	enum dict_kind kind;
	uint32_t n; /* ids given so far */

	struct index ints; /* DICT_INTS */

	/* Texts: slots of half the hash and the place of a record. */
	uint64_t *slot; /* 0: free */
	size_t mask;	/* slots - 1; 0: none yet */
	size_t used;
	char *arena;	  /* the records */
	size_t len, cap;  /* of the arena, in bytes */
	uint32_t *record; /* DICT_NAMES: of id 1 at 0 */
	size_t nrecord, record_cap;
	struct strbuf name; /* scratch */
};

void dict_init(struct dict *d, const struct hash_key *hk, enum dict_kind kind);
void dict_release(struct dict *d);
uint32_t dict_id(struct dict *d, struct slice value);
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
