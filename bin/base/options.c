#include "config.h"

#include "base/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ahead.h"
#include "base/msg.h"
#include "base/number.h"

static const char *usage_text = "";

/* A descriptor that is not there must fail when it is used, not be reused. */
static void
hold_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		/* stdin opened for writing, the others for reading: EBADF. */
		if (open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EV_EXIT_FAIL);
	}
}

void
options_start(const char *program, const char *usage)
{
	hold_standard_descriptors();
	msg_init(program);
	usage_text = usage;
}

void
options_init(struct options *o)
{
	*o = (struct options){ 0 };
	o->config = getenv("EV_CONFIG");
	if (o->config != NULL && *o->config == '\0')
		o->config = NULL;
}

static void __attribute__((__noreturn__)) print_and_exit(const char *text)
{
	fputs(text, stdout);
	if (fflush(stdout) == EOF || ferror(stdout))
		msg_die(EV_EXIT_FAIL, "stdout: %s", msg_errno(errno));
	exit(EV_EXIT_OK);
}

/* The first line of the usage: what the SYNOPSIS says. */
static void __attribute__((__noreturn__)) fail_with_synopsis(void)
{
	size_t n = strcspn(usage_text, "\n");

	fprintf(stderr, "%.*s\n", (int)n, usage_text);
	exit(EV_EXIT_USAGE);
}

void
options_common(struct options *o, int ch)
{
	switch (ch) {
	case 'c':
		o->config = optarg;
		break;
	case 'o':
		o->output = optarg;
		break;
	case 'H':
		o->header = true;
		break;
	case 'q':
		msg_set_level(MSG_QUIET);
		break;
	case 'v':
		msg_set_level(MSG_VERBOSE);
		break;
	case 'h':
		print_and_exit(usage_text);
	case 'V':
		printf("%s %s\n", msg_program(), PACKAGE_VERSION);
		print_and_exit("");
	case OPT_CHECK:
		o->check = true;
		break;
	case OPT_NO_MARKS:
		o->no_marks = true;
		break;
	default:
		/* getopt_long has said what it did not know. */
		fail_with_synopsis();
	}
}

unsigned
options_jobs(const char *arg)
{
	uint64_t n;

	if (number_u64(slice_str(arg), &n) == -1 || n == 0 || n > AHEAD_THREADS)
		options_usage("-j: a number from 1 to %d", AHEAD_THREADS);
	return (unsigned)n;
}

void
options_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	msg_vline(fmt, ap);
	va_end(ap);
	fail_with_synopsis();
}
