/*
 * guess: which other format the rejected lines have.
 *
 * A log whose format was changed half-way is rejected from there on.  The
 * formats that are known, and those of the nginx.conf, are tried on each line
 * that is rejected, so that the summary can say which fits, and from where.
 *
 *	struct guess *g = guess_new(conf, nginx, rules);
 *	guess_line(g, source, &line);         of each that was rejected
 *	guess_report(g);
 *	guess_free(g);
 *
 * Nothing is compiled before the first reject.
 */
#ifndef EV_PARSE_GUESS_H
#define EV_PARSE_GUESS_H

#include "base/lines.h"
#include "conf/conf.h"
#include "conf/nginx.h"
#include "parse/rules.h"

struct guess;

/* All are borrowed; nginx may be an empty one. */
struct guess *guess_new(
    const struct conf *conf, const struct nginx *nginx, struct rules *rules);
void guess_free(struct guess *g);
void guess_line(struct guess *g, const char *source, const struct line *line);
void guess_report(const struct guess *g);

#endif
