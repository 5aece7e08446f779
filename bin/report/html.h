/*
 * html: the page as one HTML file that asks for nothing else.
 *
 * Whatever is text is escaped for text and quoted attributes alike; there
 * is no URL, no style attribute and no script made of data.  The style and
 * the script stand in the page with their SHA-256 in a Content-Security-
 * Policy that allows nothing else, so that a string which got through
 * nevertheless would neither run nor load anything.
 *
 * The style sheet and the script are share/report.css and report.js,
 * compiled in: a page always fits the program that wrote it, and ev-report
 * needs no file beside itself.
 */
#ifndef EV_REPORT_HTML_H
#define EV_REPORT_HTML_H

#include "base/slice.h"
#include "base/strbuf.h"

/* & < > " ' as entities. */
void html_add(struct strbuf *sb, struct slice text);

#endif
