#include "config.h"

#include "agg/unfilled.h"

#include "base/event.h"
#include "base/msg.h"
#include "base/strbuf.h"

/* Who would have filled the field, where that is known. */
static const char *
hint(const struct field *f)
{
	switch (f->column) {
	case EV_LOGGED_OUT_USER_ID:
	case EV_DIM_COUNTRY:
	case EV_DIM_DEVICE_BRAND:
		return "; ev-enrich fills it";
	case EV_USER_ID:
		return "; ev-parse fills it, see log: user_id in ev.yaml(5)";
	default:
		return "";
	}
}

static void
warn_field(const struct fold *fold, unsigned field)
{
	const struct plan *p = fold->plan;
	const struct field *f = &p->fields.v[field];
	struct strbuf names = STRBUF_INIT;

	for (unsigned i = 0; i < p->nmetrics; i++) {
		const struct plan_metric *m = &p->metric[i];

		if (!plan_needs(p, m, field) ||
		    (i > 0 && slice_eq(m->name, p->metric[i - 1].name)))
			continue;
		strbuf_addf(&names, "%s%.*s", names.len > 0 ? ", " : "",
		    (int)m->name.n, m->name.p);
	}
	if (names.len > 0)
		msg_warn("%s is NULL in all %llu events%s; needed by: %s",
		    f->name.p, (unsigned long long)fold->events, hint(f),
		    names.buf);
	strbuf_release(&names);
}

void
unfilled_warn(const struct fold *f)
{
	if (f->events == 0)
		return;
	if (f->random > 1 && plan_counts_visitors(f->plan))
		msg_warn("%llu streams were enriched with random keys: a "
			 "visitor who is in several is counted in each; give "
			 "ev-enrich a key_file",
		    (unsigned long long)f->random);
	for (unsigned i = 0; i < f->plan->fields.n; i++)
		if (!f->filled[i])
			warn_field(f, i);
}
