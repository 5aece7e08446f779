#include "config.h"

#include "enrich/visitor.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdint.h>
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

static inline uint64_t
read_le64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotate(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline void
sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

/*
 * SipHash-2-4 of 24 bytes, once a row: in line it is half of what the call
 * of crypto_shorthash() costs.
 */
static uint64_t
siphash_24(const struct visitor_key *key, const unsigned char in[24])
{
	uint64_t k0 = read_le64(key->k), k1 = read_le64(key->k + 8);
	struct sip s = { k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573) };

	sip_word(&s, read_le64(in));
	sip_word(&s, read_le64(in + 8));
	sip_word(&s, read_le64(in + 16));
	sip_word(&s, UINT64_C(24) << 56);
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* Eight digits; the four pairs do not wait for each other. */
static inline void
put_8(char *dst, uint32_t v)
{
	uint32_t hi = v / 10000, lo = v % 10000;
	uint64_t pairs, tens, digits;

	/* 16 bits a pair of digits, then 8 bits a digit */
	hi = hi / 100 | hi % 100 << 16;
	lo = lo / 100 | lo % 100 << 16;
	pairs = hi | (uint64_t)lo << 32;
	/* 103 / 1024 is a tenth of what is below 100 */
	tens = pairs * 103 >> 10 & UINT64_C(0x000f000f000f000f);
	digits = tens | (pairs - tens * 10) << 8;
	digits = htole64(digits | UINT64_C(0x3030303030303030));
	memcpy(dst, &digits, 8);
}

/* Of random numbers of 63 bits, one in 900 has fewer than 17 digits. */
static size_t
put_id(char *dst, int64_t id)
{
	const uint64_t e8 = 100000000, e16 = e8 * e8;
	uint64_t v = id < 0 ? 0 - (uint64_t)id : (uint64_t)id;
	uint64_t rest = v % e16;
	char *p = dst;

	if (v < e16)
		return number_put_i64(dst, id);
	*p = '-';
	p += id < 0;
	p += number_put_u64(p, v / e16);
	put_8(p, (uint32_t)(rest / e8));
	put_8(p + 8, (uint32_t)(rest % e8));
	return (size_t)(p + 16 - dst);
}

size_t
visitor_id(char *dst, const struct visitor_key *key, const struct address *a,
    unsigned v6_prefix, const struct visitor_device *d)
{
	unsigned char in[24];
	struct address masked = *a;

	address_mask_v6(&masked, v6_prefix);
	memcpy(in, masked.b, 16);
	memcpy(in + 16, d->h, 8);
	return put_id(dst, (int64_t)siphash_24(key, in));
}
