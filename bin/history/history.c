#include "config.h"

#include "history/history.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/map.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/utc.h"
#include "history/row.h"
#include "io/codec.h"

#define COLUMNS 6
#define HEADER "ds\tmetric\tdimensions\tvalue\tnumerator\tdenominator"

/* The calendar of utc.h, a date each; what is not touched takes no memory. */
#define FIRST_DAY (UTC_MIN / 86400)
#define CALENDAR ((size_t)((UTC_MAX - UTC_MIN) / 86400 + 1))

/* A metric (series is SIZE_MAX) or one of its series. */
struct history_slot {
	bool used;
	uint64_t hash;
	size_t metric;
	size_t series;
};

static bool
slot_is(const struct history *h, const struct history_slot *s, size_t metric,
    struct slice text)
{
	const struct metric *m = &h->metric[s->metric];

	if (metric == SIZE_MAX)
		return s->series == SIZE_MAX && slice_eq(m->name, text);
	return s->metric == metric && s->series != SIZE_MAX &&
	       slice_eq(m->series[s->series].dims, text);
}

/* The slot of a metric's name, or of the dims of one; maybe an empty one. */
static struct history_slot *
find_slot(
    const struct history *h, uint64_t hash, size_t metric, struct slice text)
{
	size_t i = hash & (h->nslots - 1);

	while (h->slot[i].used && (h->slot[i].hash != hash ||
				      !slot_is(h, &h->slot[i], metric, text)))
		i = (i + 1) & (h->nslots - 1);
	return &h->slot[i];
}

static void
grow_slots(struct history *h)
{
	struct history_slot *old = h->slot;
	size_t n = h->nslots, at;

	if ((h->used + 1) * 2 <= n)
		return;
	h->nslots = n == 0 ? 1024 : n * 2;
	h->slot = xcalloc(h->nslots, sizeof(*h->slot));
	for (size_t i = 0; i < n; i++) {
		if (!old[i].used)
			continue;
		at = old[i].hash & (h->nslots - 1);
		while (h->slot[at].used)
			at = (at + 1) & (h->nslots - 1);
		h->slot[at] = old[i];
	}
	free(old);
}

static uint64_t
text_hash(const struct history *h, size_t metric, struct slice text)
{
	return hash_mix(&h->key, metric, hash_slice(&h->key, text));
}

static struct slice
copy(struct slice s)
{
	return slice_of(xmemdup(s.p, s.n), s.n);
}

static size_t
intern_metric(struct history *h, struct slice name)
{
	uint64_t hash = text_hash(h, SIZE_MAX, name);
	struct history_slot *slot;

	grow_slots(h);
	slot = find_slot(h, hash, SIZE_MAX, name);
	if (slot->used)
		return slot->metric;
	h->metric = xgrow(
	    h->metric, &h->metrics_cap, h->nmetrics + 1, sizeof(*h->metric));
	h->metric[h->nmetrics] = (struct metric){ .name = copy(name) };
	*slot = (struct history_slot){ true, hash, h->nmetrics, SIZE_MAX };
	h->used++;
	return h->nmetrics++;
}

static struct series *
intern_series(struct history *h, size_t metric, struct slice dims)
{
	uint64_t hash = text_hash(h, metric, dims);
	struct metric *m = &h->metric[metric];
	struct history_slot *slot;

	grow_slots(h);
	slot = find_slot(h, hash, metric, dims);
	if (!slot->used) {
		m->series =
		    xgrow(m->series, &m->cap, m->n + 1, sizeof(*m->series));
		m->series[m->n] = (struct series){ .dims = copy(dims) };
		*slot = (struct history_slot){ true, hash, metric, m->n++ };
		h->used++;
	}
	return &m->series[slot->series];
}

static uint32_t
intern_day(struct history *h, int64_t day)
{
	uint32_t *at = &h->at[day - FIRST_DAY];

	if (*at == 0) {
		h->day =
		    xgrow(h->day, &h->days_cap, h->ndays + 1, sizeof(*h->day));
		h->day[h->ndays++] = day;
		*at = (uint32_t)h->ndays;
	}
	return *at - 1;
}

