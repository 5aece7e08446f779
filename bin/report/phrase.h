/*
 * phrase: a sentence of pieces that differ in weight and in whose they are.
 *
 *	struct phrase ph = { 0 };
 *	phrase_addf(&ph, PIECE_STRONG, "%s", "1,959");
 *	phrase_addf(&ph, PIECE_PLAIN, " visitors");
 *	phrase_release(&ph);
 */
#ifndef EV_REPORT_PHRASE_H
#define EV_REPORT_PHRASE_H

#include <stddef.h>

#include "base/msg.h"
#include "base/strbuf.h"

enum piece_style {
	PIECE_PLAIN,
	PIECE_STRONG,
	PIECE_MUTED,
	PIECE_BAD,   /* a guardrail is down */
	PIECE_GIVEN, /* a stranger's text */
	PIECE_OWN    /* our words in place of one */
};

struct piece {
	enum piece_style style;
	char *text;
};

struct phrase {
	struct piece *piece;
	size_t n, cap;
};

/* Paragraphs. */
struct phrases {
	struct phrase *v;
	size_t n, cap;
};

void phrase_addf(struct phrase *ph, enum piece_style style, const char *fmt,
    ...) MSG_PRINTF(3, 4);
/* Takes the text out of sb, which is empty then. */
void phrase_take(struct phrase *ph, enum piece_style style, struct strbuf *sb);
void phrase_release(struct phrase *ph);
/* An empty one more; good until the next one. */
struct phrase *phrases_add(struct phrases *ps);
void phrases_release(struct phrases *ps);

#endif
