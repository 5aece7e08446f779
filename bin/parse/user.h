/*
 * user: the id of a logged-in user, out of the variable that has it.
 *
 *	struct user *user = user_new(plan);
 *	if (user_find(user, val, &id)) ...
 *	user_free(user);
 *
 * The variable is a value of the plan's slots, or a named one of its arguments
 * or cookies.  log.user_id.match, a regex, is searched for in it, and its first
 * group that took part is the id; without it the whole value is.  What is no
 * BIGINT is no id.  A regex that gives up at its match limit finds nothing.
 */
#ifndef EV_PARSE_USER_H
#define EV_PARSE_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "parse/plan.h"

struct user;

/* NULL where there is nothing to find.  Exits when the regex, which the config
 * accepted, does not compile. */
struct user *user_new(const struct plan *plan);
void user_free(struct user *user);
/* val has the values of the plan's slots. */
bool user_find(struct user *user, const struct slice *val, int64_t *id);

#endif
