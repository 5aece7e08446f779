#include "config.h"

#include "parse/order.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/lines.h"
#include "base/utc.h"
#include "io/codec.h"
#include "parse/record.h"
#include "parse/rules.h"

/* As much of a log as is read at once. */
#define LOOK ((uint64_t)INBUF_SIZE)

struct log {
	char *file;
	char time[UTC_TIMESTAMP_LEN + UTC_MS_LEN]; /* sorts as text */
	size_t place;				   /* as named */
};

static bool
all_regular(char **files, size_t n)
{
	struct stat st;
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(files[i], "-") == 0 || stat(files[i], &st) == -1 ||
		    !S_ISREG(st.st_mode) || access(files[i], R_OK) == -1)
			return false;
	return true;
}

/* The first time of the source into log->time; false when there is none. */
static bool
first_time(struct record *rec, struct lines *lines, struct source *src,
    struct log *log)
{
	struct slice time;
	struct line line;

	lines_attach(lines, src);
	while (lines_next(lines, &line) == 1) {
		if (line.part == LINE_WHOLE &&
		    record_time(rec, line.text, &time)) {
			memset(log->time, 0, sizeof(log->time));
			memcpy(log->time, time.p, time.n);
			return true;
		}
		if (line.offset > LOOK)
			break;
	}
	return false;
}

static int
compare(const void *a, const void *b)
{
	const struct log *x = a, *y = b;
	int r = memcmp(x->time, y->time, sizeof(x->time));

	return r != 0 ? r : (x->place > y->place) - (x->place < y->place);
}

static void
read_times(const struct plan *plan, struct log *logs, size_t n)
{
	struct rules *rules = rules_new(&(struct conf_actions){ 0 });
	struct record *rec = record_new(plan, rules);
	struct source *src;
	struct lines lines;
	size_t i;

	lines_init(&lines, LINES_MAX);
	for (i = 0; i < n; i++) {
		src = codec_open(logs[i].file);
		if ((src == NULL || !first_time(rec, &lines, src, &logs[i])) &&
		    i > 0)
			memcpy(logs[i].time, logs[i - 1].time,
			    sizeof(logs[i].time));
		if (src != NULL)
			source_close(src);
	}
	lines_release(&lines);
	record_free(rec);
	rules_free(rules);
}

void
order_files(const struct plan *plan, char **files, size_t n)
{
	struct log *logs;
	size_t i;

	if (n < 2 || !all_regular(files, n))
		return;
	logs = xcalloc(n, sizeof(*logs));
	for (i = 0; i < n; i++)
		logs[i] = (struct log){ .file = files[i], .place = i };
	read_times(plan, logs, n);
	qsort(logs, n, sizeof(*logs), compare);
	for (i = 0; i < n; i++)
		files[i] = logs[i].file;
	free(logs);
}
