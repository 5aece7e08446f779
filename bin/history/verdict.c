#include "config.h"

#include "history/verdict.h"

static const char *const names[VERDICT_KINDS] = {
	[VERDICT_OK] = "ok",
	[VERDICT_DOWN] = "down",
	[VERDICT_NO_DATA] = "no data",
	[VERDICT_NOT_COMPARABLE] = "not comparable",
};

const char *
verdict_name(enum verdict_kind kind)
{
	return names[kind];
}

int
verdict_find(struct slice name)
{
	int kind;

	for (kind = 0; kind < VERDICT_KINDS; kind++)
		if (slice_is(name, names[kind]))
			return kind;
	return -1;
}
