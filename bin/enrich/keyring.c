#include "config.h"

#include "enrich/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "io/digest.h"

#define NAME_MAX_BYTES (UTC_DATE_LEN + sizeof(".month"))

/* Another kind of period has other keys, in the same directory, too. */
static const char *const suffixes[] = { [ROTATE_NEVER] = "",
	[ROTATE_DAILY] = ".day",
	[ROTATE_WEEKLY] = ".week",
	[ROTATE_MONTHLY] = ".month" };

/* Keeps the last day that was forgotten, and a LF. */
#define FORGOTTEN "forgotten"

/*
 * More periods than this in one stream, 11 years of days, are no log: lines
 * with made-up times must not fill the directory.
 */
#define PERIODS_MAX 4096

/* The first day of the period that a day is in. */
static int64_t
period_first(enum conf_rotate rotate, int64_t day)
{
	struct utc_civil c;

	switch (rotate) {
	case ROTATE_WEEKLY:
		return day - ((int64_t)utc_weekday(day) - 1);
	case ROTATE_MONTHLY:
		c = utc_civil(day);
		c.day = 1;
		return utc_days(&c);
	case ROTATE_DAILY:
	case ROTATE_NEVER:
		break;
	}
	return day;
}

/* The first day behind the period that begins at first. */
static int64_t
period_end(enum conf_rotate rotate, int64_t first)
{
	switch (rotate) {
	case ROTATE_WEEKLY:
		return first + 7;
	case ROTATE_MONTHLY:
		/* 31 days on is in the next month, its first days */
		return period_first(rotate, first + 31);
	case ROTATE_DAILY:
	case ROTATE_NEVER:
		break;
	}
	return first + 1;
}

static void
key_name(char name[NAME_MAX_BYTES], enum conf_rotate rotate, int64_t first)
{
	utc_format_date(name, first);
	memcpy(name + UTC_DATE_LEN, suffixes[rotate],
	    strlen(suffixes[rotate]) + 1);
}

static char *
path_in(const char *dir, const char *name)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb, "%s/%s", dir, name);
	return strbuf_detach(&sb);
}

/* A descriptor that is locked against who makes or forgets keys, or -1. */
static int
lock_dir(const char *dir)
{
	struct stat st;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1) {
		msg_error("%s: cannot open the directory of keys: %s%s", dir,
		    msg_errno(errno),
		    errno == ENOENT ? ": mkdir -m 700 makes one" : "");
	} else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		msg_error("%s: the directory of keys is open to others "
			  "(mode %04o): chmod 700",
		    dir, (unsigned)(st.st_mode & 07777));
	} else if (flock(fd, LOCK_EX) == -1) {
		msg_error("%s: cannot lock: %s", dir, msg_errno(errno));
	} else {
		return fd;
	}
	if (fd != -1)
		close(fd);
	return -1;
}

/*
 * The day before which all is forgotten; INT64_MIN: nothing is.  0, or -1:
 * the file cannot be read, and then no key may be made.
 */
static int
read_forgotten(int dirfd, const char *dir, int64_t *day)
{
	char text[UTC_DATE_LEN + 2];
	int fd = openat(dirfd, FORGOTTEN, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	*day = INT64_MIN;
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1) {
		msg_error("%s/%s: %s", dir, FORGOTTEN, msg_errno(errno));
		return -1;
	}
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n != UTC_DATE_LEN + 1 || text[UTC_DATE_LEN] != '\n' ||
	    utc_parse_date(slice_of(text, UTC_DATE_LEN), day) == -1) {
		msg_error("%s/%s: not a date and a line feed", dir, FORGOTTEN);
		return -1;
	}
	return 0;
}

/* Takes the contents of a file on their way to the disk. 0, or -1. */
static int
write_whole(int dirfd, const char *name, const char *text, size_t n)
{
	int fd, err = 0;

	fd =
	    openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	errno = ENOSPC; /* what a short write of few bytes means */
	if (write(fd, text, n) != (ssize_t)n || fsync(fd) == -1)
		err = errno;
	if (close(fd) == -1 && err == 0)
		err = errno;
	errno = err;
	return err == 0 ? 0 : -1;
}

