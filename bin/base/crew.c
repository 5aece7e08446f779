#include "config.h"

#include "base/crew.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* What became of the block in that slot. */
struct result {
	struct out out;
	struct crew_run *run;
	size_t n, cap;
	size_t next; /* the first that is not behind */
};

struct crew {
	const struct crew_trade *trade;
	void *arg;
	void *member[AHEAD_THREADS]; /* NULL before its first block */
	struct result result[AHEAD_BLOCKS];
};

struct crew *
crew_new(const struct crew_trade *trade, void *arg)
{
	struct crew *crew = xcalloc(1, sizeof(*crew));
	size_t i;

	crew->trade = trade;
	crew->arg = arg;
	for (i = 0; i < AHEAD_BLOCKS; i++)
		out_init_memory(&crew->result[i].out);
	return crew;
}

void
crew_free(struct crew *crew)
{
	size_t i;

	if (crew == NULL)
		return;
	for (i = 0; i < AHEAD_THREADS; i++)
		if (crew->member[i] != NULL)
			crew->trade->release(crew->member[i]);
	for (i = 0; i < AHEAD_BLOCKS; i++) {
		out_abandon(&crew->result[i].out);
		free(crew->result[i].run);
	}
	free(crew);
}

void *
crew_member(const struct crew *crew, unsigned thread)
{
	return crew != NULL ? crew->member[thread] : NULL;
}

/* The run that begins at from; it counts once it has lines. */
static struct crew_run *
begin_run(struct result *r, size_t from)
{
	r->run = xgrow(r->run, &r->cap, r->n + 1, sizeof(*r->run));
	r->run[r->n] =
	    (struct crew_run){ .from = from, .text_from = r->out.len };
	return &r->run[r->n];
}

static size_t
line_end(const struct ahead_block *b, size_t at)
{
	const char *lf = memchr(b->data + at, '\n', b->whole - at);

	return (size_t)(lf - b->data) + 1;
}

static void
do_block(struct crew *crew, void *member, const struct ahead_block *b,
    struct result *r)
{
	struct crew_run *run;
	size_t at = 0;

	while (at < b->whole) {
		run = begin_run(r, at);
		run->bytes = crew->trade->lines(member,
		    slice_of(b->data + at, b->whole - at), at, &r->out, run);
		r->n += run->bytes > 0;
		at += run->bytes;
		if (at < b->whole)
			at = line_end(b, at);
	}
}

/* The output stays where it is from now on. */
static void
set_texts(struct result *r)
{
	size_t end = r->out.len, i;

	for (i = r->n; i-- > 0; end = r->run[i].text_from)
		r->run[i].text = slice_of(r->out.buf + r->run[i].text_from,
		    end - r->run[i].text_from);
}

void
crew_work(void *arg, unsigned thread, struct ahead_block *block)
{
	struct crew *crew = arg;
	/* On the stack, for the threads' counters next to each other in one
	 * line of the cache took half of the time. */
	struct result r = crew->result[block->slot];

	if (crew->member[thread] == NULL)
		crew->member[thread] = crew->trade->member(crew->arg, thread);
	r.n = r.next = 0;
	r.out.len = 0;
	/* Lines that are dropped put nothing, and yet have a place there. */
	(void)out_reserve(&r.out, 1);
	do_block(crew, crew->member[thread], block, &r);
	set_texts(&r);
	crew->result[block->slot] = r;
}

const struct crew_run *
crew_run(struct crew *crew, struct inbuf *in)
{
	struct result *r;

	if (!inbuf_is_ahead(in) ||
	    (in->start == in->end && inbuf_fill(in) <= 0))
		return NULL;
	if (in->block == NULL || in->start >= in->block->whole)
		return NULL;
	r = &crew->result[in->block->slot];
	while (r->next < r->n && r->run[r->next].from < in->start)
		r->next++;
	if (r->next == r->n || r->run[r->next].from != in->start)
		return NULL;
	return &r->run[r->next];
}
