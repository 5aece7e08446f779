/*
 * common: what several threads do of a log, the lines of record_quick().
 *
 *	struct common common = { plan, rules };
 *	struct crew *crew = crew_new(&common_trade, &common);
 *	run->count[COMMON_EVENTS]              of a crew_run
 *	common_limited(crew)                   while none works
 */
#ifndef EV_PARSE_COMMON_H
#define EV_PARSE_COMMON_H

#include <stdint.h>

#include "base/crew.h"
#include "parse/plan.h"
#include "parse/rules.h"

struct common {
	const struct plan *plan;
	const struct rules *rules; /* each thread has its own, like these */
};

/* Of a run: as record.h has them; the lines that are no events are dropped. */
enum { COMMON_EVENTS, COMMON_CHOSEN_DROPPED };

extern const struct crew_trade common_trade;

/* rules_limited() of all; crew may be NULL. */
uint64_t common_limited(const struct crew *crew);

#endif