/* name appears whole or not at all: the directory is locked. 0, or -1. */
static int
publish(
    int dirfd, const char *dir, const char *name, const char *text, size_t n)
{
	static const char temp[] = ".new";

	if (write_whole(dirfd, temp, text, n) == 0 &&
	    renameat(dirfd, temp, dirfd, name) == 0 && fsync(dirfd) == 0)
		return 0;
	msg_error("%s/%s: cannot write: %s", dir, name, msg_errno(errno));
	unlinkat(dirfd, temp, 0);
	return -1;
}

static int
make_key(int dirfd, const char *dir, const char *name)
{
	char text[2 * VISITOR_KEY_SIZE + 2];
	struct visitor_key key;
	int r;

	visitor_key_random(&key);
	sodium_bin2hex(text, sizeof(text) - 1, key.k, sizeof(key.k));
	text[2 * VISITOR_KEY_SIZE] = '\n';
	r = publish(dirfd, dir, name, text, sizeof(text) - 1);
	sodium_memzero(text, sizeof(text));
	visitor_key_wipe(&key);
	return r;
}

static int
load_key(const struct conf_visitor *conf, struct keyring_key *k)
{
	const char *dir = conf->key_dir.s;
	char name[NAME_MAX_BYTES], *path = NULL;
	int dirfd = lock_dir(dir), r = -1;
	int64_t before;

	if (dirfd == -1)
		return -1;
	key_name(name, conf->rotate, k->first);
	if (read_forgotten(dirfd, dir, &before) == -1)
		goto out;
	if (period_end(conf->rotate, k->first) <= before) {
		k->forgotten = true;
		r = 0;
		goto out;
	}
	if (faccessat(dirfd, name, F_OK, 0) == -1 && errno == ENOENT &&
	    make_key(dirfd, dir, name) == -1)
		goto out;
	path = path_in(dir, name);
	r = visitor_key_load(&k->key, path);
	free(path);
out:
	close(dirfd);
	return r;
}

/* "2026-11-21.day"; false: no name of a key. */
static bool
parse_name(const char *name, enum conf_rotate *rotate, int64_t *first)
{
	enum conf_rotate r;

	if (strlen(name) <= UTC_DATE_LEN ||
	    utc_parse_date(slice_of(name, UTC_DATE_LEN), first) == -1)
		return false;
	for (r = ROTATE_DAILY; r <= ROTATE_MONTHLY; r++)
		if (strcmp(name + UTC_DATE_LEN, suffixes[r]) == 0) {
			*rotate = r;
			return true;
		}
	return false;
}

static int
check_key(const char *dir, const char *name)
{
	char *path = path_in(dir, name);
	struct visitor_key key;
	int r = visitor_key_load(&key, path);

	visitor_key_wipe(&key);
	free(path);
	return r;
}

/* Each key that an event may ask for is one, and nobody else can read it: what
 * is wrong is said before any input is read.  0, or -1 (reported). */
static int
check_keys(const struct conf_visitor *conf)
{
	const char *dir = conf->key_dir.s;
	int dirfd = lock_dir(dir), r = -1;
	enum conf_rotate rotate;
	int64_t before, first;
	struct dirent *e;
	DIR *d;

	if (dirfd == -1)
		return -1;
	if (read_forgotten(dirfd, dir, &before) == -1)
		goto out;
	d = opendir(dir);
	if (d == NULL) {
		msg_error("%s: %s", dir, msg_errno(errno));
		goto out;
	}
	r = 0;
	while ((e = readdir(d)) != NULL)
		if (parse_name(e->d_name, &rotate, &first) &&
		    rotate == conf->rotate &&
		    period_end(rotate, first) > before &&
		    check_key(dir, e->d_name) == -1)
			r = -1;
	closedir(d);
out:
	close(dirfd);
	return r;
}

