#include "config.h"

#include "enrich/uap.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "enrich/datafile.h"
#include "enrich/uapfile.h"

/*
 * The three lists, and the key of each field's replacement.  The group that
 * a field without one takes is in dflt; 0: none.
 */
static const struct uap_kind {
	const char *list;
	struct {
		const char *key;
		unsigned dflt;
	} field[UAP_FIELDS];
} kinds[] = {
	[RULES_BROWSER] = { "user_agent_parsers",
	    { { "family_replacement", 1 }, { "v1_replacement", 2 },
		{ "v2_replacement", 3 }, { "v3_replacement", 4 },
		{ "v4_replacement", 5 } } },
	[RULES_OS] = { "os_parsers",
	    { { "os_replacement", 1 }, { "os_v1_replacement", 2 },
		{ "os_v2_replacement", 3 }, { "os_v3_replacement", 4 },
		{ "os_v4_replacement", 5 } } },
	[RULES_DEVICE] = { "device_parsers",
	    { { "device_replacement", 1 }, { "brand_replacement", 0 },
		{ "model_replacement", 1 }, { NULL, 0 }, { NULL, 0 } } },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int
complain(const struct uap *u, const struct yaml_node *at, const char *why)
{
	msg_error("%s:%u:%u: %s", u->doc.path, at->line, at->column, why);
	return -1;
}

static int
load_rule(struct uap *u, const struct yaml_node *node, enum rules_kind kind,
    struct uap_rule *out, struct rules *rules)
{
	const struct yaml_node *v;
	const char *regex;
	bool icase = false;
	int i;

	if (node->kind != YAML_MAP)
		return complain(u, node, "a rule is a mapping");
	v = yaml_get(node, "regex");
	if (v == NULL || v->kind != YAML_SCALAR)
		return complain(u, node, "a rule needs a 'regex'");
	regex = v->text.p;
	v = yaml_get(node, "regex_flag");
	if (v != NULL) {
		if (v->kind != YAML_SCALAR || !slice_is(v->text, "i"))
			return complain(u, v, "regex_flag: only 'i' is known");
		icase = true;
	}
	for (i = 0; i < UAP_FIELDS; i++) {
		out->replacement[i] = NULL;
		if (kinds[kind].field[i].key == NULL)
			continue;
		v = yaml_get(node, kinds[kind].field[i].key);
		if (v == NULL || yaml_null(v))
			continue;
		if (v->kind != YAML_SCALAR)
			return complain(u, v, "a replacement is a text");
		out->replacement[i] = v->text.p;
	}
	rules_add(rules, kind, regex, icase);
	return 0;
}

/* The rules of a file in its plain form: once to see that it is in it, and
 * has nothing to complain of, then to add them. */
struct plain {
	struct rules *rules; /* NULL: the first time */
	struct uap *uap;
	size_t n[KINDS];
	bool listed[KINDS];
	int kind; /* of the list at hand, -1: none yet */

	bool in_rule; /* whose keys so far are: */
	const char *regex;
	bool flag;
	bool set[UAP_FIELDS];
};

static bool
end_rule(struct plain *pl)
{
	if (!pl->in_rule)
		return true;
	if (pl->regex == NULL)
		return false;
	if (pl->rules != NULL)
		rules_add(
		    pl->rules, (enum rules_kind)pl->kind, pl->regex, pl->flag);
	pl->n[pl->kind]++;
	pl->in_rule = false;
	return true;
}

static bool
begin_list(struct plain *pl, struct slice name)
{
	size_t k;

	for (k = 0; k < KINDS; k++)
		if (slice_is(name, kinds[k].list) && !pl->listed[k]) {
			pl->listed[k] = true;
			pl->kind = (int)k;
			return true;
		}
	return false;
}

static void
begin_rule(struct plain *pl)
{
	pl->in_rule = true;
	pl->regex = NULL;
	pl->flag = false;
	memset(pl->set, 0, sizeof(pl->set));
}

static const char *
plain_value(const struct plain *pl, struct uapfile_line *line)
{
	return pl->rules == NULL ? "" : uapfile_value(line);
}

/* One key of a rule; false: unknown, or there twice. */
static bool
take_key(struct plain *pl, struct uapfile_line *line)
{
	const char *key;
	int i;

	if (!pl->in_rule)
		return false;
	if (slice_is(line->key, "regex")) {
		if (pl->regex != NULL)
			return false;
		pl->regex = plain_value(pl, line);
		return true;
	}
	if (slice_is(line->key, "regex_flag")) {
		if (pl->flag || line->value_n != 1 || line->value[0] != 'i')
			return false;
		return pl->flag = true;
	}
	for (i = 0; i < UAP_FIELDS; i++) {
		key = kinds[pl->kind].field[i].key;
		if (key == NULL || !slice_is(line->key, key) || pl->set[i])
			continue;
		pl->set[i] = true;
		if (pl->rules != NULL)
			pl->uap->rule[pl->kind][pl->n[pl->kind]]
			    .replacement[i] = plain_value(pl, line);
		return true;
	}
	return false;
}

static bool
take_line(struct plain *pl, struct uapfile_line *line)
{
	if (line->kind != UAPFILE_KEY && !end_rule(pl))
		return false;
	if (line->kind == UAPFILE_LIST)
		return begin_list(pl, line->key);
	if (pl->kind == -1)
		return false;
	if (line->kind == UAPFILE_RULE)
		begin_rule(pl);
	return take_key(pl, line);
}

/* A list without a rule is null to YAML. */
static bool
scan_plain(struct uap *u, struct plain *pl)
{
	struct uapfile_line line;
	struct uapfile f;
	size_t k;
	int r;

	uapfile_start(&f, &u->text);
	while ((r = uapfile_next(&f, &line)) == 1)
		if (!take_line(pl, &line))
			return false;
	if (r == -1 || !end_rule(pl))
		return false;
	for (k = 0; k < KINDS; k++)
		if (pl->n[k] == 0)
			return false;
	return true;
}

static bool
load_plain(struct uap *u, struct rules *rules)
{
	struct plain check = { .uap = u, .kind = -1 };
	struct plain load = { .uap = u, .rules = rules, .kind = -1 };
	size_t k;

	if (!scan_plain(u, &check))
		return false;
	for (k = 0; k < KINDS; k++)
		u->rule[k] = xcalloc(check.n[k], sizeof(*u->rule[k]));
	return scan_plain(u, &load);
}

int
uap_load(struct uap *u, const char *path, struct rules *rules)
{
	const struct yaml_node *list;
	size_t i, k;

	memset(u, 0, sizeof(*u));
	u->text = STRBUF_INIT;
	if (datafile_read(&u->text, path) == -1)
		return -1;
	if (load_plain(u, rules))
		return 0;
	if (yaml_load(&u->doc, path) == -1)
		return -1;
	for (k = 0; k < KINDS; k++) {
		list = u->doc.root == NULL || u->doc.root->kind != YAML_MAP
			   ? NULL
			   : yaml_get(u->doc.root, kinds[k].list);
		if (list == NULL || list->kind != YAML_SEQ) {
			msg_error("%s: no list '%s': not a regexes.yaml of "
				  "uap-core",
			    path, kinds[k].list);
			return -1;
		}
		u->rule[k] = xcalloc(list->n + 1, sizeof(*u->rule[k]));
		for (i = 0; i < list->n; i++)
			if (load_rule(u, list->item[i], (enum rules_kind)k,
				&u->rule[k][i], rules) == -1)
				return -1;
	}
	return 0;
}

void
uap_release(struct uap *u)
{
	size_t k;

	for (k = 0; k < KINDS; k++)
		free(u->rule[k]);
	yaml_release(&u->doc);
	strbuf_release(&u->text);
	memset(u, 0, sizeof(*u));
}

/* What String.prototype.trim() takes off, of ASCII. */
static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
expand(struct strbuf *sb, const char *template, const struct rules *rules)
{
	struct slice group;
	const char *p = template, *end;

	for (; *p != '\0'; p = end) {
		end = strchrnul(p + 1, '$');
		if (p[0] == '$' && p[1] >= '1' && p[1] <= '9') {
			group = rules_group(rules, (unsigned)(p[1] - '0'));
			strbuf_add_slice(sb, group);
			p += 2;
		}
		strbuf_add(sb, p, (size_t)(end - p));
	}
}

static struct slice
trim(struct slice s)
{
	while (s.n > 0 && is_space(*s.p)) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static void
set_text(struct uap_field *f, struct slice s)
{
	s = trim(s);
	f->p = s.p;
	f->n = s.n;
}

/* A template with groups in it. */
static void
set_expanded(struct strbuf *sb, struct uap_field *f, const char *template,
    const struct rules *rules)
{
	size_t start = sb->len;
	struct slice s;

	expand(sb, template, rules);
	s = trim(slice_of(sb->buf + start, sb->len - start));
	f->at = (size_t)(s.p - sb->buf);
	f->n = s.n;
}

static void
set_field(struct strbuf *sb, struct uap_field *f, const char *template,
    unsigned dflt, const struct rules *rules)
{
	if (template == NULL) {
		if (dflt != 0)
			set_text(f, rules_group(rules, dflt));
	} else if (strchr(template, '$') == NULL) {
		set_text(f, slice_str(template));
	} else {
		set_expanded(sb, f, template, rules);
	}
}

int
uap_find(const struct uap *u, struct rules *rules, enum rules_kind kind,
    struct strbuf *sb, struct uap_result *out)
{
	int rule = rules_first(rules, kind), i;

	memset(out, 0, sizeof(*out));
	if (rule >= 0) {
		out->matched = true;
		for (i = 0; i < UAP_FIELDS; i++)
			set_field(sb, &out->field[i],
			    u->rule[kind][rule].replacement[i],
			    kinds[kind].field[i].dflt, rules);
	}
	if (out->field[UAP_FAMILY].n == 0)
		set_text(&out->field[UAP_FAMILY], SLICE_LIT("Other"));
	return rule == RULES_LIMIT ? RULES_LIMIT : 0;
}
