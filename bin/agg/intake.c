#include "config.h"

#include "agg/intake.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agg/pieces.h"
#include "agg/state.h"
#include "agg/worker.h"
#include "base/alloc.h"
#include "base/msg.h"

/* Of a job's memory: what its lines take. */
#define LINES_SHARE 4

/* The marks of all pieces of a file, and whether one was not read. */
struct file_tell {
	atomic_ullong begins, ends, promised, rows;
	atomic_bool overflow, random, failed;
};

/* What the processes share. */
struct shared {
	atomic_size_t next; /* piece to be read */
	struct file_tell file[];
};

/* What all jobs know. */
struct work {
	struct intake *in;
	const struct inputs *files;
	struct pieces pieces;
	struct shared *shared;
	size_t shared_size;
	pid_t program; /* that takes the jobs' runs */
};

static void
add_tell(struct file_tell *f, const struct worker_tell *tell)
{
	atomic_fetch_add(&f->begins, tell->begins);
	atomic_fetch_add(&f->ends, tell->ends);
	atomic_fetch_add(&f->promised, tell->promised);
	atomic_fetch_add(&f->rows, tell->rows);
	if (tell->overflow)
		atomic_store(&f->overflow, true);
	if (tell->random)
		atomic_store(&f->random, true);
}

static int
read_piece(const struct work *work, struct worker *w, const struct piece *piece)
{
	struct file_tell *f = &work->shared->file[piece->file];
	struct source *src = pieces_open(piece, work->files);
	struct worker_tell tell;
	int r = src == NULL ? -1 : worker_read(w, src, &tell);

	source_close(src);
	if (r == 0) {
		add_tell(f, &tell);
	} else {
		worker_put_flaw(w->lines, FLAW_UNREAD, 1);
		atomic_store(&f->failed, true);
	}
	return r;
}

/* A job whose program was killed takes no further piece: who would read it? */
static bool
is_wanted(const struct work *work)
{
	return getpid() == work->program || getppid() == work->program;
}

/* Piece after piece, as long as there is one that no other job has taken. */
static int
read_pieces(const struct work *work, struct sorter *lines, size_t memory,
    struct progress *progress)
{
	struct worker w;
	size_t i;
	int r = 0;

	worker_init(&w, work->in, lines, memory, progress);
	while (is_wanted(work) &&
	       (i = atomic_fetch_add(&work->shared->next, 1)) < work->pieces.n)
		if (read_piece(work, &w, &work->pieces.v[i]) == -1)
			r = -1;
	if (progress != NULL)
		progress_end(progress);
	if (worker_finish(&w) == -1)
		r = -1;
	worker_release(&w);
	return r;
}

static int
run_alone(const struct work *work)
{
	struct intake *in = work->in;
	struct progress progress;

	progress_init(&progress);
	return read_pieces(work, in->lines, in->memory, &progress);
}

/* The whole life of a job: its exit status. */
static int
run_job(const struct work *work, int fd)
{
	size_t memory = work->in->memory / work->in->jobs;
	struct sorter lines;
	int r;

	sorter_init(&lines, memory / LINES_SHARE, state_merge);
	r = read_pieces(work, &lines, memory, NULL);
	if (sorter_finish(&lines) == -1 || sorter_write(&lines, fd) == -1)
		r = -1;
	sorter_release(&lines);
	return r == 0 ? EV_EXIT_OK : EV_EXIT_FAIL;
}

/* The exit status of a job, or -1 (reported): it died. */
static int
wait_job(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1) {
		if (errno != EINTR) {
			msg_error("a job: %s", msg_errno(errno));
			return -1;
		}
	}
	if (WIFSIGNALED(status)) {
		msg_error("a job died of signal %d", WTERMSIG(status));
		return -1;
	}
	return WEXITSTATUS(status);
}

/* Waits for a job, and takes its run; that of one that died is lost. */
static int
take_job(const struct work *work, pid_t pid, int fd)
{
	int status = wait_job(pid);

	if (status == -1) {
		close(fd);
		worker_put_flaw(work->in->lines, FLAW_UNREAD, 1);
		return -1;
	}
	sorter_adopt(work->in->lines, fd);
	return status == EV_EXIT_OK ? 0 : -1;
}

static int
start_job(const struct work *work, int *fd, pid_t *pid)
{
	*fd = sorter_temp();
	if (*fd == -1)
		return -1;
	*pid = fork();
	if (*pid == 0)
		_exit(run_job(work, *fd));
	if (*pid == -1) {
		msg_error("fork: %s", msg_errno(errno));
		close(*fd);
		return -1;
	}
	return 0;
}

static int
run_jobs(const struct work *work)
{
	pid_t *pid = xcalloc(work->in->jobs, sizeof(*pid));
	int *fd = xcalloc(work->in->jobs, sizeof(*fd)), r = 0;
	unsigned n = 0;

	while (r == 0 && n < work->in->jobs) {
		r = start_job(work, &fd[n], &pid[n]);
		n += r == 0;
	}
	if (n == 0)
		worker_put_flaw(work->in->lines, FLAW_UNREAD, work->files->n);
	while (n-- > 0)
		if (take_job(work, pid[n], fd[n]) == -1)
			r = -1;
	free(pid);
	free(fd);
	return r;
}

/* Was each file complete, all of whose pieces are read? */
static int
check_files(const struct work *work)
{
	const struct intake *in = work->in;
	const char *name;
	int r = 0;

	for (size_t i = 0; i < work->files->n; i++) {
		struct file_tell *f = &work->shared->file[i];
		const struct worker_tell tell = { atomic_load(&f->begins),
			atomic_load(&f->ends), atomic_load(&f->promised),
			atomic_load(&f->rows), atomic_load(&f->overflow),
			atomic_load(&f->random) };

		if (tell.random)
			worker_put_flaw(in->lines, FLAW_RANDOM, tell.ends);
		/* Of one that failed this has been said. */
		if (atomic_load(&f->failed))
			continue;
		name = work->files->v[i].path;
		if (strcmp(name, "-") == 0)
			name = "stdin";
		if (worker_check(in, name, &tell) == 0)
			continue;
		worker_put_flaw(in->lines, FLAW_CUT, 1);
		r = -1;
	}
	return r;
}

/* 0, or -1 (reported). */
static int
work_init(struct work *work, struct intake *in, const struct inputs *files)
{
	void *p;

	*work = (struct work){ .in = in, .files = files, .program = getpid() };
	work->shared_size =
	    sizeof(*work->shared) + files->n * sizeof(work->shared->file[0]);
	p = mmap(NULL, work->shared_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		msg_error("mmap: %s", msg_errno(errno));
		return -1;
	}
	work->shared = p;
	pieces_plan(&work->pieces, files, in->jobs);
	if (in->jobs > work->pieces.n)
		in->jobs = (unsigned)work->pieces.n;
	return 0;
}

int
intake_run(struct intake *in, const struct inputs *files)
{
	struct work work;
	int r;

	worker_put_flaw(in->lines, FLAW_UNREAD, in->missing);
	if (work_init(&work, in, files) == -1) {
		worker_put_flaw(in->lines, FLAW_UNREAD, files->n);
		return -1;
	}
	r = in->jobs > 1 ? run_jobs(&work) : run_alone(&work);
	if (check_files(&work) == -1)
		r = -1;
	munmap(work.shared, work.shared_size);
	pieces_release(&work.pieces);
	return r;
}
