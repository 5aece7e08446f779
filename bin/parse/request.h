/*
 * request: the first line of a request, its path and its arguments.
 *
 * The rules are nginx's, so that what is derived from $request equals the
 * variable of that name: ngx_http_parse_request_line() for the parts,
 * ngx_http_parse_complex_uri() for the path.
 */
#ifndef EV_PARSE_REQUEST_H
#define EV_PARSE_REQUEST_H

#include <stdbool.h>

#include "base/slice.h"

struct request {
	struct slice method;   /* $request_method */
	struct slice uri;      /* $request_uri: no authority, not decoded */
	struct slice protocol; /* $server_protocol; NULL for HTTP/0.9 */
};

/*
 * Takes a request line apart; false when it is none (TLS bytes, an empty
 * one).  nginx refuses blanks and controls inside the URI with status 400
 * since 1.21.1 and let them pass before, so blanks says whether they may be
 * there.
 */
bool request_split(struct slice line, bool blanks, struct request *r);

/* Parts of a request URI: the path up to '?' or '#', and $args (NULL when
 * there is no '?'), up to '#'. */
void request_uri_split(
    struct slice uri, struct slice *path, struct slice *args);

/*
 * $uri: percent-decoded once, "." and ".." resolved, slashes merged.  The
 * result is path itself or written to dst, which has room for path.n + 1
 * bytes.  False where nginx answers 400: a broken or NUL escape, or ".."
 * above the root.
 */
bool request_normalise(struct slice path, char *dst, struct slice *uri);

/* Takes the next NAME=VALUE off rest: 1, or 0 at its end. */
typedef int request_next_fn(
    struct slice *rest, struct slice *name, struct slice *val);

/* Of arguments; pieces without '=' are passed over, as ngx_http_arg() does. */
int request_next_arg(struct slice *rest, struct slice *name, struct slice *val);

/* Of a Cookie header, blanks around NAME off. */
int request_next_cookie(
    struct slice *rest, struct slice *name, struct slice *val);

/* %XX and '+' of a form's value undone; dst has room for val.n bytes. */
struct slice request_decode_value(struct slice val, char *dst);

#endif