int
keyring_open(struct keyring *kr, const struct conf_visitor *conf)
{
	*kr = (struct keyring){ .conf = conf };
	pthread_mutex_init(&kr->lock, NULL);
	/* The first is there without rotation, and for none before. */
	kr->v = xgrow(NULL, &kr->cap, 1, sizeof(*kr->v));
	memset(kr->v, 0, sizeof(*kr->v));
	if (conf->rotate != ROTATE_NEVER)
		return check_keys(conf);
	kr->n = 1;
	if (conf->key_file.s != NULL)
		return visitor_key_load(&kr->v[0].key, conf->key_file.s);
	visitor_key_random(&kr->v[0].key);
	kr->random = true;
	return 0;
}

void
keyring_close(struct keyring *kr)
{
	if (kr->v == NULL)
		return;
	sodium_memzero(kr->v, kr->cap * sizeof(*kr->v));
	free(kr->v);
	pthread_mutex_destroy(&kr->lock);
	*kr = (struct keyring){ 0 };
}

void
keyring_hold(struct keyring_hand *hand, struct keyring *kr)
{
	*hand = (struct keyring_hand){ .ring = kr,
		.turns = kr->conf->rotate != ROTATE_NEVER };
	if (!hand->turns)
		hand->now = kr->v[0];
}

void
keyring_drop(struct keyring_hand *hand)
{
	visitor_key_wipe(&hand->now.key);
}

