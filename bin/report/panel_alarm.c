#include "config.h"

#include <string.h>

#include "history/cause.h"
#include "report/figure.h"
#include "report/label.h"
#include "report/panel.h"

static const struct verdict *
verdict_of(const struct page *p, const struct metric *m, int64_t day)
{
	return verdicts_on(p->verdicts, m->name, day);
}

static bool
says(struct slice reason, const char *words)
{
	size_t n = strlen(words);

	for (size_t i = 0; i + n <= reason.n; i++)
		if (memcmp(reason.p + i, words, n) == 0)
			return true;
	return false;
}

/* The dimension before the colon as people call it: "country: rate among". */
void
panel_add_reason(
    const struct page *p, struct phrase *ph, const struct verdict *v)
{
	struct slice rest = v->reason;
	struct strbuf sb = STRBUF_INIT;
	const char *colon = memchr(rest.p, ':', rest.n);

	if (v->kind == VERDICT_DOWN && colon != NULL &&
	    memchr(rest.p, ' ', (size_t)(colon - rest.p)) == NULL) {
		size_t n = (size_t)(colon - rest.p);

		label_field(&sb, p->conf, slice_of(rest.p, n));
		rest = slice_of(rest.p + n, rest.n - n);
	}
	label_long(&sb, rest);
	phrase_take(ph, PIECE_GIVEN, &sb);
}

/* The first of the days in a row, without one that was ok, that were down. */
static int64_t
down_since(const struct page *p, const struct metric *m)
{
	const struct verdict *v;
	int64_t since = p->day;

	for (int64_t day = p->day - 1; day >= p->history->day[0]; day--) {
		v = verdict_of(p, m, day);
		if (v == NULL || v->kind == VERDICT_OK)
			break;
		if (v->kind == VERDICT_DOWN)
			since = day;
	}
	return since;
}

static void
say_down(const struct page *p, struct phrase *ph, const struct metric *m,
    const struct verdict *v, bool up)
{
	struct strbuf sb = STRBUF_INIT;
	int64_t since = down_since(p, m);

	label_metric(&sb, p->conf, m->name);
	strbuf_adds(&sb, up ? " went up" : " went down");
	phrase_take(ph, PIECE_BAD, &sb);
	phrase_addf(ph, PIECE_PLAIN, ": ");
	figure_value(&sb, m, v->value);
	phrase_take(ph, PIECE_STRONG, &sb);
	strbuf_adds(&sb, ", expected ");
	figure_value(&sb, m, v->expected);
	strbuf_adds(
	    &sb, up ? "; chance stays below " : "; chance stays above ");
	figure_value(&sb, m, up ? v->high : v->low);
	if (since < p->day) {
		strbuf_adds(&sb, "; since ");
		figure_long_date(&sb, since);
	}
	phrase_take(ph, PIECE_PLAIN, &sb);
}

/* What to look at first, by what ev-guard's reason begins with. */
static const char *
advice(struct slice reason)
{
	if (says(reason, CAUSE_SAYS_MORE))
		return "There are more visits than usual, and they do less: "
		       "that is often bots that nobody knows yet. Look in "
		       "the log for what these have in common before you "
		       "change the site.";
	if (says(reason, CAUSE_SAYS_EVEN))
		return "Look at what all visitors share: the form, the "
		       "checkout, the payment, what was released that day.";
	if (says(reason, ": " CAUSE_SAYS_RATE))
		return "Try the site as these visitors do, and look at what "
		       "was changed for them that day.";
	if (says(reason, ": " CAUSE_SAYS_MIX))
		return "Look at what brings these visitors or keeps them "
		       "away: a campaign, a link, an outage elsewhere.";
	return "Look at what was changed that day.";
}

static void
alarm_of_guardrail(const struct page *p, struct phrases *ps,
    const struct metric *m, const struct verdict *v)
{
	bool up = m->conf != NULL && m->conf->guardrail == GUARDRAIL_UP;
	struct phrase *ph;

	say_down(p, phrases_add(ps), m, v, up);
	if (v->reason.n > 0) {
		ph = phrases_add(ps);
		phrase_addf(ph, PIECE_STRONG, "Why: ");
		panel_add_reason(p, ph, v);
	}
	ph = phrases_add(ps);
	phrase_addf(ph, PIECE_STRONG, "What to do: ");
	phrase_addf(ph, PIECE_PLAIN, "%s", advice(v->reason));
}

static void
alarm_of_day(struct phrase *ph, const struct verdict *v)
{
	struct strbuf sb = STRBUF_INIT;

	figure_iso(&sb, v->day);
	strbuf_adds(&sb, ": ");
	phrase_take(ph, PIECE_PLAIN, &sb);
	label_long(&sb, v->reason);
	phrase_take(ph, PIECE_GIVEN, &sb);
}

/* Where the data of the day are at fault, that is what there is to say. */
static void
alarm_of_data(const struct page *p, struct phrases *ps)
{
	const struct roles *r = p->roles;
	struct strbuf sb = STRBUF_INIT;
	const struct verdict *v;
	struct phrase *ph;

	/* ev-guard --day: a day that did not come. */
	for (size_t i = 0; i < p->verdicts->n; i++) {
		v = &p->verdicts->v[i];
		if (v->day <= p->day || v->kind != VERDICT_NOT_COMPARABLE)
			continue;
		alarm_of_day(phrases_add(ps), v);
		return;
	}
	for (size_t i = 0; i < r->nrates; i++) {
		v = verdict_of(p, r->rate[i], p->day);
		if (v == NULL || v->kind != VERDICT_NOT_COMPARABLE)
			continue;
		ph = phrases_add(ps);
		phrase_addf(ph, PIECE_PLAIN,
		    "The data of the day are at fault, and no guardrail was "
		    "judged by them: ");
		label_long(&sb, v->reason);
		phrase_take(ph, PIECE_GIVEN, &sb);
		return;
	}
}

void
panel_alarm(const struct page *p, struct phrases *ps)
{
	const struct roles *r = p->roles;
	const struct verdict *v;

	if (!r->guarded)
		return;
	for (size_t i = 0; i < r->nrates; i++) {
		v = verdict_of(p, r->rate[i], p->day);
		if (v != NULL && v->kind == VERDICT_DOWN)
			alarm_of_guardrail(p, ps, r->rate[i], v);
	}
	if (ps->n == 0)
		alarm_of_data(p, ps);
}
