#include "config.h"

#include "report/phrase.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"

void
phrase_take(struct phrase *ph, enum piece_style style, struct strbuf *sb)
{
	ph->piece = xgrow(ph->piece, &ph->cap, ph->n + 1, sizeof(*ph->piece));
	ph->piece[ph->n++] = (struct piece){ style, strbuf_detach(sb) };
}

void
phrase_addf(struct phrase *ph, enum piece_style style, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_addvf(&sb, fmt, ap);
	va_end(ap);
	phrase_take(ph, style, &sb);
}

void
phrase_release(struct phrase *ph)
{
	for (size_t i = 0; i < ph->n; i++)
		free(ph->piece[i].text);
	free(ph->piece);
	*ph = (struct phrase){ 0 };
}

struct phrase *
phrases_add(struct phrases *ps)
{
	ps->v = xgrow(ps->v, &ps->cap, ps->n + 1, sizeof(*ps->v));
	ps->v[ps->n] = (struct phrase){ 0 };
	return &ps->v[ps->n++];
}

void
phrases_release(struct phrases *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		phrase_release(&ps->v[i]);
	free(ps->v);
	*ps = (struct phrases){ 0 };
}
