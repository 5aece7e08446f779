/* log: what nginx wrote, and whom to believe about the client. */
#ifndef EV_CONF_LOG_H
#define EV_CONF_LOG_H

#include "conf/read.h"

struct conf_log {
	struct conf_text format; /* a known name or nginx's own string */
	struct conf_nets trusted_proxies;
	struct conf_text user_id; /* the variable that holds it */
};

conf_read_fn conf_read_log;

#endif
