#include "config.h"

#include "base/lock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/file.h>
#include <time.h>

/*
 * flock(2) cannot be told how long to wait.  A publication holds the lock
 * for milliseconds, so 20 ms between two tries cost nobody anything.
 */
#define LOCK_POLL_NS 20000000L
#define NS INT64_C(1000000000)

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NS + ts.tv_nsec;
}

int
lock_wait(int fd, unsigned seconds)
{
	const struct timespec pause = { 0, LOCK_POLL_NS };
	int64_t until = now_ns() + (int64_t)seconds * NS;

	for (;;) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 1;
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return -1;
		if (now_ns() >= until)
			return 0;
		nanosleep(&pause, NULL);
	}
}
