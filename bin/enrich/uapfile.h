/*
 * uapfile: the lines of a regexes.yaml in its plain form.
 *
 *	uapfile_start(&f, &text);
 *	while ((r = uapfile_next(&f, &line)) == 1)
 *		line.kind, line.key, uapfile_value(&line)
 *	if (r == -1)                    not in that form: conf/yaml.h reads it
 *
 * uap-core writes it so, and reading 350 KB with libyaml takes a third of the
 * time that a short run has.  The form is:
 *
 *	user_agent_parsers:                     UAPFILE_LIST, key
 *	  - regex: 'a''b'                       UAPFILE_RULE, key and value a'b
 *	    family_replacement: 'x'             UAPFILE_KEY, key and value
 *
 * with empty lines and comments in between, and no other white space or
 * quoting; characters that YAML takes for line ends or refuses are none of
 * it.  What is in this form means the same as YAML.
 */
#ifndef EV_ENRICH_UAPFILE_H
#define EV_ENRICH_UAPFILE_H

#include "base/slice.h"
#include "base/strbuf.h"

enum uapfile_kind { UAPFILE_LIST, UAPFILE_RULE, UAPFILE_KEY };

struct uapfile_line {
	enum uapfile_kind kind;
	struct slice key;
	char *value; /* behind the quote, as it stands in the text */
	size_t value_n;
};

struct uapfile {
	char *p, *end;
};

/* The text is borrowed. */
void uapfile_start(struct uapfile *f, struct strbuf *text);
/* 1, 0 at the end, -1: the line is not in the form. */
int uapfile_next(struct uapfile *f, struct uapfile_line *line);
/* The value with its quotes undone and a NUL, in the text itself: once. */
const char *uapfile_value(struct uapfile_line *line);

#endif
