#include "config.h"

#include "conf/guard.h"

#include <stdlib.h>
#include <string.h>

/* Fewer say nothing of how days differ; what is older is another site. */
#define WEEKS_MIN 4
#define WEEKS_MAX 104
/* More times the usual events is no limit. */
#define MOST_MAX 1000

static void
read_weeks(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_between(r, node, where, WEEKS_MIN, WEEKS_MAX, "", field);
}

/* A decimal above low and up to high. */
static void
read_decimal(struct conf_reader *r, const struct yaml_node *node,
    const char *where, int low, int high, double *field)
{
	struct conf_text t = { 0 };
	double v;
	char *end;

	if (!conf_take_text(r, node, where, &t))
		return;
	v = strtod(t.s, &end);
	if (strspn(t.s, "0123456789.") != t.n || *end != '\0' || !(v > low) ||
	    v > high)
		conf_error(r, node,
		    "%s: a decimal above %d and up to %d, not '%s'", where, low,
		    high, t.s);
	else
		*field = v;
}

static void
read_part(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	read_decimal(r, node, where, 0, 1, field);
}

static void
read_most(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	read_decimal(r, node, where, 1, MOST_MAX, field);
}

static void
read_shares(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	struct conf_health *h = field;

	conf_read_texts(r, node, where, &h->shares);
	h->shares_given = true;
}

static const struct conf_key health_keys[] = {
	{ "hours", conf_read_text, offsetof(struct conf_health, hours) },
	{ "least", read_part, offsetof(struct conf_health, least) },
	{ "max_age", conf_read_u64, offsetof(struct conf_health, max_age) },
	{ "most", read_most, offsetof(struct conf_health, most) },
	{ "rejects", read_part, offsetof(struct conf_health, rejects) },
	{ "shares", read_shares, 0 },
	{ "surge", read_part, offsetof(struct conf_health, surge) },
};

static void
read_health(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(r, node, where, health_keys,
	    sizeof(health_keys) / sizeof(health_keys[0]), field);
}

static const struct conf_key keys[] = {
	{ "budget", read_part, offsetof(struct conf_guard, budget) },
	{ "health", read_health, offsetof(struct conf_guard, health) },
	{ "weeks", read_weeks, offsetof(struct conf_guard, weeks) },
};

void
conf_read_guard(struct conf_reader *r, const struct yaml_node *node,
    const char *where, void *field)
{
	conf_read_map(
	    r, node, where, keys, sizeof(keys) / sizeof(keys[0]), field);
}
