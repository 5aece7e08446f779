/*
 * notify: telling people, by a command of theirs.
 *
 *	struct notify n = { .command = cmd, .seconds = 60,
 *	    .state = &state };
 *	notify_health(&n, &health, newest)        0, or -1 (reported)
 *	notify_verdict(&n, metric, &v, since)     likewise
 *	notify_finish(&n)                         likewise
 *
 * The command gets what happened as arguments (ev-guard(1)) and as text on
 * its standard input, and may take so many seconds (command.h).
 *
 * An incident is saved as told when the command has exited 0, before the next
 * one; killed in between, a run tells that one again.
 */
#ifndef EV_GUARD_NOTIFY_H
#define EV_GUARD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "guard/health.h"
#include "guard/judge.h"
#include "guard/state.h"
#include "history/history.h"

struct notify {
	const char *command;
	unsigned seconds; /* that it may take */
	struct state *state;
	bool unsaved; /* what was seen, but not told */
};

int notify_health(struct notify *n, const struct health *h, size_t i);
int notify_verdict(struct notify *n, const struct metric *m,
    const struct verdict *v, int64_t since);
int notify_finish(struct notify *n);

#endif
