/*
 * Event streams of any bytes into metrics: rows of six fields in the order
 * of sort, and the same ones when the lines come backwards and tables are
 * written out all the time.  The first byte has the chunks, and whether the
 * rest is a stream or partial states.
 */
#include "config.h"

#include "agg/adhoc.h"
#include "agg/fold.h"
#include "agg/key.h"
#include "agg/plan.h"
#include "agg/rows.h"
#include "agg/state.h"
#include "agg/tally.h"
#include "base/reader.h"
#include "base/text.h"

#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define METRICS_MAX 32
#define MEMORY ((size_t)1 << 20)

static void
want(const char *why)
{
	if (why != NULL)
		abort();
}

static struct conf_text
text_of(const char *s)
{
	return (struct conf_text){ s, strlen(s), { 0, 0 } };
}

/* A measure of what visitors do, whose step is a value of p. */
static struct conf_metric
visit_metric(const char *name, enum conf_measure_kind kind)
{
	static struct conf_text visitor, value[2], a[1], country;
	static struct conf_conds step[2];
	struct conf_metric m = { .period = PERIOD_WEEK };

	visitor = text_of("logged_out_user_id");
	country = text_of("dim_country");
	value[0] = text_of("");
	value[1] = text_of("a");
	a[0] = value[1];
	if (step[0].n == 0) {
		conf_conds_add(&step[0], text_of("p"),
		    &(struct conf_list){ value, 2 }, false);
		conf_conds_add(
		    &step[1], text_of("p"), &(struct conf_list){ a, 1 }, true);
	}
	m.name = text_of(name);
	m.by = (struct conf_list){ &country, 1 };
	m.top = kind == MEASURE_SESSIONS;
	m.num = (struct conf_measure){ .kind = kind,
		.fields = { &visitor, 1 },
		.step = step,
		.nsteps = 2,
		.window = 86400000,
		.days = 3 };
	if (kind == MEASURE_ATTRIBUTION)
		m.num.source = text_of("referrer");
	return m;
}

/* Those without a config, each kind of field in a group, each measure. */
static size_t
all_metrics(const struct conf_metric **v)
{
	static struct conf_metrics preset, own;
	static struct conf_metric visit[6];
	struct adhoc a = ADHOC_INIT;
	size_t i, n = 0;

	if (preset.n == 0) {
		conf_metrics_default(&preset);
		want(adhoc_measure(&a, MEASURE_COUNT, NULL));
		want(adhoc_measure(&a, MEASURE_DISTINCT, "user_id"));
		want(adhoc_measure(&a, MEASURE_APPROX, "p"));
		want(adhoc_measure(&a, MEASURE_MEAN, "n"));
		want(adhoc_measure(&a, MEASURE_MIN, "n"));
		want(adhoc_measure(&a, MEASURE_QUANTILE, "n=0.5,1"));
		want(adhoc_by(&a, "dim_hostname,p,user_id"));
		want(adhoc_where(&a, "p=,a,\\N"));
		want(adhoc_top(&a, "2"));
		a.totals = true;
		want(adhoc_finish(&a, &own));
		visit[0] = visit_metric("f", MEASURE_FUNNEL);
		visit[1] = visit_metric("c", MEASURE_COHORT);
		visit[2] = visit_metric("r", MEASURE_RETENTION);
		visit[3] = visit_metric("s", MEASURE_SESSIONS);
		visit[4] = visit_metric("t", MEASURE_ATTRIBUTION);
		visit[5] = visit_metric("u", MEASURE_ATTRIBUTION);
		visit[5].num.last = true;
	}
	for (i = 0; i < preset.n; i++)
		v[n++] = &preset.v[i];
	for (i = 0; i < own.n; i++)
		v[n++] = &own.v[i];
	for (i = 0; i < sizeof(visit) / sizeof(visit[0]); i++)
		v[n++] = &visit[i];
	return n;
}

/* 0, or -1 when the stream is refused.  flush: tables after so many. */
static int
take_events(const struct plan *plan, struct sorter *lines, struct source *src,
    uint64_t flush)
{
	struct event_reader r;
	struct event_batch b;
	uint64_t added = 0;
	struct tally t;
	int got, good;

	tally_init(&t, plan, lines, false);
	event_reader_init(&r);
	event_reader_attach(&r, src);
	while ((got = event_reader_batch(&r, &b)) > 0) {
		if (tally_add(&t, &b, &good) != NULL) {
			got = -1;
			break;
		}
		added += (uint64_t)b.n;
		if (flush > 0 && added >= flush) {
			tally_flush(&t, true);
			added = 0;
		}
	}
	tally_flush(&t, false);
	event_reader_release(&r);
	tally_release(&t);
	return got;
}

