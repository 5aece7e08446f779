#include "config.h"

#include "guard/notify.h"

#include <math.h>
#include <string.h>

#include "base/event.h"
#include "base/msg.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/utc.h"
#include "guard/command.h"

/*
 * A reason may quote what a stranger sent.  Linux takes 128 KiB as one
 * argument, and a command that cannot be started tells nobody.
 */
#define REASON_MAX 2000

enum {
	ARG_TURN,
	ARG_NAME,
	ARG_DAY,
	ARG_VERDICT,
	ARG_VALUE,
	ARG_EXPECTED,
	ARG_DROP,
	ARG_REASON,
	ARGS
};

struct message {
	struct strbuf arg[ARGS];
	struct strbuf text;
};

static void
message_init(struct message *m, enum turn turn, const char *name, int64_t day,
    enum verdict_kind kind)
{
	char date[UTC_DATE_LEN];

	for (int i = 0; i < ARGS; i++)
		m->arg[i] = STRBUF_INIT;
	m->text = STRBUF_INIT;
	utc_format_date(date, day);
	strbuf_adds(&m->arg[ARG_TURN], turn_names[turn]);
	strbuf_adds(&m->arg[ARG_NAME], name);
	strbuf_add(&m->arg[ARG_DAY], date, sizeof(date));
	strbuf_adds(&m->arg[ARG_VERDICT], verdict_name(kind));
}

static void
message_release(struct message *m)
{
	for (int i = 0; i < ARGS; i++)
		strbuf_release(&m->arg[i]);
	strbuf_release(&m->text);
}

static void
add_number(struct strbuf *sb, double v)
{
	char buf[JUDGE_NUMBER];

	judge_number(buf, v);
	strbuf_adds(sb, buf);
}

/* Cut between characters. */
static void
add_reason(struct strbuf *sb, const char *reason)
{
	size_t n = strlen(reason);

	if (n > REASON_MAX) {
		n = REASON_MAX;
		while (n > 0 && ((unsigned char)reason[n] & 0xc0) == 0x80)
			n--;
	}
	strbuf_add(sb, reason, n);
	if (reason[n] != '\0')
		strbuf_adds(sb, "...");
}

static int
run_command(const struct notify *n, const struct message *m)
{
	const char *arg[ARGS];
	struct command c = { .name = "--notify",
		.line = n->command,
		.arg = arg,
		.nargs = ARGS,
		.input = strbuf_slice(&m->text),
		.seconds = n->seconds };

	for (int i = 0; i < ARGS; i++)
		arg[i] = m->arg[i].buf;
	return command_run(&c);
}

/* Tells it, and only then it was told. */
static int
tell(struct notify *n, const struct message *m, struct incident *in,
    const struct incident *next)
{
	msg_debug("%s: %s", in->name, m->arg[ARG_TURN].buf);
	if (run_command(n, m) == -1)
		return -1;
	*in = *next;
	if (state_save(n->state) == -1)
		return -1;
	n->unsaved = false;
	return 0;
}

/* A day more was seen, and there is nothing to tell. */
static void
see(struct notify *n, struct incident *in, const struct incident *next)
{
	n->unsaved |= in->seen != next->seen || in->kind != next->kind;
	*in = *next;
}

static void
add_date(struct strbuf *sb, int64_t day)
{
	char date[UTC_DATE_LEN];

	utc_format_date(date, day);
	strbuf_add(sb, date, sizeof(date));
}

static void
health_text(struct message *m, enum turn turn, const struct incident *in)
{
	struct strbuf *sb = &m->text;

	if (turn == TURN_ENDED) {
		strbuf_addf(sb,
		    "The data of %s can be trusted again, or what was wrong "
		    "with them is how it is now.\n\n"
		    "They were not comparable since ",
		    m->arg[ARG_DAY].buf);
		add_date(sb, in->since);
		strbuf_adds(sb, ".\n");
		return;
	}
	strbuf_addf(sb,
	    "The data of %s are not comparable%s: no guardrail was judged.\n\n"
	    "%s\n",
	    m->arg[ARG_DAY].buf,
	    turn == TURN_WORSE ? ", for another reason" : "",
	    m->arg[ARG_REASON].buf);
}

