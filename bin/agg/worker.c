#include "config.h"

#include "agg/worker.h"

#include <string.h>

#include "agg/fold.h"
#include "agg/key.h"
#include "agg/state.h"
#include "base/msg.h"

/* Of the memory: what the tables take. */
#define TABLES_SHARE 2
/* Tables are looked at after as much input as this part of their memory. */
#define CHECK_SHARE 8

/* A key may hold a record, and each byte of it two. */
#define STATE_MAX (2 * EVENT_MAX + ((size_t)1 << 20))

/* Values that a regex gave up on, told as the flaws are. */
#define FLAW_LIMITED "regex"

void
worker_init(struct worker *w, const struct intake *in, struct sorter *lines,
    size_t memory, struct progress *progress)
{
	*w = (struct worker){ .in = in,
		.lines = lines,
		.memory = memory,
		.fit = STRBUF_INIT,
		.dims = STRBUF_INIT };
	tally_init(&w->tally, in->plan, lines, in->partial || in->jobs > 1);
	event_reader_init(&w->reader);
	lines_init(&w->text, STATE_MAX);
	w->reader.in.progress = progress;
	w->text.in.progress = progress;
}

void
worker_release(struct worker *w)
{
	event_reader_release(&w->reader);
	lines_release(&w->text);
	strbuf_release(&w->fit);
	strbuf_release(&w->dims);
	tally_release(&w->tally);
}

/* What the tables hold becomes lines when it is too much. */
static void
check_memory(struct worker *w, size_t bytes)
{
	w->unchecked += bytes;
	if (w->unchecked < w->memory / TABLES_SHARE / CHECK_SHARE)
		return;
	w->unchecked = 0;
	if (tally_bytes(&w->tally) > w->memory / TABLES_SHARE)
		tally_flush(&w->tally, true);
}

/* So many bytes of the input are in these records. */
static size_t
batch_bytes(const struct event_batch *b)
{
	const struct event_row *last = &b->row[b->n - 1];
	const uint32_t *end =
	    last->at + EV_MAP_TABS + last->amps + last->has_ds;

	return (size_t)(b->base + *end - event_row_text(b->base, b->row));
}

static int
read_events(struct worker *w, struct source *src)
{
	struct event_batch batch;
	const char *why;
	int n, good;

	event_reader_attach(&w->reader, src);
	while ((n = event_reader_batch(&w->reader, &batch)) > 0) {
		why = tally_add(&w->tally, &batch, &good);
		if (why != NULL) {
			msg_error("%s:%llu: %s", src->name,
			    (unsigned long long)w->reader.line -
				(unsigned)(n - 1 - good),
			    why);
			return -1;
		}
		check_memory(w, batch_bytes(&batch));
	}
	return n;
}

/* As fold_fits(); most states have the dimensions of the one before. */
static bool
fits(struct worker *w, const struct plan_measure *m, const struct key *k)
{
	if (k->kind != 'e' && w->fit_of == m &&
	    slice_eq(k->part[1], strbuf_slice(&w->fit)))
		return true;
	w->fit_of = NULL;
	if (!fold_fits(w->in->plan, m, k, &w->dims))
		return false;
	if (k->kind != 'e') {
		strbuf_clear(&w->fit);
		strbuf_add_slice(&w->fit, k->part[1]);
		w->fit_of = m;
	}
	return true;
}

/* 1: wanted, 0: of another metric, -1: no state. */
static int
check_state(struct worker *w, struct slice line, struct key *k,
    struct slice *key, struct slice *state)
{
	const char *tab = memchr(line.p, '\t', line.n);
	const struct plan *p = w->in->plan;
	int i;

	*key = slice_of(line.p, tab != NULL ? (size_t)(tab - line.p) : line.n);
	*state = tab != NULL ? slice_of(tab + 1, line.n - key->n - 1)
			     : SLICE_LIT("");
	if (key_split(k, *key) == -1 || !state_valid(k, *state))
		return -1;
	if (k->kind == 'o' || k->kind == 'f' || k->kind == 'w')
		return 1;
	i = plan_find(p, k->id);
	if (i == PLAN_NONE)
		return w->in->some ? 0 : -1;
	return fits(w, &p->measure[i], k) ? 1 : -1;
}

