#include "config.h"

#include "enrich/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/text.h"
#include "enrich/datafile.h"

/* A source's name is compared by so many letters. */
#define NAME_LETTERS 64

static const char *const files[2] = { "referrers.tsv",
	"referrers-imported.tsv" };

const char *const medium_names[MEDIUM_COUNT] = {
	[MEDIUM_UNKNOWN] = "unknown",
	[MEDIUM_SEARCH] = "search",
	[MEDIUM_SOCIAL] = "social",
	[MEDIUM_EMAIL] = "email",
	[MEDIUM_AI] = "ai",
	[MEDIUM_NEWS] = "news",
	[MEDIUM_PAID] = "paid",
	[MEDIUM_INTERNAL] = "internal",
};

/* MEDIUM_COUNT when there is none of that name. */
static enum medium
medium_find(struct slice name)
{
	int i;

	for (i = 0; i < MEDIUM_COUNT; i++)
		if (slice_is(name, medium_names[i]))
			break;
	return (enum medium)i;
}

/* Letters and digits in lower case: "Hacker News" is hackernews. */
static struct slice
fold_name(char buf[NAME_LETTERS], struct slice name)
{
	size_t i, n = 0;
	char c;

	for (i = 0; i < name.n && n < NAME_LETTERS; i++) {
		c = text_lower(name.p[i]);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (unsigned char)c >= 0x80)
			buf[n++] = c;
	}
	return slice_of(buf, n);
}

static int
load_file(struct sources *s, struct strbuf *text, const char *path)
{
	struct slice f[3];
	struct datafile d;
	enum medium medium;
	int r = -1;

	if (datafile_read(text, path) == -1)
		return -1;
	datafile_start(&d, path, strbuf_slice(text));
	while ((r = datafile_next(&d, f, 3)) == 1) {
		medium = medium_find(f[2]);
		if (f[0].n == 0 || medium == MEDIUM_COUNT ||
		    !text_valid(f[1], TEXT_MAP)) {
			msg_error("%s:%u: no host, an unknown medium, or a "
				  "source that needs encoding",
			    path, d.line);
			r = -1;
			break;
		}
		s->v = xgrow(s->v, &s->cap, s->n + 1, sizeof(*s->v));
		s->v[s->n++] = (struct source_entry){ f[0], f[1], medium };
	}
	return r;
}

static int
load_table(struct sources *s, struct strbuf *text, const char *name)
{
	char *path = datafile_path(name);
	int r = load_file(s, text, path);

	free(path);
	return r;
}

/* The slot that holds the entry, or the free one where it would be. */
static uint32_t *
host_slot(const struct sources *s, struct slice host)
{
	size_t i = hash_slice(&s->key, host) & s->mask;

	while (
	    s->by_host[i] != 0 && !slice_eq(s->v[s->by_host[i] - 1].host, host))
		i = (i + 1) & s->mask;
	return &s->by_host[i];
}

static uint32_t *
name_slot(const struct sources *s, struct slice folded)
{
	char buf[NAME_LETTERS];
	size_t i = hash_slice(&s->key, folded) & s->mask;

	while (s->by_name[i] != 0 &&
	       !slice_eq(fold_name(buf, s->v[s->by_name[i] - 1].name), folded))
		i = (i + 1) & s->mask;
	return &s->by_name[i];
}

/* The first of a host or name wins. */
static void
build_index(struct sources *s)
{
	char buf[NAME_LETTERS];
	size_t size = 64, i;
	uint32_t *slot;

	while (size < s->n * 2)
		size *= 2;
	s->mask = size - 1;
	s->by_host = xcalloc(size, sizeof(*s->by_host));
	s->by_name = xcalloc(size, sizeof(*s->by_name));
	for (i = 0; i < s->n; i++) {
		slot = host_slot(s, s->v[i].host);
		if (*slot == 0)
			*slot = (uint32_t)(i + 1);
		if (s->v[i].name.n == 0)
			continue;
		slot = name_slot(s, fold_name(buf, s->v[i].name));
		if (*slot == 0)
			*slot = (uint32_t)(i + 1);
	}
}

int
sources_load(struct sources *s, const char *own)
{
	int i;

	memset(s, 0, sizeof(*s));
	hash_key_random(&s->key);
	for (i = 0; i < 3; i++)
		s->text[i] = STRBUF_INIT;
	if (own != NULL && load_file(s, &s->text[2], own) == -1)
		return -1;
	for (i = 0; i < 2; i++)
		if (load_table(s, &s->text[i], files[i]) == -1)
			return -1;
	build_index(s);
	return 0;
}

void
sources_release(struct sources *s)
{
	strbuf_release(&s->text[0]);
	strbuf_release(&s->text[1]);
	strbuf_release(&s->text[2]);
	free(s->v);
	free(s->by_host);
	free(s->by_name);
}

const struct source_entry *
sources_by_host(const struct sources *s, struct slice host)
{
	const char *dot;
	uint32_t at;

	for (;;) {
		at = *host_slot(s, host);
		if (at != 0)
			return &s->v[at - 1];
		dot = memchr(host.p, '.', host.n);
		if (dot == NULL)
			return NULL;
		host.n -= (size_t)(dot + 1 - host.p);
		host.p = dot + 1;
	}
}

const struct source_entry *
sources_by_name(const struct sources *s, struct slice name)
{
	char buf[NAME_LETTERS];
	struct slice folded = fold_name(buf, name);
	uint32_t at;

	if (folded.n == 0)
		return NULL;
	at = *name_slot(s, folded);
	return at == 0 ? NULL : &s->v[at - 1];
}
