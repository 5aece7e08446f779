/*
 * page: what all panels know, and how they say it.
 *
 *	struct page page = { .ops = &html_ops, ... };
 *	page_put(&page);
 *
 * A panel makes sentences, charts and tables; a table of functions writes
 * them as HTML or as text.  All strings handed to it are UTF-8 that may be
 * shown (label.h), and are escaped there.
 */
#ifndef EV_REPORT_PAGE_H
#define EV_REPORT_PAGE_H

#include "base/out.h"
#include "conf/conf.h"
#include "history/history.h"
#include "report/causes.h"
#include "report/chart.h"
#include "report/phrase.h"
#include "report/roles.h"
#include "report/table.h"
#include "report/verdicts.h"

struct page;

struct page_ops {
	bool draws; /* has charts, not only curves of blocks */
	/* The head: title, what the page is of, and the alarm, if any. */
	void (*begin)(struct page *p, const char *title, const char *of,
	    const struct phrases *alarm);
	void (*end)(struct page *p, const char *foot);
	/* id is ours; note may be NULL. */
	void (*section)(struct page *p, const char *id, const char *title,
	    const char *note);
	/* v: the last days, for a small picture; n may be 0. */
	void (*answer)(struct page *p, const char *question,
	    const struct phrase *ph, const double *v, size_t n);
	/* days, and the whole history where that is longer (else NULL). */
	void (*figure)(struct page *p, const char *title,
	    const struct phrase *ph, const struct chart *days,
	    const struct chart *weeks);
	void (*table)(struct page *p, const struct table *t);
	void (*para)(struct page *p, const struct phrase *ph);
};

extern const struct page_ops html_ops;
extern const struct page_ops text_ops;

struct page {
	const struct page_ops *ops;
	struct out *out;
	const struct conf *conf;
	const struct history *history;
	const struct verdicts *verdicts;
	const struct causes *causes;
	const struct roles *roles;
	int64_t day; /* one of the history, which the page is of */
	/* The writer's. */
	enum { OPEN_NONE, OPEN_ANSWERS, OPEN_FIGURES } open;
	bool in_section;
};

/* All panels that are wanted and have something to say. */
void page_put(struct page *p);

#endif
