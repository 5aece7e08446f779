#include "config.h"

#include "agg/sorter.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "base/out.h"

/* Read ahead of a run; 64 of them are 4 MiB. */
#define RUN_BUFFER ((size_t)64 << 10)

/* A length as seven bits a byte, the last one below 128. */
#define VARINT_MAX 10

void
sorter_init(struct sorter *s, size_t memory, sorter_merge_fn *merge)
{
	*s = (struct sorter){ .merge = merge,
		.memory = memory,
		.key = STRBUF_INIT,
		.state = STRBUF_INIT,
		.other = STRBUF_INIT };
}

static void
run_release(struct sorter_run *r)
{
	if (r->fd != -1)
		close(r->fd);
	free(r->buf);
	strbuf_release(&r->key);
	strbuf_release(&r->state);
}

static void
drop_lines(struct sorter *s)
{
	free(s->arena);
	free(s->item);
	s->arena = NULL;
	s->item = NULL;
	s->len = s->cap = s->n = s->item_cap = s->next = 0;
}

void
sorter_release(struct sorter *s)
{
	drop_lines(s);
	for (size_t i = 0; i < s->nruns; i++)
		run_release(&s->run[i]);
	free(s->run);
	free(s->heap);
	strbuf_release(&s->key);
	strbuf_release(&s->state);
	strbuf_release(&s->other);
	*s = (struct sorter){ 0 };
}

static const char *
temp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir != NULL && dir[0] != '\0' ? dir : "/tmp";
}

int
sorter_temp(void)
{
	struct strbuf path = STRBUF_INIT;
	int fd;

	strbuf_addf(&path, "%s/ev-agg.XXXXXX", temp_dir());
	fd = mkstemp(path.buf);
	if (fd == -1)
		msg_error("%s: %s", path.buf, msg_errno(errno));
	else
		unlink(path.buf);
	strbuf_release(&path);
	return fd;
}

static void
put_varint(struct out *o, size_t v)
{
	char *p = out_reserve(o, VARINT_MAX);
	size_t n = 0;

	for (; v >= 128; v >>= 7)
		p[n++] = (char)(v | 128);
	p[n++] = (char)v;
	out_advance(o, n);
}

static void
put_line(
    struct out *o, struct strbuf *last, struct slice key, struct slice state)
{
	size_t same = 0, n = last->len < key.n ? last->len : key.n;

	while (same < n && last->buf[same] == key.p[same])
		same++;
	/* One more than the shared bytes: 0 is the end. */
	put_varint(o, same + 1);
	put_varint(o, key.n - same);
	put_varint(o, state.n);
	out_put(o, key.p + same, key.n - same);
	out_put_slice(o, state);
	strbuf_clear(last);
	strbuf_add_slice(last, key);
}

int
sorter_write(struct sorter *s, int fd)
{
	struct strbuf last = STRBUF_INIT, name = STRBUF_INIT;
	struct slice key, state;
	struct out o;
	int r;

	/* Who reads that the disk is full wants to know which. */
	strbuf_addf(&name, "temporary file in %s", temp_dir());
	/* Not closed by the out: the file is to be read. */
	out_init_fd(&o, fd, name.buf);
	while ((r = sorter_next(s, &key, &state)) == 1 && o.err == 0)
		put_line(&o, &last, key, state);
	put_varint(&o, 0);
	if (out_flush(&o) == -1)
		r = -1;
	out_abandon(&o);
	strbuf_release(&last);
	strbuf_release(&name);
	return r == 0 ? 0 : -1;
}

/* More bytes into the buffer; false at the end (reported: runs have one). */
static bool
run_fill(struct sorter_run *r)
{
	ssize_t n;

	do
		n = read(r->fd, r->buf, RUN_BUFFER);
	while (n == -1 && errno == EINTR);
	if (n <= 0) {
		msg_error("temporary file: %s",
		    n == 0 ? "it was cut" : msg_errno(errno));
		return false;
	}
	r->start = 0;
	r->end = (size_t)n;
	return true;
}

static int
get_varint(struct sorter_run *r, size_t *v)
{
	unsigned char c;

	*v = 0;
	for (unsigned shift = 0; shift < VARINT_MAX * 7; shift += 7) {
		if (r->start == r->end && !run_fill(r))
			return -1;
		c = (unsigned char)r->buf[r->start++];
		*v |= (size_t)(c & 127) << shift;
		if (c < 128)
			return 0;
	}
	msg_error("temporary file: it was changed");
	return -1;
}

