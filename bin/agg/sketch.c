#include "config.h"

#include "agg/sketch.h"

#define EXACT 256 /* buckets of one value each */
#define BITS 7	  /* buckets between powers of two, as bits */
#define DIGITS 10000

static int
exponent(udecimal v)
{
	uint64_t high = (uint64_t)(v >> 64);

	return high != 0 ? 127 - __builtin_clzll(high)
			 : 63 - __builtin_clzll((uint64_t)v);
}

int
sketch_bucket(decimal v)
{
	udecimal a = v < 0 ? (udecimal)-v : (udecimal)v;
	int e, bucket;

	if (a < EXACT) {
		bucket = (int)a;
	} else {
		e = exponent(a);
		bucket = EXACT + ((e - BITS - 1) << BITS) +
			 (int)((a >> (e - BITS)) & ((1 << BITS) - 1));
	}
	return v < 0 ? -bucket : bucket;
}

decimal
sketch_value(int bucket)
{
	int b = bucket < 0 ? -bucket : bucket, e;
	udecimal v, unit = 1;

	if (b < EXACT) {
		v = (udecimal)b;
	} else {
		b -= EXACT;
		e = b >> BITS;
		v = (udecimal)((b & ((1 << BITS) - 1)) + (1 << BITS));
		/* The lower bound, and half the width. */
		v = (v << (e + 1)) + ((udecimal)1 << e);
		while (v / unit >= DIGITS)
			unit *= 10;
		v = (v + unit / 2) / unit * unit;
	}
	return bucket < 0 ? -(decimal)v : (decimal)v;
}
