/*
 * options: what the command lines of all filters share.
 *
 *	static const struct option longs[] = {
 *		OPTIONS_LONG,
 *		{ "rejects", required_argument, NULL, OPT_OWN },
 *		{ NULL, 0, NULL, 0 }
 *	};
 *	options_start("ev-parse", usage);            first line of main
 *	while ((ch = getopt_long(argc, argv, OPTIONS_SHORT, longs,
 *	    NULL)) != -1)
 *		switch (ch) {
 *		case OPT_OWN: ...
 *		default:
 *			options_common(&opts, ch);
 *		}
 *
 * options_common() exits for -h, -V and what it does not know (2, with the
 * usage).  usage is the SYNOPSIS of the man page and a line for each
 * option.
 */
#ifndef EV_BASE_OPTIONS_H
#define EV_BASE_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

#define OPTIONS_SHORT "c:o:HqvhV"
#define OPTIONS_LONG                                                           \
	{ "config", required_argument, NULL, 'c' },                            \
	    { "output", required_argument, NULL, 'o' },                        \
	    { "header", no_argument, NULL, 'H' },                              \
	    { "quiet", no_argument, NULL, 'q' },                               \
	    { "verbose", no_argument, NULL, 'v' },                             \
	    { "help", no_argument, NULL, 'h' },                                \
	    { "version", no_argument, NULL, 'V' },                             \
	    { "check", no_argument, NULL, OPT_CHECK },                         \
	{                                                                      \
		"no-marks", no_argument, NULL, OPT_NO_MARKS                    \
	}

enum { OPT_CHECK = 256, OPT_NO_MARKS, OPT_OWN = 512 };

struct options {
	const char *config; /* -c, else $EV_CONFIG, else NULL */
	const char *output; /* -o, NULL for stdout */
	bool header;	    /* -H */
	bool check;	    /* --check */
	bool no_marks;	    /* --no-marks */
};

/*
 * Names the program for diagnostics and usage, and makes sure that
 * descriptors 0-2 are open: a closed one would be reused by the next
 * open(2), and its file written to by mistake.
 */
void options_start(const char *program, const char *usage);
void options_init(struct options *o);
void options_common(struct options *o, int ch);
/* -j: a number of threads, of at most AHEAD_THREADS. */
unsigned options_jobs(const char *arg);
/* "ev-parse: WHY", the usage line, exit 2. */
void options_usage(const char *fmt, ...)
    __attribute__((__format__(__printf__, 1, 2), __noreturn__));

#endif
