#include "config.h"

#include "base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/strbuf.h"

/* An output, the rejects, and what else a run writes at once. */
#define TEMP_MAX 8

/* Read by the signal handler: a slot is set last and cleared first. */
static char *volatile slots[TEMP_MAX];
static bool installed;

static void
unlink_all(void)
{
	size_t i;

	for (i = 0; i < TEMP_MAX; i++)
		if (slots[i] != NULL)
			unlink(slots[i]);
}

static void
on_signal(int sig)
{
	unlink_all();
	/* SA_RESETHAND has restored the default action: die of it. */
	raise(sig);
}

static void
install(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
		SIGPIPE, SIGXCPU, SIGXFSZ };
	struct sigaction sa = { .sa_handler = on_signal }, old;
	size_t i;

	sa.sa_flags = (int)SA_RESETHAND;
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
	atexit(unlink_all);
	installed = true;
}

/* The file, and its name in sb; -1 on error (reported). */
static int
make_file(struct strbuf *sb, const char *final)
{
	const char *slash = strrchr(final, '/');
	size_t dir = slash != NULL ? (size_t)(slash - final) + 1 : 0;
	mode_t mask;
	int fd;

	strbuf_add(sb, final, dir);
	strbuf_addf(sb, ".%.200s.XXXXXX.tmp", final + dir);
	fd = mkostemps(sb->buf, 4, O_CLOEXEC);
	if (fd == -1) {
		msg_error("%s: %s", final, msg_errno(errno));
		return -1;
	}
	mask = umask(0);
	umask(mask);
	if (fchmod(fd, 0666 & ~mask) == -1) {
		msg_error("%s: %s", sb->buf, msg_errno(errno));
		unlink(sb->buf);
		close(fd);
		return -1;
	}
	return fd;
}

int
temp_create(const char *final, const char **path)
{
	struct strbuf sb = STRBUF_INIT;
	sigset_t all, before;
	size_t i;
	int fd;

	if (!installed)
		install();
	for (i = 0; i < TEMP_MAX && slots[i] != NULL; i++)
		;
	if (i == TEMP_MAX) {
		msg_error("%s: too many temporary files", final);
		return -1;
	}
	/* Who handles a signal knows of the file once it is there. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	fd = make_file(&sb, final);
	if (fd != -1)
		*path = slots[i] = strbuf_detach(&sb);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	strbuf_release(&sb);
	return fd;
}

static void
forget(const char *path)
{
	size_t i;
	char *p;

	for (i = 0; i < TEMP_MAX; i++)
		if (slots[i] == path) {
			p = slots[i];
			slots[i] = NULL;
			free(p);
			return;
		}
}

static int
sync_directory(const char *file)
{
	char *copy = xstrdup(file);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = -1;

	if (fd != -1) {
		/* EINVAL: a file system that has nothing to sync. */
		r = fsync(fd) == 0 || errno == EINVAL ? 0 : -1;
		close(fd);
	}
	if (r == -1)
		msg_error("%s: %s", file, msg_errno(errno));
	free(copy);
	return r;
}

int
temp_commit(const char *path, const char *final)
{
	if (rename(path, final) == -1) {
		msg_error("%s: %s", final, msg_errno(errno));
		return -1;
	}
	forget(path);
	return sync_directory(final);
}

void
temp_discard(const char *path)
{
	unlink(path);
	forget(path);
}
