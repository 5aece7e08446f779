#include "config.h"

#include "conf/nginx.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/source.h"
#include "conf/nginxlex.h"

/* A file that includes itself ends here, and so do two that include each
 * other twice. */
#define DEPTH_MAX 32
#define FILES_MAX 10000
/* Larger is no configuration. */
#define SIZE_MAX_BYTES ((size_t)64 << 20)

struct loader {
	struct nginx *ng;
	char *dir;	 /* of the first file */
	unsigned depth;	 /* of includes */
	unsigned files;	 /* so far */
	unsigned logs;	 /* access_log, off included */
	unsigned ignore; /* inside so many blocks that are not http's */
	unsigned blocks; /* open, over all files */
	struct strbuf where;
};

static int load_file(struct loader *ld, const char *path);

static char *
copy(struct slice s)
{
	return xmemdup(s.p, s.n);
}

static int
wrong(const struct nginx_lex *lex, const char *what)
{
	msg_error("%s:%u: %.*s: %s", lex->path, lex->line,
	    (int)(lex->word[0].n > 64 ? 64 : lex->word[0].n), lex->word[0].p,
	    what);
	return -1;
}

/* format_parse() undoes backslash sequences, as the directive's reader did. */
static void
add_text(struct strbuf *sb, struct slice s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			strbuf_addch(sb, '\\');
		strbuf_addch(sb, s.p[i]);
	}
}

static int
take_log_format(struct loader *ld, const struct nginx_lex *lex)
{
	struct nginx *ng = ld->ng;
	struct nginx_format *f;
	struct strbuf sb = STRBUF_INIT;
	size_t i = 2;

	if (lex->nwords < 3)
		return wrong(lex, "needs a name and a string");
	if (nginx_find_format(ng, lex->word[1].p) != NULL)
		return wrong(lex, "is defined twice");
	if (slice_starts(lex->word[2], SLICE_LIT("escape="))) {
		strbuf_add_slice(&sb, lex->word[2]);
		strbuf_addch(&sb, ' ');
		i++;
	}
	for (; i < lex->nwords; i++)
		add_text(&sb, lex->word[i]);
	ng->format =
	    xreallocarray(ng->format, ng->nformats + 1, sizeof(*ng->format));
	f = &ng->format[ng->nformats++];
	*f = (struct nginx_format){ .name = copy(lex->word[1]),
		.text = strbuf_detach(&sb),
		.file = xstrdup(lex->path),
		.line = lex->line };
	return 0;
}

static void
add_log(struct nginx *ng, const struct nginx_log *log)
{
	ng->log = xreallocarray(ng->log, ng->nlogs + 1, sizeof(*ng->log));
	ng->log[ng->nlogs++] = *log;
}

static char *
parameter(const struct nginx_lex *lex, struct slice name)
{
	size_t i;

	for (i = 3; i < lex->nwords; i++)
		if (slice_starts(lex->word[i], name))
			return xmemdup(
			    lex->word[i].p + name.n, lex->word[i].n - name.n);
	return NULL;
}

static int
take_access_log(struct loader *ld, const struct nginx_lex *lex)
{
	struct nginx_log log;

	if (lex->nwords < 2)
		return wrong(lex, "needs a path");
	ld->logs++;
	if (slice_is(lex->word[1], "off")) {
		ld->ng->off++;
		return 0;
	}
	/* Nobody reads a file of these. */
	if (slice_starts(lex->word[1], SLICE_LIT("syslog:")) ||
	    slice_starts(lex->word[1], SLICE_LIT("memory:")))
		return 0;
	log = (struct nginx_log){ .path = copy(lex->word[1]),
		.format =
		    lex->nwords > 2 ? copy(lex->word[2]) : xstrdup("combined"),
		.condition = parameter(lex, SLICE_LIT("if=")),
		.buffer = parameter(lex, SLICE_LIT("buffer=")),
		.where = xstrdup(ld->where.len > 0 ? ld->where.buf : "http"),
		.file = xstrdup(lex->path),
		.line = lex->line };
	add_log(ld->ng, &log);
	return 0;
}

static int
include_glob(struct loader *ld, const struct nginx_lex *lex, const char *path)
{
	glob_t g;
	size_t i;
	int r = 0;

	if (glob(path, 0, NULL, &g) == 0) {
		for (i = 0; i < g.gl_pathc && r == 0; i++)
			r = load_file(ld, g.gl_pathv[i]);
		globfree(&g);
	} else if (strpbrk(path, "*?[") == NULL) {
		msg_warn("%s:%u: include: %s: %s; what it defines is not known",
		    lex->path, lex->line, path, msg_errno(ENOENT));
	}
	return r;
}

static int
take_include(struct loader *ld, const struct nginx_lex *lex)
{
	struct strbuf path = STRBUF_INIT;
	int r;

	if (lex->nwords != 2)
		return wrong(lex, "needs one path");
	if (ld->depth == DEPTH_MAX || ld->files >= FILES_MAX)
		return wrong(lex, "too deep, or it includes itself");
	if (lex->word[1].p[0] != '/' && strcmp(ld->dir, ".") != 0)
		strbuf_addf(&path, "%s/", ld->dir);
	strbuf_adds(&path, lex->word[1].p);
	r = include_glob(ld, lex, path.buf);
	strbuf_release(&path);
	return r;
}

