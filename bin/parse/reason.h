/* reason: why a line is no event; the closed list. */
#ifndef EV_PARSE_REASON_H
#define EV_PARSE_REASON_H

enum reason {
	REASON_NONE,	 /* it is one */
	REASON_NUL,	 /* a NUL byte, not a hole at the line's start */
	REASON_TOO_LONG, /* over 1 MiB, or its record over EVENT_MAX */
	REASON_QUOTE,	 /* a '"' that the format asks for is not there */
	REASON_ESCAPE,	 /* a byte or sequence that the escape never writes */
	REASON_TIME,	 /* no such time */
	REASON_STATUS,	 /* not three digits */
	REASON_BYTES,	 /* not a count of bytes */
	REASON_ADDRESS,	 /* not an address */
	REASON_NUMBER,	 /* not a number */
	REASON_FORMAT,	 /* another literal is not there */
	REASON_COUNT
};

/* As written to the rejects file; reason_help says it in words. */
extern const char *const reason_names[REASON_COUNT];
extern const char *const reason_help[REASON_COUNT];

#endif
