/*
 * datafile: the tables of share/, read whole.
 *
 *	char *path = datafile_path("bots.tsv");
 *	if (datafile_read(&text, path) == -1)            reported
 *		...
 *	datafile_start(&d, path, strbuf_slice(&text));
 *	while ((n = datafile_next(&d, field, 4)) == 1)
 *		...                             four slices into text
 *
 * Lines of fields between TABs; '#' in column one begins a comment, empty
 * lines are skipped.  The files are looked for in $EV_DATADIR, else where
 * `make install` puts them.
 */
#ifndef EV_ENRICH_DATAFILE_H
#define EV_ENRICH_DATAFILE_H

#include "base/slice.h"
#include "base/strbuf.h"

/* Ten times what the largest of them has. */
#define DATAFILE_MAX ((size_t)16 << 20)

struct datafile {
	const char *path;
	struct slice rest;
	unsigned line;
};

/* To be freed. */
char *datafile_path(const char *name);
/* 0, or -1 (reported). */
int datafile_read(struct strbuf *text, const char *path);

void datafile_start(struct datafile *d, const char *path, struct slice text);
/* 1, 0 at the end, -1: a line has not exactly n fields (reported). */
int datafile_next(struct datafile *d, struct slice *field, unsigned n);

#endif
