/*
 * common: what several threads do of a log, the lines of record_quick().
 *
 *	struct common common = { plan, rules };
 *	struct crew *crew = crew_new(&common_trade, &common);
 *	common_limited(crew), common_chosen_dropped(crew)   while none works
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

extern const struct crew_trade common_trade;

/* Over all lines; crew may be NULL. */
uint64_t common_chosen_dropped(const struct crew *crew);
uint64_t common_limited(const struct crew *crew);

#endif
