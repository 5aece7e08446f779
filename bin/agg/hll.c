#include "config.h"

#include "agg/hll.h"

#include <math.h>

#include "io/digest.h"

#define HASH_BITS (64 - HLL_BITS)
#define RANK_MAX (HASH_BITS + 1)

void
hll_add(uint8_t reg[HLL_SIZE], struct slice value)
{
	uint64_t h = digest_u64(value);
	unsigned i = (unsigned)(h >> HASH_BITS);
	uint64_t rest = h << HLL_BITS;
	uint8_t rank = RANK_MAX;

	if (rest != 0)
		rank = (uint8_t)(__builtin_clzll(rest) + 1);
	if (reg[i] < rank)
		reg[i] = rank;
}

/* x + sum of x^(2^k) 2^(k-1) */
static double
sigma(double x)
{
	double y = 1, z = x, before;

	if (x == 1)
		return INFINITY;
	do {
		x *= x;
		before = z;
		z += x * y;
		y += y;
	} while (z != before);
	return z;
}

static double
tau(double x)
{
	double y = 1, z = 1 - x, before;

	if (x == 0 || x == 1)
		return 0;
	do {
		x = sqrt(x);
		before = z;
		y *= 0.5;
		z -= (1 - x) * (1 - x) * y;
	} while (z != before);
	return z / 3;
}

uint64_t
hll_count(const uint8_t reg[HLL_SIZE])
{
	static const double half_by_ln2 = 0.721347520444481703680;
	unsigned n[RANK_MAX + 1] = { 0 };
	double z;

	for (int i = 0; i < HLL_SIZE; i++)
		n[reg[i]]++;
	z = HLL_SIZE * tau(1 - (double)n[RANK_MAX] / HLL_SIZE);
	for (int k = HASH_BITS; k >= 1; k--)
		z = 0.5 * (z + n[k]);
	z += HLL_SIZE * sigma((double)n[0] / HLL_SIZE);
	z = half_by_ln2 * HLL_SIZE * HLL_SIZE / z + 0.5;
	/* No values fill all registers to the last rank, but a state may. */
	return z < 0x1p64 ? (uint64_t)z : UINT64_MAX;
}

static char
letter(uint8_t rank)
{
	if (rank <= 26)
		return (char)('A' + rank - 1);
	return rank <= 52 ? (char)('a' + rank - 27) : '~';
}

void
hll_put(struct strbuf *sb, const uint8_t reg[HLL_SIZE])
{
	unsigned skipped = 0;

	for (int i = 0; i < HLL_SIZE; i++) {
		if (reg[i] == 0) {
			skipped++;
			continue;
		}
		if (skipped > 0)
			strbuf_addf(sb, "%u", skipped);
		strbuf_addch(sb, letter(reg[i]));
		skipped = 0;
	}
}

/* 0 when c stands for none. */
static uint8_t
rank_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A' + 1);
	if (c >= 'a' && c <= 'z')
		return (uint8_t)(c - 'a' + 27);
	return c == '~' ? RANK_MAX : 0;
}

int
hll_merge(uint8_t reg[HLL_SIZE], struct slice text)
{
	unsigned at = 0, skip = 0;
	uint8_t rank;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] >= '0' && text.p[i] <= '9') {
			skip = skip * 10 + (unsigned)(text.p[i] - '0');
			if (skip > HLL_SIZE)
				return -1;
			continue;
		}
		rank = rank_of(text.p[i]);
		at += skip;
		if (rank == 0 || at >= HLL_SIZE)
			return -1;
		if (reg[at] < rank)
			reg[at] = rank;
		at++;
		skip = 0;
	}
	return skip == 0 ? 0 : -1;
}