static int
get_bytes(struct sorter_run *r, struct strbuf *sb, size_t n)
{
	size_t have;

	while (n > 0) {
		if (r->start == r->end && !run_fill(r))
			return -1;
		have = r->end - r->start < n ? r->end - r->start : n;
		strbuf_add(sb, r->buf + r->start, have);
		r->start += have;
		n -= have;
	}
	return 0;
}

/* The run's next line; 1, 0 at its end, -1 (reported). */
static int
run_next(struct sorter_run *r)
{
	size_t same, key, state;

	r->more = false;
	if (get_varint(r, &same) == -1)
		return -1;
	if (same == 0)
		return 0;
	if (get_varint(r, &key) == -1 || get_varint(r, &state) == -1)
		return -1;
	r->key.len = same - 1;
	strbuf_clear(&r->state);
	if (get_bytes(r, &r->key, key) == -1 ||
	    get_bytes(r, &r->state, state) == -1)
		return -1;
	r->more = true;
	return 1;
}

static int
compare_runs(const struct sorter *s, size_t a, size_t b)
{
	return slice_cmp(
	    strbuf_slice(&s->run[a].key), strbuf_slice(&s->run[b].key));
}

static void
sift_down(struct sorter *s, size_t at)
{
	size_t child, run = s->heap[at];

	for (; (child = 2 * at + 1) < s->nheap; at = child) {
		if (child + 1 < s->nheap &&
		    compare_runs(s, s->heap[child + 1], s->heap[child]) < 0)
			child++;
		if (compare_runs(s, run, s->heap[child]) <= 0)
			break;
		s->heap[at] = s->heap[child];
	}
	s->heap[at] = run;
}

void
sorter_adopt(struct sorter *s, int fd)
{
	struct sorter_run *r;

	s->run = xgrow(s->run, &s->run_cap, s->nruns + 1, sizeof(*s->run));
	r = &s->run[s->nruns++];
	*r = (struct sorter_run){
		.fd = fd, .key = STRBUF_INIT, .state = STRBUF_INIT
	};
}

/* All runs to their first lines, and the heap. */
static int
open_runs(struct sorter *s)
{
	struct sorter_run *r;

	s->heap = xreallocarray(s->heap, s->nruns + 1, sizeof(*s->heap));
	s->nheap = 0;
	for (size_t i = 0; i < s->nruns; i++) {
		r = &s->run[i];
		r->buf = xmalloc(RUN_BUFFER);
		r->start = r->end = 0;
		strbuf_clear(&r->key);
		if (lseek(r->fd, 0, SEEK_SET) == -1) {
			msg_error("temporary file: %s", msg_errno(errno));
			return -1;
		}
		switch (run_next(r)) {
		case -1:
			return -1;
		case 1:
			s->heap[s->nheap++] = i;
		}
	}
	for (size_t i = s->nheap / 2; i-- > 0;)
		sift_down(s, i);
	return 0;
}

/* All runs from that one on into one. */
static int
merge_runs(struct sorter *s, size_t from)
{
	struct sorter_run *runs = s->run;
	size_t nruns = s->nruns;
	unsigned level = runs[from].level + 1;
	int fd = sorter_temp(), r;

	if (fd == -1)
		return -1;
	s->run += from;
	s->nruns -= from;
	r = open_runs(s);
	if (r == 0)
		r = sorter_write(s, fd);
	s->run = runs;
	s->nruns = nruns;
	if (r == -1) {
		close(fd);
		return -1;
	}
	while (s->nruns > from)
		run_release(&s->run[--s->nruns]);
	sorter_adopt(s, fd);
	s->run[from].level = level;
	return 0;
}

/* The first of the last runs that are of the level of the one at last. */
static size_t
level_begin(const struct sorter *s, size_t last)
{
	size_t from = last;

	while (from > 0 && s->run[from - 1].level == s->run[last].level)
		from--;
	return from;
}

/*
 * Only runs of one level, which are of about one size, become one of the
 * next: a line is written once a level, not each time that runs are too many.
 */
static int
merge_level(struct sorter *s)
{
	size_t last = s->nruns - 1, from = level_begin(s, last);

	if (from == last && from > 0)
		from = level_begin(s, last - 1);
	return merge_runs(s, from);
}

static void
sort_lines(struct sorter *s)
{
	keysort(s->item, s->n);
	s->next = 0;
}

