#include "config.h"

#include "history/row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/event.h"
#include "base/lines.h"
#include "base/msg.h"

/* What a double needs at most, as ev-agg writes it, and room to spare. */
#define DECIMAL_MAX 64

static int
read_lines(struct lines *l, const char *header, row_fn *fn, void *arg)
{
	const char *name = l->in.src->name, *why;
	struct line line;
	int r;

	while ((r = lines_next(l, &line)) == 1) {
		if (l->hole_bytes > 0)
			why = "NUL bytes before it";
		else if (line.part != LINE_WHOLE)
			why = "longer than a row can be";
		else if (header != NULL &&
			 slice_starts(line.text, slice_str(header)))
			why = NULL;
		else
			why = fn(arg, line.text);
		if (why == NULL)
			continue;
		msg_error(
		    "%s:%llu: %s", name, (unsigned long long)line.number, why);
		return -1;
	}
	return r;
}

int
row_read(struct source *src, const char *header, row_fn *fn, void *arg)
{
	struct lines lines;
	int r;

	lines_init(&lines, LINES_MAX);
	lines_attach(&lines, src);
	r = read_lines(&lines, header, fn, arg);
	lines_release(&lines);
	return r;
}

size_t
row_split(struct slice text, struct slice *col, size_t n)
{
	const char *p = text.p, *end = text.p + text.n, *tab;
	size_t i = 0;

	for (;; p = tab + 1, i++) {
		tab = p < end ? memchr(p, '\t', (size_t)(end - p)) : NULL;
		if (i < n)
			col[i] = slice_of(
			    p, (size_t)((tab != NULL ? tab : end) - p));
		if (tab == NULL)
			return i + 1;
	}
}

int
row_decimal(struct slice s, double *out)
{
	char buf[DECIMAL_MAX + 1], *end;

	if (s.n == 0 || s.n > DECIMAL_MAX)
		return -1;
	/* No blanks, no hexadecimal, no "inf". */
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || strchr("0123456789.eE+-", s.p[i]) == NULL)
			return -1;
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	*out = strtod(buf, &end);
	return *end == '\0' && isfinite(*out) ? 0 : -1;
}

int
row_number(struct slice s, double *out)
{
	*out = NAN;
	return slice_is(s, EV_NULL) ? 0 : row_decimal(s, out);
}
