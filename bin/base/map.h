/*
 * map: the other_properties column, k=v&k=v, sorted by the written keys.
 *
 *	struct slice rest = ev.col[EV_OTHER_PROPERTIES];
 *	struct map_pair pair;
 *
 *	while (map_next(&rest, &pair))
 *		...                             encoded text, borrowed
 *	if (map_get(map, SLICE_LIT("status"), &val))
 *
 * Keys and values are the encoded text of text.h; text_decode() gives the
 * bytes back.  A key without '=' has the value NULL (the dimensions of
 * ev-agg use that).  An empty map is an empty field; a NULL map reads as
 * empty.
 */
#ifndef EV_BASE_MAP_H
#define EV_BASE_MAP_H

#include "base/slice.h"

struct map_pair {
	struct slice key; /* as written */
	struct slice val; /* as written; p is NULL without '=' */
};

/* 1 and a pair, or 0 at the end.  rest moves on. */
int map_next(struct slice *rest, struct map_pair *pair);

/*
 * 1 and the value, or 0.  Linear: the maps are short and the keys sorted,
 * so the search ends at the first greater key.
 */
int map_get(struct slice map, struct slice key, struct slice *val);

#endif
