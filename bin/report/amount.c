#include "config.h"

#include "report/amount.h"

#include <math.h>

/* Days added up. */
struct pool {
	bool ratio;
	bool exact;
	uint64_t days;
	uint64_t count;
	double num, den;
	double sum;
};

static struct amount
of_point(const struct point *p)
{
	struct amount a = { 0 };

	a.ratio = p->kind == POINT_RATIO || p->kind == POINT_ZERO;
	a.known = p->kind >= POINT_COUNT;
	a.exact = p->kind == POINT_COUNT;
	a.count = p->count;
	a.num = p->num;
	a.den = p->den;
	a.value = p->value;
	return a;
}

struct amount
amount_on(const struct history *h, const struct metric *m,
    const struct series *s, int64_t day)
{
	const struct point *p = s != NULL ? history_on(h, s, day) : NULL;
	int i = history_day(h, day);

	if (p != NULL)
		return of_point(p);
	if (i == -1 || !m->on[i] || (s != NULL && s->dims.n == 0))
		return (struct amount){ .ratio = m->ratio };
	return (struct amount){
		.ratio = m->ratio, .known = m->counts, .exact = m->counts
	};
}

static void
add(struct pool *p, const struct amount *a)
{
	if (!a->known && !(a->ratio && a->num > 0))
		return;
	p->days++;
	p->exact &= a->exact && p->count + a->count >= p->count;
	p->count += a->count;
	p->num += a->num;
	p->den += a->den;
	p->sum += a->value;
}

static struct amount
total(const struct pool *p)
{
	struct amount a = { .ratio = p->ratio,
		.count = p->count,
		.num = p->num,
		.den = p->den };

	if (p->ratio && p->den > 0)
		a.value = p->num / p->den;
	else
		a.value = p->sum;
	a.known = p->ratio ? p->den > 0 : p->days > 0;
	a.exact = !p->ratio && p->exact;
	return a;
}

static struct amount
mean(const struct pool *p)
{
	struct amount a = total(p);

	if (!p->ratio && p->days > 0)
		a.value /= (double)p->days;
	a.exact = false;
	return a;
}

static struct pool
pool(const struct history *h, const struct metric *m, const struct series *s,
    int64_t from, int64_t to, int64_t step)
{
	struct pool p = { .ratio = m->ratio, .exact = true };
	struct amount a;

	for (int64_t day = from; day <= to; day += step) {
		a = amount_on(h, m, s, day);
		add(&p, &a);
	}
	return p;
}

struct amount
amount_sum(const struct history *h, const struct metric *m,
    const struct series *s, int64_t from, int64_t to)
{
	struct pool p = pool(h, m, s, from, to, 1);

	return total(&p);
}

struct amount
amount_usual(const struct history *h, const struct metric *m,
    const struct series *s, int64_t day)
{
	struct pool p = pool(h, m, s, day - 7 * WEEKS_USUAL, day - 7, 7);

	return mean(&p);
}

struct amount
amount_week(const struct history *h, const struct metric *m,
    const struct series *s, int64_t day)
{
	struct pool p = pool(h, m, s, day - 6, day, 1);

	return mean(&p);
}

void
amount_fill(const struct history *h, const struct metric *m,
    const struct series *s, int64_t from, size_t n, double *v)
{
	struct amount a;

	for (size_t i = 0; i < n; i++) {
		a = amount_on(h, m, s, from + (int64_t)i);
		v[i] = a.known ? a.value : NAN;
	}
}

void
amount_fill_week(const struct history *h, const struct metric *m,
    const struct series *s, int64_t from, size_t n, double *v)
{
	struct amount a;

	for (size_t i = 0; i < n; i++) {
		a = amount_week(h, m, s, from + (int64_t)i);
		v[i] = a.known ? a.value : NAN;
	}
}
