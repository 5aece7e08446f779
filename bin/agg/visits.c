#include "config.h"

#include "agg/visits.h"

#include <stdlib.h>
#include <string.h>

#include "agg/dims.h"
#include "agg/period.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/utc.h"

#define DAY_MS INT64_C(86400000)

/*
 * Times are milliseconds since the year 0, in 15 digits; a touch may be a
 * year later than any event.
 */
#define TIME_DIGITS 15
#define TIME_MAX INT64_C(999999999999999)
#define DAY_ZERO (UTC_MIN / 86400)
#define MS_MAX ((UTC_MAX - UTC_MIN) * 1000 + 999)

#define NEVER INT64_MAX

enum rank { RANK_TOUCH, RANK_EVENT };

void
visits_collector_init(
    struct visits_collector *c, const struct plan *p, struct sorter *out)
{
	*c = (struct visits_collector){
		.plan = p, .out = out, .key = STRBUF_INIT, .part = STRBUF_INIT
	};
}

void
visits_collector_release(struct visits_collector *c)
{
	strbuf_release(&c->key);
	strbuf_release(&c->part);
}

static void
add_time(struct strbuf *key, int64_t ms)
{
	char text[TIME_DIGITS];

	for (int i = TIME_DIGITS; i-- > 0; ms /= 10)
		text[i] = (char)('0' + ms % 10);
	key_add_encoded(key, slice_of(text, sizeof(text)));
}

static void
add_number(struct strbuf *key, uint64_t n)
{
	char text[NUMBER_MAX];

	key_add_encoded(key, slice_of(text, number_put_u64(text, n)));
}

/* The record without ds, which its timestamp tells. */
static struct slice
record_of(const struct event *ev)
{
	size_t n = ev->text.n;

	if (event_has_ds(ev))
		n -= ev->col[EV_DS].n + 1;
	return slice_of(ev->text.p, n);
}

static void
add_dims(struct visits_collector *c, const struct plan_measure *m,
    const struct slice *val)
{
	strbuf_clear(&c->part);
	dims_put(&c->part, c->plan, &c->plan->group[m->group], val);
	key_add(&c->key, strbuf_slice(&c->part));
}

static void
put_line(struct visits_collector *c)
{
	sorter_add(c->out, strbuf_slice(&c->key), SLICE_LIT("1"));
}

/* The steps whose conditions the event fulfils, as bits. */
static uint64_t
steps_of(const struct plan_measure *m, const bool *where)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < m->nsteps; i++)
		mask |= (uint64_t)where[m->step[i]] << i;
	return mask;
}

static void
collect_steps(struct visits_collector *c, const struct plan_measure *m,
    const struct slice *val, const bool *where, const struct event *ev,
    int64_t ms)
{
	uint64_t mask = steps_of(m, where);

	if (mask == 0)
		return;
	if (m->kind == MEASURE_RETENTION)
		ms -= ms % DAY_MS;
	add_time(&c->key, TIME_MAX - ms);
	key_add(
	    &c->key, m->kind == MEASURE_FUNNEL ? record_of(ev) : SLICE_LIT(""));
	add_number(&c->key, mask);
	if (mask & 1)
		add_dims(c, m, val);
	else
		key_add_encoded(&c->key, SLICE_LIT(""));
	put_line(c);
}

static void
collect_session(struct visits_collector *c, const struct plan_measure *m,
    const struct slice *val, const struct event *ev, int64_t ms)
{
	add_time(&c->key, ms);
	/* Only dimensions tell events of one time apart. */
	key_add(&c->key,
	    c->plan->group[m->group].by.n > 0 ? record_of(ev) : SLICE_LIT(""));
	key_add_encoded(&c->key, SLICE_LIT(""));
	add_dims(c, m, val);
	put_line(c);
}

/* Time, record and rank in the order in which they are to sort. */
static void
add_place(struct visits_collector *c, const struct plan_measure *m,
    const struct event *ev, int64_t ms, enum rank rank)
{
	if (m->last) {
		add_time(&c->key, ms);
		key_add(&c->key, record_of(ev));
		add_number(&c->key, rank);
		return;
	}
	if (rank == RANK_TOUCH)
		ms += (int64_t)m->window;
	add_time(&c->key, TIME_MAX - ms);
	add_number(&c->key, rank);
	key_add(&c->key, record_of(ev));
}

