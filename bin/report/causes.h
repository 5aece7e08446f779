/*
 * causes: what ev-guard --why said a drop is made of, in its order.
 *
 *	struct causes cs = { 0 };
 *	causes_read(&cs, src);       -1: reported
 *	for (i = 0; i < cs.n; i++)   cs.v[i]
 *	causes_release(&cs);
 */
#ifndef EV_REPORT_CAUSES_H
#define EV_REPORT_CAUSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/source.h"
#include "history/cause.h"

struct cause {
	int64_t day;
	struct slice metric, dimension; /* owned, as written */
	struct slice value;		/* owned; p NULL: NULL */
	enum cause_kind kind;
	double part;	      /* of the drop */
	double expected, now; /* NaN: not known */
};

struct causes {
	struct cause *v;
	size_t n, cap;
};

/* Reads src to its end; 0, or -1 (reported). */
int causes_read(struct causes *cs, struct source *src);
void causes_release(struct causes *cs);

#endif
