#include "config.h"

#include "parse/crew.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/out.h"
#include "parse/record.h"

/* Of one thread, from its first block on. */
struct member {
	struct rules *rules;
	struct record *record; /* NULL before */
};

/* What became of the block in that slot. */
struct result {
	struct out out;
	struct crew_run *run;
	size_t n, cap;
	size_t next; /* the first that is not behind */
};

struct crew {
	const struct plan *plan;
	const struct rules *rules;
	struct member member[AHEAD_THREADS];
	struct result result[AHEAD_BLOCKS];
};

struct crew *
crew_new(const struct plan *plan, const struct rules *rules)
{
	struct crew *crew = xcalloc(1, sizeof(*crew));
	size_t i;

	crew->plan = plan;
	crew->rules = rules;
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
	for (i = 0; i < AHEAD_THREADS; i++) {
		record_free(crew->member[i].record);
		rules_free(crew->member[i].rules);
	}
	for (i = 0; i < AHEAD_BLOCKS; i++) {
		out_abandon(&crew->result[i].out);
		free(crew->result[i].run);
	}
	free(crew);
}

static struct record *
member_record(struct crew *crew, unsigned thread)
{
	struct member *m = &crew->member[thread];

	if (m->record == NULL) {
		m->rules = rules_again(crew->rules);
		m->record = record_new(crew->plan, m->rules);
	}
	return m->record;
}

static void
begin_run(struct result *result, size_t from)
{
	result->run = xgrow(
	    result->run, &result->cap, result->n + 1, sizeof(*result->run));
	result->run[result->n] =
	    (struct crew_run){ .from = from, .text_from = result->out.len };
}

/* The line at pos is not the run's. */
static void
end_run(struct result *result, size_t pos)
{
	struct crew_run *run = &result->run[result->n];

	run->bytes = pos - run->from;
	result->n += run->bytes > 0;
}

static void
parse_block(
    struct record *rec, struct result *result, const struct ahead_block *b)
{
	enum record_result what;
	size_t pos = 0, n;

	begin_run(result, pos);
	while (pos < b->whole) {
		n = record_quick(rec, slice_of(b->data + pos, b->whole - pos),
		    pos, &result->out, &what);
		if (n > 0) {
			result->run[result->n].lines++;
			result->run[result->n].events += what == RECORD_EVENT;
			pos += n;
			continue;
		}
		end_run(result, pos);
		pos = (size_t)((const char *)memchr(
				   b->data + pos, '\n', b->whole - pos) -
			       b->data) +
		      1;
		begin_run(result, pos);
	}
	end_run(result, pos);
}

void
crew_work(void *arg, unsigned thread, struct ahead_block *block)
{
	struct crew *crew = arg;
	struct record *rec = member_record(crew, thread);
	/* On the stack, for the threads' counters next to each other in one
	 * line of the cache took half of the time. */
	struct result result = crew->result[block->slot];
	struct crew_run *run;
	size_t i;

	result.n = result.next = 0;
	result.out.len = 0;
	record_restart(rec);
	parse_block(rec, &result, block);
	/* The buffer stays where it is from now on. */
	for (i = 0; i < result.n; i++) {
		run = &result.run[i];
		run->text = slice_of(result.out.buf + run->text_from,
		    (i + 1 < result.n ? run[1].text_from : result.out.len) -
			run->text_from);
	}
	crew->result[block->slot] = result;
}

const struct crew_run *
crew_run(struct crew *crew, const struct inbuf *in)
{
	struct result *result;

	if (in->block == NULL || in->start >= in->block->whole)
		return NULL;
	result = &crew->result[in->block->slot];
	while (result->next < result->n &&
	       result->run[result->next].from < in->start)
		result->next++;
	if (result->next == result->n ||
	    result->run[result->next].from != in->start)
		return NULL;
	return &result->run[result->next];
}

uint64_t
crew_chosen_dropped(const struct crew *crew)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; crew != NULL && i < AHEAD_THREADS; i++)
		if (crew->member[i].record != NULL)
			sum += crew->member[i].record->chosen_dropped;
	return sum;
}

uint64_t
crew_limited(const struct crew *crew)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; crew != NULL && i < AHEAD_THREADS; i++)
		if (crew->member[i].rules != NULL)
			sum += rules_limited(crew->member[i].rules);
	return sum;
}
