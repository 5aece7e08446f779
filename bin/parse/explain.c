#include "config.h"

#include "parse/explain.h"

#include <string.h>

#include "base/event.h"
#include "base/strbuf.h"
#include "base/text.h"

/* Wide enough for the longest name of a column and most properties. */
#define NAME_WIDTH 20

static const char *const type_help[LAYOUT_TYPES] = {
	[LAYOUT_FREE] = "any bytes",
	[LAYOUT_TOKEN] = "no blanks",
	[LAYOUT_NAME] = "a name",
	[LAYOUT_LIST] = "a list",
	[LAYOUT_NUMBERS] = "a list of numbers",
	[LAYOUT_ADDRESS] = "an address",
	[LAYOUT_DIGITS] = "digits",
	[LAYOUT_DECIMAL] = "a number",
	[LAYOUT_HEX] = "hex digits",
	[LAYOUT_METHOD] = "capitals",
	[LAYOUT_PROTOCOL] = "a protocol",
	[LAYOUT_STATUS] = "three digits",
	[LAYOUT_BYTES] = "digits",
	[LAYOUT_TIME_LOCAL] = "a time",
	[LAYOUT_TIME_ISO] = "a time",
	[LAYOUT_MSEC] = "a time in milliseconds",
};

static const char *const escape_names[] = {
	[FORMAT_DEFAULT] = "default",
	[FORMAT_JSON] = "json",
	[FORMAT_NONE] = "none",
};

/* What cannot be had from elsewhere when the format does not log it. */
static const struct {
	const char *name;
	const char *cost;
} costs[] = {
	{ "msec", "times are whole seconds: events within one have no order" },
	{ "request_id", "nothing ties an event to the application's own logs" },
	{ "http_referer", "nobody knows where visits come from" },
	{ "http_user_agent",
	    "no device, no bots, and visitors behind one address are one" },
	{ "remote_addr", "no country, and no visitors" },
	{ "status", "a failed request counts as one that was served" },
	{ "request_time", "nothing says how long requests took" },
};

struct explainer {
	struct strbuf sb;
	const struct conf *conf;
	const struct plan *plan;
	const struct schema *schema;
};

/* Bytes of a format or a path, as a terminal may have them. */
static void
add_safe(struct explainer *e, struct slice s)
{
	text_encode_strbuf(&e->sb, s, TEXT_COLUMN);
}

static void
add_name(struct explainer *e, const char *name)
{
	strbuf_addf(&e->sb, "%-*s ", NAME_WIDTH, name);
}

static void
add_row(struct explainer *e, const char *name, const char *text)
{
	add_name(e, name);
	strbuf_addf(&e->sb, "%s\n", text);
}

static void
add_origin(struct explainer *e)
{
	const struct schema *s = e->schema;

	add_name(e, "format");
	if (s->named != NULL) {
		add_safe(e, slice_str(s->named->name));
		if (s->named->file != NULL) {
			strbuf_adds(&e->sb, ", log_format at ");
			add_safe(e, slice_str(s->named->file));
			strbuf_addf(&e->sb, ":%u", s->named->line);
		}
	} else {
		strbuf_adds(&e->sb, s->option != NULL ? "of --format"
				    : e->conf->log.format.s != NULL
					? "of the config"
					: "combined");
	}
	strbuf_addch(&e->sb, '\n');
	if (s->log == NULL)
		return;
	add_name(e, "written by");
	strbuf_adds(&e->sb, "access_log ");
	add_safe(e, slice_str(s->log->path));
	if (s->log->file != NULL) {
		strbuf_adds(&e->sb, " at ");
		add_safe(e, slice_str(s->log->file));
		strbuf_addf(&e->sb, ":%u, in ", s->log->line);
		add_safe(e, slice_str(s->log->where));
	}
	strbuf_addch(&e->sb, '\n');
	if (s->log->condition != NULL) {
		add_name(e, "");
		strbuf_adds(&e->sb, "if=");
		add_safe(e, slice_str(s->log->condition));
		strbuf_adds(&e->sb, ": requests are missing from the log\n");
	}
	if (s->log->buffer != NULL) {
		add_name(e, "");
		strbuf_adds(&e->sb, "buffer=");
		add_safe(e, slice_str(s->log->buffer));
		strbuf_adds(&e->sb, ": the last lines come late\n");
	}
}

