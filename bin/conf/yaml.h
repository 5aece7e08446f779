/*
 * yaml: one YAML document as a tree whose every node knows its place.
 *
 *	struct yaml_doc doc;
 *	if (yaml_load(&doc, path) == -1)             reported
 *	... doc.root ...
 *	yaml_release(&doc);
 *
 * Scalars are strings; who reads the tree types them.  Only a plain
 * (unquoted) "null" or "~" is null: NO is Norway and 0777 is a text.
 * Refused with file:line:column: anchors, aliases and tags, duplicate keys,
 * keys that are no scalars, more than one document, nesting past YAML_DEPTH
 * levels, NUL bytes, files past YAML_SIZE.
 */
#ifndef EV_CONF_YAML_H
#define EV_CONF_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

#define YAML_DEPTH 32
#define YAML_SIZE ((size_t)16 << 20) /* uap-core's regexes.yaml has 350 KB */

enum yaml_kind { YAML_SCALAR, YAML_SEQ, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	bool plain;		 /* scalar: not quoted, not a block */
	unsigned line;		 /* from 1 */
	unsigned column;	 /* from 1 */
	struct slice text;	 /* scalar: its text, NUL-terminated */
	struct yaml_node **key;	 /* map: n scalars */
	struct yaml_node **item; /* seq: n items; map: n values */
	size_t n;
};

struct yaml_doc {
	char *path;		/* as opened, for messages */
	struct yaml_node *root; /* NULL for an empty document */
	void *memory;		/* all nodes and texts */
};

/* 0, or -1 (reported, all that can be found in one go). */
int yaml_load(struct yaml_doc *doc, const char *path);
void yaml_release(struct yaml_doc *doc);

bool yaml_null(const struct yaml_node *n);
/* The value of a key of a map, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

#endif
