#include "config.h"

#include "report/html.h"

#include <sodium.h>

#include "report/assets.h"
#include "report/page.h"
#include "report/utf8.h"

/* Columns that heads in one line leave room for on a phone. */
#define NARROW 6

/* Of a row's dims as an attribute, for who reads the page by program. */
#define KEY_MAX 200

void
html_add(struct strbuf *sb, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '&':
			strbuf_adds(sb, "&amp;");
			break;
		case '<':
			strbuf_adds(sb, "&lt;");
			break;
		case '>':
			strbuf_adds(sb, "&gt;");
			break;
		case '"':
			strbuf_adds(sb, "&quot;");
			break;
		case '\'':
			strbuf_adds(sb, "&#39;");
			break;
		default:
			strbuf_addch(sb, text.p[i]);
		}
	}
}

static void
put_text(struct out *o, struct slice text)
{
	struct strbuf sb = STRBUF_INIT;

	html_add(&sb, text);
	out_put_slice(o, strbuf_slice(&sb));
	strbuf_release(&sb);
}

static void
put_str(struct out *o, const char *s)
{
	put_text(o, slice_str(s));
}

/* The source expression of CSP level 2 for an inline style or script. */
static void
put_hash(struct out *o, const char *text)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char base64[sodium_base64_ENCODED_LEN(
	    crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)];

	crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
	sodium_bin2base64(base64, sizeof(base64), hash, sizeof(hash),
	    sodium_base64_VARIANT_ORIGINAL);
	out_puts(o, " 'sha256-");
	out_puts(o, base64);
	out_putc(o, '\'');
}

/* The empty icon keeps a browser from asking a server for one. */
static void
put_head(struct out *o, const char *title)
{
	out_puts(o, "<!DOCTYPE html>\n<html lang=en>\n<head>\n"
		    "<meta charset=utf-8>\n"
		    "<meta http-equiv=Content-Security-Policy content=\""
		    "default-src 'none'; img-src data:; base-uri 'none'; "
		    "form-action 'none'; style-src");
	put_hash(o, asset_style);
	out_puts(o, "; script-src");
	put_hash(o, asset_script);
	out_puts(o, "\">\n<meta name=viewport "
		    "content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=color-scheme content=\"light dark\">\n"
		    "<meta name=referrer content=no-referrer>\n"
		    "<link rel=icon href=\"data:,\">\n<title>");
	put_str(o, title);
	out_puts(o, "</title>\n<style>");
	out_puts(o, asset_style);
	out_puts(o, "</style>\n</head>\n<body>\n");
}

static void
put_phrase(struct out *o, const struct phrase *ph)
{
	static const struct {
		const char *begin, *end;
	} tags[] = {
		[PIECE_PLAIN] = { "", "" },
		[PIECE_STRONG] = { "<b>", "</b>" },
		[PIECE_MUTED] = { "<small>", "</small>" },
		[PIECE_BAD] = { "<b class=bad>", "</b>" },
		[PIECE_GIVEN] = { "<bdi>", "</bdi>" },
		[PIECE_OWN] = { "<i>", "</i>" },
	};

	for (size_t i = 0; i < ph->n; i++) {
		out_puts(o, tags[ph->piece[i].style].begin);
		put_str(o, ph->piece[i].text);
		out_puts(o, tags[ph->piece[i].style].end);
	}
}

static void
html_begin(struct page *p, const char *title, const char *of,
    const struct phrases *alarm)
{
	put_head(p->out, title);
	out_puts(p->out, "<header>\n<h1>");
	put_str(p->out, title);
	out_puts(p->out, "</h1>\n<p>");
	put_str(p->out, of);
	out_puts(p->out, "</p>\n");
	if (alarm->n > 0) {
		out_puts(p->out, "<div class=alarm role=alert>\n");
		for (size_t i = 0; i < alarm->n; i++) {
			out_puts(p->out, "<p>");
			put_phrase(p->out, &alarm->v[i]);
			out_puts(p->out, "</p>\n");
		}
		out_puts(p->out, "</div>\n");
	}
	out_puts(p->out, "</header>\n<main>\n");
}

static void
close_list(struct page *p)
{
	if (p->open == OPEN_ANSWERS)
		out_puts(p->out, "</dl>\n");
	else if (p->open == OPEN_FIGURES)
		out_puts(p->out, "</div>\n");
	p->open = OPEN_NONE;
}

static void
close_section(struct page *p)
{
	close_list(p);
	if (p->in_section)
		out_puts(p->out, "</section>\n");
	p->in_section = false;
}

static void
html_end(struct page *p, const char *foot)
{
	close_section(p);
	out_puts(p->out, "</main>\n<footer><p>");
	put_str(p->out, foot);
	out_puts(p->out, "</p></footer>\n<script>");
	out_puts(p->out, asset_script);
	out_puts(p->out, "</script>\n</body>\n</html>\n");
}

static void
html_section(
    struct page *p, const char *id, const char *title, const char *note)
{
	close_section(p);
	out_puts(p->out, "<section id=");
	out_puts(p->out, id);
	out_puts(p->out, ">\n<h2>");
	put_str(p->out, title);
	out_puts(p->out, "</h2>\n");
	if (note != NULL) {
		out_puts(p->out, "<p class=note>");
		put_str(p->out, note);
		out_puts(p->out, "</p>\n");
	}
	p->in_section = true;
}

static void
html_answer(struct page *p, const char *question, const struct phrase *ph,
    const double *v, size_t n)
{
	if (p->open != OPEN_ANSWERS) {
		close_list(p);
		out_puts(p->out, "<dl>\n");
		p->open = OPEN_ANSWERS;
	}
	out_puts(p->out, "<div><dt>");
	put_str(p->out, question);
	out_puts(p->out, "<dd>");
	if (n > 0)
		chart_spark(p->out, v, n);
	out_puts(p->out, "<p>");
	put_phrase(p->out, ph);
	out_puts(p->out, "</p></div>\n");
}

