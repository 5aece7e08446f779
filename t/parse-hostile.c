/*
 * parse-hostile LINES FILE: as many lines of the file, most of them damaged
 * in one to three places, the same at each run with the same EV_SEED.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A damaged line grows by a piece of at most 40 bytes, three times. */
#define GROWTH 128

struct text {
	const char *p;
	size_t n;
};

#define BIT(literal)                                                           \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
static const struct text bits[] = { BIT("\""), BIT("\\"), BIT(" "), BIT("  "),
	BIT("\\x22"), BIT("\\x5C"), BIT("\\x0A"), BIT("\\u0001"), BIT("\\\""),
	BIT("%"), BIT("%2f"), BIT("%00"), BIT("//"), BIT("/./"), BIT("/../"),
	BIT("?"), BIT("#"), BIT("&"), BIT("="), BIT("+"), BIT("\0"),
	BIT("\x7f"), BIT("\x80"), BIT("\xc3\xa9"), BIT("\xff"), BIT("-"),
	BIT("["), BIT("]"), BIT("0"), BIT("00"), BIT("255"), BIT("256"),
	BIT("."), BIT(":"), BIT("::1"), BIT("GET "), BIT("POST "),
	BIT(" HTTP/1.1"), BIT(" HTTP/1.10"), BIT("\t"), BIT("\r"), BIT("/"),
	BIT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
	BIT("?utm_source=a%20b+c&utm_medium="), BIT("&gclid=1&GCLID=2"),
	BIT(" +0530"), BIT(" -0330"), BIT("unix:"), BIT("http://h/p") };

static uint64_t state;

/* Below n, by splitmix64. */
static size_t
below(size_t n)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (size_t)((z ^ z >> 31) % n);
}

/* Puts a piece in the place of old bytes at at; the line's new length. */
static size_t
replace(char *line, size_t n, size_t at, size_t old, const char *p, size_t len)
{
	if (old > n - at)
		old = n - at;
	memmove(line + at + len, line + at + old, n - at - old);
	memcpy(line + at, p, len);
	return n - old + len;
}

static size_t
damage(char *line, size_t n)
{
	size_t at = below(n + 1);
	const struct text *bit;
	char c;

	switch (below(4)) {
	case 0:
		bit = &bits[below(sizeof(bits) / sizeof(*bits))];
		return replace(line, n, at, 0, bit->p, bit->n);
	case 1:
		return replace(line, n, at, 1 + below(6), "", 0);
	case 2:
		c = (char)below(256);
		return at < n ? replace(line, n, at, 1, &c, 1) : n;
	default:
		if (below(8) == 0)
			return at;
		c = (char)('0' + below(10));
		return at < n ? replace(line, n, at, 1, &c, 1) : n;
	}
}

static void
put(const struct text *seed, char *line)
{
	size_t n = seed->n, i, k = below(4);

	memcpy(line, seed->p, n);
	for (; k > 0; k--)
		n = damage(line, n);
	/* A line stays one. */
	for (i = k = 0; i < n; i++)
		if (line[i] != '\n')
			line[k++] = line[i];
	line[k++] = '\n';
	fwrite(line, 1, k, stdout);
}

static char *
slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	char *buf = NULL;
	size_t cap = 0, got;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	*n = 0;
	do {
		cap = 2 * cap + 65536;
		buf = realloc(buf, cap);
		if (buf == NULL)
			abort();
		got = fread(buf + *n, 1, cap - *n, f);
		*n += got;
	} while (got > 0);
	fclose(f);
	return buf;
}

int
main(int argc, char *argv[])
{
	const char *s = getenv("EV_SEED"), *lf;
	struct text *seed;
	size_t size, nseeds = 0, longest = 0;
	char *all, *p, *line;
	long lines;

	if (argc != 3) {
		fputs("usage: parse-hostile LINES FILE\n", stderr);
		return 2;
	}
	state = s != NULL ? strtoull(s, NULL, 10) : 0;
	all = slurp(argv[2], &size);
	seed = calloc(size + 1, sizeof(*seed));
	if (seed == NULL)
		abort();
	for (p = all; (lf = memchr(p, '\n', size - (size_t)(p - all))) != NULL;
	     p = all + (lf + 1 - all)) {
		if (lf == p)
			continue;
		seed[nseeds++] = (struct text){ p, (size_t)(lf - p) };
		if ((size_t)(lf - p) > longest)
			longest = (size_t)(lf - p);
	}
	line = malloc(longest + GROWTH);
	if (line == NULL || nseeds == 0)
		abort();
	for (lines = atol(argv[1]); lines > 0; lines--)
		put(&seed[below(nseeds)], line);
	free(line);
	free(seed);
	free(all);
	return fflush(stdout) == 0 ? 0 : 1;
}
