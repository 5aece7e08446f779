/*
 * json: the part of JSON that manifests are written in, read strictly.
 *
 *	if (json_parse(&doc, text, &why) == -1)      why: constant text
 *		...
 *	v = json_get(doc.root, "parts");             NULL if absent
 *	for (v = v->child; v != NULL; v = v->next)
 *		...
 *	json_release(&doc);
 *
 * RFC 8259, less what no manifest holds: numbers are integers from 0 to
 * 2^64-1, and there is no true, false or null.  Refused: more than one
 * value, nesting past JSON_DEPTH levels, duplicate keys, invalid UTF-8.
 * Strings are decoded and NUL-terminated, but may hold NUL bytes.
 */
#ifndef EV_FACTS_JSON_H
#define EV_FACTS_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/strbuf.h"

#define JSON_DEPTH 16

enum json_kind { JSON_STRING, JSON_NUMBER, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_kind kind;
	struct slice key;   /* as a member of an object */
	struct slice text;  /* JSON_STRING: decoded */
	uint64_t number;    /* JSON_NUMBER */
	struct json *child; /* JSON_ARRAY, JSON_OBJECT: the first value */
	struct json *next;  /* the next of the same array or object */
};

struct json_doc {
	struct json *root;
	char *text;	    /* the strings */
	struct json *nodes; /* all values */
};

/* 0, or -1 with *why. */
int json_parse(struct json_doc *doc, struct slice text, const char **why);
void json_release(struct json_doc *doc);

/* The member of an object, or NULL; NULL of what is no object, too. */
const struct json *json_get(const struct json *object, const char *key);

/* Appends s as a JSON string; s is UTF-8 (ev-events(5) encodes the rest). */
void json_put_string(struct strbuf *sb, struct slice s);

#endif
