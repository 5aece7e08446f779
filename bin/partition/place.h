/*
 * place: the directory of a row, "ds=2026-11-21/dim_hostname=xx.com".
 *
 *	place_init(&pl, &conf.partition);
 *	dir = place_of(&pl, &ev);            borrowed until the next call
 *	place_release(&pl);
 *
 * ds must be a day; the caller looks.  A further value is written as Hive
 * does: what could be a path or a pattern is %XX, and so is a "_" that it
 * begins with, for "_other" and Hive's own name for NULL (and for empty) are
 * nobody's value.  So whatever a stranger has sent as Host is one name below
 * the day.
 *
 * A flood of values is one directory, _other: what is not in the config's
 * allow, what is too long for a name, and what comes when a column has had as
 * many values as the config's most.  These are the first ones of the stream,
 * not the most frequent ones: the counts are known at its end only, when the
 * rows have been written, and counting a flood takes memory that grows with
 * it.  So the place depends on the stream alone, and the config's allow is
 * what keeps a flood from taking the places.  The rows keep their columns.
 */
#ifndef EV_PARTITION_PLACE_H
#define EV_PARTITION_PLACE_H

#include <stddef.h>

#include "base/event.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "conf/partition.h"

#define PLACE_OTHER "_other"
#define PLACE_NULL "__HIVE_DEFAULT_PARTITION__"

struct place_column {
	struct slice name;
	int column;    /* -1: a property */
	char **values; /* in the order of their first rows, escaped */
	size_t n, cap;
};

struct place {
	const struct conf_partition *conf;
	struct place_column by[CONF_BY_MAX];
	size_t nby; /* beyond ds */
	size_t most;
	struct strbuf dir;
	struct strbuf value;
};

void place_init(struct place *pl, const struct conf_partition *conf);
void place_release(struct place *pl);
struct slice place_of(struct place *pl, const struct event *ev);

#endif
