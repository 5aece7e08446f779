#include "config.h"

#include "parse/common.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "parse/record.h"

struct member {
	struct rules *rules;
	struct record *record;
};

static void *
new_member(void *arg, unsigned thread)
{
	const struct common *common = arg;
	struct member *m = xmalloc(sizeof(*m));

	(void)thread;
	m->rules = rules_again(common->rules);
	m->record = record_new(common->plan, m->rules);
	return m;
}

static void
release(void *member)
{
	struct member *m = member;

	record_free(m->record);
	rules_free(m->rules);
	free(m);
}

static size_t
lines(void *member, struct slice whole, size_t at, struct out *o,
    struct crew_run *run)
{
	struct record *rec = ((struct member *)member)->record;
	enum record_result what;
	uint64_t dropped = rec->chosen_dropped;
	size_t pos = 0, n;

	if (at == 0)
		record_restart(rec);
	while (pos < whole.n) {
		n = record_quick(rec, slice_of(whole.p + pos, whole.n - pos),
		    at + pos, o, &what);
		if (n == 0)
			break;
		run->lines++;
		run->count[COMMON_EVENTS] += what == RECORD_EVENT;
		pos += n;
	}
	run->count[COMMON_CHOSEN_DROPPED] = rec->chosen_dropped - dropped;
	return pos;
}

const struct crew_trade common_trade = { new_member, release, lines };

uint64_t
common_limited(const struct crew *crew)
{
	const struct member *m;
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < AHEAD_THREADS; i++)
		if ((m = crew_member(crew, i)) != NULL)
			sum += rules_limited(m->rules);
	return sum;
}
