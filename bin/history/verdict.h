/*
 * verdict: the words of ev-guard, which ev-report reads (ev-guard(1)).
 */
#ifndef EV_HISTORY_VERDICT_H
#define EV_HISTORY_VERDICT_H

#include "base/slice.h"

enum verdict_kind {
	VERDICT_OK,
	VERDICT_DOWN,
	VERDICT_NO_DATA,
	VERDICT_NOT_COMPARABLE,
	VERDICT_KINDS
};

/* The reason of no data where the day is not over. */
#define VERDICT_BEGUN "the day has only begun"

const char *verdict_name(enum verdict_kind kind);
/* The kind of that name, or -1. */
int verdict_find(struct slice name);

#endif
