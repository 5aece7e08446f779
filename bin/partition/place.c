#include "config.h"

#include "partition/place.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"

#define MOST_DEFAULT 100

/* FileUtils.java of Hive, and blanks, which no shell script is fit for. */
static const char special[] = " \"#%'*/:=?\\{[]^";

void
place_init(struct place *pl, const struct conf_partition *conf)
{
	struct place_column *col;
	size_t i;

	*pl = (struct place){ .conf = conf,
		.most = conf->most != 0 ? (size_t)conf->most : MOST_DEFAULT };
	for (i = 1; i < conf->by.n; i++) {
		col = &pl->by[pl->nby++];
		col->name = slice_of(conf->by.v[i].s, conf->by.v[i].n);
		col->column = event_column_find(col->name);
	}
}

void
place_release(struct place *pl)
{
	size_t i, k;

	for (i = 0; i < pl->nby; i++) {
		for (k = 0; k < pl->by[i].n; k++)
			free(pl->by[i].values[k]);
		free(pl->by[i].values);
	}
	strbuf_release(&pl->dir);
	strbuf_release(&pl->value);
}

static void
escape(struct strbuf *sb, struct slice s)
{
	unsigned char ch;
	size_t i;

	for (i = 0; i < s.n; i++) {
		ch = (unsigned char)s.p[i];
		if (ch < ' ' || ch == 0x7f || strchr(special, ch) != NULL ||
		    (ch == '_' && i == 0))
			strbuf_addf(sb, "%%%02X", ch);
		else
			strbuf_addch(sb, (char)ch);
	}
}

static bool
is_allowed(const struct conf_list *allow, struct slice s)
{
	size_t i;

	for (i = 0; i < allow->n; i++)
		if (slice_eq(s, slice_of(allow->v[i].s, allow->v[i].n)))
			return true;
	return allow->n == 0;
}

/* Is the value one of the column's, or may it become one? */
static bool
admit(struct place *pl, struct place_column *col, const char *value)
{
	size_t i;

	for (i = 0; i < col->n; i++)
		if (strcmp(col->values[i], value) == 0)
			return true;
	if (col->n == pl->most)
		return false;
	col->values =
	    xgrow(col->values, &col->cap, col->n + 1, sizeof(*col->values));
	col->values[col->n++] = xstrdup(value);
	return true;
}

static struct slice
value_of(const struct place_column *col, const struct event *ev)
{
	struct slice val;

	if (col->column != -1)
		return ev->col[col->column];
	if (map_get(ev->col[EV_OTHER_PROPERTIES], col->name, &val) == 1)
		return val;
	return slice_of(NULL, 0);
}

static void
add_column(struct place *pl, struct place_column *col, const struct event *ev)
{
	struct slice val = value_of(col, ev);

	strbuf_addch(&pl->dir, '/');
	strbuf_add(&pl->dir, col->name.p, col->name.n);
	strbuf_addch(&pl->dir, '=');
	if (val.n == 0) {
		strbuf_adds(&pl->dir, PLACE_NULL);
		return;
	}
	strbuf_clear(&pl->value);
	/* What is too long escaped is so before, or longer. */
	if (is_allowed(&pl->conf->allow, val) && val.n <= NAME_MAX)
		escape(&pl->value, val);
	if (pl->value.len == 0 || col->name.n + 1 + pl->value.len > NAME_MAX ||
	    !admit(pl, col, pl->value.buf))
		strbuf_adds(&pl->dir, PLACE_OTHER);
	else
		strbuf_add(&pl->dir, pl->value.buf, pl->value.len);
}

struct slice
place_of(struct place *pl, const struct event *ev)
{
	size_t i;

	strbuf_clear(&pl->dir);
	strbuf_adds(&pl->dir, "ds=");
	strbuf_add(&pl->dir, ev->col[EV_DS].p, ev->col[EV_DS].n);
	for (i = 0; i < pl->nby; i++)
		add_column(pl, &pl->by[i], ev);
	return strbuf_slice(&pl->dir);
}
