/*
 * roles: which metric answers which question.
 *
 *	struct roles r;
 *	roles_find(&r, &history, conf);
 *	roles_release(&r);
 *
 * Sites name their metrics as they like, so names decide nothing.  What
 * counts is the config's and the history's shape: the people are a total
 * that counts something distinct; the rates are the ratios that are
 * guardrails; the funnel is what they are rates of, chained; a field is
 * what a metric is counted by.  Two metrics count the same when their
 * distinct and where are the same.
 */
#ifndef EV_REPORT_ROLES_H
#define EV_REPORT_ROLES_H

#include "conf/conf.h"
#include "history/history.h"

/* A funnel of more steps is none that a person reads. */
#define STEPS_MAX 8

/* A field that metrics are counted by, alone. */
struct field {
	struct slice key; /* as written; borrowed */
	const struct metric **metric;
	size_t n;
	const struct metric *lead; /* ranks the values; one of metric */
};

struct roles {
	const struct metric **shown; /* of the history, in order */
	size_t nshown;
	const struct metric *people;  /* or NULL */
	const struct metric *traffic; /* or NULL */
	const struct metric *step[STEPS_MAX];
	size_t nsteps;
	const struct metric **rate; /* guardrails; without any, all ratios */
	size_t nrates;
	bool guarded; /* rate are guardrails */
	struct field *field;
	size_t nfields;
};

void roles_find(
    struct roles *r, const struct history *h, const struct conf *conf);
void roles_release(struct roles *r);

const struct field *roles_field(const struct roles *r, const char *key);
/* What a ratio's numerator or denominator counts, as a total; or NULL. */
const struct metric *roles_numerator(
    const struct roles *r, const struct metric *rate);
const struct metric *roles_denominator(
    const struct roles *r, const struct metric *rate);
/* The total that a breakdown breaks down, or NULL. */
const struct metric *roles_whole(
    const struct roles *r, const struct metric *breakdown);

#endif
