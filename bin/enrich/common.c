#include "config.h"

#include "enrich/common.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/reader.h"

/* What is counted of a run. */
enum { NO_ADDRESS };

struct member {
	struct enrich *enrich;
	struct enrich own;
	struct event_reader reader;
};

/* Who uses the runs does no row while it does a block. */
static void *
new_member(void *arg, unsigned thread)
{
	struct member *m = xmalloc(sizeof(*m));

	m->enrich = thread == 0 ? arg : &m->own;
	if (thread > 0)
		enrich_again(&m->own, arg);
	event_reader_init(&m->reader);
	return m;
}

static void
release(void *member)
{
	struct member *m = member;

	if (m->enrich == &m->own)
		enrich_close(&m->own);
	event_reader_release(&m->reader);
	free(m);
}

/* A row that cannot be enriched is not common either: those before it are. */
static size_t
lines(void *member, struct slice whole, size_t at, struct out *o,
    struct crew_run *run)
{
	struct member *m = member;
	struct event_batch b;
	const char *why;
	uint64_t rows = m->enrich->rows, no_address = m->enrich->no_address;
	int done = 0, n, r = 0;

	(void)at;
	event_reader_text(&m->reader, whole);
	while (r == 0 && (n = event_reader_plain(&m->reader, &b)) > 0) {
		r = enrich_rows(m->enrich, &b, o, &done, &why);
		run->lines += (unsigned)done;
	}
	run->count[NO_ADDRESS] = m->enrich->no_address - no_address;
	/* They are counted where the run is used. */
	m->enrich->rows = rows;
	m->enrich->no_address = no_address;
	if (r == 0)
		return m->reader.in.start;
	return (size_t)(event_row_text(b.base, &b.row[done]) - whole.p);
}

const struct crew_trade common_trade = { new_member, release, lines };

void
common_count(struct enrich *e, const struct crew_run *run)
{
	e->rows += run->lines;
	e->no_address += run->count[NO_ADDRESS];
}
