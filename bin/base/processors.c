#include "config.h"

#include "base/processors.h"

#include <limits.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

void
processors_share(void)
{
#ifdef SCHED_BATCH
	const struct sched_param none = { 0 };

	if ((is_pipe(STDIN_FILENO) || is_pipe(STDOUT_FILENO)) &&
	    sched_getscheduler(0) == SCHED_OTHER)
		(void)sched_setscheduler(0, SCHED_BATCH, &none);
#endif
}

/* That this process may use. */
static unsigned
processors(void)
{
	long n;
#ifdef CPU_COUNT
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (unsigned)CPU_COUNT(&set);
#endif
	/* Not asked for, or more than a set holds. */
	n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 && n < INT_MAX ? (unsigned)n : 1;
}

/*
 * In the middle of a pipe there are more stages than two processors.  With one
 * thread each, the kernel lets two of them take turns on one processor, while
 * the other is idle for want of input or of room; a thread more is there for
 * it: parse, enrich and agg took 0.88 of the time.
 */
unsigned
processors_usual(unsigned most, bool has_files)
{
	unsigned all = processors(), others, n;

	others = (unsigned)is_pipe(STDOUT_FILENO) +
		 (!has_files && is_pipe(STDIN_FILENO));
	n = all > others ? all - others : 1;
	if (others == 2 && all >= 2 && n < 2)
		n = 2;
	return n < most ? n : most;
}
