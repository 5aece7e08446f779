#include "config.h"

#include "io/digest.h"

#include <stdint.h>
#include <stdlib.h>

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
/* The library's own code is for SSE2; with AVX2 it takes half the time. */
#ifdef HAVE_XXH3_128BITS_UPDATE_DISPATCH
#include <xxh_x86dispatch.h>
#endif

#include "base/alloc.h"
#include "base/msg.h"

struct digest {
	XXH3_state_t *state; /* aligned as xxhash wants it */
};

struct digest *
digest_new(void)
{
	struct digest *d = xmalloc(sizeof(*d));

	d->state = XXH3_createState();
	if (d->state == NULL)
		msg_die(EV_EXIT_FAIL, "out of memory: a digest");
	digest_reset(d);
	return d;
}

void
digest_reset(struct digest *d)
{
	XXH3_128bits_reset(d->state);
}

void
digest_add(struct digest *d, const void *p, size_t n)
{
	if (n > 0)
		XXH3_128bits_update(d->state, p, n);
}

static void
put_hex(XXH128_hash_t h, char hex[DIGEST_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	XXH128_canonical_t c;
	size_t i;

	XXH128_canonicalFromHash(&c, h);
	for (i = 0; i < sizeof(c.digest); i++) {
		hex[2 * i] = digits[c.digest[i] >> 4];
		hex[2 * i + 1] = digits[c.digest[i] & 15];
	}
	hex[DIGEST_HEX] = '\0';
}

void
digest_hex(const struct digest *d, char hex[DIGEST_HEX + 1])
{
	put_hex(XXH3_128bits_digest(d->state), hex);
}

void
digest_free(struct digest *d)
{
	if (d != NULL) {
		XXH3_freeState(d->state);
		free(d);
	}
}

void
digest_of(struct slice s, char hex[DIGEST_HEX + 1])
{
	put_hex(XXH3_128bits(s.p, s.n), hex);
}

uint64_t
digest_u64(struct slice s)
{
	return XXH3_64bits(s.p, s.n);
}
