/*
 * uap: what uap-core's regexes.yaml says about an agent.
 *
 *	if (uap_load(&uap, path, rules) == -1)        reported
 *	rules_seal(rules);
 *	rules_subject(rules, agent);
 *	uap_find(&uap, rules, RULES_DEVICE, &sb, &result);
 *
 * Semantics are those of uap-core's docs/specification.md and its reference
 * implementation: the first rule wins; a replacement has $1-$9 replaced by
 * the groups and is trimmed; without one a field is its group (browser and
 * OS: family 1, versions 2-5; device: family 1, model 1, no brand); an
 * empty field is none; no rule, or no family, is the family "Other".
 *
 * A field is a part of the subject or of the file, until the next subject; or
 * where it is put together, of a strbuf of the caller's: as that moves when it
 * grows, by its offset.
 */
#ifndef EV_ENRICH_UAP_H
#define EV_ENRICH_UAP_H

#include <stddef.h>

#include "base/strbuf.h"
#include "conf/yaml.h"
#include "enrich/rules.h"

#define UAP_FIELDS 5

/* family, then major, minor, patch, patch_minor; of a device: family,
 * brand, model. */
enum { UAP_FAMILY, UAP_MAJOR, UAP_MINOR, UAP_PATCH, UAP_PATCH_MINOR };
enum { UAP_BRAND = 1, UAP_MODEL = 2 };

struct uap_field {
	const char *p; /* NULL: in the strbuf */
	size_t at;     /* there */
	size_t n;      /* 0: none */
};

struct uap_result {
	struct uap_field field[UAP_FIELDS];
	bool matched; /* by any rule */
};

struct uap_rule {
	const char *replacement[UAP_FIELDS]; /* NULL: the default */
};

struct uap {
	struct strbuf text;	  /* of a file in its plain form */
	struct yaml_doc doc;	  /* of any other; texts are of one of them */
	struct uap_rule *rule[3]; /* of RULES_BROWSER, _OS, _DEVICE */
};

/* Adds the rules of the file; 0, or -1 (reported). */
int uap_load(struct uap *u, const char *path, struct rules *rules);
void uap_release(struct uap *u);

/*
 * The answer for the rules' subject; appends texts to sb.  0, or
 * RULES_LIMIT (then the result is "Other").
 */
int uap_find(const struct uap *u, struct rules *rules, enum rules_kind kind,
    struct strbuf *sb, struct uap_result *out);

static inline struct slice
uap_text(const struct strbuf *sb, const struct uap_result *r, int field)
{
	const struct uap_field *f = &r->field[field];

	if (f->n == 0)
		return SLICE_NULL;
	return slice_of(f->p != NULL ? f->p : sb->buf + f->at, f->n);
}

#endif
