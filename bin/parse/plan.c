#include "config.h"

#include "parse/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/msg.h"
#include "base/text.h"
#include "parse/host.h"
#include "parse/scan.h"

/* Written by default where the log has them (DESIGN, section 1). */
static const char *const default_properties[] = { "body_bytes_sent",
	"http_referer", "http_user_agent", "remote_addr", "request_method",
	"request_time", "status", "uri" };

static int
derived(const struct plan *plan, enum plan_derived d)
{
	return (int)plan->layout.nfields + (int)d;
}

static int
find_either(const struct plan *plan, const char *a, const char *b)
{
	int slot = layout_find(&plan->layout, a);

	return slot != -1 ? slot : layout_find(&plan->layout, b);
}

/* Where each variable that has a meaning comes from. */
static void
find_sources(struct plan *plan)
{
	const struct layout *l = &plan->layout;
	int have_uri;

	plan->status = layout_find(l, "status");
	plan->host = find_either(plan, "host", "http_host");
	if (plan->host == -1)
		plan->host = layout_find(l, "server_name");
	plan->remote_addr = layout_find(l, "remote_addr");
	plan->forwarded = layout_find(l, "http_x_forwarded_for");
	plan->cookie = layout_find(l, "http_cookie");
	plan->request = layout_find(l, "request");
	plan->method = layout_find(l, "request_method");
	if (plan->method == -1 && plan->request != -1)
		plan->method = derived(plan, PLAN_METHOD);
	plan->request_uri = layout_find(l, "request_uri");
	if (plan->request_uri == -1 && plan->request != -1)
		plan->request_uri = derived(plan, PLAN_REQUEST_URI);
	have_uri = plan->request_uri != -1;
	plan->uri = find_either(plan, "uri", "document_uri");
	plan->args = find_either(plan, "args", "query_string");
	plan->derive_path = have_uri && (plan->uri == -1 || plan->args == -1);
	if (plan->uri == -1 && have_uri)
		plan->uri = derived(plan, PLAN_URI);
	if (plan->args == -1 && have_uri)
		plan->args = derived(plan, PLAN_ARGS);
}

static void
find_time(struct plan *plan)
{
	static const struct {
		const char *name;
		enum layout_type type;
	} times[] = {
		{ "msec", LAYOUT_MSEC }, /* the only one with milliseconds */
		{ "time_iso8601", LAYOUT_TIME_ISO },
		{ "time_local", LAYOUT_TIME_LOCAL },
	};
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		plan->time = layout_find(&plan->layout, times[i].name);
		plan->time_type = times[i].type;
		if (plan->time != -1)
			return;
	}
}

/* The slot of a variable, own or derived, or PLAN_NONE. */
static int
slot_of(const struct plan *plan, const char *name)
{
	int own = layout_find(&plan->layout, name);

	if (strcmp(name, "remote_addr") == 0 && own != -1 &&
	    conf_nets_any(plan->trusted) && plan->forwarded != -1)
		return derived(plan, PLAN_CLIENT);
	if (own != -1)
		return own;
	if (strcmp(name, "request_method") == 0)
		return plan->method;
	if (strcmp(name, "request_uri") == 0)
		return plan->request_uri;
	if (strcmp(name, "server_protocol") == 0 && plan->request != -1)
		return derived(plan, PLAN_PROTOCOL);
	if (strcmp(name, "uri") == 0 || strcmp(name, "document_uri") == 0)
		return plan->uri;
	if (strcmp(name, "args") == 0 || strcmp(name, "query_string") == 0)
		return plan->args;
	return PLAN_NONE;
}

static bool
starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static void
add_put(struct plan *plan, enum plan_put_kind kind, const char *name, int slot)
{
	struct plan_put *put;
	size_t i, n = strlen(name);
	char *key;

	for (i = 0; i < plan->nputs; i++)
		if (plan->put[i].kind == kind &&
		    strcmp(plan->put[i].name, name) == 0)
			return;
	key = xcalloc(n + 2 + SCAN_PAD, 1);
	key[0] = '&';
	memcpy(key + 1, name, n);
	key[n + 1] = '=';
	put = &plan->put[plan->nputs++];
	*put = (struct plan_put){ kind, slot, slice_of(key, n + 2), name };
	plan->key_bytes += n + 2;
	if (slot >= (int)plan->layout.nfields || kind != PLAN_PUT_VALUE)
		plan->copies++;
}

static void
lack(struct plan *plan, const char *what, const char *name)
{
	strbuf_addf(&plan->lacks, "%s%s %s", plan->lacks.len > 0 ? ", " : "",
	    what, name);
}

/* A listed variable of a family that the format does not log by itself is
 * taken out of args or the cookies by its very name. */
