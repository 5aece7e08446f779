/*
 * guard-random: counts of a day, for the tests of ev-guard; one sequence from
 * a seed, by SplitMix64.
 */
#ifndef EV_T_GUARD_RANDOM_H
#define EV_T_GUARD_RANDOM_H

#include <stdint.h>

void random_seed(uint64_t seed);
/* Between 0 and 1, neither of them. */
double random_uniform(void);
/* A gamma's of the mean 1 that varies by spread. */
double random_spread(double spread);
/* A Poisson's whose mean varies as a gamma's, by spread of itself. */
double random_count(double mean, double spread);

#endif