/* What went wrong when the states were made. */
static void
take_flaw(struct worker *w, const struct source *src, struct slice flaw,
    struct slice state)
{
	uint64_t n = 0;

	(void)state_counts(state, &n, 1);
	if (slice_is(flaw, FLAW_LIMITED)) {
		w->limited += n;
		return;
	}
	if (slice_is(flaw, FLAW_RANDOM) ||
	    (slice_is(flaw, FLAW_CUT) && w->in->no_marks))
		return;
	w->flawed = true;
	msg_error("%s: the states are of %llu inputs that were %s", src->name,
	    (unsigned long long)n,
	    slice_is(flaw, FLAW_CUT) ? "cut" : "not read to their end");
}

static void
refuse_state(const struct source *src, const struct line *line)
{
	struct slice t = line->text;
	unsigned long long number = line->number;

	if (t.n > 2 && t.p[0] >= '0' && t.p[0] <= '9' && t.p[1] == ' ' &&
	    t.p[0] != KEY_VERSION)
		msg_error("%s:%llu: a partial state of version %c, and this "
			  "ev-agg reads version %c",
		    src->name, number, t.p[0], KEY_VERSION);
	else
		msg_error("%s:%llu: not a partial state of this config's "
			  "metrics",
		    src->name, number);
}

static int
read_states(struct worker *w, struct source *src)
{
	struct slice key, state;
	struct line line;
	struct key k;
	int n, r;

	lines_attach(&w->text, src);
	while ((n = lines_next(&w->text, &line)) == 1) {
		r = line.part == LINE_WHOLE
			? check_state(w, line.text, &k, &key, &state)
			: -1;
		if (r == -1) {
			refuse_state(src, &line);
			return -1;
		}
		if (r == 1 && k.kind == 'w')
			take_flaw(w, src, k.part[0], state);
		if (r == 1)
			sorter_add(w->lines, key, state);
	}
	return n;
}

int
worker_read(struct worker *w, struct source *src, struct worker_tell *tell)
{
	const struct marks *m = &w->reader.marks;
	int r;

	*tell = (struct worker_tell){ 0 };
	if (w->in->merge)
		return read_states(w, src);
	r = read_events(w, src);
	msg_debug(
	    "%s: %llu events", src->name, (unsigned long long)m->rows_read);
	*tell = (struct worker_tell){ m->begins, m->ends,
		marks_counter(m, "rows"), m->rows_read, m->overflow,
		marks_have_text(m, "key", "random") };
	return r;
}

int
worker_check(
    const struct intake *in, const char *name, const struct worker_tell *tell)
{
	struct marks m = MARKS_INIT;
	bool cut;

	if (in->merge || in->no_marks)
		return 0;
	m.begins = tell->begins;
	m.ends = tell->ends;
	m.rows_read = tell->rows;
	m.overflow = tell->overflow;
	marks_count(&m, "rows", tell->promised);
	cut = marks_state(&m) == MARK_CUT;
	marks_release(&m);
	if (!cut)
		return 0;
	msg_error("%s: the stream was cut: %llu begin and %llu end marks, "
		  "%llu rows promised, %llu read",
	    name, (unsigned long long)tell->begins,
	    (unsigned long long)tell->ends, (unsigned long long)tell->promised,
	    (unsigned long long)tell->rows);
	return -1;
}

void
worker_put_flaw(struct sorter *lines, const char *flaw, uint64_t n)
{
	struct strbuf key = STRBUF_INIT, state = STRBUF_INIT;

	if (n > 0) {
		key_begin(&key, 'w', SLICE_LIT(STATE_NO_ID));
		key_add(&key, slice_str(flaw));
		strbuf_addf(&state, "%llu", (unsigned long long)n);
		sorter_add(lines, strbuf_slice(&key), strbuf_slice(&state));
	}
	strbuf_release(&key);
	strbuf_release(&state);
}

int
worker_finish(struct worker *w)
{
	uint64_t limited = w->tally.conds.limited;

	worker_put_flaw(w->lines, FLAW_LIMITED, limited);
	limited += w->limited;
	if (limited > 0)
		msg_warn("a regex gave up on %llu values, which do not match",
		    (unsigned long long)limited);
	if (!w->in->merge)
		tally_flush(&w->tally, false);
	return w->flawed ? -1 : 0;
}
