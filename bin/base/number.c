#include "config.h"

#include "base/number.h"

#include <string.h>

int
number_u64(struct slice s, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;
	unsigned d;

	if (s.n == 0 || s.n > NUMBER_MAX)
		return -1;
	for (i = 0; i < s.n; i++) {
		d = (unsigned)(unsigned char)s.p[i] - '0';
		if (d > 9 || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return -1;
	}
	*out = v;
	return 0;
}

int
number_i64(struct slice s, int64_t *out)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t v;

	if (negative) {
		s.p++;
		s.n--;
	}
	if (number_u64(s, &v) == -1)
		return -1;
	if (v > (uint64_t)INT64_MAX + (negative ? 1 : 0))
		return -1;
	*out = negative ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

size_t
number_put_u64(char *dst, uint64_t v)
{
	/* Two digits a division: half of the 64-bit divisions that remain. */
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";
	char tmp[NUMBER_MAX];
	size_t n = sizeof(tmp);

	while (v >= 100) {
		n -= 2;
		memcpy(tmp + n, pairs + 2 * (v % 100), 2);
		v /= 100;
	}
	if (v >= 10) {
		n -= 2;
		memcpy(tmp + n, pairs + 2 * v, 2);
	} else {
		tmp[--n] = (char)('0' + v);
	}
	memcpy(dst, tmp + n, sizeof(tmp) - n);
	return sizeof(tmp) - n;
}

size_t
number_put_i64(char *dst, int64_t v)
{
	if (v >= 0)
		return number_put_u64(dst, (uint64_t)v);
	*dst = '-';
	return 1 + number_put_u64(dst + 1, 0 - (uint64_t)v);
}

int
number_size(struct slice s, uint64_t *out)
{
	unsigned shift = 0;
	uint64_t v;

	if (s.n == 0)
		return -1;
	switch (s.p[s.n - 1]) {
	case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	case 'T':
		shift = 40;
		break;
	default:
		break;
	}
	if (shift != 0)
		s.n--;
	if (number_u64(s, &v) == -1 || v > UINT64_MAX >> shift)
		return -1;
	*out = v << shift;
	return 0;
}

void
number_put_hex64(char *dst, uint64_t v)
{
	static const char hex[] = "0123456789abcdef";
	int i;

	for (i = 15; i >= 0; i--) {
		dst[i] = hex[v & 15];
		v >>= 4;
	}
}

int
number_hex64(const char *src, uint64_t *out)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 16; i++) {
		v <<= 4;
		if (src[i] >= '0' && src[i] <= '9')
			v |= (uint64_t)(src[i] - '0');
		else if (src[i] >= 'a' && src[i] <= 'f')
			v |= (uint64_t)(src[i] - 'a' + 10);
		else
			return -1;
	}
	*out = v;
	return 0;
}
