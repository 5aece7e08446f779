#include "config.h"

#include "guard/tracks.h"

#include <math.h>

#define YEAR 365.2425

/* What is known at first: half of the level, 10 % a month, 10 % of a wave. */
#define FIRST_LEVEL 0.25
#define FIRST_SLOPE 1e-5
#define FIRST_WAVE 0.01
/* A level that is below this is one that cannot weigh by its variance. */
#define LEAST 0.05
/*
 * More events are taken for so many: variances below 1e-10 are lost in the
 * rounding of those that they are taken from.
 */
#define MOST_EVENTS 1e10

/*
 * Steps of 4e-6, 4e-5 and 4e-4 are 0.2, 0.6 and 2 % a day; a bend of 1e-8 is
 * a slope that turns as a season of 10 % does.  The less a track wanders the
 * more it is worth before: what is seen must speak against it.
 */
static const struct kind {
	double step, bend, wave, worth;
} kinds[TRACKS] = {
	{ 0, 0, FIRST_WAVE, 0 },
	{ 4e-6, 1e-10, FIRST_WAVE, -3 },
	{ 0, 1e-8, 0, -3 },
	{ 4e-6, 1e-9, 0, -3 },
	{ 4e-5, 1e-9, 0, -5 },
	{ 4e-4, 1e-9, 0, -7 },
};

void
tracks_init(struct tracks *t, int64_t day)
{
	t->day = day;
	for (int i = 0; i < TRACKS; i++) {
		struct track *v = &t->v[i];

		*v = (struct track){ .x = { [TRACK_LEVEL] = 1 },
			.states = kinds[i].wave > 0 ? TRACK_STATES : TRACK_WAVE,
			.step = kinds[i].step,
			.bend = kinds[i].bend,
			.fit = kinds[i].worth,
			.all = 1 };
		v->p[TRACK_LEVEL][TRACK_LEVEL] = FIRST_LEVEL;
		v->p[TRACK_SLOPE][TRACK_SLOPE] = FIRST_SLOPE;
		v->p[TRACK_WAVE][TRACK_WAVE] = kinds[i].wave;
		v->p[TRACK_WAVE + 1][TRACK_WAVE + 1] = kinds[i].wave;
	}
}

static void
move(struct track *t, double days)
{
	double(*p)[TRACK_STATES] = t->p;
	double turned = p[TRACK_SLOPE][TRACK_SLOPE] * days;

	t->x[TRACK_LEVEL] += t->x[TRACK_SLOPE] * days;
	p[TRACK_LEVEL][TRACK_LEVEL] +=
	    days * (2 * p[TRACK_LEVEL][TRACK_SLOPE] + turned + t->step +
		       t->bend * days * days / 3);
	p[TRACK_LEVEL][TRACK_SLOPE] += turned + t->bend * days * days / 2;
	p[TRACK_SLOPE][TRACK_LEVEL] = p[TRACK_LEVEL][TRACK_SLOPE];
	p[TRACK_SLOPE][TRACK_SLOPE] += t->bend * days;
	for (int i = TRACK_WAVE; i < t->states; i++) {
		p[TRACK_LEVEL][i] += days * p[TRACK_SLOPE][i];
		p[i][TRACK_LEVEL] = p[TRACK_LEVEL][i];
	}
}

/* What each part of the state is worth that day. */
static void
weigh_state(double h[TRACK_STATES], int64_t day)
{
	double angle = 2 * M_PI / YEAR * (double)day;

	h[TRACK_LEVEL] = 1;
	h[TRACK_SLOPE] = 0;
	h[TRACK_WAVE] = cos(angle);
	h[TRACK_WAVE + 1] = sin(angle);
}

/* The variance of the value; ph: its covariance with the state. */
static double
look(const struct track *t, const double h[TRACK_STATES],
    double ph[TRACK_STATES], double *value)
{
	double var = 0;

	*value = 0;
	for (int i = 0; i < t->states; i++) {
		ph[i] = 0;
		for (int k = 0; k < t->states; k++)
			ph[i] += t->p[i][k] * h[k];
		*value += t->x[i] * h[i];
		var += h[i] * ph[i];
	}
	return var;
}

/* Logarithms are slow: one for many variances. */
static void
fit_in(struct track *t, double var, double err)
{
	t->fit -= err * err / var / 2;
	t->all *= var;
	if (t->all > 1e-150 && t->all < 1e150)
		return;
	t->fit -= log(t->all) / 2;
	t->all = 1;
}

static void
see(struct track *t, const double h[TRACK_STATES], double value, double events,
    double s2)
{
	double ph[TRACK_STATES], mean, var, err;

	var = look(t, h, ph, &mean);
	err = value - mean;
	/* Of the mean, not of the value: a low one must not weigh more. */
	mean = fmax(mean, LEAST);
	var += mean / events + s2 * mean * mean;
	fit_in(t, var, err);
	for (int i = 0; i < t->states; i++) {
		t->x[i] += ph[i] / var * err;
		for (int k = 0; k < t->states; k++)
			t->p[i][k] -= ph[i] * ph[k] / var;
	}
}

static void
move_all(struct tracks *t, int64_t day)
{
	for (int i = 0; i < TRACKS; i++)
		move(&t->v[i], (double)(day - t->day));
	t->day = day;
}

void
tracks_see(
    struct tracks *t, int64_t day, double value, double events, double s2)
{
	double h[TRACK_STATES];

	move_all(t, day);
	weigh_state(h, day);
	events = fmin(events, MOST_EVENTS);
	for (int i = 0; i < TRACKS; i++)
		see(&t->v[i], h, value, events, s2);
}

void
tracks_look(struct tracks *t, int64_t day, double *level, double *var)
{
	double h[TRACK_STATES], ph[TRACK_STATES], fit[TRACKS];
	double best = -INFINITY, sum = 0, square = 0;

	move_all(t, day);
	weigh_state(h, day);
	for (int i = 0; i < TRACKS; i++) {
		fit[i] = t->v[i].fit - log(t->v[i].all) / 2;
		best = fmax(best, fit[i]);
	}
	*level = 0;
	for (int i = 0; i < TRACKS; i++) {
		double w = exp(fit[i] - best), value;
		double one = look(&t->v[i], h, ph, &value);

		sum += w;
		*level += w * value;
		square += w * (one + value * value);
	}
	*level /= sum;
	*var = fmax(square / sum - *level * *level, 0);
}
