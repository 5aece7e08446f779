#include "config.h"

#include "base/ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

enum state { EMPTY, READY };

struct slot {
	struct ahead_block block;
	ssize_t status;	 /* what ahead_next() returns */
	uint64_t number; /* of the block, from 1 */
	enum state state;
	char *room; /* AHEAD_CARRY bytes, AHEAD_SIZE, AHEAD_PAD */
};

struct worker {
	struct ahead *ahead;
	unsigned number;
	pthread_t thread; /* but for the first, who is the user */
};

struct ahead {
	struct source *src;
	ahead_fn *work;
	void *arg;
	unsigned nworkers;
	struct worker worker[AHEAD_THREADS];
	struct slot slot[AHEAD_BLOCKS]; /* worker i's are 2 i and 2 i + 1 */
	char *memory;			/* of the slots, and carry */
	uint64_t ntaken;		/* blocks that the user had */
	struct slot *end;		/* the last of them, or NULL */

	/* Held by the worker that reads: */
	pthread_mutex_t reading;
	uint64_t nread; /* blocks */
	ssize_t last;	/* what the source said last */
	bool over;	/* the last block was read */
	bool within;	/* the next byte is not the first of its line */
	char *carry;	/* the begin of the next block */
	size_t carry_n;

	/* Of the slots' states, and of: */
	pthread_mutex_t lock;
	pthread_cond_t ready, emptied;
	bool stop;
	int told[2]; /* a pipe that ahead_stop() closes; -1: reads never wait */
};

/* An empty slot of the worker's, or NULL; under the lock. */
static struct slot *
empty_slot(struct ahead *a, unsigned worker)
{
	struct slot *slot = &a->slot[2 * worker];

	if (slot[0].state == EMPTY)
		return slot;
	return slot[1].state == EMPTY ? slot + 1 : NULL;
}

/* The same once there is one; NULL: no more are wanted. */
static struct slot *
wait_empty(struct ahead *a, unsigned worker)
{
	struct slot *slot;

	pthread_mutex_lock(&a->lock);
	while ((slot = empty_slot(a, worker)) == NULL && !a->stop)
		pthread_cond_wait(&a->emptied, &a->lock);
	if (a->stop)
		slot = NULL;
	pthread_mutex_unlock(&a->lock);
	return slot;
}

/* Cuts the block behind its last line, if the rest can be carried. */
static void
cut(struct ahead *a, struct ahead_block *b, const char *lf)
{
	size_t whole = (size_t)(lf - b->data) + 1, rest = b->n - whole;

	b->whole = a->within ? 0 : whole;
	a->within = rest > AHEAD_CARRY;
	if (a->within)
		return;
	memcpy(a->carry, b->data + whole, rest);
	a->carry_n = rest;
	b->n = whole;
	memset(b->data + whole, 0, rest < AHEAD_PAD ? rest : AHEAD_PAD);
}

/* Reads a block: its bytes, or what the source says at its end. */
static ssize_t
fill(struct ahead *a, struct ahead_block *b, char *room)
{
	char *into = room + AHEAD_CARRY;
	const char *lf = NULL;

	b->data = into - a->carry_n;
	b->n = a->carry_n;
	b->whole = 0;
	memcpy(b->data, a->carry, a->carry_n);
	a->carry_n = 0;
	if (a->last > 0)
		a->last = source_read(a->src, into, AHEAD_SIZE);
	b->stored_read = a->src->stored_read;
	if (a->last > 0) {
		b->n += (size_t)a->last;
		lf = text_last_lf(into, (size_t)a->last);
	}
	memset(b->data + b->n, 0, AHEAD_PAD);
	if (lf != NULL)
		cut(a, b, lf);
	else
		a->within = true;
	/* Before its end comes a line that has no LF. */
	return b->n > 0 ? (ssize_t)b->n : a->last;
}

/* Is there something to read, which then does not wait?  wait: once there is,
 * and false after ahead_stop(). */
static bool
has_input(const struct ahead *a, bool wait)
{
	struct pollfd fd[2] = { { a->src->wait_fd, POLLIN, 0 },
		{ a->told[0], POLLIN, 0 } };
	int n;

	if (a->src->wait_fd == -1)
		return true;
	do
		n = poll(fd, 2, wait ? -1 : 0);
	while (n == -1 && errno == EINTR);
	/* An error of poll is better reported by the read. */
	return n == -1 || (fd[1].revents == 0 && fd[0].revents != 0);
}

/* What read_block() found. */
enum found { BLOCK, NOTHING_YET, NOTHING_MORE };

static enum found
read_now(struct ahead *a, struct slot *slot)
{
	enum found found = BLOCK;

	pthread_mutex_lock(&a->reading);
	if (a->over) {
		found = NOTHING_MORE;
	} else if (!has_input(a, false)) {
		found = NOTHING_YET;
	} else {
		slot->number = ++a->nread;
		slot->status = fill(a, &slot->block, slot->room);
		a->over = slot->status <= 0;
	}
	pthread_mutex_unlock(&a->reading);
	return found;
}

