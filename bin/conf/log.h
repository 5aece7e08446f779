/* log: what nginx wrote, and whom to believe about the client. */
#ifndef EV_CONF_LOG_H
#define EV_CONF_LOG_H

#include "conf/read.h"

struct conf_log {
	struct conf_text format; /* format.h's text; it can be split */
	struct conf_nets trusted_proxies;
	struct conf_text user_id;    /* the variable that holds it, no '$' */
	struct conf_text user_match; /* regex whose group is it, or unset */
};

conf_read_fn conf_read_log;

/* Reads the name of an nginx variable, "$name" or "name" in any case, into a
 * text in lower case. */
conf_read_fn conf_read_variable;
/* The same for one that is read already; false with an error if it is none. */
bool conf_take_variable(struct conf_reader *r, const struct yaml_node *node,
    const char *where, struct conf_text *t);

#endif