/* The lines in memory into a run of their own. */
static int
spill(struct sorter *s)
{
	struct sorter_run *runs = s->run;
	size_t nruns = s->nruns;
	int fd = sorter_temp(), r;

	if (fd == -1)
		return -1;
	sort_lines(s);
	/* sorter_next() reads the lines where there is no run. */
	s->run = NULL;
	s->nruns = s->nheap = 0;
	r = sorter_write(s, fd);
	s->run = runs;
	s->nruns = nruns;
	msg_debug("%zu states in a temporary file: --memory is used up", s->n);
	s->len = s->n = s->next = 0;
	if (r == -1) {
		close(fd);
		return -1;
	}
	sorter_adopt(s, fd);
	return s->nruns < SORTER_FAN_IN ? 0 : merge_level(s);
}

void
sorter_add(struct sorter *s, struct slice key, struct slice state)
{
	size_t size = keysort_size(key, state);

	if (s->err != 0)
		return;
	if (s->n > 0 &&
	    s->len + size + (s->n + 1) * sizeof(*s->item) > s->memory &&
	    spill(s) == -1) {
		s->err = -1;
		return;
	}
	if (s->len + size > s->cap) {
		/*
		 * Once: pages that are not touched cost nothing.  A line of
		 * its own may want more, and no other is there then.
		 */
		free(s->arena);
		s->cap = size > s->memory ? size : s->memory;
		s->arena = xmalloc(s->cap);
	}
	s->item = xgrow(s->item, &s->item_cap, s->n + 1, sizeof(*s->item));
	keysort_put(s->arena + s->len, key, state);
	s->item[s->n++].p = s->arena + s->len;
	s->len += size;
}

int
sorter_finish(struct sorter *s)
{
	if (s->err == 0 && s->nruns > 0) {
		if (s->n > 0 && spill(s) == -1)
			s->err = -1;
		drop_lines(s);
		if (s->err == 0)
			s->err = open_runs(s);
	}
	sort_lines(s);
	return s->err;
}

/* The next line, copied and not yet merged with its equals; 1, 0 or -1. */
static int
take(struct sorter *s, struct strbuf *key, struct strbuf *state)
{
	struct sorter_run *r;

	strbuf_clear(key);
	strbuf_clear(state);
	if (s->nruns == 0) {
		if (s->next == s->n)
			return 0;
		strbuf_add_slice(key, keysort_key(s->item[s->next].p));
		strbuf_add_slice(state, keysort_state(s->item[s->next++].p));
		return 1;
	}
	if (s->nheap == 0)
		return 0;
	r = &s->run[s->heap[0]];
	strbuf_add_slice(key, strbuf_slice(&r->key));
	strbuf_add_slice(state, strbuf_slice(&r->state));
	if (run_next(r) == -1)
		return -1;
	if (!r->more)
		s->heap[0] = s->heap[--s->nheap];
	if (s->nheap > 0)
		sift_down(s, 0);
	return 1;
}

/* The key of the next line; NULL at the end. */
static struct slice
peek(const struct sorter *s)
{
	if (s->nruns > 0)
		return s->nheap == 0 ? SLICE_NULL
				     : strbuf_slice(&s->run[s->heap[0]].key);
	return s->next == s->n ? SLICE_NULL : keysort_key(s->item[s->next].p);
}

/* The next line and all that have its key, merged in the sorter's buffers. */
static int
take_equals(struct sorter *s)
{
	struct strbuf equal = STRBUF_INIT, swap;
	int r = take(s, &s->key, &s->state);

	while (r == 1 && slice_eq(peek(s), strbuf_slice(&s->key))) {
		r = take(s, &equal, &s->other);
		if (r != 1)
			break;
		strbuf_clear(&equal);
		if (s->merge(&equal, strbuf_slice(&s->key),
			strbuf_slice(&s->state), strbuf_slice(&s->other)) == -1)
			r = -1;
		swap = s->state;
		s->state = equal;
		equal = swap;
	}
	strbuf_release(&equal);
	return r;
}

/* The next line in memory as it lies there, if no other has its key. */
static bool
take_single(struct sorter *s, struct slice *key, struct slice *state)
{
	const struct keysort_item *item;

	if (s->nruns > 0 || s->next == s->n)
		return false;
	item = s->item + s->next;
	*key = keysort_key(item->p);
	if (s->next + 1 < s->n && slice_eq(keysort_key(item[1].p), *key))
		return false;
	*state = keysort_state(item->p);
	s->next++;
	return true;
}

int
sorter_next(struct sorter *s, struct slice *key, struct slice *state)
{
	int r;

	if (s->err == 0 && take_single(s, key, state))
		return 1;
	r = s->err != 0 ? -1 : take_equals(s);
	if (r == -1)
		s->err = -1;
	*key = strbuf_slice(&s->key);
	*state = strbuf_slice(&s->state);
	return r;
}
