/*
 * Event streams of any bytes into metrics: rows of six fields in the order
 * of sort, and the same ones when the lines come backwards.
 */
#include "config.h"

#include "agg/adhoc.h"
#include "agg/plan.h"
#include "agg/rows.h"
#include "agg/tally.h"
#include "base/reader.h"
#include "base/text.h"

#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define METRICS_MAX 16

/* Those without a config, and each kind of field in a group. */
static size_t
all_metrics(const struct conf_metric **v)
{
	static struct conf_metrics preset, own;
	struct adhoc a = ADHOC_INIT;
	size_t i, n = 0;

	if (preset.n == 0) {
		conf_metrics_default(&preset);
		a.count = true;
		if (adhoc_distinct(&a, "user_id") != NULL ||
		    adhoc_by(&a, "dim_hostname,p,user_id") != NULL ||
		    adhoc_where(&a, "p=,a,\\N") != NULL)
			abort();
		adhoc_finish(&a, &own);
	}
	for (i = 0; i < preset.n; i++)
		v[n++] = &preset.v[i];
	for (i = 0; i < own.n; i++)
		v[n++] = &own.v[i];
	return n;
}

/* 0, or -1 when the stream is refused. */
static int
aggregate(const uint8_t *p, size_t n, size_t step, struct out *o)
{
	const struct conf_metric *v[METRICS_MAX];
	struct source *src = memory_source(p, n, step);
	struct event_reader r;
	struct plan plan;
	struct tally t;
	struct event ev;
	int got;

	plan_init(&plan, v, all_metrics(v));
	tally_init(&t, &plan);
	event_reader_init(&r);
	event_reader_attach(&r, src);
	while ((got = event_reader_next(&r, &ev)) == 1)
		if (tally_add(&t, &ev) == -1) {
			got = -1;
			break;
		}
	rows_put(o, &t);
	event_reader_release(&r);
	tally_release(&t);
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
	uint8_t *other;
	size_t len;

	if (n < 2)
		return 0;
	out_init_fd(&o, -1, "nowhere");
	out_init_fd(&again, -1, "nowhere");
	if (aggregate(data + 1, n - 1, data[0], &o) == 0) {
		other = xmalloc(n + 1);
		len = backwards(data + 1, n - 1, other);
		if (aggregate(other, len, 4096, &again) != 0)
			abort();
		if (!slice_eq(
			slice_of(o.buf, o.len), slice_of(again.buf, again.len)))
			abort();
		free(other);
	}
	check_rows(&o);
	free(o.buf);
	free(again.buf);
	return 0;
}