static void
collect_touch(struct visits_collector *c, const struct plan_measure *m,
    const struct slice *val, const bool *where, const struct event *ev,
    int64_t ms)
{
	size_t head = c->key.len;
	struct slice source = val[m->source];

	if (where[m->step[0]]) {
		add_place(c, m, ev, ms, RANK_EVENT);
		add_dims(c, m, val);
		put_line(c);
		c->key.len = head;
	}
	if (source.p == NULL || !where[m->step[1]])
		return;
	add_place(c, m, ev, ms, RANK_TOUCH);
	strbuf_clear(&c->part);
	dims_name(&c->part, source);
	key_add(&c->key, strbuf_slice(&c->part));
	put_line(c);
}

int
visits_collect(struct visits_collector *c, const struct plan_measure *m,
    const struct slice *val, const bool *where, const struct event *ev)
{
	struct slice visitor = val[m->field];
	int64_t seconds, ms;
	unsigned milli;

	if (visitor.p == NULL)
		return 0;
	if (utc_parse(ev->col[EV_EVENT_TIMESTAMP], &seconds, &milli) == -1)
		return -1;
	ms = (seconds - UTC_MIN) * 1000 + milli;
	key_begin(&c->key, 'e', slice_of(m->id, KEY_ID));
	strbuf_clear(&c->part);
	dims_name(&c->part, visitor);
	key_add(&c->key, strbuf_slice(&c->part));
	if (m->kind == MEASURE_SESSIONS)
		collect_session(c, m, val, ev, ms);
	else if (m->kind == MEASURE_ATTRIBUTION)
		collect_touch(c, m, val, where, ev, ms);
	else
		collect_steps(c, m, val, where, ev, ms);
	return 0;
}

void
visits_init(struct visits *v, const struct plan *p, struct sorter *late)
{
	*v = (struct visits){ .plan = p,
		.late = late,
		.visitor = STRBUF_INIT,
		.key = STRBUF_INIT,
		.state = STRBUF_INIT,
		.dims = STRBUF_INIT,
		.text = STRBUF_INIT,
		.source = STRBUF_INIT,
		.record = STRBUF_INIT };
}

void
visits_release(struct visits *v)
{
	strbuf_release(&v->visitor);
	strbuf_release(&v->key);
	strbuf_release(&v->state);
	strbuf_release(&v->dims);
	strbuf_release(&v->text);
	strbuf_release(&v->source);
	strbuf_release(&v->record);
	free(v->tie);
}

/* The key of a state of kind for the period of that time; dims encoded. */
static void
begin_state(struct visits *v, char kind, int64_t ms, struct slice dims)
{
	enum conf_period period = v->plan->group[v->m->group].period;
	char date[UTC_DATE_LEN];

	utc_format_date(date, period_first(period, ms / DAY_MS + DAY_ZERO));
	key_begin(&v->key, kind, slice_of(v->m->id, KEY_ID));
	key_add_encoded(&v->key, slice_of(date, sizeof(date)));
	key_add_encoded(&v->key, dims);
}

static void
put_state(struct visits *v)
{
	sorter_add(v->late, strbuf_slice(&v->key), strbuf_slice(&v->state));
	strbuf_clear(&v->state);
}

static void
put_level(struct visits *v, int64_t ms, struct slice dims, unsigned level)
{
	begin_state(v, 'p', ms, dims);
	key_add_encoded(&v->key, strbuf_slice(&v->visitor));
	strbuf_addf(&v->state, "%u", level);
	put_state(v);
}

/*
 * reach[k][m] is when step m is reached soonest by who has still to do step
 * k and those after it, from here on.  An event that is step k makes that
 * now, and those behind it what they are for step k + 1: no event is two
 * steps of one way.
 */
static void
funnel_event(struct visits *v, uint64_t mask, struct slice dims)
{
	unsigned n = v->m->nsteps, level = 1;

	if (mask & 1) {
		while (level < n && v->reach[1][level] != NEVER &&
		       v->reach[1][level] - v->time <= (int64_t)v->m->window)
			level++;
		put_level(v, v->time, dims, level);
	}
	for (unsigned k = 1; k < n; k++) {
		if ((mask >> k & 1) == 0)
			continue;
		for (unsigned m = k + 1; m < n; m++)
			v->reach[k][m] = v->reach[k + 1][m];
		v->reach[k][k] = v->time;
	}
}

/* States may tell of any number: one that is no more than very many. */
static uint64_t
add_events(uint64_t events, uint64_t n)
{
	return n > UINT64_MAX - events ? UINT64_MAX : events + n;
}

static struct slice
tie_dims(const struct visits *v, size_t i)
{
	return slice_of(v->text.buf + v->tie[i].at, v->tie[i].n);
}

