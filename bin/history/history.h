/*
 * history: metric rows (ev-agg(1)) as metrics, their series and points.
 *
 *	struct history h = { 0 };
 *	history_read(&h, src);                -1: reported, with the line
 *	history_finish(&h, &conf->metrics);   -1: reported
 *	p = history_on(&h, series, day);      NULL: no row
 *	history_release(&h);
 *
 * Rows may come in any order and from several files; each (ds, metric,
 * dimensions) once.  The dimension `of' of a rate, which says what it is
 * over, is no part of what the row is for, and is left out.  Only days that
 * have a row are kept, so that a date of the year 9999 costs no more than
 * another.  A point has 40 bytes.
 */
#ifndef EV_HISTORY_HISTORY_H
#define EV_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/slice.h"
#include "base/source.h"
#include "base/strbuf.h"
#include "conf/metrics.h"

enum point_kind {
	POINT_NULL,  /* not known */
	POINT_ZERO,  /* a ratio over zero, num */
	POINT_COUNT, /* count */
	POINT_RATIO, /* num of den */
	POINT_VALUE  /* a decimal of neither, in value */
};

struct point {
	uint32_t day; /* into history.day */
	uint8_t kind;
	uint64_t count;
	double num, den; /* of a ratio or a mean */
	double value;	 /* of the kinds from POINT_COUNT on */
};

struct series {
	struct slice dims;   /* as written; empty: the total; owned */
	struct point *point; /* by day */
	size_t n, cap;
};

struct metric {
	struct slice name;		/* owned, NUL-terminated */
	const struct conf_metric *conf; /* NULL: the config has none such */
	struct series *series;		/* the total first, then by dims */
	size_t n, cap;
	size_t keys;  /* dimensions at most: 0 for totals alone */
	bool ratio;   /* some point is */
	bool counts;  /* all points are */
	bool percent; /* a ratio that is never above 1 */
	bool *on;     /* has a row, by history.day */
};

struct history {
	int64_t *day; /* since 1970-01-01, ascending */
	size_t ndays, days_cap;
	struct metric *metric; /* as in the config, then by name */
	size_t nmetrics, metrics_cap;
	uint64_t rows;
	uint32_t *at; /* of each date that there is: index into day, plus 1 */
	struct strbuf text; /* dims without `of' */
	/* While reading: metrics and series by hash. */
	struct hash_key key;
	struct history_slot *slot;
	size_t nslots, used;
};

/* Reads src to its end; 0, or -1 (reported). */
int history_read(struct history *h, struct source *src);
/* The same for n files, plain or compressed, or stdin where there are none;
 * what is wrong with one keeps no other from being read.  Of a directory
 * its own *.tsv, *.tsv.gz and *.tsv.zst are read. */
int history_read_files(struct history *h, char **files, int n);
/* The day is one of the history, too, though no row may be of it. */
void history_add_day(struct history *h, int64_t day);
/* 0, or -1 (reported): no row at all, or one twice. */
int history_finish(struct history *h, const struct conf_metrics *conf);
void history_release(struct history *h);

/* The metric of that name, or NULL. */
const struct metric *history_metric(const struct history *h, struct slice name);
/* Is m of days?  What the config does not know is taken for it. */
bool metric_is_daily(const struct metric *m);
/* Is any?  Rows of weeks alone do not tell which days there were. */
bool history_is_daily(const struct history *h);
/* The series of m without dimensions, or NULL. */
const struct series *metric_total(const struct metric *m);
/* The series of those dimensions as written, or NULL. */
const struct series *metric_find(const struct metric *m, struct slice dims);

/* The index of a day, or -1 when no row is of it. */
int history_day(const struct history *h, int64_t day);
const struct point *history_on(
    const struct history *h, const struct series *s, int64_t day);

#endif
