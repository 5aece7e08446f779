/*
 * verdicts: what ev-guard said, by metric and day.
 *
 *	struct verdicts v = { 0 };
 *	verdicts_read(&v, src);                    -1: reported
 *	verdicts_finish(&v);                       -1: reported
 *	verdict = verdicts_on(&v, metric, day);    NULL: none
 *	verdicts_release(&v);
 */
#ifndef EV_REPORT_VERDICTS_H
#define EV_REPORT_VERDICTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/source.h"
#include "history/verdict.h"

struct verdict {
	int64_t day;
	struct slice metric; /* owned */
	enum verdict_kind kind;
	/* NaN where not known. */
	double value, expected, low, high, chance, smallest;
	struct slice reason; /* owned; n 0: none */
};

struct verdicts {
	bool given;	   /* a file was read, whatever is in it */
	struct verdict *v; /* by metric and day */
	size_t n, cap;
};

/* Reads src to its end; 0, or -1 (reported). */
int verdicts_read(struct verdicts *v, struct source *src);
int verdicts_finish(struct verdicts *v);
void verdicts_release(struct verdicts *v);
/* Do all verdicts of that day, if there is one, say that it has only begun? */
bool verdicts_begun(const struct verdicts *v, int64_t day);
const struct verdict *verdicts_on(
    const struct verdicts *v, struct slice metric, int64_t day);

#endif
