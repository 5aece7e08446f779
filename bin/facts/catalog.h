/*
 * catalog: the manifests of a table.
 *
 *	catalog_load(&c, &table)
 *	old = catalog_find(&c, m.batch)
 *	catalog_release(&c);
 *
 * v has the live manifests only: those that no later one replaces.  Manifests
 * come into being by link(2) and never change or go, so a reader needs no
 * lock; a writer has it, for what it decides must still hold when it commits.
 */
#ifndef EV_FACTS_CATALOG_H
#define EV_FACTS_CATALOG_H

#include <stddef.h>
#include <stdint.h>

#include "facts/manifest.h"
#include "facts/table.h"

/* "0000000007.json" and its NUL. */
#define CATALOG_NAME 16

struct catalog {
	struct manifest *v; /* by sequence */
	size_t n, cap;
	struct manifest *dead; /* the others, of catalog_load() */
	size_t ndead;
	uint64_t last; /* sequence of the newest manifest, 0 without any */
};

/* 0, or -1 when a manifest cannot be read or is none (reported). */
int catalog_load(struct catalog *c, const struct table *t);
/* With those that later ones replace. */
int catalog_load_history(struct catalog *c, const struct table *t);
void catalog_release(struct catalog *c);

/* The live manifest of that batch, or NULL. */
const struct manifest *catalog_find(const struct catalog *c, const char *batch);

void catalog_name(char name[CATALOG_NAME], uint64_t sequence);
/* One manifest: 1, 0 when there is none, -1 (reported). */
int catalog_read(const struct table *t, uint64_t sequence, struct manifest *m);

/* A part that is there: no manifest removes it. */
struct catalog_part {
	const struct manifest *manifest;
	const struct manifest_part *part;
};

/* All that are there, of a catalog of live manifests, sorted by path; for
 * the caller to free. */
struct catalog_part *catalog_parts(const struct catalog *c, size_t *n);

/*
 * The part's file, to read, also in the moment between its commit and its
 * place: a descriptor, or -1 with errno.  No lock is needed.
 */
int catalog_open_part(const struct table *t, const struct manifest_part *p);

#endif
