/*
 * state: which incidents people were told of, from one run to the next.
 *
 *	r = state_open(&s, path, seconds);      1, 0 busy, -1 (reported)
 *	in = state_incident(&s, name);          a new one has nothing to tell
 *	turn = state_verdict(in, &v, &next);   or state_health()
 *	... tell it; where that fails, leave in as it is ...
 *	*in = next;
 *	state_save(&s);                         0, or -1 (reported)
 *	state_close(&s);
 *
 * A guardrail is an incident from the day on that it is down until one on
 * which it is ok; days without a verdict that counts change nothing.  It is
 * worse when the drop is half as much again as the one that was told, or what
 * is left of the metric half as much.  The data are one from the day on that
 * they are at fault until one on which they are not, and worse by a sign that
 * was not told.  Verdicts of days before the newest that was seen say nothing.
 *
 * The file is text, a line an incident, TABs between its columns:
 *
 *	#ev-guard-state	1
 *	NAME	ok|down|fault	SINCE	SEEN	DROP	SIGN,SIGN,...
 *
 * It is replaced as a whole.  PATH.lock is locked while the state is open, so
 * that no other run tells the same.
 */
#ifndef EV_GUARD_STATE_H
#define EV_GUARD_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "guard/health.h"
#include "guard/judge.h"

/* The data of all guardrails; no metric has such a name. */
#define STATE_DATA "(data)"

enum incident_kind { INCIDENT_NONE, INCIDENT_DOWN, INCIDENT_FAULT };

struct incident {
	const char *name; /* owned by the state */
	enum incident_kind kind;
	int64_t since;	/* its first day */
	int64_t seen;	/* the newest day that it was asked about */
	double drop;	/* INCIDENT_DOWN: that was told */
	unsigned signs; /* INCIDENT_FAULT: that were told */
};

enum turn { TURN_NONE, TURN_BEGAN, TURN_WORSE, TURN_ENDED, TURNS };

extern const char *const turn_names[TURNS];

struct state {
	const char *path; /* borrowed */
	int lock;
	struct incident **v;
	size_t n, cap;
};

int state_open(struct state *s, const char *path, unsigned seconds);
int state_save(const struct state *s);
void state_close(struct state *s);

/* The incident of that name, made where there is none. */
struct incident *state_incident(struct state *s, const char *name);

/*
 * What the verdict, or the health of the day, makes of the incident: *next,
 * and whether that is to be told.  since: the first of the days that were
 * like it.
 */
enum turn state_verdict(const struct incident *in, const struct verdict *v,
    int64_t since, struct incident *next);
enum turn state_health(const struct incident *in, const struct health_day *h,
    int64_t day, int64_t since, struct incident *next);

#endif
