#include "config.h"

#include "report/label.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/text.h"
#include "report/country.h"
#include "report/figure.h"
#include "report/utf8.h"

/* What fields are called, and what having no value means there. */
static const struct {
	const char *key;
	const char *label;
	const char *none;
	const char *heading;
	const char *question; /* NULL: not one of the day's */
} fields[] = {
	{ "dim_country", "country", "unknown", "Countries",
	    "From which countries?" },
	{ "dim_device_brand", "device brand", "no brand told", "Devices",
	    "On which devices?" },
	{ "referrer", "referrer", "no referrer sent", "Where they come from",
	    "From where?" },
	{ "referrer_source", "source", "no referrer sent",
	    "By which sources they come", NULL },
	{ "referrer_medium", "medium", "no referrer sent",
	    "By which media they come", NULL },
	{ "arg_utm_source", "campaign source", "no campaign",
	    "Sources of campaigns", "By which campaigns?" },
	{ "arg_utm_campaign", "campaign", "no campaign", "Campaigns",
	    "By which campaigns?" },
	{ "arg_utm_medium", "campaign medium", "no campaign",
	    "Media of campaigns", NULL },
	{ "dim_hostname", "host", "no host", "Hosts", NULL },
	{ "browser", "browser", "not told", "Browsers", NULL },
	{ "os", "operating system", "not told", "Operating systems", NULL },
	{ "action_type", "action", "none", "What was done", NULL },
	{ "step", "step", "none", "Funnels", NULL },
	{ "after", "after", "none", "Who came back", NULL },
	{ "at", "quantile", "none", "Quantiles", NULL },
	{ "measure", "measure", "none", "Sessions", NULL },
	{ "bot_class", "kind of bot", "human", "Bots set apart", NULL },
	{ "bot", "sign of a bot", "human", "Why they are bots", NULL },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static void
add_char(struct strbuf *sb, const char *p, size_t n, uint32_t c)
{
	if (utf8_shown(c))
		strbuf_add(sb, p, n);
	else if (c & UTF8_BAD)
		strbuf_addf(sb, "\\x%02x", (unsigned)(c & 0xFF));
	else if (c < 0x20 || c == 0x7F)
		strbuf_addf(sb, "\\x%02x", (unsigned)c);
	else
		strbuf_addf(sb, "\\u{%04x}", (unsigned)c);
}

/* On top of one letter: more would climb over the lines above. */
#define MARKS_MAX 4

static void
add_shown(struct strbuf *sb, struct slice raw, size_t max)
{
	struct slice rest = raw;
	size_t columns = 0, before;
	unsigned marks = 0;
	const char *p;
	uint32_t c;

	for (p = rest.p; utf8_next(&rest, &c); p = rest.p) {
		if (columns >= max) {
			strbuf_adds(sb, "\xe2\x80\xa6 (");
			figure_count(sb, raw.n);
			strbuf_adds(sb, " bytes)");
			return;
		}
		before = sb->len;
		marks = utf8_shown(c) && utf8_width(c) == 0 ? marks + 1 : 0;
		if (marks > MARKS_MAX)
			strbuf_addf(sb, "\\u{%04x}", (unsigned)c);
		else
			add_char(sb, p, (size_t)(rest.p - p), c);
		columns +=
		    utf8_columns(slice_of(sb->buf + before, sb->len - before));
	}
}

void
label_text(struct strbuf *sb, struct slice raw)
{
	add_shown(sb, raw, LABEL_MAX);
}

void
label_long(struct strbuf *sb, struct slice raw)
{
	add_shown(sb, raw, LABEL_LONG);
}

/* As label_text, of percent-encoded text. */
static void
add_encoded(struct strbuf *sb, struct slice text)
{
	char *raw = xmalloc(text.n + 1);
	size_t n = text_decode(raw, text);

	label_text(sb, slice_of(raw, n));
	free(raw);
}

static const struct conf_text *
find_label(const struct conf *conf, struct slice name)
{
	const struct conf_report *r = &conf->report;

	for (size_t i = 0; i < r->nlabels; i++)
		if (slice_is(name, r->label[i].name.s))
			return &r->label[i].label;
	return NULL;
}

static size_t
find_field(struct slice key)
{
	size_t i = 0;

	while (i < FIELDS && !slice_is(key, fields[i].key))
		i++;
	return i;
}

/* Names of metrics hold nothing but letters, digits, '_', '-' and '.'. */
static void
add_words(struct strbuf *sb, struct slice name)
{
	size_t from = sb->len;

	label_text(sb, name);
	for (size_t i = from; i < sb->len; i++)
		if (sb->buf[i] == '_')
			sb->buf[i] = ' ';
}

void
label_metric(struct strbuf *sb, const struct conf *conf, struct slice name)
{
	const struct conf_text *label = find_label(conf, name);

	if (label != NULL)
		label_text(sb, slice_of(label->s, label->n));
	else
		add_words(sb, name);
}

void
label_field(struct strbuf *sb, const struct conf *conf, struct slice key)
{
	const struct conf_text *label = find_label(conf, key);
	size_t i = find_field(key);

	if (label != NULL)
		label_text(sb, slice_of(label->s, label->n));
	else if (i < FIELDS)
		strbuf_adds(sb, fields[i].label);
	else
		add_encoded(sb, key);
}

size_t
label_rank(struct slice key)
{
	return find_field(key);
}

const char *
label_question(struct slice key)
{
	size_t i = find_field(key);

	return i < FIELDS ? fields[i].question : NULL;
}

void
label_heading(struct strbuf *sb, const struct conf *conf, struct slice key)
{
	size_t i = find_field(key);

	if (i < FIELDS && find_label(conf, key) == NULL) {
		strbuf_adds(sb, fields[i].heading);
		return;
	}
	strbuf_adds(sb, "By ");
	label_field(sb, conf, key);
}

bool
label_value(struct strbuf *sb, struct slice key, struct slice val)
{
	size_t i = find_field(key);
	const char *country;

	if (val.p == NULL) {
		strbuf_adds(sb, i < FIELDS ? fields[i].none : "none");
		return true;
	}
	if (val.n == 0) {
		strbuf_adds(sb, "empty");
		return true;
	}
	/* ev-agg's own: a stranger's begins with %28. */
	if (slice_is(val, "(other)")) {
		strbuf_adds(sb, "all others");
		return true;
	}
	country = slice_is(key, "dim_country") ? country_name(val) : NULL;
	if (country != NULL)
		strbuf_adds(sb, country);
	else
		add_encoded(sb, val);
	return false;
}

bool
label_dims(struct strbuf *sb, struct slice dims)
{
	struct map_pair pair;
	bool own = true;
	size_t n = 0;

	while (map_next(&dims, &pair)) {
		if (n++ > 0)
			strbuf_adds(sb, ", ");
		own &= label_value(sb, pair.key, pair.val);
	}
	return own;
}

bool
label_own_host(const struct conf *conf, struct slice key, struct slice val)
{
	const struct conf_list *hosts = &conf->site.hosts;

	if (!slice_is(key, "referrer") || val.p == NULL)
		return false;
	for (size_t i = 0; i < hosts->n; i++)
		if (slice_is(val, hosts->v[i].s))
			return true;
	return false;
}
