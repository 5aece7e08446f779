/*
 * cause: the rows of ev-guard --why, which ev-report reads (ev-guard(1)).
 */
#ifndef EV_HISTORY_CAUSE_H
#define EV_HISTORY_CAUSE_H

#include "base/slice.h"

enum cause_kind {
	CAUSE_RATE,   /* of a value, with its share as ever */
	CAUSE_MIX,    /* its share, with its rate as ever */
	CAUSE_AMOUNT, /* of a count */
	CAUSE_KINDS
};

enum cause_column {
	CAUSE_DS,
	CAUSE_METRIC,
	CAUSE_DIMENSION,
	CAUSE_VALUE,
	CAUSE_CAUSE,
	CAUSE_DROP,
	CAUSE_PART,
	CAUSE_EXPECTED,
	CAUSE_NOW,
	CAUSE_REASON,
	CAUSE_COLUMNS
};

#define CAUSE_HEADER                                                           \
	"ds\tmetric\tdimension\tvalue\tcause\tdrop\tpart"                      \
	"\texpected\tnow\treason"

/* The value that stands for all that have no row of their own. */
#define CAUSE_OTHER "(other)"

/* What a reason is made of, which says what it is about. */
#define CAUSE_SAYS_RATE "rate among "
#define CAUSE_SAYS_MIX "share of "
#define CAUSE_SAYS_EVEN "much the same for all values of"
#define CAUSE_SAYS_MORE " times the usual "

const char *cause_name(enum cause_kind kind);
/* The kind of that name, or -1. */
int cause_find(struct slice name);

#endif
