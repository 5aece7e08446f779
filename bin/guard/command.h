/*
 * command: a program of the user's, with a text for it and a limit of time.
 *
 *	struct command c = { .name = "--notify", .line = line, .arg = args,
 *	    .nargs = n, .input = text, .seconds = 60 };
 *	command_run(&c)         0: it exited 0; -1 (reported)
 *
 * A name or path without anything that means something to a shell is executed
 * itself, all else by "sh -c", with the arguments as $1 and so on: they are
 * data there, never a part of the command.  What it prints goes to stderr, and
 * what it does not read is its own affair.
 *
 * It has a process group of its own.  That is killed when the time is over,
 * and gets SIGHUP, SIGINT, SIGQUIT and SIGTERM as this process does, which
 * then dies of them.  SIGALRM and its handler are this module's while it runs.
 */
#ifndef EV_GUARD_COMMAND_H
#define EV_GUARD_COMMAND_H

#include <stddef.h>

#include "base/slice.h"

#define COMMAND_ARGS_MAX 16

struct command {
	const char *name; /* in messages: a line may hold a secret */
	const char *line;
	const char *const *arg;
	size_t nargs; /* up to COMMAND_ARGS_MAX */
	struct slice input;
	unsigned seconds;
};

int command_run(const struct command *c);

#endif
