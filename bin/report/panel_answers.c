#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "report/amount.h"
#include "report/figure.h"
#include "report/label.h"
#include "report/panel.h"

/* Values of a field that an answer names. */
#define NAMED 5

static void
add_amount(struct phrase *ph, const struct metric *m, const struct amount *a)
{
	struct strbuf sb = STRBUF_INIT;

	figure_amount(&sb, m, a);
	phrase_take(ph, PIECE_STRONG, &sb);
}

static void
add_metric(const struct page *p, struct phrase *ph, const struct metric *m)
{
	struct amount a = panel_total(p, m);
	struct strbuf sb = STRBUF_INIT;

	add_amount(ph, m, &a);
	strbuf_addch(&sb, ' ');
	label_metric(&sb, p->conf, m->name);
	phrase_take(ph, PIECE_PLAIN, &sb);
	panel_add_usual(p, ph, m, metric_total(m));
}

static void
answer(struct page *p, const char *question, struct phrase *ph,
    const struct metric *m, const struct series *s)
{
	double v[DAYS_SPARK];

	if (m != NULL)
		panel_fill_spark(p, m, s, v);
	p->ops->answer(p, question, ph, v, m != NULL ? DAYS_SPARK : 0);
	phrase_release(ph);
}

static void
answer_people(struct page *p)
{
	const struct roles *r = p->roles;
	const struct metric *first = r->people != NULL ? r->people : r->traffic;
	struct phrase ph = { 0 };

	if (first == NULL)
		return;
	add_metric(p, &ph, first);
	if (r->traffic != NULL && r->traffic != first) {
		phrase_addf(&ph, PIECE_PLAIN, ", ");
		add_metric(p, &ph, r->traffic);
	}
	answer(p,
	    r->people != NULL ? "How many people came?"
			      : "How much traffic came?",
	    &ph, first, metric_total(first));
}

static void
add_value(struct phrase *ph, const struct field *f, const struct ranked *r,
    double whole)
{
	struct strbuf sb = STRBUF_INIT;
	bool own = label_value(&sb, f->key, panel_only_value(r->series->dims));

	phrase_take(ph, own ? PIECE_OWN : PIECE_GIVEN, &sb);
	phrase_addf(ph, PIECE_PLAIN, " ");
	add_amount(ph, f->lead, &r->amount);
	if (whole > 0) {
		strbuf_adds(&sb, " (");
		figure_share(&sb, r->amount.value / whole);
		strbuf_addch(&sb, ')');
		phrase_take(ph, PIECE_MUTED, &sb);
	}
}

static void
answer_field(struct page *p, const struct field *f)
{
	const struct metric *whole = roles_whole(p->roles, f->lead);
	double all = whole != NULL ? panel_total(p, whole).value : 0;
	struct phrase ph = { 0 };
	size_t n, named = 0, left = 0;
	struct ranked *v = panel_rank(p, f->lead, &n);

	for (size_t i = 0; i < n; i++) {
		if (label_own_host(
			p->conf, f->key, panel_only_value(v[i].series->dims)))
			continue;
		if (named == NAMED) {
			left++;
			continue;
		}
		if (named++ > 0)
			phrase_addf(&ph, PIECE_PLAIN, ", ");
		add_value(&ph, f, &v[i], all);
	}
	if (left > 0)
		phrase_addf(&ph, PIECE_MUTED, " and %zu more", left);
	if (named > 0)
		answer(p, label_question(f->key), &ph, NULL, NULL);
	phrase_release(&ph);
	free(v);
}

static void
answer_rate(struct page *p, const struct metric *rate)
{
	const struct metric *num = roles_numerator(p->roles, rate);
	const struct metric *den = roles_denominator(p->roles, rate);
	struct strbuf question = STRBUF_INIT, sb = STRBUF_INIT;
	struct amount a = panel_total(p, rate);
	struct phrase ph = { 0 };

	if (num == NULL || den == NULL) {
		label_metric(&question, p->conf, rate->name);
		strbuf_addch(&question, '?');
		add_metric(p, &ph, rate);
	} else {
		strbuf_adds(&question, "How many ");
		label_metric(&question, p->conf, num->name);
		strbuf_adds(&question, ", and what share of ");
		label_metric(&question, p->conf, den->name);
		strbuf_addch(&question, '?');
		add_metric(p, &ph, num);
		phrase_addf(&ph, PIECE_PLAIN, ", ");
		add_amount(&ph, rate, &a);
		strbuf_adds(&sb, " of ");
		label_metric(&sb, p->conf, den->name);
		phrase_take(&ph, PIECE_PLAIN, &sb);
		panel_add_usual(p, &ph, rate, metric_total(rate));
	}
	answer(p, question.buf, &ph, rate, metric_total(rate));
	strbuf_release(&question);
}

static void
add_verdict(const struct page *p, struct phrase *ph, const struct metric *m)
{
	const struct verdict *v = verdicts_on(p->verdicts, m->name, p->day);
	struct strbuf sb = STRBUF_INIT;

	label_metric(&sb, p->conf, m->name);
	strbuf_adds(&sb, ": ");
	phrase_take(ph, PIECE_PLAIN, &sb);
	phrase_addf(ph,
	    v != NULL && v->kind == VERDICT_DOWN ? PIECE_BAD : PIECE_STRONG,
	    "%s", v != NULL ? verdict_name(v->kind) : "not judged");
	if (v == NULL || isnan(v->expected))
		return;
	strbuf_adds(&sb, " (");
	figure_value(&sb, m, v->value);
	strbuf_adds(&sb, ", expected ");
	figure_value(&sb, m, v->expected);
	strbuf_addch(&sb, ')');
	phrase_take(ph, PIECE_MUTED, &sb);
}

/* Yes, where any did; no, where at least one was judged. */
static void
add_whether(const struct page *p, struct phrase *ph)
{
	const struct roles *r = p->roles;
	const struct verdict *v;
	bool down = false, ok = false;

	for (size_t i = 0; i < r->nrates; i++) {
		v = verdicts_on(p->verdicts, r->rate[i]->name, p->day);
		down |= v != NULL && v->kind == VERDICT_DOWN;
		ok |= v != NULL && v->kind == VERDICT_OK;
	}
	phrase_addf(ph, down ? PIECE_BAD : PIECE_STRONG, "%s",
	    down ? "Yes"
	    : ok ? "No"
		 : "Not known");
	phrase_addf(ph, PIECE_PLAIN, ". ");
}

static void
answer_guardrails(struct page *p)
{
	const struct roles *r = p->roles;
	struct phrase ph = { 0 };

	if (!r->guarded)
		return;
	add_whether(p, &ph);
	for (size_t i = 0; i < r->nrates; i++) {
		if (i > 0)
			phrase_addf(&ph, PIECE_PLAIN, "; ");
		add_verdict(p, &ph, r->rate[i]);
	}
	answer(p, "Did a guardrail go down?", &ph, NULL, NULL);
}

void
panel_answers(struct page *p)
{
	const struct roles *r = p->roles;

	p->ops->section(p, "answers", "The day",
	    "Usual is the mean of the same weekday in the four weeks before. "
	    "The small curves are the last four weeks.");
	answer_people(p);
	for (size_t i = 0; i < r->nfields; i++)
		if (label_question(r->field[i].key) != NULL)
			answer_field(p, &r->field[i]);
	for (size_t i = 0; i < r->nrates; i++)
		answer_rate(p, r->rate[i]);
	answer_guardrails(p);
}
