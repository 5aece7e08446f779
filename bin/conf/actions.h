/*
 * actions: the ordered rules that name what a request was.
 *
 * Without the section, built-in rules make an exploring ev-parse useful:
 * files of a page (by suffix) are "static", a GET of "/" answered with 2xx
 * or 304 is a "landing_page", any other such GET a "page_view".
 *
 * What a browser fetches before anybody asks for it is nobody's doing: only
 * rules that say so, or that drop, take it.
 */
#ifndef EV_CONF_ACTIONS_H
#define EV_CONF_ACTIONS_H

#include "conf/read.h"

/* Inclusive; 2xx is 200-299. */
struct conf_status_range {
	unsigned first, last;
};

struct conf_rule {
	struct conf_text action;
	struct conf_list method; /* any of; empty: all */
	struct conf_list host;	 /* any of dim_hostname; empty: all */
	struct conf_text uri;	 /* PCRE2 on the normalised path, or unset */
	struct conf_status_range *status; /* any of; NULL: all */
	size_t nstatus;
	bool drop;     /* counted, and no event */
	bool prefetch; /* also what a browser fetches ahead */
};

/* Where no rule matches. */
#define CONF_ACTION_OTHER "other"

struct conf_actions {
	struct conf_rule *v; /* first match wins */
	size_t n;
};

conf_read_fn conf_read_actions;

/* The config's rules, or the built-in ones. */
const struct conf_actions *conf_actions_in_force(const struct conf_actions *a);

#endif
