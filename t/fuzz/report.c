/*
 * Metric rows and, behind a form feed, verdicts of any bytes into a page: all
 * that stands between its style and its script is text that may be shown and
 * tags that ev-report writes; the text for a terminal has no control.
 */
#include "config.h"

#include "base/text.h"
#include "report/html.h"
#include "report/page.h"
#include "report/utf8.h"

#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct conf *
config(void)
{
	static struct conf_text host = { "xx.com", 6, { 0, 0 } };
	static struct conf conf;

	if (conf.metrics.n == 0) {
		conf_metrics_default(&conf.metrics);
		conf.site.hosts = (struct conf_list){ &host, 1 };
	}
	return &conf;
}

/* What stands behind a '<'; "script" and "style" only where ours are. */
static const char *const tags[] = { "!DOCTYPE html>", "a", "b", "bdi", "body",
	"circle", "dd", "details", "div", "dl", "dt", "figcaption", "figure",
	"footer", "h1", "h2", "h3", "head", "header", "html", "i", "line",
	"link", "main", "meta", "p", "path", "rect", "section", "small",
	"style", "summary", "svg", "table", "tbody", "td", "text", "th",
	"thead", "title", "tr" };

static void
check_tag(const char *p, size_t n)
{
	size_t len;

	if (n > 0 && *p == '/') {
		p++;
		n--;
	}
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		len = strlen(tags[i]);
		if (n > len && memcmp(p, tags[i], len) == 0 &&
		    (tags[i][0] == '!' || p[len] == ' ' || p[len] == '>'))
			return;
	}
	abort();
}

static void
check_text(struct slice s, bool html)
{
	uint32_t c;

	while (utf8_next(&s, &c)) {
		if (c == '\n')
			continue;
		if (!utf8_shown(c))
			abort();
		if (html && c == '<')
			check_tag(s.p, s.n);
	}
}

static void
check_page(struct slice page)
{
	static const char open[] = "</style>", close[] = "<script>";
	char *p = memmem(page.p, page.n, open, sizeof(open) - 1), *q, *next;

	if (p == NULL)
		abort();
	page.n -= (size_t)(p - page.p);
	page.p = p;
	q = memmem(page.p, page.n, close, sizeof(close) - 1);
	if (q == NULL)
		abort();
	next = memmem(
	    q + 1, page.n - (size_t)(q + 1 - page.p), close, sizeof(close) - 1);
	if (next != NULL)
		abort();
	page.n = (size_t)(q - page.p);
	check_text(page, true);
}

static void
write_page(const struct page_ops *ops, const struct history *h,
    const struct verdicts *v)
{
	struct roles roles;
	struct out o;
	struct page page = { .ops = ops,
		.out = &o,
		.conf = config(),
		.history = h,
		.verdicts = v,
		.roles = &roles,
		.day = h->day[h->ndays - 1] };

	out_init_fd(&o, -1, "nowhere");
	/* Room for all of it: nothing is ever flushed. */
	(void)out_reserve(&o, (size_t)16 << 20);
	roles_find(&roles, h, config());
	page_put(&page);
	roles_release(&roles);
	if (ops == &html_ops)
		check_page(slice_of(o.buf, o.len));
	else
		check_text(slice_of(o.buf, o.len), false);
	free(o.buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *ff = n > 0 ? memchr(data, '\f', n) : NULL;
	size_t rows = ff != NULL ? (size_t)(ff - data) : n;
	struct source *src = memory_source(data, rows, 4096);
	struct verdicts v = { 0 };
	struct history h = { 0 };
	int bad = history_read(&h, src);

	source_close(src);
	if (ff != NULL) {
		src = memory_source(ff + 1, n - rows - 1, 4096);
		bad |= verdicts_read(&v, src) | verdicts_finish(&v);
		source_close(src);
	}
	if (bad == 0 && history_finish(&h, &config()->metrics) == 0) {
		write_page(&html_ops, &h, &v);
		write_page(&text_ops, &h, &v);
	}
	history_release(&h);
	verdicts_release(&v);
	return 0;
}
