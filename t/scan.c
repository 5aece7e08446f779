/*
 * scan-test [ROUNDS]: do the vectors of parse/scan.h answer as the reference?
 *
 * Texts of all lengths up to a few vectors, at all alignments, of plain bytes
 * with few odd ones, so that each place of a vector has its turn.  Behind the
 * text stand bytes that would be a hit.  Prints the forms compared; exits 1
 * and names the function at the first difference.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/scan.h"

#define LENGTH 200

static unsigned
next_random(unsigned n)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return (x >> 8) % n;
}

/* n bytes at p, and what must not count around them. */
static void
make_text(char *p, size_t n)
{
	static const char odd[] = "\\%&+=\"\x7f\x1f\x80\xff\t @[]^;<>$',-*";
	size_t i, hits = next_random(3);

	for (i = 0; i < n; i++)
		p[i] = (char)('a' + next_random(26));
	for (; hits > 0 && n > 0; hits--)
		p[next_random((unsigned)n)] =
		    next_random(2) ? (char)next_random(256)
				   : odd[next_random(sizeof(odd) - 1)];
	memset(p + n, next_random(2) ? '\\' : '\n', SCAN_PAD);
}

static int
differs(const struct scan *scan, const char *p, size_t n)
{
	static char want[LENGTH + SCAN_PAD], got[LENGTH + SCAN_PAD];
	static uint16_t want_at[LENGTH + SCAN_INDEX_PAD];
	static uint16_t got_at[LENGTH + SCAN_INDEX_PAD];
	size_t a, b;

	if (scan->clean(p, n) != scan_all[0].clean(p, n)) {
		fprintf(stderr, "scan-test: %s: clean\n", scan->name);
		return 1;
	}
	a = scan_all[0].index(p, n, want_at);
	b = scan->index(p, n, got_at);
	if (a != b || memcmp(want_at, got_at, a * sizeof(want_at[0])) != 0) {
		fprintf(stderr, "scan-test: %s: index\n", scan->name);
		return 1;
	}
	a = scan_all[0].copy(want, p, n);
	b = scan->copy(got, p, n);
	if (a != b || memcmp(want, got, a) != 0) {
		fprintf(stderr, "scan-test: %s: copy\n", scan->name);
		return 1;
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	static char text[64 + LENGTH + SCAN_PAD];
	const struct scan *scan, *best = scan_best();
	long rounds = argc > 1 ? atol(argv[1]) : 1000000;
	size_t at, n;

	for (scan = scan_all; scan <= best; scan++)
		printf("%s\n", scan->name);
	for (; rounds > 0; rounds--) {
		at = next_random(64);
		n = next_random(LENGTH);
		make_text(text + at, n);
		for (scan = scan_all + 1; scan <= best; scan++)
			if (differs(scan, text + at, n))
				return 1;
	}
	return 0;
}
