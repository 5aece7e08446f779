/*
 * plan: the metrics as tables, in which nothing is computed twice.
 *
 *	plan_init(&plan, metrics, n);
 *	...
 *	plan_release(&plan);
 *
 * Equal conditions, wheres, groups and measures of different metrics are
 * one: the numerator of a rate is counted once, whoever else shows it.
 * Values to compare with are encoded as the stream writes them.
 */
#ifndef EV_AGG_PLAN_H
#define EV_AGG_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "agg/fields.h"
#include "base/slice.h"
#include "conf/metrics.h"

/* A list of numbers: conditions of a where, fields of a group. */
struct plan_list {
	unsigned *v; /* sorted; for groups by the fields' written keys */
	unsigned n;
};

struct plan_cond {
	unsigned field;
	struct slice *any; /* sorted, encoded, each once; owned */
	size_t n;
	bool null; /* or NULL */
};

#define PLAN_NONE (-1)

struct plan_measure {
	unsigned where;
	unsigned group;
	int distinct; /* the field, or PLAN_NONE: counts events */
};

struct plan_metric {
	struct slice name; /* the config's */
	unsigned num;	   /* a measure */
	int den;	   /* a measure, or PLAN_NONE: no ratio */
};

struct plan {
	struct fields fields;
	struct plan_cond *cond;
	struct plan_list *where; /* of conditions */
	struct plan_list *group; /* of fields; empty: a total */
	struct plan_measure *measure;
	struct plan_metric *metric; /* sorted by name */
	unsigned nconds, nwheres, ngroups, nmeasures, nmetrics;
};

/* The metrics must outlive the plan. */
void plan_init(
    struct plan *p, const struct conf_metric *const *metrics, size_t n);
void plan_release(struct plan *p);

/* Is field among the by of a group; is it counted distinct? */
bool plan_groups_by(const struct plan *p, unsigned field);
bool plan_counts(const struct plan *p, unsigned field);
/* Does the metric need the field to be there: by it, or a value of it? */
bool plan_needs(
    const struct plan *p, const struct plan_metric *m, unsigned field);

#endif
