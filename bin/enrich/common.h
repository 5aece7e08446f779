/*
 * common: what several threads do of a stream, the rows that are plain records.
 *
 *	struct crew *crew = crew_new(&common_trade, &enrich);
 *	common_count(&enrich, run)             a crew_run's rows are its own
 */
#ifndef EV_ENRICH_COMMON_H
#define EV_ENRICH_COMMON_H

#include "base/crew.h"
#include "enrich/enrich.h"

/* arg is a struct enrich: thread 0 has it, and each other one of its own. */
extern const struct crew_trade common_trade;

void common_count(struct enrich *e, const struct crew_run *run);

#endif
