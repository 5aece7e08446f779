#include "config.h"

#include "base/map.h"

#include <string.h>

static struct map_pair
split_pair(const char *p, size_t n)
{
	const char *eq = memchr(p, '=', n);
	struct map_pair pair;

	if (eq == NULL) {
		pair.key = slice_of(p, n);
		pair.val = SLICE_NULL;
	} else {
		pair.key = slice_of(p, (size_t)(eq - p));
		pair.val = slice_of(eq + 1, n - (size_t)(eq - p) - 1);
	}
	return pair;
}

int
map_next(struct slice *rest, struct map_pair *pair)
{
	const char *amp;
	size_t n;

	if (rest->n == 0)
		return 0;
	amp = memchr(rest->p, '&', rest->n);
	n = amp != NULL ? (size_t)(amp - rest->p) : rest->n;
	*pair = split_pair(rest->p, n);
	if (amp != NULL)
		n++;
	rest->p += n;
	rest->n -= n;
	return 1;
}

int
map_get(struct slice map, struct slice key, struct slice *val)
{
	struct map_pair pair;
	int r;

	while (map_next(&map, &pair)) {
		r = slice_cmp(pair.key, key);
		if (r == 0) {
			*val = pair.val;
			return 1;
		}
		if (r > 0)
			break;
	}
	return 0;
}