static void
take_by_name(struct plan_globs *g, const char *name)
{
	struct conf_list *list = &g->named;
	size_t n = strlen(name);
	char *lower = xmemdup(name, n);

	text_lower_copy(lower, name, n);
	list->v = xreallocarray(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = (struct conf_text){ lower, n, { 0, 0 } };
}

static void
add_slot(struct plan *plan, struct plan_globs *g, const char *name, int slot)
{
	size_t i;

	/* The config may list it twice. */
	for (i = 0; i < g->nslots; i++)
		if (g->slot[i] == slot)
			return;
	g->slot[g->nslots++] = slot;
	/* "&name=": no byte of it is the line's. */
	plan->key_bytes += strlen(name) + 2;
}

/*
 * Families are sorted among themselves, line by line, so a variable of
 * theirs is written with them, whether the format logs it or what it comes
 * from (source).
 */
static bool
add_to_family(
    struct plan *plan, struct plan_globs *g, const char *name, int source)
{
	int slot = layout_find(&plan->layout, name);

	if (!starts(name, g->prefix.p))
		return false;
	if (slot != -1)
		add_slot(plan, g, name, slot);
	else if (source != PLAN_NONE)
		take_by_name(g, name + g->prefix.n);
	else
		lack(plan, "property", name);
	return true;
}

static bool
listed(const struct conf_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->v[i].s, name) == 0)
			return true;
	return false;
}

/* Variables of a family that the format logs and a glob takes. */
static void
add_logged(
    struct plan *plan, struct plan_globs *g, const struct conf_list *variables)
{
	const char *name;
	unsigned i;

	for (i = 0; i < plan->layout.nfields; i++) {
		name = plan->layout.field[i].name;
		if (starts(name, g->prefix.p) && !listed(variables, name) &&
		    plan_takes(g, slice_str(name + g->prefix.n)))
			add_slot(plan, g, name, (int)i);
	}
}

static void
init_globs(struct plan_globs *g, const char *prefix,
    const struct conf_list *take, const struct conf_list *deny)
{
	g->prefix = slice_str(prefix);
	g->take = take;
	g->deny = deny;
}

static void
mark_first(struct plan_globs *g, const struct conf_list *list)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < list->n; i++) {
		c = (unsigned char)list->v[i].s[0];
		if (c == '*' || c == '?')
			memset(g->first, 1, sizeof(g->first));
		g->first[c] = true;
		if (c >= 'a' && c <= 'z')
			g->first[c - ('a' - 'A')] = true;
	}
}

static bool
any_glob(const struct conf_list *list, struct slice name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (conf_glob_match(list->v[i].s, name))
			return true;
	return false;
}

bool
plan_takes(const struct plan_globs *g, struct slice name)
{
	size_t i;

	for (i = 0; i < g->named.n; i++)
		if (slice_is(name, g->named.v[i].s))
			return true;
	return any_glob(g->take, name) && !any_glob(g->deny, name);
}

static void
add_variables(struct plan *plan, const struct conf_list *variables)
{
	const char *name;
	size_t i;
	int slot;

	for (i = 0; i < variables->n; i++) {
		name = variables->v[i].s;
		if (add_to_family(plan, &plan->arg_globs, name, plan->args) ||
		    add_to_family(
			plan, &plan->cookie_globs, name, plan->cookie))
			continue;
		slot = slot_of(plan, name);
		if (slot == PLAN_NONE)
			lack(plan, "property", name);
		else
			add_put(plan, PLAN_PUT_VALUE, name, slot);
	}
}

