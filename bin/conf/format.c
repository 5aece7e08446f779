#include "config.h"

#include "conf/format.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/* combined is built into nginx; main is in nginx.org's packages' nginx.conf;
 * vhost is combined behind the host, as Apache's vhost_combined is but for
 * the port. */
#define COMBINED                                                               \
	"$remote_addr - $remote_user [$time_local] \"$request\" "              \
	"$status $body_bytes_sent \"$http_referer\" \"$http_user_agent\""

const struct format_known format_knowns[] = {
	{ "combined", COMBINED, "what nginx writes by default" },
	{ "main", COMBINED " \"$http_x_forwarded_for\"",
	    "combined and X-Forwarded-For, of nginx.org's packages" },
	{ "vhost", "$host " COMBINED, "combined behind the host" },
	{ "ingress",
	    COMBINED " $request_length $request_time [$proxy_upstream_name] "
		     "[$proxy_alternative_upstream_name] $upstream_addr "
		     "$upstream_response_length $upstream_response_time "
		     "$upstream_status $req_id",
	    "of Kubernetes' ingress-nginx" },
	{ NULL, NULL, NULL },
};

static const struct {
	const char *prefix;
	enum format_escape escape;
} escapes[] = {
	{ "escape=default", FORMAT_DEFAULT },
	{ "escape=json", FORMAT_JSON },
	{ "escape=none", FORMAT_NONE },
};

static const char *
known(const char *text, struct strbuf *why)
{
	const struct format_known *k;

	for (k = format_knowns; k->name != NULL; k++)
		if (strcmp(k->name, text) == 0)
			return k->format;
	if (strchr(text, '$') != NULL)
		return text;
	strbuf_addf(why, "unknown format '%s': known are", text);
	for (k = format_knowns; k->name != NULL; k++)
		strbuf_addf(why, " %s,", k->name);
	strbuf_adds(why, " and any string with $variables");
	return NULL;
}

/* Takes off "escape=... "; NULL with a reason when it is no escape. */
static const char *
take_escape(struct format *f, const char *s, struct strbuf *why)
{
	size_t i, n;

	if (strncmp(s, "escape=", 7) != 0)
		return s;
	n = strcspn(s, " \t\n");
	for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (strlen(escapes[i].prefix) == n &&
		    memcmp(escapes[i].prefix, s, n) == 0) {
			f->escape = escapes[i].escape;
			/* One blank: the string may begin with another. */
			return s[n] == '\0' ? s + n : s + n + 1;
		}
	strbuf_addf(why,
	    "unknown '%.*s': nginx has escape=default, escape=json "
	    "and escape=none",
	    (int)(n > 64 ? 64 : n), s);
	return NULL;
}

static bool
name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* One byte of a literal, its backslash sequence undone; returns the rest. */
static const char *
literal_byte(const char *s, char *out)
{
	static const char from[] = "\"'\\trn", to[] = "\"'\\\t\r\n";
	const char *hit;

	*out = *s;
	if (*s != '\\' || s[1] == '\0')
		return s + 1;
	hit = strchr(from, s[1]);
	if (hit == NULL)
		return s + 1;
	*out = to[hit - from];
	return s + 2;
}

/* At '$'; the name, or NULL p with a reason. */
static struct slice
variable(const char **rest, const char *start, struct strbuf *why)
{
	const char *s = *rest + 1, *name;
	bool brace = *s == '{';
	size_t n;

	name = brace ? s + 1 : s;
	for (n = 0; name_byte(name[n]); n++)
		;
	if (n == 0) {
		strbuf_addf(why, "byte %zu: '$' without a variable's name",
		    (size_t)(*rest - start) + 1);
		return SLICE_NULL;
	}
	if (brace && name[n] != '}') {
		strbuf_addf(why, "byte %zu: '${%.*s' lacks its '}'",
		    (size_t)(*rest - start) + 1, (int)(n > 64 ? 64 : n), name);
		return SLICE_NULL;
	}
	*rest = name + n + (brace ? 1 : 0);
	return slice_of(name, n);
}

static int
split(struct format *f, const char *s, struct strbuf *why)
{
	const char *start = s;
	struct format_part *part;
	struct slice name;
	char *d = f->memory;

	while (*s != '\0') {
		part = &f->part[f->n++];
		part->text.p = d;
		part->variable = *s == '$';
		if (part->variable) {
			name = variable(&s, start, why);
			if (name.p == NULL)
				return -1;
			/* ngx_http_get_variable_index() folds it. */
			text_lower_copy(d, name.p, name.n);
			d += name.n;
		} else {
			while (*s != '\0' && *s != '$') {
				s = literal_byte(s, d);
				if (*d == '\n') {
					strbuf_adds(
					    why, "a line feed ends the line");
					return -1;
				}
				d++;
			}
		}
		part->text.n = (size_t)(d - part->text.p);
	}
	return 0;
}

int
format_parse(struct format *f, const char *text, struct strbuf *why)
{
	size_t n;

	*f = (struct format){ .escape = FORMAT_DEFAULT };
	if ((text = known(text, why)) == NULL ||
	    (text = take_escape(f, text, why)) == NULL)
		return -1;
	n = strlen(text);
	f->memory = xmalloc(n + 1);
	f->part = xcalloc(n + 1, sizeof(*f->part));
	if (split(f, text, why) == -1) {
		format_release(f);
		return -1;
	}
	return 0;
}

void
format_release(struct format *f)
{
	free(f->memory);
	free(f->part);
	*f = (struct format){ 0 };
}
