#include "config.h"

#include "agg/intake.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agg/key.h"
#include "agg/state.h"
#include "agg/tally.h"
#include "base/alloc.h"
#include "base/lines.h"
#include "base/msg.h"
#include "base/progress.h"
#include "base/reader.h"
#include "base/source.h"

/* Of the memory: what the tables take, and the lines. */
#define TABLES_SHARE 2
#define LINES_SHARE 4
/* Tables are looked at after as much input as this part of their memory. */
#define CHECK_SHARE 8

/* A key may hold a record, and each byte of it two. */
#define STATE_MAX (2 * EVENT_MAX + ((size_t)1 << 20))

/* One process's part of the work. */
struct worker {
	struct intake *in;
	struct sorter *lines;
	size_t memory;
	struct tally tally;
	struct event_reader reader;
	struct lines text; /* merge */
	struct progress *progress;
	size_t unchecked; /* bytes since the tables were looked at */
};

static void
worker_init(struct worker *w, struct intake *in, struct sorter *lines,
    size_t memory, struct progress *progress)
{
	*w = (struct worker){ .in = in, .lines = lines, .memory = memory };
	tally_init(&w->tally, in->plan, lines, in->partial || in->jobs > 1);
	event_reader_init(&w->reader);
	lines_init(&w->text, STATE_MAX);
	w->reader.in.progress = progress;
	w->text.in.progress = progress;
}

static void
worker_release(struct worker *w)
{
	event_reader_release(&w->reader);
	lines_release(&w->text);
	tally_release(&w->tally);
}

/* What the tables hold becomes lines when it is too much. */
static void
check_memory(struct worker *w, size_t bytes)
{
	w->unchecked += bytes;
	if (w->unchecked < w->memory / TABLES_SHARE / CHECK_SHARE)
		return;
	w->unchecked = 0;
	if (tally_bytes(&w->tally) > w->memory / TABLES_SHARE)
		tally_flush(&w->tally, true);
}

/* 0, or -1 (reported) where src cannot be read to its end. */
static int
read_events(struct worker *w, struct source *src)
{
	struct event ev;
	const char *why;
	int n;

	event_reader_attach(&w->reader, src);
	while ((n = event_reader_next(&w->reader, &ev)) == 1) {
		why = tally_add(&w->tally, &ev);
		if (why != NULL) {
			msg_error("%s:%llu: %s", src->name,
			    (unsigned long long)w->reader.line, why);
			return -1;
		}
		check_memory(w, ev.text.n);
	}
	return n;
}

static int
check_marks(const struct worker *w, const struct source *src)
{
	const struct marks *m = &w->reader.marks;

	if (w->in->no_marks || marks_state(m) != MARK_CUT)
		return 0;
	msg_error("%s: the stream was cut: %llu begin and %llu end marks, "
		  "%llu rows promised, %llu read",
	    src->name, (unsigned long long)m->begins,
	    (unsigned long long)m->ends,
	    (unsigned long long)marks_counter(m, "rows"),
	    (unsigned long long)m->rows_read);
	return -1;
}

/* 1: wanted, 0: of another metric, -1: no state. */
static int
check_state(const struct worker *w, struct slice line, struct slice *key,
    struct slice *state)
{
	const char *tab = memchr(line.p, '\t', line.n);
	struct key k;

	*key = slice_of(line.p, tab != NULL ? (size_t)(tab - line.p) : line.n);
	*state = tab != NULL ? slice_of(tab + 1, line.n - key->n - 1)
			     : SLICE_LIT("");
	if (key_split(&k, *key) == -1 || !state_valid(&k, *state))
		return -1;
	if (k.kind == 'o' || k.kind == 'f' ||
	    plan_find(w->in->plan, k.id) != PLAN_NONE)
		return 1;
	return w->in->some ? 0 : -1;
}

static int
read_states(struct worker *w, struct source *src)
{
	struct slice key, state;
	struct line line;
	int n, r;

	lines_attach(&w->text, src);
	while ((n = lines_next(&w->text, &line)) == 1) {
		r = line.part == LINE_WHOLE
			? check_state(w, line.text, &key, &state)
			: -1;
		if (r == -1) {
			msg_error("%s:%llu: not a partial state of this "
				  "config's metrics",
			    src->name, (unsigned long long)line.number);
			return -1;
		}
		if (r == 1)
			sorter_add(w->lines, key, state);
	}
	return n;
}