static void
html_figure(struct page *p, const char *title, const struct phrase *ph,
    const struct chart *days, const struct chart *weeks)
{
	if (p->open != OPEN_FIGURES) {
		close_list(p);
		out_puts(p->out, "<div class=figs>\n");
		p->open = OPEN_FIGURES;
	}
	out_puts(p->out, "<figure><figcaption><h3>");
	put_str(p->out, title);
	out_puts(p->out, "</h3><p>");
	put_phrase(p->out, ph);
	out_puts(p->out, "</p></figcaption>");
	chart_svg(p->out, days);
	if (weeks != NULL) {
		out_puts(p->out, "<p class=by>the whole history, the mean day "
				 "of each week</p>");
		chart_svg(p->out, weeks);
	}
	out_puts(p->out, "</figure>\n");
}

static void
put_bar(struct out *o, double share)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb,
	    "<svg class=bar aria-hidden=true><rect width=\"%.1f%%\" "
	    "height=\"100%%\"/></svg>",
	    share >= 0 && share <= 1 ? 100 * share
	    : share > 1		     ? 100.0
				     : 0.0);
	out_put_slice(o, strbuf_slice(&sb));
	strbuf_release(&sb);
}

static void
put_cell_text(struct out *o, const struct cell *c)
{
	const char *text = c->text != NULL ? c->text : "";

	if (c->tone == TONE_BAD)
		out_puts(o, "<b class=bad>");
	if (c->kind == CELL_GIVEN)
		out_puts(o, "<bdi>");
	else if (c->kind == CELL_OWN)
		out_puts(o, "<i>");
	put_str(o, text);
	if (c->kind == CELL_GIVEN)
		out_puts(o, "</bdi>");
	else if (c->kind == CELL_OWN)
		out_puts(o, "</i>");
	if (c->tone == TONE_BAD)
		out_puts(o, "</b>");
}

/* Right-aligned numbers, which most cells are, have no class. */
static void
put_class(struct out *o, const struct column *col, const struct cell *c)
{
	bool extra = col->flags & COLUMN_EXTRA;
	const char *class = c->kind == CELL_BAR		? "b"
			    : c->tone == TONE_MUTED	? "m"
			    : c->kind == CELL_SPARK	? ""
			    : col->flags & COLUMN_RIGHT ? ""
							: "l";

	if (*class == '\0' && !extra)
		return;
	out_puts(o, " class=\"");
	out_puts(o, class);
	if (extra)
		out_puts(o, *class != '\0' ? " x" : "x");
	out_putc(o, '"');
}

static void
put_cell(
    struct out *o, const struct column *col, const struct cell *c, bool first)
{
	out_puts(o, first ? "<th scope=row" : "<td");
	if (!first)
		put_class(o, col, c);
	out_putc(o, '>');
	if (c->kind == CELL_SPARK) {
		chart_spark(o, c->v, c->n);
	} else {
		if (c->kind == CELL_BAR)
			put_bar(o, c->share);
		put_cell_text(o, c);
	}
}

static void
put_table_head(struct out *o, const struct table *t)
{
	out_puts(o, "<thead><tr>");
	for (size_t i = 0; i < t->ncols; i++) {
		const struct column *c = &t->col[i];

		out_puts(o, "<th scope=col");
		if (c->flags & COLUMN_EXTRA)
			out_puts(o, " class=x");
		else if (i > 0 && !(c->flags & COLUMN_RIGHT))
			out_puts(o, " class=l");
		if (c->metric.p != NULL) {
			out_puts(o, " data-metric=\"");
			put_text(o, c->metric);
			out_putc(o, '"');
		}
		out_putc(o, '>');
		put_str(o, c->head);
	}
	out_puts(o, "</thead>\n<tbody>\n");
}

static void
put_table_row(struct out *o, const struct table *t, size_t row)
{
	out_puts(o, "<tr");
	if (t->key[row].p != NULL && t->key[row].n <= KEY_MAX &&
	    utf8_all_shown(t->key[row])) {
		out_puts(o, " data-key=\"");
		put_text(o, t->key[row]);
		out_putc(o, '"');
	}
	out_putc(o, '>');
	for (size_t i = 0; i < t->ncols; i++)
		put_cell(o, &t->col[i], table_cell(t, row, i), i == 0);
	out_putc(o, '\n');
}

static bool
is_wide(const struct table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->ncols; i++)
		n += !(t->col[i].flags & COLUMN_EXTRA);
	return n > NARROW;
}

static void
html_table(struct page *p, const struct table *t)
{
	struct out *o = p->out;

	close_list(p);
	if (t->fold != NULL) {
		out_puts(o, "<details><summary>");
		put_str(o, t->fold);
		out_puts(o, "</summary>\n");
	}
	out_puts(o, "<div class=tb><table");
	out_puts(o, is_wide(t) ? " class=v>" : ">");
	put_table_head(o, t);
	for (size_t i = 0; i < t->nrows; i++)
		put_table_row(o, t, i);
	out_puts(o, "</table></div>\n");
	if (t->fold != NULL)
		out_puts(o, "</details>\n");
}

static void
html_para(struct page *p, const struct phrase *ph)
{
	close_list(p);
	out_puts(p->out, "<p>");
	put_phrase(p->out, ph);
	out_puts(p->out, "</p>\n");
}

const struct page_ops html_ops = {
	.draws = true,
	.begin = html_begin,
	.end = html_end,
	.section = html_section,
	.answer = html_answer,
	.figure = html_figure,
	.table = html_table,
	.para = html_para,
};
