/*
 * unescape: a field's bytes as nginx had them, from those in the log.
 *
 * escape=default writes 00-1F, '"', '\' and 7F-FF as \xXX (upper case;
 * Apache's lower case is taken too).  escape=json writes \" \\ \n \r \t \b
 * \f and the other controls as \u00XX, and leaves 7F-FF alone.
 * escape=none writes bytes as they are (ngx_http_log_module.c).
 *
 * What the escape never writes (a raw control, another sequence, the \x2F
 * of a '/') is an error, so that decoding loses nothing: the field as nginx
 * would write it again is the field as it stands.
 */
#ifndef EV_PARSE_UNESCAPE_H
#define EV_PARSE_UNESCAPE_H

#include <stddef.h>

#include "base/slice.h"
#include "conf/format.h"
#include "parse/reason.h"

/* dst has room for src.n bytes; the length goes to n. */
enum reason unescape(
    char *dst, size_t *n, struct slice src, enum format_escape escape);

#endif
