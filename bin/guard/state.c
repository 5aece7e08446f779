#include "config.h"

#include "guard/state.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/event.h"
#include "base/lock.h"
#include "base/msg.h"
#include "base/out.h"
#include "base/source.h"
#include "base/strbuf.h"
#include "base/utc.h"
#include "history/row.h"
#include "io/codec.h"

#define MAGIC "#ev-guard-state\t1"
#define COLUMNS 6

const char *const turn_names[TURNS] = {
	[TURN_NONE] = "none",
	[TURN_BEGAN] = "began",
	[TURN_WORSE] = "worse",
	[TURN_ENDED] = "ended",
};

static const char *const kind_names[] = {
	[INCIDENT_NONE] = "ok",
	[INCIDENT_DOWN] = "down",
	[INCIDENT_FAULT] = "fault",
};
#define NKINDS (sizeof(kind_names) / sizeof(kind_names[0]))

/* What is worse: half as much again, or half of what was left. */
#define WORSE 1.5
#define LEFT 0.5

static struct incident *
find(const struct state *s, struct slice name)
{
	for (size_t i = 0; i < s->n; i++)
		if (slice_is(name, s->v[i]->name))
			return s->v[i];
	return NULL;
}

static struct incident *
add(struct state *s, struct slice name)
{
	struct incident *in = xcalloc(1, sizeof(*in));

	in->name = xmemdup(name.p, name.n);
	in->seen = INT64_MIN;
	s->v = xgrow(s->v, &s->cap, s->n + 1, sizeof(struct incident *));
	s->v[s->n++] = in;
	return in;
}

struct incident *
state_incident(struct state *s, const char *name)
{
	struct incident *in = find(s, slice_str(name));

	return in != NULL ? in : add(s, slice_str(name));
}

/* Reading. */

static int
read_kind(struct slice text, enum incident_kind *kind)
{
	for (size_t i = 0; i < NKINDS; i++) {
		if (!slice_is(text, kind_names[i]))
			continue;
		*kind = (enum incident_kind)i;
		return 0;
	}
	return -1;
}

/* A date, or NULL: none. */
static int
read_date(struct slice text, int64_t *day)
{
	*day = INT64_MIN;
	return slice_is(text, EV_NULL) ? 0 : utc_parse_date(text, day);
}

static int
read_sign(struct slice text, unsigned *signs)
{
	for (int i = 0; i < SIGNS; i++) {
		if (!slice_is(text, health_sign_names[i]))
			continue;
		*signs |= 1u << i;
		return 0;
	}
	return -1;
}

static int
read_signs(struct slice text, unsigned *signs)
{
	const char *comma;
	size_t n;

	if (slice_is(text, EV_NULL))
		return 0;
	for (;;) {
		comma = memchr(text.p, ',', text.n);
		n = comma != NULL ? (size_t)(comma - text.p) : text.n;
		if (read_sign(slice_of(text.p, n), signs) == -1)
			return -1;
		if (comma == NULL)
			return 0;
		text = slice_of(comma + 1, text.n - n - 1);
	}
}

static int
add_row(struct state *s, struct slice text)
{
	struct slice col[COLUMNS];
	struct incident *in;

	if (row_split(text, col, COLUMNS) != COLUMNS || col[0].n == 0 ||
	    find(s, col[0]) != NULL)
		return -1;
	in = add(s, col[0]);
	return read_kind(col[1], &in->kind) == -1 ||
		       read_date(col[2], &in->since) == -1 ||
		       read_date(col[3], &in->seen) == -1 ||
		       row_decimal(col[4], &in->drop) == -1 ||
		       read_signs(col[5], &in->signs) == -1
		   ? -1
		   : 0;
}

struct reading {
	struct state *state;
	bool begun; /* the first line was right */
};

static const char *
take_row(void *arg, struct slice text)
{
	struct reading *r = arg;

	if (r->begun ? add_row(r->state, text) == 0 : slice_is(text, MAGIC)) {
		r->begun = true;
		return NULL;
	}
	return "this is no state of ev-guard";
}

/* A first run has no state; an empty file is one that was lost. */
static int
read_state(struct state *s)
{
	struct reading r = { .state = s };
	struct source *src;
	struct stat st;
	int status;

	if (stat(s->path, &st) == -1) {
		if (errno == ENOENT)
			return 0;
		msg_error("%s: %s", s->path, msg_errno(errno));
		return -1;
	}
	/* A device may have no end. */
	if (!S_ISREG(st.st_mode)) {
		msg_error("%s: no regular file", s->path);
		return -1;
	}
	src = codec_open(s->path);
	if (src == NULL)
		return -1;
	status = row_read(src, NULL, take_row, &r);
	source_close(src);
	if (status == 0 && !r.begun) {
		msg_error("%s: empty: this is no state of ev-guard", s->path);
		status = -1;
	}
	return status;
}