static int
compare_puts(const void *a, const void *b)
{
	const struct plan_put *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
add_puts(struct plan *plan, const struct conf *conf)
{
	const struct conf_list *variables = &conf->properties.variables;
	size_t i,
	    n = sizeof(default_properties) / sizeof(default_properties[0]);
	int slot;

	init_globs(&plan->arg_globs, "arg_", conf_args(&conf->properties),
	    conf_deny(&conf->properties));
	init_globs(&plan->cookie_globs, "cookie_", &conf->properties.cookies,
	    conf_deny(&conf->properties));
	plan->put = xcalloc(n + variables->n + 4, sizeof(*plan->put));
	for (i = 0; i < n; i++) {
		slot = slot_of(plan, default_properties[i]);
		if (slot != PLAN_NONE)
			add_put(
			    plan, PLAN_PUT_VALUE, default_properties[i], slot);
	}
	add_variables(plan, variables);
	if (plan->uri == derived(plan, PLAN_URI))
		add_put(plan, PLAN_PUT_VALUE,
		    plan->request != -1 ? "request" : "request_uri",
		    derived(plan, PLAN_ODD));
	if (slot_of(plan, "remote_addr") == derived(plan, PLAN_CLIENT))
		add_put(plan, PLAN_PUT_VALUE, "realip_remote_addr",
		    derived(plan, PLAN_PEER));
	if (plan->npurposes > 0)
		add_put(plan, PLAN_PUT_VALUE, "prefetch",
		    derived(plan, PLAN_PREFETCH));
	add_logged(plan, &plan->arg_globs, variables);
	add_logged(plan, &plan->cookie_globs, variables);
	add_put(plan, PLAN_PUT_ARGS, "arg_", plan->args);
	add_put(plan, PLAN_PUT_COOKIES, "cookie_", plan->cookie);
	mark_first(&plan->arg_globs, plan->arg_globs.take);
	mark_first(&plan->arg_globs, &plan->arg_globs.named);
	mark_first(&plan->cookie_globs, plan->cookie_globs.take);
	mark_first(&plan->cookie_globs, &plan->cookie_globs.named);
	qsort(plan->put, plan->nputs, sizeof(*plan->put), compare_puts);
}

static void
find_purposes(struct plan *plan)
{
	const char *const *name;
	int slot;

	for (name = purpose_variables; *name != NULL; name++) {
		slot = layout_find(&plan->layout, *name);
		if (slot != -1)
			plan->purpose[plan->npurposes++] = slot;
	}
}

static void
find_user(struct plan *plan, const struct conf_text *user_id)
{
	const char *name = user_id->s;

	plan->user = PLAN_NONE;
	if (name == NULL)
		return;
	plan->user = slot_of(plan, name);
	if (plan->user != PLAN_NONE)
		return;
	if (starts(name, "arg_") && plan->args != PLAN_NONE)
		plan->user_arg = slice_str(name + 4);
	else if (starts(name, "cookie_") && plan->cookie != PLAN_NONE)
		plan->user_cookie = slice_str(name + 7);
	else
		lack(plan, "user_id", name);
}

static void
set_default_host(struct plan *plan, const struct conf_text *host)
{
	struct strbuf sb = STRBUF_INIT;
	char clean[HOST_MAX];
	size_t n = 0;

	if (host->s != NULL)
		n = host_clean(clean, slice_of(host->s, host->n));
	if (n > 0)
		text_encode_strbuf(&sb, slice_of(clean, n), TEXT_COLUMN);
	else
		strbuf_adds(&sb, EV_NULL);
	n = sb.len;
	plan->default_host = slice_of(strbuf_detach(&sb), n);
}

/* Everything that shapes an event, and nothing else. */
static void
hash_settings(struct plan *plan, const struct conf *conf, const char *format)
{
	static const char *const sections[] = { "site", "log", "actions",
		"properties" };
	struct strbuf sb = STRBUF_INIT;
	size_t i;

	strbuf_addf(&sb, "version=%d\nformat=%s\n", PLAN_VERSION, format);
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		conf_canon_section(&sb, conf, sections[i]);
		strbuf_addch(&sb, '\n');
	}
	digest_of(strbuf_slice(&sb), plan->settings);
	strbuf_release(&sb);
}

struct plan *
plan_new(const struct conf *conf, const char *format, struct strbuf *why)
{
	struct plan *plan = xcalloc(1, sizeof(*plan));
	struct format f;
	int r;

	plan->lacks = STRBUF_INIT;
	plan->copies = 1;
	plan->trusted = &conf->log.trusted_proxies;
	plan->user_match = &conf->log.user_match;
	if (format == NULL)
		format = conf->log.format.s;
	if (format == NULL)
		format = format_knowns[0].name;
	if (format_parse(&f, format, why) == -1) {
		free(plan);
		return NULL;
	}
	r = layout_compile(&plan->layout, &f, why);
	format_release(&f);
	if (r == -1) {
		free(plan);
		return NULL;
	}
	find_sources(plan);
	find_time(plan);
	find_user(plan, &conf->log.user_id);
	find_purposes(plan);
	add_puts(plan, conf);
	set_default_host(plan, &conf->site.default_host);
	hash_settings(plan, conf, format);
	return plan;
}

void
plan_warn(const struct plan *plan)
{
	if (plan->lacks.len > 0)
		msg_warn("the log format does not give: %s", plan->lacks.buf);
	if (plan->host == -1 && slice_is(plan->default_host, EV_NULL))
		msg_debug("the log format has no host, and site.default_host "
			  "is not set: dim_hostname is NULL");
}

/* What take_by_name() has added. */
static void
free_named(struct conf_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free((void *)(uintptr_t)list->v[i].s);
	free(list->v);
}

void
plan_free(struct plan *plan)
{
	size_t i;

	if (plan == NULL)
		return;
	for (i = 0; i < plan->nputs; i++)
		free((void *)(uintptr_t)plan->put[i].key.p);
	free(plan->put);
	free_named(&plan->arg_globs.named);
	free_named(&plan->cookie_globs.named);
	free((void *)(uintptr_t)plan->default_host.p);
	strbuf_release(&plan->lacks);
	layout_release(&plan->layout);
	free(plan);
}
