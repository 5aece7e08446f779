/*
 * utf8: code points, which of them may be shown, and how wide they are.
 *
 *	while (utf8_next(&rest, &c))       c: a code point, or UTF8_BAD + byte
 *
 * Shown are those that have a place of their own and leave the others in
 * theirs: no controls, no line or paragraph separators, nothing that turns
 * the direction of text (the Bidi_Control property), no invisible ones
 * that make two names look the same, no private use, no noncharacters.
 * Widths are those of wcwidth(3) on a UTF-8 terminal, in coarse ranges.
 */
#ifndef EV_REPORT_UTF8_H
#define EV_REPORT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define UTF8_BAD UINT32_C(0x80000000)

/* 1 and a code point, or 0 at the end; rest moves on. */
int utf8_next(struct slice *rest, uint32_t *c);
bool utf8_shown(uint32_t c);
bool utf8_all_shown(struct slice s);
/* Columns: 0 for combining marks, 2 for wide ones. */
unsigned utf8_width(uint32_t c);
/* Of a whole text. */
size_t utf8_columns(struct slice s);

#endif
