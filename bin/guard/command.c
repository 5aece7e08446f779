#include "config.h"

#include "guard/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/event.h"
#include "base/msg.h"

/* What means something to sh, or parts the words of a command. */
#define SHELL_BYTES "|&;<>()$`\\\"' \t\n*?[#~=%"

/* sh, -c, command, its $0, the arguments, NULL. */
#define ARGV_MAX (4 + COMMAND_ARGS_MAX + 1)

/* Read by the signal handlers. */
static volatile sig_atomic_t group;
static volatile sig_atomic_t expired;

static void
on_alarm(int sig)
{
	(void)sig;
	expired = 1;
	kill(-group, SIGKILL);
}

static void
on_death(int sig)
{
	kill(-group, sig);
	/* SA_RESETHAND has restored the default action: die of it. */
	raise(sig);
}

/* While a command runs, these are handled otherwise. */
static const int deaths[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
#define NDEATHS (sizeof(deaths) / sizeof(deaths[0]))

struct actions {
	struct sigaction death[NDEATHS], alarm, pipe;
};

static void
set_actions(struct actions *old)
{
	struct sigaction death = { .sa_handler = on_death },
			 alarm = { .sa_handler = on_alarm },
			 ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	death.sa_flags = (int)SA_RESETHAND;
	sigemptyset(&death.sa_mask);
	sigemptyset(&alarm.sa_mask);
	sigemptyset(&ignore.sa_mask);
	for (size_t i = 0; i < NDEATHS; i++)
		if (sigaction(deaths[i], NULL, &old->death[i]) == 0 &&
		    old->death[i].sa_handler != SIG_IGN)
			sigaction(deaths[i], &death, NULL);
	sigaction(SIGALRM, &alarm, &old->alarm);
	sigaction(SIGPIPE, &ignore, &old->pipe);
	/* Whoever started this may have blocked it. */
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
restore_actions(const struct actions *old)
{
	for (size_t i = 0; i < NDEATHS; i++)
		sigaction(deaths[i], &old->death[i], NULL);
	sigaction(SIGALRM, &old->alarm, NULL);
	sigaction(SIGPIPE, &old->pipe, NULL);
}

/* The child: never returns. */
static void
execute(const struct command *c, int in)
{
	const char *argv[ARGV_MAX];
	size_t n = 0;

	setpgid(0, 0);
	if (dup2(in, STDIN_FILENO) == -1 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) == -1)
		_exit(EV_EXIT_FAIL);
	if (strpbrk(c->line, SHELL_BYTES) != NULL) {
		argv[n++] = "sh";
		argv[n++] = "-c";
	}
	argv[n++] = c->line;
	if (n > 1)
		argv[n++] = "ev-guard";
	for (size_t i = 0; i < c->nargs && i < COMMAND_ARGS_MAX; i++)
		argv[n++] = c->arg[i];
	argv[n] = NULL;
	execvp(argv[0], (char *const *)argv);
	msg_error("%s: %s: %s", c->name, argv[0], msg_errno(errno));
	/* As a shell says it. */
	_exit(errno == ENOENT ? 127 : 126);
}

/* Until all is written, or nobody reads it any more. */
static void
send_input(int fd, struct slice text)
{
	ssize_t n;

	while (text.n > 0) {
		n = write(fd, text.p, text.n);
		if (n == -1 && errno != EINTR)
			break;
		if (n > 0)
			text = slice_of(text.p + n, text.n - (size_t)n);
	}
	close(fd);
}

static int
wait_for(const struct command *c, pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == -1) {
		if (errno == EINTR)
			continue;
		msg_error("%s: %s", c->name, msg_errno(errno));
		return -1;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		msg_error("%s: exit %d", c->name, WEXITSTATUS(status));
	else if (expired)
		msg_error("%s: killed, as it took more than %u s", c->name,
		    c->seconds);
	else
		msg_error("%s: died of signal %d", c->name, WTERMSIG(status));
	return -1;
}

static int
attend(const struct command *c, pid_t child, int fd)
{
	struct actions old;
	int r;

	/* By both, as one of them must be the first. */
	setpgid(child, child);
	group = child;
	expired = 0;
	set_actions(&old);
	alarm(c->seconds);
	send_input(fd, c->input);
	r = wait_for(c, child);
	alarm(0);
	restore_actions(&old);
	return r;
}

int
command_run(const struct command *c)
{
	int fd[2];
	pid_t child;

	if (pipe(fd) == -1 || fcntl(fd[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(fd[1], F_SETFD, FD_CLOEXEC) == -1) {
		msg_error("%s: %s", c->name, msg_errno(errno));
		return -1;
	}
	/* Where it is ignored, no child can be waited for. */
	signal(SIGCHLD, SIG_DFL);
	child = fork();
	if (child == 0)
		execute(c, fd[0]);
	close(fd[0]);
	if (child == -1) {
		msg_error("%s: %s", c->name, msg_errno(errno));
		close(fd[1]);
		return -1;
	}
	return attend(c, child, fd[1]);
}
