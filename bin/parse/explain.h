/*
 * explain: what a plan does with a line, in words, for a person.
 *
 * Which format it is and who says so, how a line is split, what each column
 * and property comes from, and what the format lacks and what that costs.
 */
#ifndef EV_PARSE_EXPLAIN_H
#define EV_PARSE_EXPLAIN_H

#include "base/out.h"
#include "conf/conf.h"
#include "parse/plan.h"
#include "parse/schema.h"

void explain(struct out *o, const struct conf *conf, const struct plan *plan,
    const struct schema *schema);

#endif