int
notify_health(struct notify *n, const struct health *h, size_t i)
{
	struct incident *in = state_incident(n->state, STATE_DATA), next;
	const struct health_day *d = &h->day[i];
	int64_t day = h->history->day[i];
	enum turn turn;
	struct message m;
	size_t first = i;
	int r;

	if (d->begun)
		return 0;
	while (first > 0 && h->day[first - 1].signs != 0)
		first--;
	turn = state_health(in, d, day, h->history->day[first], &next);
	if (turn == TURN_NONE) {
		see(n, in, &next);
		return 0;
	}
	message_init(&m, turn, STATE_DATA, day,
	    turn == TURN_ENDED ? VERDICT_OK : VERDICT_NOT_COMPARABLE);
	add_number(&m.arg[ARG_VALUE], NAN);
	add_number(&m.arg[ARG_EXPECTED], NAN);
	add_number(&m.arg[ARG_DROP], NAN);
	add_reason(&m.arg[ARG_REASON], d->reason != NULL ? d->reason : EV_NULL);
	health_text(&m, turn, in);
	r = tell(n, &m, in, &next);
	message_release(&m);
	return r;
}

/* As people read it: a rate that is a part of a whole in percent. */
static void
add_value(struct strbuf *sb, const struct metric *m, double v)
{
	if (m->percent)
		strbuf_addf(sb, "%.2f%%", 100 * v);
	else
		strbuf_addf(sb, "%.6g", v);
}

static void
verdict_text(struct message *m, enum turn turn, const struct incident *in,
    const struct metric *metric, const struct verdict *v)
{
	static const char *const happened[TURNS][2] = {
		[TURN_BEGAN] = { "went down", "went up" },
		[TURN_WORSE] = { "is down further", "is up further" },
		[TURN_ENDED] = { "is as expected again",
		    "is as expected again" },
	};
	bool up =
	    metric->conf != NULL && metric->conf->guardrail == GUARDRAIL_UP;
	struct strbuf *sb = &m->text;

	strbuf_addf(sb, "%s %s on %s.\n\n", in->name, happened[turn][up],
	    m->arg[ARG_DAY].buf);
	strbuf_adds(sb, "value     ");
	add_value(sb, metric, v->value);
	strbuf_adds(sb, "\nexpected  ");
	add_value(sb, metric, v->expected);
	strbuf_adds(sb, up ? ", at most " : ", at least ");
	add_value(sb, metric, up ? v->high : v->low);
	strbuf_addf(sb, "\n%s      %.1f%%\nchance    %.2g\nsince     ",
	    up ? "rise" : "drop", 100 * v->drop, v->chance);
	add_date(sb, in->since);
	if (v->reason != NULL)
		strbuf_addf(sb, "\n\n%s", m->arg[ARG_REASON].buf);
	strbuf_addch(sb, '\n');
}

int
notify_verdict(struct notify *n, const struct metric *metric,
    const struct verdict *v, int64_t since)
{
	struct incident *in = state_incident(n->state, metric->name.p), next;
	enum turn turn = state_verdict(in, v, since, &next);
	struct message m;
	int r;

	if (turn == TURN_NONE) {
		see(n, in, &next);
		return 0;
	}
	message_init(&m, turn, in->name, v->day, v->kind);
	add_number(&m.arg[ARG_VALUE], v->value);
	add_number(&m.arg[ARG_EXPECTED], v->expected);
	add_number(&m.arg[ARG_DROP], v->drop);
	add_reason(&m.arg[ARG_REASON], v->reason != NULL ? v->reason : EV_NULL);
	verdict_text(&m, turn, turn == TURN_BEGAN ? &next : in, metric, v);
	r = tell(n, &m, in, &next);
	message_release(&m);
	return r;
}

int
notify_finish(struct notify *n)
{
	return n->unsaved ? state_save(n->state) : 0;
}