/* NULL, or why the three columns are no value. */
static const char *
read_point(struct point *p, const struct slice *col)
{
	double ratio;

	if (!slice_is(col[1], EV_NULL) || !slice_is(col[2], EV_NULL)) {
		if (row_decimal(col[1], &p->num) == -1 ||
		    row_decimal(col[2], &p->den) == -1 || p->den < 0)
			return "numerator and denominator are no numbers";
		p->kind = p->den == 0 ? POINT_ZERO : POINT_RATIO;
		if (p->kind == POINT_ZERO)
			return slice_is(col[0], EV_NULL) ? NULL
							 : "a value over zero";
		p->value = p->num / p->den;
		/* What rounding to a double leaves apart. */
		if (row_decimal(col[0], &ratio) == -1 ||
		    fabs(ratio - p->value) > 1e-9 * (1 + fabs(p->value)))
			return "the value is not numerator over denominator";
		return NULL;
	}
	if (slice_is(col[0], EV_NULL)) {
		p->kind = POINT_NULL;
	} else if (number_u64(col[0], &p->count) == 0) {
		p->kind = POINT_COUNT;
		p->value = (double)p->count;
	} else if (row_decimal(col[0], &p->value) == 0) {
		p->kind = POINT_VALUE;
	} else {
		return "the value is no number";
	}
	return NULL;
}

/* The map without its key `of'; into h->text where it has one. */
static struct slice
drop_of(struct history *h, struct slice dims)
{
	struct slice rest = dims, from = dims;
	struct map_pair pair;
	bool found = false;

	strbuf_clear(&h->text);
	while (from = rest, map_next(&rest, &pair)) {
		if (slice_is(pair.key, "of")) {
			found = true;
			continue;
		}
		if (h->text.len > 0)
			strbuf_addch(&h->text, '&');
		strbuf_add(&h->text, from.p, from.n - rest.n - (rest.n > 0));
	}
	return found ? strbuf_slice(&h->text) : dims;
}

/* NULL, or why it is no metric row. */
static const char *
add_row(void *arg, struct slice text)
{
	struct history *h = arg;
	struct slice col[COLUMNS];
	struct point p = { 0 };
	struct series *s;
	const char *why;
	int64_t day;

	if (row_split(text, col, COLUMNS) != COLUMNS)
		return "not six columns, as a metric row has";
	if (utc_parse_date(col[0], &day) == -1)
		return "ds is no date";
	if (conf_metric_name_error(col[1]) != NULL)
		return "that is no name of a metric";
	why = read_point(&p, col + 3);
	if (why != NULL)
		return why;
	p.day = intern_day(h, day);
	s = intern_series(h, intern_metric(h, col[1]),
	    p.kind == POINT_RATIO || p.kind == POINT_ZERO ? drop_of(h, col[2])
							  : col[2]);
	s->point = xgrow(s->point, &s->cap, s->n + 1, sizeof(*s->point));
	s->point[s->n++] = p;
	h->rows++;
	return NULL;
}

static void
start(struct history *h)
{
	if (h->at != NULL)
		return;
	h->text = STRBUF_INIT;
	hash_key_random(&h->key);
	h->at = xcalloc(CALENDAR, sizeof(*h->at));
}

void
history_add_day(struct history *h, int64_t day)
{
	start(h);
	(void)intern_day(h, day);
}

int
history_read(struct history *h, struct source *src)
{
	start(h);
	return row_read(src, HEADER, add_row, h);
}

