#include "config.h"

#include "t/guard-random.h"

#include <math.h>

static uint64_t state;

void
random_seed(uint64_t seed)
{
	state = seed;
}

double
random_uniform(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double
normal(void)
{
	return sqrt(-2 * log(random_uniform())) *
	       cos(2 * M_PI * random_uniform());
}

/* Marsaglia and Tsang's method, for shape >= 1. */
static double
gamma_of(double shape)
{
	double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d), x, v;

	for (;;) {
		x = normal();
		v = 1 + c * x;
		if (v <= 0)
			continue;
		v = v * v * v;
		if (log(random_uniform()) <
		    0.5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

static double
poisson(double mean)
{
	double n = 0, step, p;

	for (; mean > 0; mean -= step) {
		step = mean < 30 ? mean : 30;
		for (p = random_uniform(); p > exp(-step);
		     p *= random_uniform())
			n++;
	}
	return n;
}

double
random_spread(double spread)
{
	return spread > 0 ? gamma_of(1 / (spread * spread)) * spread * spread
			  : 1;
}

double
random_count(double mean, double spread)
{
	return poisson(mean * random_spread(spread));
}
