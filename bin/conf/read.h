/*
 * read: from YAML nodes into typed, checked settings.
 *
 * Each mapping of the config is described by a table
 *
 *	static const struct conf_key country_keys[] = {
 *		{ "database", conf_read_path, offsetof(..., database) },
 *		{ "path", conf_read_text, offsetof(..., path) },
 *	};
 *	conf_read_map(r, node, "country", country_keys, 2, &settings);
 *
 * An error is reported at once as "PROGRAM: FILE:LINE:COLUMN: WHERE: WHY"
 * and counted; reading goes on, so that one run shows them all.  Memory of
 * the settings lives as long as the process and is not freed.
 */
#ifndef EV_CONF_READ_H
#define EV_CONF_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "conf/yaml.h"

struct conf_reader {
	const char *path; /* of the file, for messages */
	const char *dir;  /* relative paths of the config start here */
	unsigned errors;
};

struct conf_pos {
	unsigned line; /* 0: not from the file (a default) */
	unsigned column;
};

/* A scalar.  s is NULL when not set, and NUL-terminated otherwise. */
struct conf_text {
	const char *s;
	size_t n;
	struct conf_pos pos;
};

static inline struct slice
conf_text_slice(const struct conf_text *t)
{
	return slice_of(t->s, t->n);
}

struct conf_list {
	struct conf_text *v;
	size_t n;
};

/* A network: IPv4 is kept as mapped, ::ffff:a.b.c.d, bits from 96. */
struct conf_net {
	uint8_t addr[16];
	unsigned bits; /* 0-128 */
};

struct conf_nets {
	struct conf_net *v;
	size_t n;
	bool sockets; /* "unix:", as nginx has who comes by a socket */
};

/* Is there anybody in them? */
static inline bool
conf_nets_any(const struct conf_nets *nets)
{
	return nets->n > 0 || nets->sockets;
}

typedef void conf_read_fn(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field);

struct conf_key {
	const char *name;
	conf_read_fn *read;
	size_t offset; /* of the field in the struct that is filled */
};

void conf_error(struct conf_reader *r, const struct yaml_node *at,
    const char *fmt, ...) __attribute__((__format__(__printf__, 3, 4)));
/* The same at a text that was read before. */
void conf_error_at(struct conf_reader *r, const struct conf_text *t,
    const char *fmt, ...) __attribute__((__format__(__printf__, 3, 4)));

/* Reads the keys that are there; unknown ones are errors. */
void conf_read_map(struct conf_reader *r, const struct yaml_node *node,
    const char *where, const struct conf_key *keys, size_t nkeys, void *base);

/* False, with an error, when node is of another kind. */
bool conf_expect(struct conf_reader *r, const struct yaml_node *node,
    enum yaml_kind kind, const char *where);

/* The readers of one field; each says what its field is. */
conf_read_fn conf_read_text;  /* struct conf_text, not empty, not null */
conf_read_fn conf_read_path;  /* struct conf_text, made relative to dir */
conf_read_fn conf_read_regex; /* struct conf_text, compiles with PCRE2 */
conf_read_fn conf_read_texts; /* struct conf_list: a scalar or a list */
conf_read_fn conf_read_bool;  /* bool: true or false */
conf_read_fn conf_read_u64;   /* uint64_t */
conf_read_fn conf_read_nets;  /* struct conf_nets: CIDR, addresses, unix: */

/* conf_read_u64() of what is from low to high, in units as " bits", or "". */
void conf_read_between(struct conf_reader *r, const struct yaml_node *node,
    const char *where, uint64_t low, uint64_t high, const char *unit,
    uint64_t *field);

/* The capturing groups of a regex that conf_read_regex() took. */
uint32_t conf_regex_groups(const struct conf_text *regex);

/* Takes a scalar into t; false with an error for any other kind. */
bool conf_take_text(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_text *t);

/*
 * The PCRE2 options that every regex of the config is compiled with: bytes,
 * and '$' at the very end only (a decoded path may end in a line feed).
 */
#define CONF_REGEX_OPTIONS PCRE2_DOLLAR_ENDONLY

/* Appends a form of the node that is equal for equal settings, whatever
 * their layout: keys sorted, comments and quoting gone.  For hashes. */
struct strbuf;
void conf_canon(struct strbuf *sb, const struct yaml_node *node);

/* A glob of '*' and '?' over bytes; case matters. */
bool conf_glob_match(const char *glob, struct slice s);

#endif
