/*
 * draft: a metric as the config writes it, before the others are known.
 *
 *	draft_read(r, key, node, &d);   d.state is DRAFT_BAD after an error
 *	draft_window(&d)                its within or gap, in ms
 *
 * Which keys there are, what each may be and which go together is known
 * here; what metrics make of one another is not (metrics.c).
 */
#ifndef EV_CONF_DRAFT_H
#define EV_CONF_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/metrics.h"
#include "conf/read.h"
#include "conf/where.h"

/* The last two are told by who resolves drafts. */
enum draft_state { DRAFT_NEW, DRAFT_BAD, DRAFT_BUSY, DRAFT_DONE };

struct draft_quantile {
	struct conf_text of;
	struct conf_list at;
	bool one_at;
};

struct draft {
	struct conf_text count, sum, min, max, mean, use;
	struct conf_list distinct, ratio;
	struct draft_quantile quantile;
	struct conf_conds *funnel;
	size_t nfunnel;
	struct conf_conds cohort, retention, attribution; /* whom */
	struct conf_conds then; /* and what they did then */
	struct conf_conds touch;
	struct conf_text within, gap, source, model;
	struct conf_list visitor;
	uint64_t days, weeks, top;
	bool approx, totals, share;
	struct conf_text period;
	struct conf_conds where;
	struct conf_list by;
	enum conf_guardrail guardrail;
	enum conf_measure_kind kind; /* MEASURE_KINDS: ratio or use */
	enum draft_state state;
	struct conf_metric metric; /* filled when DRAFT_DONE */
};

/* key is the metric's name; errors are reported. */
void draft_read(struct conf_reader *r, const struct yaml_node *key,
    const struct yaml_node *node, struct draft *d);
/* 0 where it has none. */
uint64_t draft_window(const struct draft *d);

#endif
