/*
 * label: names and strangers' strings as a person may see them.
 *
 * What is appended is valid UTF-8 whose every code point is one that
 * utf8_shown() lets through; the others stand as \xHH (a byte that is no
 * text) or \u{HHHH}.  A text is cut after LABEL_MAX columns and says so:
 * "beginning… (10,240 bytes)".  It is not escaped for HTML.
 */
#ifndef EV_REPORT_LABEL_H
#define EV_REPORT_LABEL_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "conf/conf.h"

#define LABEL_MAX 48

/* A reason is a sentence or two. */
#define LABEL_LONG 640

/* Any bytes, made fit to be shown; the second cuts after LABEL_LONG. */
void label_text(struct strbuf *sb, struct slice raw);
void label_long(struct strbuf *sb, struct slice raw);

/* "website hits", or what the config calls it. */
void label_metric(
    struct strbuf *sb, const struct conf *conf, struct slice name);
/* "country"; key as written in dimensions. */
void label_field(struct strbuf *sb, const struct conf *conf, struct slice key);
/* "Countries", and "From which countries?" or NULL. */
void label_heading(
    struct strbuf *sb, const struct conf *conf, struct slice key);
const char *label_question(struct slice key);
/* Fields are shown in this order; equal: none that is known here. */
size_t label_rank(struct slice key);
/*
 * A value as written; NULL for none.  True where the text is ours ("no
 * referrer sent"), not a stranger's.
 */
bool label_value(struct strbuf *sb, struct slice key, struct slice val);
/* The dims of one row, "human, xx.com"; true when one value is all ours. */
bool label_dims(struct strbuf *sb, struct slice dims);
/* Is the value one of the site's own hosts, where a referrer is internal? */
bool label_own_host(
    const struct conf *conf, struct slice key, struct slice val);

#endif