/* The inside of these is no directives, or none of http's logs. */
static bool
is_foreign(struct slice name)
{
	static const char *const names[] = { "stream", "mail", "map", "geo",
		"types", "split_clients", "charset_map", "match" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

static bool
is_lua(struct slice name)
{
	static const char suffix[] = "_by_lua_block";
	size_t n = sizeof(suffix) - 1;

	return name.n > n && memcmp(name.p + name.n - n, suffix, n) == 0;
}

static void
set_where(struct loader *ld, const struct nginx_lex *lex)
{
	size_t i;

	strbuf_clear(&ld->where);
	for (i = 0; i < lex->nwords; i++)
		strbuf_addf(
		    &ld->where, "%s%s", i > 0 ? " " : "", lex->word[i].p);
}

static int load_block(struct loader *ld, struct nginx_lex *lex, bool top);

static int
take_block(struct loader *ld, struct nginx_lex *lex)
{
	bool foreign = is_foreign(lex->word[0]);
	struct strbuf outer = STRBUF_INIT;
	int r;

	if (is_lua(lex->word[0]))
		return nginx_lex_skip_block(lex);
	if (ld->blocks == DEPTH_MAX)
		return wrong(lex, "blocks too deep");
	strbuf_adds(&outer, ld->where.buf);
	set_where(ld, lex);
	ld->ignore += foreign;
	ld->blocks++;
	r = load_block(ld, lex, false);
	ld->blocks--;
	ld->ignore -= foreign;
	strbuf_release(&ld->where);
	ld->where = outer;
	return r;
}

static int
take_directive(struct loader *ld, const struct nginx_lex *lex)
{
	if (ld->ignore > 0)
		return 0;
	if (slice_is(lex->word[0], "log_format"))
		return take_log_format(ld, lex);
	if (slice_is(lex->word[0], "access_log"))
		return take_access_log(ld, lex);
	if (slice_is(lex->word[0], "include"))
		return take_include(ld, lex);
	if (slice_is(lex->word[0], "server_name") && lex->nwords > 1 &&
	    strcmp(ld->where.buf, "server") == 0)
		strbuf_addf(&ld->where, " %s", lex->word[1].p);
	return 0;
}

/* The directives of a block, or of a file (top). */
static int
load_block(struct loader *ld, struct nginx_lex *lex, bool top)
{
	int r;

	while ((r = nginx_lex_next(lex)) == 1) {
		if (lex->end == NGINX_CLOSE) {
			if (!top)
				return 0;
			msg_error(
			    "%s:%u: '}' without its '{'", lex->path, lex->now);
			return -1;
		}
		r = lex->end == NGINX_OPEN ? take_block(ld, lex)
					   : take_directive(ld, lex);
		if (r == -1)
			return -1;
	}
	if (r == 0 && !top) {
		msg_error("%s:%u: a block lacks its '}'", lex->path, lex->now);
		return -1;
	}
	return r;
}

static int
read_all(const char *path, struct strbuf *sb)
{
	struct source *src = source_open(path);
	char buf[16384];
	ssize_t n;

	if (src == NULL)
		return -1;
	while ((n = source_read(src, buf, sizeof(buf))) > 0) {
		if (sb->len + (size_t)n > SIZE_MAX_BYTES) {
			msg_error("%s: too large for a configuration", path);
			n = -1;
			break;
		}
		strbuf_add(sb, buf, (size_t)n);
	}
	source_close(src);
	return n == 0 ? 0 : -1;
}

static int
load_file(struct loader *ld, const char *path)
{
	struct nginx_lex *lex = xcalloc(1, sizeof(*lex));
	struct strbuf text = STRBUF_INIT;
	int r;

	ld->depth++;
	ld->files++;
	r = read_all(path, &text);
	if (r == 0) {
		nginx_lex_init(lex, path, strbuf_slice(&text));
		r = load_block(ld, lex, true);
		nginx_lex_release(lex);
	}
	ld->depth--;
	strbuf_release(&text);
	free(lex);
	return r;
}

/* What is there without being written. */
static void
add_built_in(struct loader *ld)
{
	struct nginx *ng = ld->ng;
	struct nginx_log log;

	ng->format =
	    xreallocarray(ng->format, ng->nformats + 1, sizeof(*ng->format));
	ng->format[ng->nformats++] =
	    (struct nginx_format){ .name = xstrdup("combined"),
		    .text = xstrdup("combined") };
	if (ld->logs > 0)
		return;
	log = (struct nginx_log){ .path = xstrdup("access.log"),
		.format = xstrdup("combined"),
		.where = xstrdup("nginx without an access_log") };
	add_log(ng, &log);
}

int
nginx_load(struct nginx *ng, const char *path)
{
	struct loader ld = { .ng = ng, .where = STRBUF_INIT };
	char *name = xstrdup(path);
	int r;

	*ng = (struct nginx){ 0 };
	ld.dir = dirname(name);
	r = load_file(&ld, path);
	if (r == 0)
		add_built_in(&ld);
	else
		nginx_release(ng);
	strbuf_release(&ld.where);
	free(name);
	return r;
}

void
nginx_release(struct nginx *ng)
{
	size_t i;

	for (i = 0; i < ng->nformats; i++) {
		free(ng->format[i].name);
		free(ng->format[i].text);
		free(ng->format[i].file);
	}
	for (i = 0; i < ng->nlogs; i++) {
		free(ng->log[i].path);
		free(ng->log[i].format);
		free(ng->log[i].condition);
		free(ng->log[i].buffer);
		free(ng->log[i].where);
		free(ng->log[i].file);
	}
	free(ng->format);
	free(ng->log);
	*ng = (struct nginx){ 0 };
}

const struct nginx_format *
nginx_find_format(const struct nginx *ng, const char *name)
{
	size_t i;

	for (i = 0; i < ng->nformats; i++)
		if (strcmp(ng->format[i].name, name) == 0)
			return &ng->format[i];
	return NULL;
}
