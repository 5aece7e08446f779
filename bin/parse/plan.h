/*
 * plan: config and log format, turned into what is done for each line.
 *
 *	struct strbuf why = STRBUF_INIT;
 *	struct plan *plan = plan_new(conf, format, &why);
 *	if (plan == NULL)
 *		...                    why.buf: what is wrong with the format
 *	plan_warn(plan);               what the format lacks, on stderr
 *	plan_free(plan);
 *
 * A value is found by its slot: slots below layout.nfields are the format's
 * own variables, those from SLOT on are derived from them (PLAN_*).  The
 * properties are sorted by their keys here, once, so that a line's map is
 * written from left to right.
 */
#ifndef EV_PARSE_PLAN_H
#define EV_PARSE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "conf/layout.h"
#include "io/digest.h"
#include "parse/purpose.h"

/* Raised whenever the same line becomes another event than before. */
#define PLAN_VERSION 2

/* Derived values, behind the format's own. */
enum plan_derived {
	PLAN_METHOD,	  /* of $request */
	PLAN_REQUEST_URI, /* of $request */
	PLAN_PROTOCOL,	  /* of $request */
	PLAN_ARGS,	  /* of the request URI */
	PLAN_URI,	  /* of the request URI, normalised */
	PLAN_ODD,	  /* $request (or $request_uri) that gave no uri */
	PLAN_CLIENT,	  /* $remote_addr through the trusted proxies */
	PLAN_PEER,	  /* $remote_addr where that is another */
	PLAN_PREFETCH,	  /* purpose.h's word for it */
	PLAN_DERIVED
};

#define PLAN_SLOTS (LAYOUT_FIELDS + PLAN_DERIVED)
#define PLAN_NONE (-1)

enum plan_put_kind { PLAN_PUT_VALUE, PLAN_PUT_ARGS, PLAN_PUT_COOKIES };

struct plan_put {
	enum plan_put_kind kind;
	int slot;	  /* of the value */
	struct slice key; /* "&name=", SCAN_PAD bytes readable behind it */
	const char *name; /* of the property, to sort by */
};

/* Names chosen by globs: arguments or cookies. */
struct plan_globs {
	const struct conf_list *take;
	const struct conf_list *deny;
	/* Listed by full name as variables; deny does not apply. */
	struct conf_list named;
	bool first[256];     /* bytes that a name to be taken can begin with */
	struct slice prefix; /* "arg_" or "cookie_" */
	/* Format variables of that prefix which the config takes. */
	int slot[LAYOUT_FIELDS];
	size_t nslots;
};

struct plan {
	struct layout layout;
	const struct conf_nets *trusted;

	int time; /* slot, and its type */
	enum layout_type time_type;
	int status, host, remote_addr, forwarded; /* slots or PLAN_NONE */
	int request;				  /* $request, or PLAN_NONE */
	int request_uri;       /* slot of $request_uri, own or derived */
	int method, uri, args; /* slots to read them from */
	int cookie;	       /* $http_cookie */
	int purpose[PURPOSE_VARIABLES]; /* slots of purpose.h's headers */
	size_t npurposes;
	bool derive_path; /* uri or args come from the request URI */

	int user;		  /* slot, or PLAN_NONE */
	struct slice user_arg;	  /* else its name in args, or p NULL */
	struct slice user_cookie; /* else its name in cookies */
	const struct conf_text *user_match; /* the regex, may be unset */

	struct plan_globs arg_globs, cookie_globs;
	struct plan_put *put;
	size_t nputs;
	size_t key_bytes; /* of all keys together */
	size_t copies;	  /* how often a byte of the line may be written */

	struct slice default_host; /* encoded column, or EV_NULL */
	struct strbuf lacks;	   /* what the format does not give, ", " */
	char settings[DIGEST_HEX + 1];
};

/* format NULL: the config's, or the default. */
struct plan *plan_new(
    const struct conf *conf, const char *format, struct strbuf *why);
void plan_free(struct plan *plan);
/* What was asked for and the format cannot give. */
void plan_warn(const struct plan *plan);

/* Is the lower-case name one to be taken? */
bool plan_takes(const struct plan_globs *g, struct slice name);

#endif