static int
read_file(struct worker *w, const struct input *file)
{
	struct source *src = inputs_open(file);
	int status;

	if (src == NULL)
		return -1;
	if (w->in->merge) {
		status = read_states(w, src);
	} else {
		status = read_events(w, src);
		msg_debug("%s: %llu events", src->name,
		    (unsigned long long)w->reader.marks.rows_read);
		if (status == 0)
			status = check_marks(w, src);
	}
	source_close(src);
	return status;
}

static void
finish_states(struct worker *w)
{
	uint64_t limited = w->in->plan->conds.limited;

	if (limited > 0)
		msg_warn("a regex gave up on %llu values, which do not match",
		    (unsigned long long)limited);
	if (!w->in->merge)
		tally_flush(&w->tally, false);
}

/* All files in this process; those that fail do not keep others from it. */
static int
run_alone(struct intake *in, const struct inputs *files)
{
	struct progress progress;
	struct worker w;
	int r = 0;

	progress_init(&progress);
	worker_init(&w, in, in->lines, in->memory, &progress);
	for (size_t i = 0; i < files->n; i++)
		if (read_file(&w, &files->v[i]) == -1)
			r = -1;
	progress_end(&progress);
	finish_states(&w);
	worker_release(&w);
	return r;
}

/* What the processes share. */
struct shared {
	atomic_size_t next; /* file to be read */
};

/* The whole life of a job: its exit status. */
static int
run_job(struct intake *in, const struct inputs *files, struct shared *shared,
    int fd)
{
	size_t memory = in->memory / in->jobs, i;
	struct sorter lines;
	struct worker w;
	int status = EV_EXIT_OK;

	sorter_init(&lines, memory / LINES_SHARE, state_merge);
	worker_init(&w, in, &lines, memory, NULL);
	while ((i = atomic_fetch_add(&shared->next, 1)) < files->n)
		if (read_file(&w, &files->v[i]) == -1)
			status = EV_EXIT_FAIL;
	finish_states(&w);
	if (sorter_finish(&lines) == -1 || sorter_write(&lines, fd) == -1)
		status = EV_EXIT_FAIL;
	worker_release(&w);
	sorter_release(&lines);
	return status;
}

/* Waits for a job, and takes its run. */
static int
take_job(struct intake *in, pid_t pid, int fd)
{
	int status;

	while (waitpid(pid, &status, 0) == -1) {
		if (errno != EINTR) {
			msg_error("a job: %s", msg_errno(errno));
			close(fd);
			return -1;
		}
	}
	if (WIFSIGNALED(status)) {
		msg_error("a job died of signal %d", WTERMSIG(status));
		close(fd);
		return -1;
	}
	sorter_adopt(in->lines, fd);
	return WEXITSTATUS(status) == EV_EXIT_OK ? 0 : -1;
}

static int
start_job(struct intake *in, const struct inputs *files, struct shared *shared,
    int *fd, pid_t *pid)
{
	*fd = sorter_temp();
	if (*fd == -1)
		return -1;
	*pid = fork();
	if (*pid == 0)
		_exit(run_job(in, files, shared, *fd));
	if (*pid == -1) {
		msg_error("fork: %s", msg_errno(errno));
		close(*fd);
		return -1;
	}
	return 0;
}

static int
run_jobs(struct intake *in, const struct inputs *files)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t *pid = xcalloc(in->jobs, sizeof(*pid));
	int *fd = xcalloc(in->jobs, sizeof(*fd)), r = 0;
	unsigned n = 0;

	if (shared == MAP_FAILED) {
		msg_error("mmap: %s", msg_errno(errno));
		r = -1;
	}
	while (r == 0 && n < in->jobs) {
		r = start_job(in, files, shared, &fd[n], &pid[n]);
		n += r == 0;
	}
	while (n-- > 0)
		if (take_job(in, pid[n], fd[n]) == -1)
			r = -1;
	if (shared != MAP_FAILED)
		munmap(shared, sizeof(*shared));
	free(pid);
	free(fd);
	return r;
}

int
intake_run(struct intake *in, const struct inputs *files)
{
	if (in->jobs > files->n)
		in->jobs = (unsigned)files->n;
	if (in->jobs < 2) {
		in->jobs = 1;
		return run_alone(in, files);
	}
	return run_jobs(in, files);
}
