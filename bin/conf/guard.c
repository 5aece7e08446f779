#include "config.h"

#include "conf/guard.h"

#include <stdlib.h>
#include <string.h>

/* Fewer say nothing of how days differ; what is older is another site. */
#define WEEKS_MIN 4
#define WEEKS_MAX 104

static void
read_weeks(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	uint64_t *weeks = field;
	unsigned before = r->errors;

	conf_read_u64(r, node, where, weeks);
	if (r->errors == before && (*weeks < WEEKS_MIN || *weeks > WEEKS_MAX))
		conf_error(
		    r, node, "%s: %d to %d", where, WEEKS_MIN, WEEKS_MAX);
}

/* A decimal above 0 and up to 1. */
static void
read_part(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_text t = { 0 };
	double v;
	char *end;

	if (!conf_take_text(r, node, where, &t))
		return;
	v = strtod(t.s, &end);
	if (strspn(t.s, "0123456789.") != t.n || *end != '\0' || !(v > 0) ||
	    v > 1)
		conf_error(r, node,
		    "%s: a decimal above 0 and up to 1, not '%s'", where, t.s);
	else
		*(double *)field = v;
}

static const struct conf_key keys[] = {
	{ "budget", read_part, offsetof(struct conf_guard, budget) },
	{ "weeks", read_weeks, offsetof(struct conf_guard, weeks) },
};

void
conf_read_guard(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), field);
}