/* Where the period is, or has to be. */
static size_t
place_of(const struct keyring *kr, int64_t first)
{
	size_t lo = 0, hi = kr->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (kr->v[mid].first < first)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The keys move to another block: the old one must not keep them. */
static void
make_room(struct keyring *kr)
{
	size_t cap = kr->cap * 2;
	struct keyring_key *v;

	if (kr->n < kr->cap)
		return;
	v = xcalloc(cap, sizeof(*v));
	memcpy(v, kr->v, kr->n * sizeof(*v));
	sodium_memzero(kr->v, kr->cap * sizeof(*kr->v));
	free(kr->v);
	kr->v = v;
	kr->cap = cap;
}

/* The key of that period, loaded or made where it was not asked for yet; NULL:
 * there is none, and perhaps why.  Under the lock. */
static const struct keyring_key *
find_period(struct keyring *kr, int64_t first, const char **why)
{
	struct keyring_key k = { .first = first };
	size_t i = place_of(kr, first);

	if (i < kr->n && kr->v[i].first == first)
		return &kr->v[i];
	if (kr->n == PERIODS_MAX) {
		kr->beyond++;
		return NULL;
	}
	if (load_key(kr->conf, &k) == -1) {
		*why = "no key for the visitors of this day";
		return NULL;
	}
	make_room(kr);
	memmove(kr->v + i + 1, kr->v + i, (kr->n - i) * sizeof(*kr->v));
	kr->v[i] = k;
	kr->n++;
	visitor_key_wipe(&k.key);
	return &kr->v[i];
}

const struct visitor_key *
keyring_turn(
    struct keyring_hand *hand, struct slice timestamp, const char **why)
{
	struct keyring *kr = hand->ring;
	const struct keyring_key *k;
	int64_t day;

	if (utc_parse_date(slice_of(timestamp.p, UTC_DATE_LEN), &day) == -1)
		return NULL;
	pthread_mutex_lock(&kr->lock);
	k = find_period(kr, period_first(kr->conf->rotate, day), why);
	if (k != NULL) {
		hand->now = *k;
		memcpy(hand->day, timestamp.p, UTC_DATE_LEN);
	}
	pthread_mutex_unlock(&kr->lock);
	if (k == NULL)
		return NULL;
	return hand->now.forgotten ? NULL : &hand->now.key;
}

void
keyring_report(const struct keyring *kr)
{
	if (kr->beyond > 0)
		msg_warn("%llu events lie in more than %d periods of "
			 "enrich.visitor.rotate: their visitors are NULL",
		    (unsigned long long)kr->beyond, PERIODS_MAX);
}

void
keyring_describe(const struct keyring *kr, struct strbuf *sb)
{
	/* A letter first: digits alone would read as a counter. */
	char text[1 + VISITOR_FINGERPRINT + 1] = "k";
	char date[UTC_DATE_LEN + 1] = "", hex[DIGEST_HEX + 1];
	struct strbuf all = STRBUF_INIT;
	size_t i;

	if (kr->random) {
		strbuf_adds(sb, "random");
		return;
	}
	if (kr->conf->rotate == ROTATE_NEVER) {
		visitor_key_fingerprint(&kr->v[0].key, text + 1);
		strbuf_adds(sb, text);
		return;
	}
	for (i = 0; i < kr->n; i++) {
		utc_format_date(date, kr->v[i].first);
		strcpy(text, "none");
		if (!kr->v[i].forgotten)
			visitor_key_fingerprint(&kr->v[i].key, text);
		strbuf_addf(&all, "%s %s\n", date, text);
	}
	digest_of(strbuf_slice(&all), hex);
	strbuf_addf(sb, "r%.*s", VISITOR_FINGERPRINT, hex);
	strbuf_release(&all);
}

/* Is that a key, and its period over before that day? */
static bool
is_past(const char *name, int64_t day)
{
	enum conf_rotate r;
	int64_t first;

	return parse_name(name, &r, &first) && period_end(r, first) <= day;
}

/* Its bytes are written over first, as far as the file system does that. */
static int
destroy(int dirfd, const char *dir, const char *name)
{
	char noise[2 * VISITOR_KEY_SIZE + 1];
	int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	randombytes_buf(noise, sizeof(noise));
	if (fd != -1) {
		if (write(fd, noise, sizeof(noise)) == -1 || fsync(fd) == -1)
			msg_warn("%s/%s: cannot write over the key: %s", dir,
			    name, msg_errno(errno));
		close(fd);
	}
	if (unlinkat(dirfd, name, 0) == -1) {
		msg_error(
		    "%s/%s: cannot remove: %s", dir, name, msg_errno(errno));
		return -1;
	}
	return 0;
}

static int
destroy_before(const struct conf_visitor *conf, int dirfd, int64_t day)
{
	const char *dir = conf->key_dir.s;
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned n = 0;
	int r = 0;

	if (d == NULL) {
		msg_error("%s: %s", dir, msg_errno(errno));
		return -1;
	}
	while ((e = readdir(d)) != NULL)
		if (is_past(e->d_name, day)) {
			if (destroy(dirfd, dir, e->d_name) == -1)
				r = -1;
			else
				n++;
		}
	closedir(d);
	if (fsync(dirfd) == -1)
		r = -1;
	msg_info("%s: %u keys destroyed", dir, n);
	return r;
}

int
keyring_forget(const struct conf_visitor *conf, int64_t day)
{
	char text[UTC_DATE_LEN + 1];
	int64_t before;
	int dirfd, r = -1;

	if (conf->rotate == ROTATE_NEVER) {
		msg_error("--forget: enrich.visitor.rotate is never: nothing "
			  "is kept by period");
		return -1;
	}
	dirfd = lock_dir(conf->key_dir.s);
	if (dirfd == -1)
		return -1;
	if (read_forgotten(dirfd, conf->key_dir.s, &before) == -1)
		goto out;
	if (day < before)
		day = before; /* what is forgotten stays so */
	utc_format_date(text, day);
	text[UTC_DATE_LEN] = '\n';
	/* First the promise: a killed run leaves keys to the next. */
	if (publish(dirfd, conf->key_dir.s, FORGOTTEN, text, sizeof(text)) == 0)
		r = destroy_before(conf, dirfd, day);
out:
	close(dirfd);
	return r;
}
