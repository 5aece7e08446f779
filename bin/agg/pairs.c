#include "config.h"

#include "agg/pairs.h"

#include <stdlib.h>

#include "base/alloc.h"

uint32_t
pairs_id(struct pairs *p, const struct hash_key *hk, uint32_t a, uint32_t b)
{
	uint64_t key = (uint64_t)a << 32 | b;
	uint32_t id = index_find(&p->ix, hk, key);

	if (id != 0)
		return id;
	id = index_check(p->n + 1);
	(void)index_put(&p->ix, hk, key, id);
	p->key = xgrow(p->key, &p->cap, id, sizeof(*p->key));
	p->key[p->n++] = key;
	return id;
}

void
pairs_release(struct pairs *p)
{
	index_release(&p->ix);
	free(p->key);
	*p = (struct pairs){ 0 };
}

size_t
pairs_bytes(const struct pairs *p)
{
	return index_bytes(&p->ix) + p->cap * sizeof(*p->key);
}