/* Nobody waits for input under the lock, for the user asks for it. */
static enum found
read_block(struct ahead *a, struct slot *slot, bool wait)
{
	enum found found;

	while ((found = read_now(a, slot)) == NOTHING_YET && wait)
		if (!has_input(a, true))
			return NOTHING_MORE;
	return found;
}

/* One block, read and worked on; false: there was none.  A thread waits for
 * one; the user does not, for a block that is ready may be the last for long,
 * unless there are no threads. */
static bool
one_block(struct ahead *a, unsigned worker, struct slot *slot)
{
	bool wait = worker > 0 || a->nworkers == 1;

	if (read_block(a, slot, wait) != BLOCK)
		return false;
	if (slot->status > 0 && slot->block.whole > 0)
		a->work(a->arg, worker, &slot->block);
	pthread_mutex_lock(&a->lock);
	slot->state = READY;
	pthread_cond_signal(&a->ready);
	pthread_mutex_unlock(&a->lock);
	return true;
}

static void *
run(void *arg)
{
	struct worker *w = arg;
	struct slot *slot;

	while ((slot = wait_empty(w->ahead, w->number)) != NULL &&
	       one_block(w->ahead, w->number, slot))
		;
	return NULL;
}

/* As many as there can be; signals are for the program's first thread. */
static void
create(struct ahead *a, unsigned n)
{
	sigset_t all, before;
	struct worker *w;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (a->nworkers = 1; a->nworkers < n; a->nworkers++) {
		w = &a->worker[a->nworkers];
		w->ahead = a;
		w->number = a->nworkers;
		if (pthread_create(&w->thread, NULL, run, w) != 0)
			break;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void
allocate(struct ahead *a, unsigned nslots)
{
	const size_t size = AHEAD_CARRY + AHEAD_SIZE + AHEAD_PAD;
	unsigned i;

	a->memory = xmalloc(nslots * size + AHEAD_CARRY);
	for (i = 0; i < nslots; i++) {
		a->slot[i].block.slot = i;
		a->slot[i].room = a->memory + i * size;
	}
	a->carry = a->memory + nslots * size;
}

static void
release(struct ahead *a)
{
	pthread_mutex_destroy(&a->reading);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->ready);
	pthread_cond_destroy(&a->emptied);
	if (a->told[0] != -1)
		close(a->told[0]);
	free(a->memory);
	free(a);
}

/* Without it ahead_stop() waits for the input that a thread waits for. */
static void
open_told(struct ahead *a)
{
	if (a->src->wait_fd == -1 || pipe2(a->told, O_CLOEXEC) == -1)
		a->told[0] = a->told[1] = -1;
}

struct ahead *
ahead_start(struct source *src, unsigned threads, ahead_fn *work, void *arg,
    const char *line, size_t n)
{
	struct ahead *a = xcalloc(1, sizeof(*a));

	a->src = src;
	a->work = work;
	a->arg = arg;
	a->last = 1;
	allocate(a, 2 * threads);
	memcpy(a->carry, line, n);
	a->carry_n = n;
	open_told(a);
	pthread_mutex_init(&a->reading, NULL);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->ready, NULL);
	pthread_cond_init(&a->emptied, NULL);
	create(a, threads);
	return a;
}

/* The slot with the block of that number, or NULL; under the lock. */
static struct slot *
ready_slot(struct ahead *a, uint64_t number)
{
	struct slot *slot = a->slot, *end = slot + 2 * a->nworkers;

	for (; slot < end; slot++)
		if (slot->state == READY && slot->number == number)
			return slot;
	return NULL;
}

/* Works until that block is ready, or waits for it where it cannot. */
static struct slot *
wait_ready(struct ahead *a, uint64_t number)
{
	struct slot *slot, *empty;
	bool worked;

	pthread_mutex_lock(&a->lock);
	while ((slot = ready_slot(a, number)) == NULL) {
		empty = empty_slot(a, 0);
		worked = false;
		if (empty != NULL) {
			pthread_mutex_unlock(&a->lock);
			worked = one_block(a, 0, empty);
			pthread_mutex_lock(&a->lock);
		}
		if (!worked && ready_slot(a, number) == NULL)
			pthread_cond_wait(&a->ready, &a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return slot;
}

ssize_t
ahead_next(struct ahead *a, struct ahead_block **block)
{
	struct slot *slot;

	if (a->end != NULL)
		return a->end->status;
	slot = wait_ready(a, ++a->ntaken);
	*block = &slot->block;
	if (slot->status <= 0)
		a->end = slot;
	return slot->status;
}

void
ahead_done(struct ahead *a, const struct ahead_block *block)
{
	pthread_mutex_lock(&a->lock);
	a->slot[block->slot].state = EMPTY;
	pthread_cond_broadcast(&a->emptied);
	pthread_mutex_unlock(&a->lock);
}

void
ahead_stop(struct ahead *a)
{
	unsigned i;

	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->emptied);
	pthread_mutex_unlock(&a->lock);
	if (a->told[1] != -1)
		close(a->told[1]);
	for (i = 1; i < a->nworkers; i++)
		pthread_join(a->worker[i].thread, NULL);
	release(a);
}
