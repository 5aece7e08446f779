/*
 * key: the keys of partial states, whose bytes sort as their parts do.
 *
 *	key_begin(&sb, 'c', measure_id);
 *	key_add(&sb, text);                     another part, and another
 *
 *	struct key k;
 *	if (key_split(&k, line) == 0)
 *		... k.kind, k.id, k.part[i] ...  still encoded
 *	key_decode(&sb, k.part[0]);
 *
 * A key is a version, a kind (state.h), a measure's id and up to KEY_PARTS
 * parts, with a blank in front of each:
 *
 *	1 c 0123456789abcdef 2026-11-01 dim_country=US
 *
 * Parts may hold blanks and TABs, written "!"" and "!!", and "!", written
 * "!#": what is written begins behind the blank and in the order of what it
 * stands for, so `LC_ALL=C sort' sorts the parts one after the other, and no
 * key holds a TAB.
 */
#ifndef EV_AGG_KEY_H
#define EV_AGG_KEY_H

#include <stddef.h>

#include "base/slice.h"
#include "base/strbuf.h"

#define KEY_VERSION '1'
#define KEY_ID 16 /* hex digits */
#define KEY_PARTS 6

struct key {
	char kind;
	struct slice id;
	struct slice part[KEY_PARTS]; /* encoded */
	unsigned n;
};

void key_begin(struct strbuf *sb, char kind, struct slice id);
void key_add(struct strbuf *sb, struct slice part);
/* A part that has been encoded before. */
void key_add_encoded(struct strbuf *sb, struct slice part);
/* 0, or -1 when text is no key of this version. */
int key_split(struct key *k, struct slice text);
/* Appends what the part stands for. */
void key_decode(struct strbuf *sb, struct slice part);

#endif