/* What else is done at the time itself was done then; not the same event. */
static void
end_cohort_tie(struct visits *v)
{
	uint64_t done = 0, others;
	int64_t soonest;

	for (size_t i = 0; i < v->nties; i++)
		if (v->tie[i].mask & 2)
			done = add_events(done, v->tie[i].events);
	for (size_t i = 0; i < v->nties; i++) {
		if ((v->tie[i].mask & 1) == 0)
			continue;
		others = done - (v->tie[i].mask >> 1 & 1);
		soonest = others > 0 ? v->time : v->reach[1][1];
		put_level(v, v->time, tie_dims(v, i),
		    soonest != NEVER &&
			    soonest - v->time <= (int64_t)v->m->window
			? 2
			: 1);
	}
	if (done > 0)
		v->reach[1][1] = v->time;
}

/* All that a visitor did at v->time: the greatest record first. */
static void
end_tie(struct visits *v)
{
	if (v->m->kind == MEASURE_COHORT)
		end_cohort_tie(v);
	else
		for (size_t i = v->nties; i-- > 0;)
			funnel_event(v, v->tie[i].mask, tie_dims(v, i));
	v->nties = 0;
	strbuf_clear(&v->text);
}

static void
take_steps(struct visits *v, int64_t ms, uint64_t mask, struct slice dims,
    uint64_t events)
{
	if (v->nties > 0 && ms != v->time)
		end_tie(v);
	v->time = ms;
	v->tie = xgrow(v->tie, &v->tie_cap, v->nties + 1, sizeof(*v->tie));
	v->tie[v->nties++] =
	    (struct visits_tie){ mask, events, v->text.len, dims.n };
	strbuf_add_slice(&v->text, dims);
}

static void
put_returns(struct visits *v, int64_t ms, struct slice dims)
{
	unsigned width = v->m->after_days;
	bool back;

	begin_state(v, 'r', ms, dims);
	key_add_encoded(&v->key, strbuf_slice(&v->visitor));
	strbuf_addf(&v->state, "%07lld ", (long long)(ms / DAY_MS));
	for (unsigned i = 1; i <= v->m->after; i++) {
		back = false;
		for (unsigned d = 0; d < width; d++)
			back = back || v->ahead[i * width + d];
		strbuf_addch(&v->state, back ? '1' : '0');
	}
	put_state(v);
}

static void
take_day(struct visits *v, int64_t ms, uint64_t mask, struct slice dims)
{
	const int64_t size = sizeof(v->ahead);
	int64_t days = v->time == NEVER ? size : (v->time - ms) / DAY_MS;

	if (days >= size) {
		memset(v->ahead, 0, sizeof(v->ahead));
	} else if (days > 0) {
		memmove(v->ahead + days, v->ahead, (size_t)(size - days));
		memset(v->ahead, 0, (size_t)days);
	}
	v->time = ms;
	if (mask & 2)
		v->ahead[0] = true;
	if (mask & 1)
		put_returns(v, ms, dims);
}

static void
end_session(struct visits *v)
{
	begin_state(v, 'v', v->start, strbuf_slice(&v->dims));
	strbuf_addf(&v->state, "1 %lld %d", (long long)(v->time - v->start),
	    v->events == 1);
	put_state(v);
	v->events = 0;
}

static void
take_hit(struct visits *v, int64_t ms, struct slice dims, uint64_t n)
{
	if (v->events > 0 && ms - v->time > (int64_t)v->m->window)
		end_session(v);
	if (v->events == 0) {
		v->start = ms;
		strbuf_clear(&v->dims);
		strbuf_add_slice(&v->dims, dims);
	}
	v->time = ms;
	v->events = add_events(v->events, n);
}

static void
take_touch(
    struct visits *v, int64_t ms, struct slice record, struct slice source)
{
	/* Of several at once the least record is the first. */
	if (!v->m->last && v->touched && v->touch == ms)
		return;
	v->touched = true;
	v->touch = ms;
	strbuf_clear(&v->source);
	strbuf_add_slice(&v->source, source);
	strbuf_clear(&v->record);
	strbuf_add_slice(&v->record, record);
}

/* Is the touch in force one of this event, which stands at ms? */
static bool
is_touched(const struct visits *v, int64_t ms, struct slice record)
{
	if (!v->touched || v->touch > ms ||
	    ms - v->touch > (int64_t)v->m->window)
		return false;
	return v->touch < ms ||
	       slice_cmp(strbuf_slice(&v->record), record) <= 0;
}