static int
open_lock(const char *path)
{
	struct strbuf name = STRBUF_INIT;
	int fd;

	strbuf_addf(&name, "%s.lock", path);
	fd = open(name.buf, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd == -1)
		msg_error("%s: %s", name.buf, msg_errno(errno));
	strbuf_release(&name);
	return fd;
}

int
state_open(struct state *s, const char *path, unsigned seconds)
{
	int r;

	*s = (struct state){ .path = path };
	s->lock = open_lock(path);
	if (s->lock == -1)
		return -1;
	r = lock_wait(s->lock, seconds);
	if (r == -1)
		msg_error("%s.lock: %s", path, msg_errno(errno));
	if (r == 0)
		msg_error("%s: another ev-guard has it", path);
	if (r == 1 && read_state(s) == -1)
		r = -1;
	if (r != 1)
		state_close(s);
	return r;
}

void
state_close(struct state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free((char *)s->v[i]->name);
		free(s->v[i]);
	}
	free(s->v);
	close(s->lock);
	*s = (struct state){ .lock = -1 };
}

/* Writing. */

static void
put_date(struct strbuf *sb, int64_t day)
{
	char date[UTC_DATE_LEN];

	strbuf_addch(sb, '\t');
	if (day == INT64_MIN) {
		strbuf_adds(sb, EV_NULL);
		return;
	}
	utc_format_date(date, day);
	strbuf_add(sb, date, sizeof(date));
}

static void
put_incident(struct strbuf *sb, const struct incident *in)
{
	const char *before = "\t";

	strbuf_addf(sb, "%s\t%s", in->name, kind_names[in->kind]);
	put_date(sb, in->kind != INCIDENT_NONE ? in->since : INT64_MIN);
	put_date(sb, in->seen);
	strbuf_addf(sb, "\t%.9g", in->drop);
	for (int i = 0; i < SIGNS; i++) {
		if ((in->signs & 1u << i) == 0)
			continue;
		strbuf_addf(sb, "%s%s", before, health_sign_names[i]);
		before = ",";
	}
	strbuf_adds(sb, in->signs == 0 ? "\t" EV_NULL "\n" : "\n");
}

int
state_save(const struct state *s)
{
	struct strbuf sb = STRBUF_INIT;
	struct out out;
	int r = out_open(&out, s->path);

	if (r == 0) {
		strbuf_adds(&sb, MAGIC "\n");
		for (size_t i = 0; i < s->n; i++)
			put_incident(&sb, s->v[i]);
		out_put(&out, sb.buf, sb.len);
		r = out_close(&out);
	}
	strbuf_release(&sb);
	return r;
}

/* What is to be told. */

static bool
is_older(const struct incident *in, int64_t day)
{
	char date[UTC_DATE_LEN], seen[UTC_DATE_LEN];

	if (day >= in->seen)
		return false;
	utc_format_date(date, day);
	utc_format_date(seen, in->seen);
	msg_warn("%s: nothing is told of %.*s: the state has seen %.*s",
	    in->name, UTC_DATE_LEN, date, UTC_DATE_LEN, seen);
	return true;
}

static bool
is_worse(double drop, double told)
{
	return drop >= WORSE * told ||
	       (told < 1 && drop <= 1 && 1 - drop <= LEFT * (1 - told));
}

enum turn
state_verdict(const struct incident *in, const struct verdict *v, int64_t since,
    struct incident *next)
{
	bool down = in->kind == INCIDENT_DOWN;

	*next = *in;
	if (is_older(in, v->day))
		return TURN_NONE;
	next->seen = v->day;
	if (v->kind == VERDICT_OK) {
		next->kind = INCIDENT_NONE;
		next->drop = 0;
		return down ? TURN_ENDED : TURN_NONE;
	}
	if (v->kind != VERDICT_DOWN || (down && !is_worse(v->drop, in->drop)))
		return TURN_NONE;
	next->kind = INCIDENT_DOWN;
	next->drop = v->drop;
	if (!down)
		next->since = since;
	return down ? TURN_WORSE : TURN_BEGAN;
}

enum turn
state_health(const struct incident *in, const struct health_day *h, int64_t day,
    int64_t since, struct incident *next)
{
	bool fault = in->kind == INCIDENT_FAULT;

	*next = *in;
	if (is_older(in, day))
		return TURN_NONE;
	next->seen = day;
	if (h->signs == 0) {
		next->kind = INCIDENT_NONE;
		next->signs = 0;
		return fault ? TURN_ENDED : TURN_NONE;
	}
	if (fault && (h->signs & ~in->signs) == 0)
		return TURN_NONE;
	next->kind = INCIDENT_FAULT;
	next->signs = in->signs | h->signs;
	if (!fault)
		next->since = since;
	return fault ? TURN_WORSE : TURN_BEGAN;
}
