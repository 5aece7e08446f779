#include "config.h"

#include "base/hash.h"

#include <errno.h>
#include <sys/random.h>

#include "base/msg.h"

void
hash_key_random(struct hash_key *key)
{
	ssize_t n;

	do
		n = getrandom(key, sizeof(*key), 0);
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof(*key))
		msg_die(EV_EXIT_FAIL, "getrandom: %s", msg_errno(errno));
}