static void
attribute(struct visits *v, int64_t ms, struct slice record, struct slice dims,
    struct slice count)
{
	const struct field *f = &v->plan->fields.v[v->m->source];
	struct strbuf by = STRBUF_INIT, name = STRBUF_INIT;
	struct slice source = SLICE_NULL;

	key_decode(&by, dims);
	if (is_touched(v, ms, record)) {
		key_decode(&name, strbuf_slice(&v->source));
		source = strbuf_slice(&name);
	}
	strbuf_clear(&v->dims);
	dims_with(&v->dims, strbuf_slice(&by), f->key, source);
	strbuf_clear(&by);
	begin_state(v, 'c', ms, SLICE_LIT(""));
	v->key.len--;
	key_add(&v->key, strbuf_slice(&v->dims));
	strbuf_add_slice(&v->state, count);
	put_state(v);
	strbuf_release(&by);
	strbuf_release(&name);
}

/* The lines of a visitor end here. */
static void
end_visitor(struct visits *v)
{
	if (v->m == NULL)
		return;
	if (v->nties > 0)
		end_tie(v);
	if (v->m->kind == MEASURE_SESSIONS && v->events > 0)
		end_session(v);
	v->m = NULL;
}

static void
begin_visitor(
    struct visits *v, const struct plan_measure *m, struct slice visitor)
{
	end_visitor(v);
	v->m = m;
	strbuf_clear(&v->visitor);
	strbuf_add_slice(&v->visitor, visitor);
	for (unsigned k = 0; k < CONF_STEPS_MAX; k++)
		for (unsigned n = 0; n < CONF_STEPS_MAX; n++)
			v->reach[k][n] = NEVER;
	v->time = NEVER;
	v->touched = false;
}

/* The parts of a key of kind e; 0 or -1. */
static int
read_parts(const struct plan_measure *m, const struct key *key, int64_t *ms,
    uint64_t *number)
{
	bool forwards = m->kind == MEASURE_SESSIONS ||
			(m->kind == MEASURE_ATTRIBUTION && m->last);
	bool first = m->kind == MEASURE_ATTRIBUTION && !m->last;

	if (key->n != 5 || key->part[1].n != TIME_DIGITS ||
	    number_i64(key->part[1], ms) == -1)
		return -1;
	if (!forwards)
		*ms = TIME_MAX - *ms;
	*number = 0;
	if (m->kind != MEASURE_SESSIONS &&
	    number_u64(key->part[first ? 2 : 3], number) == -1)
		return -1;
	/* Touches stand at the end of their window. */
	if (first && *number == RANK_TOUCH)
		*ms -= (int64_t)m->window;
	return *ms >= 0 && *ms <= MS_MAX ? 0 : -1;
}

/* Only who begins a way is told apart. */
static bool
is_later_step(const struct plan_measure *m, uint64_t mask)
{
	return m->nsteps > 0 && m->kind != MEASURE_ATTRIBUTION &&
	       (mask & 1) == 0;
}

bool
visits_fit(const struct plan *p, const struct plan_measure *m,
    const struct key *key, struct slice dims)
{
	uint64_t number;
	int64_t ms;

	if (m->kind < MEASURE_FUNNEL || read_parts(m, key, &ms, &number) == -1)
		return false;
	if (m->kind == MEASURE_ATTRIBUTION && number == RANK_TOUCH)
		return dims_is_name(dims);
	if (is_later_step(m, number))
		return dims.n == 0;
	return dims_fit(dims, p, &p->group[m->group]);
}

int
visits_take(struct visits *v, const struct plan_measure *m,
    const struct key *key, struct slice state)
{
	struct slice record = key->part[m->last ? 2 : 3], last = key->part[4];
	uint64_t number, n;
	int64_t ms;

	if (m->kind < MEASURE_FUNNEL ||
	    read_parts(m, key, &ms, &number) == -1 ||
	    number_u64(state, &n) == -1) {
		msg_error("no state of its kind, of a visitor");
		return -1;
	}
	if (v->m != m || !slice_eq(strbuf_slice(&v->visitor), key->part[0]))
		begin_visitor(v, m, key->part[0]);
	if (m->kind == MEASURE_RETENTION)
		take_day(v, ms, number, last);
	else if (m->kind == MEASURE_SESSIONS)
		take_hit(v, ms, last, n);
	else if (m->kind != MEASURE_ATTRIBUTION)
		take_steps(v, ms, number, last, n);
	else if (number == RANK_TOUCH)
		take_touch(v, ms, record, last);
	else
		attribute(v, ms, record, last, state);
	return 0;
}

void
visits_end(struct visits *v)
{
	end_visitor(v);
}