static int
compare_days(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Where each day, in the order in which it was met, comes in the calendar. */
static uint32_t *
sort_days(struct history *h)
{
	int64_t *met = xcalloc(h->ndays, sizeof(*met));
	uint32_t *place = xcalloc(h->ndays, sizeof(*place));

	memcpy(met, h->day, h->ndays * sizeof(*met));
	qsort(h->day, h->ndays, sizeof(*h->day), compare_days);
	for (size_t i = 0; i < h->ndays; i++)
		h->at[h->day[i] - FIRST_DAY] = (uint32_t)i + 1;
	for (size_t i = 0; i < h->ndays; i++)
		place[i] = (uint32_t)history_day(h, met[i]);
	free(met);
	return place;
}

static int
compare_points(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

/* A part of a whole: whole numbers, the first not greater. */
static bool
is_part(const struct point *p)
{
	return p->num >= 0 && p->num <= p->den && floor(p->num) == p->num &&
	       floor(p->den) == p->den;
}

static int
finish_series(struct history *h, struct metric *m, struct series *s,
    const uint32_t *place)
{
	bool sorted = true;
	char date[UTC_DATE_LEN];

	for (size_t i = 0; i < s->n; i++) {
		struct point *p = &s->point[i];

		p->day = place[p->day];
		m->on[p->day] = true;
		m->ratio |= p->kind == POINT_RATIO || p->kind == POINT_ZERO;
		m->counts &= p->kind == POINT_COUNT;
		m->percent &= p->kind != POINT_RATIO || is_part(p);
		sorted &= i == 0 || p[-1].day < p->day;
	}
	if (sorted)
		return 0;
	qsort(s->point, s->n, sizeof(*s->point), compare_points);
	for (size_t i = 1; i < s->n; i++) {
		if (s->point[i - 1].day != s->point[i].day)
			continue;
		utc_format_date(date, h->day[s->point[i].day]);
		msg_error("two rows of %.*s, %s, dimensions '%.*s': was a day "
			  "computed twice, or a week day by day?",
		    UTC_DATE_LEN, date, m->name.p, (int)s->dims.n, s->dims.p);
		return -1;
	}
	return 0;
}

static int
compare_series(const void *a, const void *b)
{
	const struct series *x = a, *y = b;

	return slice_cmp(x->dims, y->dims);
}

static size_t
count_keys(struct slice dims)
{
	struct map_pair pair;
	size_t n = 0;

	while (map_next(&dims, &pair))
		n++;
	return n;
}

static int
finish_metric(struct history *h, struct metric *m,
    const struct conf_metrics *conf, const uint32_t *place)
{
	size_t keys;
	int r = 0;

	m->on = xcalloc(h->ndays, sizeof(*m->on));
	m->counts = m->percent = true;
	for (size_t i = 0; i < m->n; i++)
		r |= finish_series(h, m, &m->series[i], place);
	qsort(m->series, m->n, sizeof(*m->series), compare_series);
	for (size_t i = 0; i < m->n; i++) {
		keys = count_keys(m->series[i].dims);
		m->keys = keys > m->keys ? keys : m->keys;
	}
	m->percent &= m->ratio;
	for (size_t i = 0; i < conf->n; i++)
		if (slice_is(m->name, conf->v[i].name.s))
			m->conf = &conf->v[i];
	/* Seconds below one are no part of a whole. */
	m->percent &= m->conf == NULL || m->conf->num.kind != MEASURE_MEAN;
	return r;
}

/* Entries of one array: those of the config in its order, then the others. */
static int
compare_metrics(const void *a, const void *b)
{
	const struct metric *x = a, *y = b;

	if (x->conf != NULL && y->conf != NULL)
		return (x->conf > y->conf) - (x->conf < y->conf);
	if (x->conf != NULL || y->conf != NULL)
		return x->conf != NULL ? -1 : 1;
	return slice_cmp(x->name, y->name);
}

static int
read_file(struct history *h, const char *file)
{
	struct source *src = codec_open(file);
	int status = src != NULL ? history_read(h, src) : -1;

	source_close(src);
	return status;
}

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

/* Not what a killed run left (base/temp.h), nor what is no day's rows. */
static int
select_entry(const struct dirent *e)
{
	return e->d_name[0] != '.' && (ends_with(e->d_name, ".tsv") ||
					  ends_with(e->d_name, ".tsv.gz") ||
					  ends_with(e->d_name, ".tsv.zst"));
}

/* Bytewise, whatever the locale. */
static int
compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_directory(struct history *h, const char *path)
{
	struct strbuf file = STRBUF_INIT;
	struct dirent **e = NULL;
	int n = scandir(path, &e, select_entry, compare_entries), status = 0;

	if (n == -1) {
		msg_error("%s: %s", path, msg_errno(errno));
		return -1;
	}
	if (n == 0)
		msg_warn("%s: no metric rows (*.tsv) in this directory", path);
	for (int i = 0; i < n; i++) {
		strbuf_clear(&file);
		strbuf_addf(&file, "%s/%s", path, e[i]->d_name);
		status |= read_file(h, file.buf);
		free(e[i]);
	}
	free(e);
	strbuf_release(&file);
	return status;
}

static int
read_operand(struct history *h, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") != 0 && stat(path, &st) == 0 &&
	    S_ISDIR(st.st_mode))
		return read_directory(h, path);
	return read_file(h, path);
}

int
history_read_files(struct history *h, char **files, int n)
{
	int i, status = n == 0 ? read_file(h, NULL) : 0;

	for (i = 0; i < n; i++)
		status |= read_operand(h, files[i]);
	return status;
}

int
history_finish(struct history *h, const struct conf_metrics *conf)
{
	uint32_t *place;
	int r = 0;

	free(h->slot);
	h->slot = NULL;
	if (h->rows == 0) {
		msg_error("no metric rows");
		return -1;
	}
	place = sort_days(h);
	for (size_t i = 0; i < h->nmetrics; i++)
		r |= finish_metric(h, &h->metric[i], conf, place);
	free(place);
	qsort(h->metric, h->nmetrics, sizeof(*h->metric), compare_metrics);
	return r;
}

void
history_release(struct history *h)
{
	for (size_t i = 0; i < h->nmetrics; i++) {
		struct metric *m = &h->metric[i];

		for (size_t j = 0; j < m->n; j++) {
			free((char *)m->series[j].dims.p);
			free(m->series[j].point);
		}
		free(m->series);
		free((char *)m->name.p);
		free(m->on);
	}
	free(h->metric);
	free(h->day);
	if (h->at != NULL)
		strbuf_release(&h->text);
	free(h->at);
	free(h->slot);
	*h = (struct history){ 0 };
}

const struct metric *
history_metric(const struct history *h, struct slice name)
{
	for (size_t i = 0; i < h->nmetrics; i++)
		if (slice_eq(h->metric[i].name, name))
			return &h->metric[i];
	return NULL;
}

bool
metric_is_daily(const struct metric *m)
{
	return m->conf == NULL || m->conf->period == PERIOD_DAY;
}

bool
history_is_daily(const struct history *h)
{
	for (size_t i = 0; i < h->nmetrics; i++)
		if (metric_is_daily(&h->metric[i]))
			return true;
	return false;
}

const struct series *
metric_total(const struct metric *m)
{
	return m->series[0].dims.n == 0 ? &m->series[0] : NULL;
}

const struct series *
metric_find(const struct metric *m, struct slice dims)
{
	struct series key = { .dims = dims };

	return bsearch(
	    &key, m->series, m->n, sizeof(*m->series), compare_series);
}

int
history_day(const struct history *h, int64_t day)
{
	if (day < FIRST_DAY || day >= FIRST_DAY + (int64_t)CALENDAR)
		return -1;
	return (int)h->at[day - FIRST_DAY] - 1;
}

const struct point *
history_on(const struct history *h, const struct series *s, int64_t day)
{
	int i = history_day(h, day);
	struct point key = { .day = (uint32_t)i };

	if (i == -1)
		return NULL;
	return bsearch(&key, s->point, s->n, sizeof(*s->point), compare_points);
}
