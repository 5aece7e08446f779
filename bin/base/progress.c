#include "config.h"

#include "base/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/msg.h"

#define SECOND UINT64_C(1000000000)
#define INTERVAL (SECOND / 4)
#define MIB (1024.0 * 1024.0)

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

void
progress_init(struct progress *p)
{
	*p = (struct progress){ 0 };
	p->on = isatty(STDERR_FILENO) && msg_level() >= MSG_NORMAL;
	if (p->on) {
		p->start_ns = now_ns();
		p->next_ns = p->start_ns + INTERVAL;
	}
}

static void
show(const struct progress *p, uint64_t stored_read, uint64_t stored_size,
    double seconds)
{
	double rate = (double)p->done / MIB / seconds, left;

	fprintf(stderr, "\r%s: %.0f MiB, %.0f MiB/s", msg_program(),
	    (double)p->done / MIB, rate);
	if (stored_size > stored_read && stored_read > 0) {
		left = seconds * (double)(stored_size - stored_read) /
		       (double)stored_read;
		fprintf(stderr, ", %.0f s left", left);
	}
	fputs("\033[K", stderr);
	fflush(stderr);
}

void
progress_tick(
    struct progress *p, uint64_t stored_read, uint64_t stored_size, uint64_t n)
{
	uint64_t now;

	if (!p->on)
		return;
	p->done += n;
	now = now_ns();
	if (now < p->next_ns)
		return;
	p->next_ns = now + INTERVAL;
	p->shown = true;
	show(p, stored_read, stored_size,
	    (double)(now - p->start_ns) / (double)SECOND);
}

void
progress_end(struct progress *p)
{
	if (p->shown) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	p->on = p->shown = false;
}
