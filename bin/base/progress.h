/*
 * progress: one line on stderr for a person who waits.
 *
 *	struct progress pr;
 *	progress_init(&pr);              shows only when stderr is a terminal
 *	reader.in.progress = &pr;        inbuf_fill() calls progress_tick()
 *	progress_end(&pr);               wipes the line
 *
 * Shows bytes, rate, and the time left where the source's size is known,
 * four times a second at most.
 */
#ifndef EV_BASE_PROGRESS_H
#define EV_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on;
	bool shown;	   /* a line stands on the terminal */
	uint64_t done;	   /* decompressed bytes of all sources */
	uint64_t start_ns; /* monotonic */
	uint64_t next_ns;
};

void progress_init(struct progress *p);
/* n more bytes; stored_read and stored_size as in source.h. */
void progress_tick(
    struct progress *p, uint64_t stored_read, uint64_t stored_size, uint64_t n);
void progress_end(struct progress *p);

#endif
