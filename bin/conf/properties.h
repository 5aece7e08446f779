/* properties: what goes into the map beyond what always does. */
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

#endif
