/*
 * msg: diagnostics on stderr, and the exit statuses of every filter.
 *
 *	msg_init("ev-parse");              first thing in main
 *	msg_warn("%s: %s", path, why);     "ev-parse: PATH: WHY"
 *	msg_error, msg_info, msg_debug     the same, as loud as they say
 *	msg_die(EV_EXIT_USAGE, "...");     the same, then exit
 *
 * One message is one line, written by one write(2), without a final full
 * stop.  Bytes that could drive a terminal (controls, DEL, C1, invalid
 * UTF-8) reach stderr as \xXX, whatever a stranger put into an argument.
 * A message longer than 4 KiB is cut and ends in "...".
 *
 * Only programs (bin/ev-*.c), this module and the allocator exit.
 */
#ifndef EV_BASE_MSG_H
#define EV_BASE_MSG_H

#include <stdarg.h>

/* ev(7) documents them. */
enum ev_exit {
	EV_EXIT_OK = 0,	       /* done; rejects are counted, not fatal */
	EV_EXIT_FAIL = 1,      /* input, output or integrity failure */
	EV_EXIT_USAGE = 2,     /* usage, config or database; nothing read */
	EV_EXIT_THRESHOLD = 3, /* --max-rejects, a guardrail */
	EV_EXIT_BUSY = 4,      /* another writer holds the table */
	EV_EXIT_OVERLAP = 5,   /* input overlaps what is stored */
	EV_EXIT_NO_VERDICT = 6 /* no verdict possible */
};

enum msg_level {
	MSG_QUIET = -1, /* -q: errors only */
	MSG_NORMAL = 0, /* warnings and summaries */
	MSG_VERBOSE = 1 /* -v: what was decided, and why */
};

#define MSG_PRINTF(f, a) __attribute__((__format__(__printf__, f, a)))

/* The name is kept, not copied. */
void msg_init(const char *program);
void msg_set_level(enum msg_level level);
enum msg_level msg_level(void);
const char *msg_program(void);

void msg_error(const char *fmt, ...) MSG_PRINTF(1, 2); /* always shown */
void msg_warn(const char *fmt, ...) MSG_PRINTF(1, 2);  /* unless -q */
void msg_info(const char *fmt, ...) MSG_PRINTF(1, 2);  /* unless -q */
void msg_debug(const char *fmt, ...) MSG_PRINTF(1, 2); /* with -v */
void msg_vline(const char *fmt, va_list ap);

/* A message, then exit(status).  Temporary files go, see temp.h. */
void msg_die(int status, const char *fmt, ...) MSG_PRINTF(2, 3)
    __attribute__((__noreturn__));

/* strerror, safe to call anywhere a message is made. */
const char *msg_errno(int errnum);

#endif