static void
add_format(struct explainer *e)
{
	const struct format_known *k;
	const char *text = e->schema->format;

	if (text == NULL)
		text = e->conf->log.format.s;
	if (text == NULL)
		text = format_knowns[0].name;
	for (k = format_knowns; k->name != NULL; k++)
		if (strcmp(k->name, text) == 0)
			text = k->format;
	add_origin(e);
	add_row(e, "escape", escape_names[e->plan->layout.escape]);
	add_name(e, "string");
	add_safe(e, slice_str(text));
	strbuf_addch(&e->sb, '\n');
}

static void
add_literal(struct explainer *e, const char *before, struct slice lit)
{
	if (lit.n == 0)
		return;
	strbuf_addf(&e->sb, "%s'", before);
	add_safe(e, lit);
	strbuf_addch(&e->sb, '\'');
}

static void
add_end(struct explainer *e, const struct layout_op *op)
{
	switch (op->step) {
	case LAYOUT_WIDTH:
		strbuf_addf(&e->sb, "%zu bytes", op->back);
		add_literal(e, " before ", op->lit);
		break;
	case LAYOUT_FIND:
	case LAYOUT_FIND_QUOTE:
	case LAYOUT_COUNT:
		add_literal(e, "up to ", op->lit);
		break;
	case LAYOUT_RIGHT_WIDTH:
		strbuf_addf(&e->sb, "from the right, %zu bytes", op->back);
		add_literal(e, " behind ", op->lit);
		break;
	case LAYOUT_RIGHT_FIND:
		add_literal(e, "from the right, behind ", op->lit);
		break;
	default:
		strbuf_adds(&e->sb, "what remains");
		add_literal(e, " before ", op->lit);
	}
}

/* The variables in the order in which a line gives them up. */
static void
add_steps(struct explainer *e)
{
	const struct layout *l = &e->plan->layout;
	const struct layout_field *f;
	const struct layout_op *op;
	size_t i;

	strbuf_adds(&e->sb, "\nA line is\n");
	for (i = 0; i < l->nops; i++) {
		op = &l->op[i];
		if (op->step == LAYOUT_LITERAL) {
			add_name(e, "");
			add_literal(e, "", op->lit);
			strbuf_addch(&e->sb, '\n');
		}
		if (op->step == LAYOUT_LITERAL || op->step == LAYOUT_GROUP ||
		    op->step == LAYOUT_GROUP_QUOTE || op->step == LAYOUT_TAIL)
			continue;
		f = &l->field[op->field];
		add_name(e, f->name);
		strbuf_addf(&e->sb, "%s, ", type_help[f->type]);
		add_end(e, op);
		strbuf_addch(&e->sb, '\n');
	}
}

static void
add_source(struct explainer *e, int slot)
{
	const struct layout *l = &e->plan->layout;
	const char *uri =
	    layout_find(l, "request_uri") != -1 ? "$request_uri" : "$request";

	if (slot == PLAN_NONE) {
		strbuf_adds(&e->sb, "nothing");
		return;
	}
	if (slot < (int)l->nfields) {
		strbuf_addf(&e->sb, "$%s", l->field[slot].name);
		return;
	}
	switch ((enum plan_derived)(slot - (int)l->nfields)) {
	case PLAN_ARGS:
	case PLAN_URI:
		strbuf_adds(&e->sb, uri);
		break;
	case PLAN_ODD:
		strbuf_addf(&e->sb, "%s where it gives no uri",
		    e->plan->request != PLAN_NONE ? "$request" : uri);
		break;
	case PLAN_CLIENT:
		strbuf_adds(&e->sb,
		    "$remote_addr and $http_x_forwarded_for, behind "
		    "log.trusted_proxies");
		break;
	case PLAN_PREFETCH:
		strbuf_adds(
		    &e->sb, "what the browser says that a request is for");
		break;
	case PLAN_PEER:
		strbuf_adds(&e->sb, "$remote_addr of a trusted proxy");
		break;
	default:
		strbuf_adds(&e->sb, "$request");
	}
}

static void
add_slot(struct explainer *e, const char *name, int slot)
{
	add_name(e, name);
	add_source(e, slot);
	strbuf_addch(&e->sb, '\n');
}

