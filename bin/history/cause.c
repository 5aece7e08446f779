#include "config.h"

#include "history/cause.h"

static const char *const names[CAUSE_KINDS] = {
	[CAUSE_RATE] = "rate",
	[CAUSE_MIX] = "mix",
	[CAUSE_AMOUNT] = "amount",
};

const char *
cause_name(enum cause_kind kind)
{
	return names[kind];
}

int
cause_find(struct slice name)
{
	int kind;

	for (kind = 0; kind < CAUSE_KINDS; kind++)
		if (slice_is(name, names[kind]))
			return kind;
	return -1;
}
