/*
 * properties: what goes into the map beyond what always does.
 *
 * Names of arguments and cookies are compared in lower case, so globs are
 * kept in lower case.  What deny matches is never chosen by a glob; a
 * variable that is listed by its full name (arg_token) is written all the
 * same, as somebody asked for it.
 */
#ifndef EV_CONF_PROPERTIES_H
#define EV_CONF_PROPERTIES_H

#include "conf/read.h"

struct conf_properties {
	struct conf_list args;	    /* globs of query arguments */
	struct conf_list cookies;   /* globs of cookies */
	struct conf_list variables; /* further nginx variables */
	struct conf_list deny; /* globs that no argument or cookie passes */
};

conf_read_fn conf_read_properties;

/*
 * The lists in force: the config's where it has the key (an empty list is
 * one), else the built-in ones that ev.yaml(5) documents.
 */
const struct conf_list *conf_args(const struct conf_properties *p);
const struct conf_list *conf_deny(const struct conf_properties *p);

#endif