static void
add_user(struct explainer *e)
{
	const struct plan *plan = e->plan;
	bool has_user = plan->user != PLAN_NONE || plan->user_arg.p != NULL ||
			plan->user_cookie.p != NULL;

	add_name(e, "user_id");
	if (plan->user != PLAN_NONE) {
		add_source(e, plan->user);
	} else if (plan->user_arg.p != NULL || plan->user_cookie.p != NULL) {
		strbuf_addf(&e->sb, "%s of ", e->conf->log.user_id.s);
		add_source(
		    e, plan->user_arg.p != NULL ? plan->args : plan->cookie);
	}
	if (has_user) {
		if (plan->user_match->s != NULL) {
			strbuf_adds(&e->sb, ", the group of ");
			add_safe(e, slice_str(plan->user_match->s));
		}
	} else {
		strbuf_adds(&e->sb,
		    e->conf->log.user_id.s == NULL
			? "nothing: log.user_id is not set"
			: "nothing: the format does not log log.user_id");
	}
	strbuf_addch(&e->sb, '\n');
}

static void
add_columns(struct explainer *e)
{
	const struct plan *plan = e->plan;

	strbuf_adds(&e->sb, "\nColumns come from\n");
	add_user(e);
	add_row(e, "logged_out_user_id",
	    "ev-enrich: remote_addr and http_user_agent");
	if (plan->host != PLAN_NONE)
		add_slot(e, "dim_hostname", plan->host);
	else if (slice_is(plan->default_host, EV_NULL))
		add_row(e, "dim_hostname", "nothing");
	else
		add_row(e, "dim_hostname", "site.default_host");
	add_row(e, "dim_country", "ev-enrich: remote_addr");
	add_row(e, "dim_device_brand", "ev-enrich: http_user_agent");
	add_name(e, "action_type");
	strbuf_adds(&e->sb, "method of ");
	add_source(e, plan->method);
	strbuf_adds(&e->sb, ", uri of ");
	add_source(e, plan->uri);
	strbuf_adds(&e->sb, ", status of ");
	add_source(e, plan->status);
	strbuf_addch(&e->sb, '\n');
	add_slot(e, "event_timestamp", plan->time);
	add_slot(e, "ds", plan->time);
}

static void
add_properties(struct explainer *e)
{
	const struct plan_put *put;
	size_t i;

	strbuf_adds(&e->sb, "\nProperties come from\n");
	for (i = 0; i < e->plan->nputs; i++) {
		put = &e->plan->put[i];
		if (put->kind == PLAN_PUT_VALUE)
			add_slot(e, put->name, put->slot);
		else if (put->slot != PLAN_NONE)
			add_slot(e,
			    put->kind == PLAN_PUT_ARGS ? "arg_*" : "cookie_*",
			    put->slot);
	}
}

static void
add_lack(struct explainer *e, const char *name, const char *cost)
{
	strbuf_addf(&e->sb, "$%-*s %s\n", NAME_WIDTH - 1, name, cost);
}

static void
add_lacks(struct explainer *e)
{
	const struct plan *plan = e->plan;
	size_t i, before;

	strbuf_adds(&e->sb, "\nThe format lacks\n");
	before = e->sb.len;
	if (plan->host == PLAN_NONE)
		add_lack(e, "host",
		    slice_is(plan->default_host, EV_NULL)
			? "dim_hostname is NULL; site.default_host would do"
			: "all events are site.default_host's");
	if (plan->uri == PLAN_NONE)
		add_lack(e, "request", "no path: every action is the same");
	for (i = 0; i < sizeof(costs) / sizeof(costs[0]); i++)
		if (layout_find(&plan->layout, costs[i].name) == -1)
			add_lack(e, costs[i].name, costs[i].cost);
	if (plan->lacks.len > 0) {
		add_name(e, "of the config");
		add_safe(e, strbuf_slice(&plan->lacks));
		strbuf_addch(&e->sb, '\n');
	}
	if (e->sb.len == before)
		strbuf_adds(&e->sb, "nothing\n");
}

void
explain(struct out *o, const struct conf *conf, const struct plan *plan,
    const struct schema *schema)
{
	struct explainer e = { STRBUF_INIT, conf, plan, schema };

	add_format(&e);
	add_steps(&e);
	add_columns(&e);
	add_properties(&e);
	add_lacks(&e);
	out_put_slice(o, strbuf_slice(&e.sb));
	strbuf_release(&e.sb);
}
