/* site: the hosts that are ours. */
#ifndef EV_CONF_SITE_H
#define EV_CONF_SITE_H

#include "conf/read.h"

struct conf_site {
	struct conf_list hosts;	       /* lower case, checked */
	struct conf_text default_host; /* for formats that log none */
};

conf_read_fn conf_read_site;

#endif
