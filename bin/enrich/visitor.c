#include "config.h"

#include "enrich/visitor.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/number.h"
#include "base/text.h"

#define KEY_TEXT (2 * VISITOR_KEY_SIZE + 1) /* digits and LF */

_Static_assert(crypto_shorthash_KEYBYTES == VISITOR_KEY_SIZE, "SipHash key");
_Static_assert(crypto_shorthash_BYTES == 8, "SipHash-2-4 of 64 bits");

/* 32 digits, and a LF or nothing behind. */
static int
parse_key(struct visitor_key *key, const char *text, size_t n)
{
	size_t i;
	int hi, lo;

	if (n == KEY_TEXT && text[n - 1] == '\n')
		n--;
	if (n != KEY_TEXT - 1)
		return -1;
	for (i = 0; i < VISITOR_KEY_SIZE; i++) {
		hi = text_hex((unsigned char)text[2 * i]);
		lo = text_hex((unsigned char)text[2 * i + 1]);
		if (hi == -1 || lo == -1)
			return -1;
		key->k[i] = (unsigned char)(hi << 4 | lo);
	}
	return 0;
}

static int
check_mode(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) == -1) {
		msg_error("%s: %s", path, msg_errno(errno));
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		msg_error("%s: the visitor key is not a regular file", path);
		return -1;
	}
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		msg_error("%s: the visitor key is open to others (mode %04o): "
			  "chmod 600",
		    path, (unsigned)(st.st_mode & 07777));
		return -1;
	}
	return 0;
}

int
visitor_key_load(struct visitor_key *key, const char *path)
{
	char text[KEY_TEXT + 1]; /* one more, to see a longer file */
	ssize_t n;
	int fd, r = -1;

	/* O_NONBLOCK: a FIFO by that name must not make us wait. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1) {
		msg_error("%s: cannot open the visitor key: %s%s", path,
		    msg_errno(errno),
		    errno == ENOENT ? ": ev-enrich --new-key makes one" : "");
		return -1;
	}
	if (check_mode(fd, path) == -1)
		goto out;
	n = read(fd, text, sizeof(text));
	if (n == -1)
		msg_error("%s: %s", path, msg_errno(errno));
	else if (parse_key(key, text, (size_t)n) == -1)
		msg_error("%s: not a visitor key: %d hexadecimal digits and a "
			  "line feed are expected",
		    path, 2 * VISITOR_KEY_SIZE);
	else
		r = 0;
	sodium_memzero(text, sizeof(text));
out:
	close(fd);
	return r;
}

void
visitor_key_random(struct visitor_key *key)
{
	randombytes_buf(key->k, sizeof(key->k));
}

void
visitor_key_wipe(struct visitor_key *key)
{
	sodium_memzero(key->k, sizeof(key->k));
}

int
visitor_key_create(const char *path)
{
	struct visitor_key key;
	char text[KEY_TEXT + 1];
	int fd, err = 0;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1) {
		msg_error("%s: cannot make the visitor key: %s%s", path,
		    msg_errno(errno),
		    errno == EEXIST ? ": a key is never overwritten" : "");
		return -1;
	}
	visitor_key_random(&key);
	sodium_bin2hex(text, sizeof(text), key.k, sizeof(key.k));
	text[KEY_TEXT - 1] = '\n';
	/* 33 bytes into a new file: a short write is a full disk. */
	errno = ENOSPC;
	if (write(fd, text, KEY_TEXT) != KEY_TEXT || fsync(fd) == -1)
		err = errno;
	if (close(fd) == -1 && err == 0)
		err = errno;
	sodium_memzero(text, sizeof(text));
	visitor_key_wipe(&key);
	if (err != 0) {
		msg_error("%s: cannot write the visitor key: %s", path,
		    msg_errno(err));
		unlink(path);
		return -1;
	}
	return 0;
}

void
visitor_key_fingerprint(
    const struct visitor_key *key, char hex[VISITOR_FINGERPRINT + 1])
{
	static const char constant[] = "ev visitor key fingerprint";
	unsigned char h[crypto_shorthash_BYTES];

	crypto_shorthash(
	    h, (const unsigned char *)constant, sizeof(constant) - 1, key->k);
	sodium_bin2hex(hex, VISITOR_FINGERPRINT + 1, h, sizeof(h));
}

void
visitor_device(
    struct visitor_device *d, const struct visitor_key *key, struct slice agent)
{
	const void *p = agent.p == NULL ? "" : agent.p;

	crypto_shorthash(d->h, p, agent.n, key->k);
}

static uint64_t
read_le64(const unsigned char *p)
{
	uint64_t v = 0;
	int i;

	for (i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

size_t
visitor_id(char *dst, const struct visitor_key *key, const struct address *a,
    unsigned v6_prefix, const struct visitor_device *d)
{
	unsigned char in[24], h[crypto_shorthash_BYTES];
	struct address masked = *a;
	uint64_t v;

	address_mask_v6(&masked, v6_prefix);
	memcpy(in, masked.b, 16);
	memcpy(in + 16, d->h, 8);
	crypto_shorthash(h, in, sizeof(in), key->k);
	v = read_le64(h);
	return number_put_i64(dst, (int64_t)v);
}
