/*
 * hll-test [FACTOR]: the error of hll.h at 1 to 10,000,000 different values.
 *
 * For each cardinality a line of it, the sketches made, and of the relative
 * error in percent the mean, the root of the mean square and the greatest.
 * A sketch is made in two halves that are merged through their text.  FACTOR
 * multiplies the number of sketches.
 *
 * The values are numbers of a fixed sequence, so the errors are the same in
 * each run, and so is the verdict: exit 1 where one is beyond what is
 * promised.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agg/hll.h"
#include "base/number.h"

/* What hll.h promises, in percent: 1.04 / sqrt(4096). */
#define STANDARD_ERROR 1.625

/* splitmix64: each number once in 2^64. */
static uint64_t
next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* n further values, as decimals. */
static void
add_values(uint8_t *reg, uint64_t n, uint64_t *state)
{
	char text[NUMBER_MAX];

	memset(reg, 0, HLL_SIZE);
	while (n-- > 0)
		hll_add(reg, slice_of(text, number_put_u64(text, next(state))));
}

/* The estimate of n values less n, in percent. */
static double
error_of(uint64_t n, uint64_t *state)
{
	uint8_t reg[HLL_SIZE], half[HLL_SIZE];
	struct strbuf text = STRBUF_INIT;

	add_values(reg, n / 2, state);
	add_values(half, n - n / 2, state);
	hll_put(&text, half);
	if (hll_merge(reg, strbuf_slice(&text)) == -1)
		abort();
	strbuf_release(&text);
	return ((double)hll_count(reg) - (double)n) * 100 / (double)n;
}

/*
 * Errors of a normal distribution are beyond these bounds once in some ten
 * thousand times: the mean of k is within 4 of its own standard errors, their
 * root mean square within 4 of its own, and the greatest within 4.5.  Few
 * values cannot be off by less than one: half of one for the mean, and two
 * for the greatest, are none.
 */
static bool
is_within(uint64_t n, unsigned k, double mean, double rms, double max)
{
	double root = sqrt(k), one = 100 / (double)n;

	return fabs(mean) <= STANDARD_ERROR * 4 / root + one / 2 &&
	       (rms <= STANDARD_ERROR * (1 + 4 / (root * sqrt(2))) ||
		   rms <= one / 2) &&
	       max <= fmax(STANDARD_ERROR * 4.5, 2.01 * one);
}

int
main(int argc, char **argv)
{
	static const struct {
		uint64_t n;
		unsigned sketches;
	} rows[] = { { 1, 1000 }, { 10, 1000 }, { 100, 1000 }, { 1000, 1000 },
		{ 3000, 1000 }, { 10000, 1000 }, { 30000, 400 },
		{ 100000, 100 }, { 1000000, 10 }, { 10000000, 1 } };
	unsigned factor = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
	double sum, squares, max, e;
	uint64_t state = 1;
	int status = 0;
	unsigned k;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sum = squares = max = 0;
		k = rows[i].sketches * factor;
		for (unsigned j = 0; j < k; j++) {
			e = error_of(rows[i].n, &state);
			sum += e;
			squares += e * e;
			max = fmax(max, fabs(e));
		}
		sum /= k;
		squares = sqrt(squares / k);
		printf("%8llu %5u %7.3f %7.3f %7.3f\n",
		    (unsigned long long)rows[i].n, k, sum, squares, max);
		if (!is_within(rows[i].n, k, sum, squares, max)) {
			puts("beyond what hll.h promises");
			status = 1;
		}
	}
	return status;
}
