/*
 * tracks: where a level is going, out of what it was.
 *
 *	tracks_init(&t, day);
 *	tracks_see(&t, day, value, events, s2);      days ascending
 *	tracks_look(&t, day, &level, &var);          of a later day
 *
 * A value is relative to some constant, about 1: of so many events that the
 * constant makes of the day, at a rate of squared coefficient of variation
 * s2.  Behind the values is a level that wanders, with a slope that wanders,
 * too, and a wave of a year: a structural time series (A. C. Harvey,
 * Forecasting, Structural Time Series Models and the Kalman Filter, 1989,
 * chapter 4), followed by a Kalman filter.
 *
 * How much they wander is not known.  TRACKS of them are followed at once,
 * from a site that only has a season to one that moves by percents from day
 * to day; each weighs what the values have been likely under it, times what
 * it was worth before.  What they disagree by is part of var.
 */
#ifndef EV_GUARD_TRACKS_H
#define EV_GUARD_TRACKS_H

#include <stdint.h>

/* The state: level, its change a day, and the wave's cosine and sine. */
enum { TRACK_LEVEL, TRACK_SLOPE, TRACK_WAVE, TRACK_STATES = TRACK_WAVE + 2 };

#define TRACKS 6

struct track {
	double x[TRACK_STATES], p[TRACK_STATES][TRACK_STATES];
	int states;	   /* without a wave its two are left out */
	double step, bend; /* variances that level and slope gain a day */
	double fit;	   /* logarithm of its weight ... */
	double all;	   /* ... but for this product of variances */
};

struct tracks {
	struct track v[TRACKS];
	int64_t day; /* of the state */
};

void tracks_init(struct tracks *t, int64_t day);
void tracks_see(
    struct tracks *t, int64_t day, double value, double events, double s2);
/* Moves them on to that day; level may be below 0. */
void tracks_look(struct tracks *t, int64_t day, double *level, double *var);

#endif
