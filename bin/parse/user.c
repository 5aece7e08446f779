#include "config.h"

#include "parse/user.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/text.h"
#include "parse/request.h"

/* Steps of PCRE2 for one value: a regex that needs more is no good. */
#define MATCH_LIMIT 100000

struct user {
	const struct plan *plan;
	pcre2_code *code; /* NULL: the whole value */
	pcre2_match_data *data;
	pcre2_match_context *context;
};

static void
compile(struct user *user, const struct conf_text *match)
{
	PCRE2_SIZE offset;
	int err;

	user->code = pcre2_compile((PCRE2_SPTR)match->s, match->n,
	    CONF_REGEX_OPTIONS, &err, &offset, NULL);
	if (user->code == NULL)
		msg_die(EV_EXIT_USAGE,
		    "log.user_id.match: '%s' does not compile", match->s);
	(void)pcre2_jit_compile(user->code, PCRE2_JIT_COMPLETE);
	user->data = pcre2_match_data_create_from_pattern(user->code, NULL);
	user->context = pcre2_match_context_create(NULL);
	if (user->data == NULL || user->context == NULL)
		msg_die(EV_EXIT_FAIL, "out of memory");
	pcre2_set_match_limit(user->context, MATCH_LIMIT);
}

struct user *
user_new(const struct plan *plan)
{
	struct user *user;

	if (plan->user == PLAN_NONE && plan->user_arg.p == NULL &&
	    plan->user_cookie.p == NULL)
		return NULL;
	user = xcalloc(1, sizeof(*user));
	user->plan = plan;
	if (plan->user_match->s != NULL)
		compile(user, plan->user_match);
	return user;
}

void
user_free(struct user *user)
{
	if (user == NULL)
		return;
	pcre2_code_free(user->code);
	pcre2_match_data_free(user->data);
	pcre2_match_context_free(user->context);
	free(user);
}

static bool
equal_nocase(struct slice a, struct slice b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++)
		if (text_lower(a.p[i]) != text_lower(b.p[i]))
			return false;
	return true;
}

/* The first value of that name, as $arg_NAME and $cookie_NAME find it. */
static struct slice
find_named(struct slice rest, struct slice want, request_next_fn *next)
{
	struct slice name, val;

	if (rest.p != NULL)
		while (next(&rest, &name, &val))
			if (equal_nocase(name, want))
				return val;
	return SLICE_NULL;
}

/* The first group that took part, or p NULL. */
static struct slice
captured(struct user *user, struct slice v)
{
	PCRE2_SIZE *at;
	int i, n;

	n = pcre2_match(
	    user->code, (PCRE2_SPTR)v.p, v.n, 0, 0, user->data, user->context);
	if (n < 0)
		return SLICE_NULL;
	at = pcre2_get_ovector_pointer(user->data);
	for (i = 1; i < n; i++)
		if (at[2 * i] != PCRE2_UNSET && at[2 * i] <= at[2 * i + 1])
			return slice_of(
			    v.p + at[2 * i], at[2 * i + 1] - at[2 * i]);
	return SLICE_NULL;
}

bool
user_find(struct user *user, const struct slice *val, int64_t *id)
{
	const struct plan *plan = user->plan;
	struct slice v = SLICE_NULL;

	if (plan->user != PLAN_NONE)
		v = val[plan->user];
	else if (plan->user_arg.p != NULL)
		v = find_named(
		    val[plan->args], plan->user_arg, request_next_arg);
	else
		v = find_named(
		    val[plan->cookie], plan->user_cookie, request_next_cookie);
	if (v.p != NULL && user->code != NULL)
		v = captured(user, v);
	return v.p != NULL && number_i64(v, id) == 0;
}
