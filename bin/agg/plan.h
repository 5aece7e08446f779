/*
 * plan: the metrics as tables, in which nothing is computed twice.
 *
 *	plan_init(&plan, metrics, n);
 *	...
 *	plan_release(&plan);
 *
 * Equal conditions, wheres, groups and measures of different metrics are
 * one: the numerator of a rate is counted once, whoever else shows it.
 *
 * A measure has an id that is made of all that it depends on (digest.h), so
 * its partial states find it again in another process, whatever else the
 * config holds, and not when it was defined otherwise.
 *
 * A metric with totals becomes several of one name, one for each part of its
 * by.
 */
#ifndef EV_AGG_PLAN_H
#define EV_AGG_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/conds.h"
#include "agg/fields.h"
#include "agg/key.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "conf/metrics.h"

/* A list of numbers: conditions of a where, fields of a group. */
struct plan_list {
	unsigned *v; /* sorted; for groups by the fields' written keys */
	unsigned n;
};

struct plan_group {
	struct plan_list by; /* fields; empty: a total */
	enum conf_period period;
	struct plan_list
	    need; /* wheres of the measures that have cells in it */
};

#define PLAN_NONE (-1)

/* A metric that shows a measure. */
struct plan_user {
	unsigned metric;
	bool den; /* as its denominator */
};

struct plan_measure {
	enum conf_measure_kind kind;
	char id[KEY_ID + 1];
	unsigned where;
	unsigned group;
	int field;	/* counted, summed; who a visitor is; or PLAN_NONE */
	unsigned *step; /* wheres; owned */
	unsigned nsteps;
	uint64_t window;	/* ms */
	unsigned after;		/* retention: days or weeks */
	unsigned after_days;	/* days of one of them */
	int source;		/* attribution: a field, or PLAN_NONE */
	bool last;		/* attribution */
	struct plan_user *user; /* owned */
	unsigned nusers;
	bool whole; /* some user wants members, not their number */
};

struct plan_metric {
	struct slice name;	    /* the config's */
	unsigned num;		    /* a measure */
	int den;		    /* a measure, or PLAN_NONE: no ratio */
	uint64_t top;		    /* 0: all */
	const struct conf_list *at; /* of a quantile */
	bool one_at;
	struct slice of; /* whom a rate is over, encoded; NULL: events */
};

struct plan {
	struct fields fields;
	struct plan_list *need; /* by field: wheres of those that number it */
	struct conds conds;
	struct plan_list *where; /* of conditions */
	struct plan_group *group;
	struct plan_measure *measure;
	struct plan_metric *metric; /* sorted by name */
	size_t metric_cap;
	unsigned nwheres, ngroups, nmeasures, nmetrics;
};

/* The metrics must outlive the plan. */
void plan_init(
    struct plan *p, const struct conf_metric *const *metrics, size_t n);
void plan_release(struct plan *p);

/* The measure of that id, or PLAN_NONE. */
int plan_find(const struct plan *p, struct slice id);
const struct plan_group *plan_metric_group(
    const struct plan *p, const struct plan_metric *m);
/* Is field among the by of a group? */
bool plan_groups_by(const struct plan *p, unsigned field);
/* Does some metric tell visitors apart by logged_out_user_id? */
bool plan_counts_visitors(const struct plan *p);
/* Does the metric need the field to be there: by it, or a value of it? */
bool plan_needs(
    const struct plan *p, const struct plan_metric *m, unsigned field);

#endif
