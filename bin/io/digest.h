/*
 * digest: 128-bit identity of content, stored in marks and manifests.
 *
 * XXH3-128 of libxxhash, seed 0, printed as 32 hex digits in canonical
 * (big-endian) order, so that `xxhsum -H2` gives the same.  It tells apart
 * what machines and people deliver by mistake (a file twice, renamed,
 * grown); it is not a signature, and a writer of log lines who wanted a
 * collision would have to choose a whole log.
 */
#ifndef EV_IO_DIGEST_H
#define EV_IO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define DIGEST_HEX 32

struct digest; /* a running state */

struct digest *digest_new(void);
void digest_reset(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t n);
/* DIGEST_HEX digits and a NUL; the state goes on. */
void digest_hex(const struct digest *d, char hex[DIGEST_HEX + 1]);
void digest_free(struct digest *d);
/* All at once. */
void digest_of(struct slice s, char hex[DIGEST_HEX + 1]);
/* XXH3-64 of it, for estimates that are stored. */
uint64_t digest_u64(struct slice s);

#endif