/* Each line as --merge takes it, with the ids that the plan has. */
static int
take_states(
    const struct plan *plan, struct sorter *lines, const uint8_t *p, size_t n)
{
	struct strbuf key = STRBUF_INIT, dims = STRBUF_INIT;
	const char *s = (const char *)p, *end = s + n, *stop, *tab;
	struct slice state;
	struct key k;
	unsigned id;

	for (; s < end; s = stop + 1) {
		stop = memchr(s, '\n', (size_t)(end - s));
		if (stop == NULL)
			stop = end;
		tab = memchr(s, '\t', (size_t)(stop - s));
		if (tab == NULL || tab - s < 5)
			continue;
		id = (unsigned char)s[4] % plan->nmeasures;
		key_begin(&key, s[2], slice_of(plan->measure[id].id, KEY_ID));
		strbuf_add(&key, s + 5, (size_t)(tab - s) - 5);
		state = slice_of(tab + 1, (size_t)(stop - tab) - 1);
		if (key_split(&k, strbuf_slice(&key)) == 0 &&
		    state_valid(&k, state) &&
		    (strchr("ofw", k.kind) != NULL ||
			fold_fits(plan, &plan->measure[id], &k, &dims)))
			sorter_add(lines, strbuf_slice(&key), state);
	}
	strbuf_release(&key);
	strbuf_release(&dims);
	return 0;
}

static int
aggregate(const uint8_t *p, size_t n, size_t step, bool states, uint64_t flush,
    struct out *o)
{
	const struct conf_metric *v[METRICS_MAX];
	struct source *src = memory_source(p, n, step);
	struct sorter lines;
	struct plan plan;
	struct rows rows;
	struct fold fold;
	int got;

	plan_init(&plan, v, all_metrics(v));
	sorter_init(&lines, MEMORY, state_merge);
	got = states ? take_states(&plan, &lines, p, n)
		     : take_events(&plan, &lines, src, flush);
	rows_init(&rows, &plan, MEMORY);
	fold_init(&fold, &plan, &rows, MEMORY);
	fold.open = true;
	if (fold_all(&fold, &lines) == -1 ||
	    rows_put(&rows, o, row_format_find("tsv"), false, false) == -1) {
		if (!states)
			abort();
		got = -1;
	}
	fold_release(&fold);
	rows_release(&rows);
	sorter_release(&lines);
	plan_release(&plan);
	source_close(src);
	return got;
}

static void
check_rows(const struct out *o)
{
	struct slice last = SLICE_NULL, line, field;
	const char *p = o->buf, *end = p + o->len, *lf, *tab;
	int tabs;

	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			abort();
		line = slice_of(p, (size_t)(lf - p));
		if (last.p != NULL && slice_cmp(last, line) >= 0)
			abort();
		last = line;
		for (tabs = 0; p < lf; p = tab + 1) {
			tab = memchr(p, '\t', (size_t)(lf - p));
			if (tab == NULL)
				break;
			field = slice_of(p, (size_t)(tab - p));
			if (!slice_is(field, EV_NULL) &&
			    !text_valid(field, TEXT_COLUMN))
				abort();
			tabs++;
		}
		if (tabs != 5)
			abort();
	}
}

/* The lines of p in the other order, each with its LF. */
static size_t
backwards(const uint8_t *p, size_t n, uint8_t *dst)
{
	size_t end = n, from, len = 0;

	if (end > 0 && p[end - 1] == '\n')
		end--;
	for (;;) {
		for (from = end; from > 0 && p[from - 1] != '\n'; from--)
			;
		memcpy(dst + len, p + from, end - from);
		len += end - from;
		dst[len++] = '\n';
		if (from == 0)
			return len;
		end = from - 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct out o, again;
	bool states = n > 0 && data[0] >= 128;
	uint8_t *other;
	size_t len;

	if (n < 2)
		return 0;
	out_init_fd(&o, -1, "nowhere");
	out_init_fd(&again, -1, "nowhere");
	if (aggregate(data + 1, n - 1, data[0], states, 0, &o) == 0) {
		other = xmalloc(n + 1);
		len = backwards(data + 1, n - 1, other);
		if (aggregate(other, len, 4096, states, 3, &again) != 0)
			abort();
		if (!slice_eq(
			slice_of(o.buf, o.len), slice_of(again.buf, again.len)))
			abort();
		free(other);
		check_rows(&o);
	}
	free(o.buf);
	free(again.buf);
	return 0;
}
