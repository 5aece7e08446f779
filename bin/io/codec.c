#include "config.h"

#include "io/codec.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "io/gunzip.h"

/* Compressed input: a few of zstd's recommended 128 KiB, one read each. */
#define IN_SIZE ((size_t)256 << 10)
/* Compressed output on its way to the out. */
#define WRITE_CHUNK ((size_t)64 << 10)
/* zlib counts in unsigned int. */
#define ZLIB_STEP ((size_t)1 << 30)
/* The least that begins a frame. */
#define ZSTD_START 5
/* zlib: a gzip header and trailer around the largest window. */
#define GZIP_WINDOW (15 + 16)

static const unsigned char gzip_magic[] = { 0x1f, 0x8b };
static const unsigned char zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

/* Archives that are not read, and what does: no log begins like them. */
static const struct foreign {
	const char *magic;
	size_t n;
	const char *why;
} foreign[] = {
	{ "BZh", 3, "a bzip2 archive, which bzip2 -dc unpacks" },
	{ "\xfd"
	  "7zX",
	    4, "an xz archive, which xz -dc unpacks" },
	{ "PK\3\4", 4, "a zip archive, which unzip -p unpacks" },
	{ "\x04\x22\x4d\x18", 4, "an lz4 archive, which lz4 -dc unpacks" },
	{ "\x1f\x9d", 2, "an archive of compress, which zcat unpacks" },
};
/* "BZh" is text, too; behind it and a digit stand these of pi. */
static const char bzip2_block[] = "1AY&SY";
#define BZIP2_START (4 + sizeof(bzip2_block) - 1)

const struct codec_info codec_infos[CODEC_COUNT] = {
	[CODEC_NONE] = { "none", "" },
	[CODEC_GZIP] = { "gzip", ".gz" },
	[CODEC_ZSTD] = { "zstd", ".zst" },
};

int
codec_find(struct slice name)
{
	int i;

	for (i = 0; i < CODEC_COUNT; i++)
		if (slice_is(name, codec_infos[i].name))
			return i;
	return -1;
}

struct codec_source {
	struct source base;
	struct source *raw;
	unsigned char *in; /* bytes of raw not yet decoded: in[pos, len) */
	size_t pos, len;
	bool raw_end;	 /* raw has ended */
	bool in_member;	 /* a member or frame has begun and not ended */
	bool failed;	 /* nothing more comes */
	const char *why; /* of the failure, until it was reported */
	struct gunzip *gunzip;
	/* What gunzip_run() gave to a reader without room for it. */
	unsigned char *out;
	size_t out_pos, out_n;
	ZSTD_DStream *zstd;
	size_t zstd_wants; /* bytes, before it can go on */
	bool zstd_holds;   /* perhaps: what had no room */
};

/* Kept back until what was decoded before has been delivered. */
static void
fail(struct codec_source *c, const char *why)
{
	c->failed = true;
	c->why = why;
}

static ssize_t
deliver(struct codec_source *c, size_t n)
{
	if (n > 0 || !c->failed)
		return (ssize_t)n;
	if (c->why != NULL)
		msg_error("%s: %s", c->base.name, c->why);
	c->why = NULL;
	return -1;
}

static void
refill(struct codec_source *c)
{
	ssize_t n;

	if (c->pos < c->len || c->raw_end || c->failed)
		return;
	n = source_read(c->raw, c->in, IN_SIZE);
	c->base.stored_read = c->raw->stored_read;
	if (n < 0)
		fail(c, NULL);
	c->pos = 0;
	c->len = n > 0 ? (size_t)n : 0;
	c->raw_end = n == 0;
}

static ssize_t
plain_read(struct source *src, void *buf, size_t n)
{
	struct codec_source *c = (struct codec_source *)src;
	size_t have = c->len - c->pos;
	ssize_t got;

	if (have > 0) {
		if (have > n)
			have = n;
		memcpy(buf, c->in + c->pos, have);
		c->pos += have;
		return (ssize_t)have;
	}
	if (c->raw_end)
		return 0;
	got = source_read(c->raw, buf, n);
	c->base.stored_read = c->raw->stored_read;
	return got;
}

/* Behind a member: zero padding ends the archive, as gzip(1) has it. */
static void
skip_padding(struct codec_source *c)
{
	do {
		while (c->pos < c->len && c->in[c->pos] == 0)
			c->pos++;
		refill(c);
	} while (c->pos < c->len && c->in[c->pos] == 0);
	if (c->pos < c->len)
		fail(c, "garbage after the end of the gzip file");
}

/* Is there input for a member that goes on or begins here? */
static bool
gzip_at_member(struct codec_source *c)
{
	refill(c);
	if (c->failed)
		return false;
	if (c->in_member)
		return true;
	if (c->pos == c->len)
		return false;
	if (c->in[c->pos] == 0) {
		skip_padding(c);
		return false;
	}
	if (c->in[c->pos] != 0x1f) {
		fail(c, "garbage after the end of the gzip file");
		return false;
	}
	gunzip_reset(c->gunzip);
	c->in_member = true;
	return true;
}

/* Decodes into n >= GUNZIP_ROOM bytes at buf; how many it took. */
static size_t
gzip_decode(struct codec_source *c, unsigned char *buf, size_t n)
{
	const unsigned char *in;
	unsigned char *out = buf;
	size_t nin, left = n, room;
	enum gunzip_status status;

	while (left >= GUNZIP_ROOM && gzip_at_member(c)) {
		in = c->in + c->pos;
		nin = c->len - c->pos;
		room = left;
		status = gunzip_run(c->gunzip, &in, &nin, &out, &left);
		if (status == GUNZIP_CORRUPT)
			fail(c, "the gzip file is corrupt");
		else if (status == GUNZIP_MORE && c->pos == c->len &&
			 left == room)
			fail(c, "the gzip file is truncated");
		c->pos = c->len - nin;
		c->in_member = status == GUNZIP_MORE;
	}
	return n - left;
}

static ssize_t
gzip_read(struct source *src, void *buf, size_t n)
{
	struct codec_source *c = (struct codec_source *)src;

	if (n >= GUNZIP_ROOM && c->out_pos == c->out_n)
		return deliver(c, gzip_decode(c, buf, n));
	if (c->out_pos == c->out_n) {
		if (c->out == NULL)
			c->out = xmalloc(GUNZIP_ROOM);
		c->out_n = gzip_decode(c, c->out, GUNZIP_ROOM);
		c->out_pos = 0;
	}
	if (n > c->out_n - c->out_pos)
		n = c->out_n - c->out_pos;
	memcpy(buf, c->out + c->out_pos, n);
	c->out_pos += n;
	return deliver(c, n);
}

/*
 * Of the input, what makes one step of the decoder: it does not say what it has
 * put where a later step of the same call fails.  What it wants for a block
 * includes the header of the next one, and for other steps three bytes less do
 * no harm.  What had no room comes alone.
 */
static ZSTD_inBuffer
zstd_input(const struct codec_source *c)
{
	const size_t header = 3;
	size_t n = c->zstd_wants;

	if (n > header)
		n -= header;
	if (n > c->len - c->pos)
		n = c->len - c->pos;
	return (
	    ZSTD_inBuffer){ c->in, c->pos + (c->zstd_holds ? 0 : n), c->pos };
}

/* One step of the decoder; false when it can go no further. */
static bool
zstd_step(struct codec_source *c, ZSTD_outBuffer *out)
{
	ZSTD_inBuffer in;
	size_t r, before = out->pos;
	bool moved;

	refill(c);
	if (c->failed)
		return false;
	in = zstd_input(c);
	r = ZSTD_decompressStream(c->zstd, out, &in);
	/* Without input there may be nothing to do, which ends nothing. */
	moved = in.pos > c->pos || out->pos > before || c->zstd_holds;
	c->zstd_holds = out->pos == out->size;
	c->zstd_wants = r != 0 ? r : ZSTD_START;
	c->pos = in.pos;
	if (ZSTD_isError(r)) {
		fail(c, "the zstd file is corrupt");
		return false;
	}
	/* Between frames r is the size of the next one's header. */
	if (moved)
		c->in_member = r != 0;
	else if (c->raw_end && c->in_member)
		fail(c, "the zstd file is truncated");
	return moved || !c->raw_end;
}

static ssize_t
zstd_read(struct source *src, void *buf, size_t n)
{
	struct codec_source *c = (struct codec_source *)src;
	ZSTD_outBuffer out = { buf, n, 0 };

	while (out.pos < n && zstd_step(c, &out))
		;
	return deliver(c, out.pos);
}

static void
codec_close(struct source *src)
{
	struct codec_source *c = (struct codec_source *)src;

	gunzip_free(c->gunzip);
	if (c->zstd != NULL)
		ZSTD_freeDStream(c->zstd);
	source_close(c->raw);
	free(c->out);
	free(c->in);
	free(src->name);
	free(c);
}

/* Reads until it has so many bytes, or the end. */
static int
sniff(struct codec_source *c, size_t want)
{
	ssize_t n;

	while (c->len < want && !c->raw_end) {
		n = source_read(c->raw, c->in + c->len, want - c->len);
		if (n < 0)
			return -1;
		c->raw_end = n == 0;
		c->len += (size_t)n;
	}
	c->base.stored_read = c->raw->stored_read;
	return 0;
}

/* A frame of data, or one to be skipped, with which pzstd begins. */
static bool
is_zstd(const unsigned char *p)
{
	return memcmp(p, zstd_magic, sizeof(zstd_magic)) == 0 ||
	       (p[0] >> 4 == 5 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18);
}

/* By the first CODEC_MAGIC_MAX bytes; NULL if it is none. */
static const struct foreign *
find_foreign(const void *p)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		if (memcmp(p, foreign[i].magic, foreign[i].n) == 0)
			return &foreign[i];
	return NULL;
}

bool
codec_begins(const void *p)
{
	return memcmp(p, gzip_magic, sizeof(gzip_magic)) == 0 || is_zstd(p) ||
	       find_foreign(p) != NULL;
}

/* Why no archive like this is read, or NULL; -1 where reading failed. */
static int
sniff_foreign(struct codec_source *c, const char **why)
{
	const struct foreign *f;

	f = c->len >= CODEC_MAGIC_MAX ? find_foreign(c->in) : NULL;
	if (f == &foreign[0]) {
		if (sniff(c, BZIP2_START) == -1)
			return -1;
		if (c->len < BZIP2_START ||
		    memcmp(c->in + 4, bzip2_block, BZIP2_START - 4) != 0)
			f = NULL;
	}
	*why = f != NULL ? f->why : NULL;
	return 0;
}

static bool
has_suffix(const char *name, enum codec codec)
{
	size_t n = strlen(name), k = strlen(codec_infos[codec].suffix);

	return n > k && strcmp(name + n - k, codec_infos[codec].suffix) == 0;
}

/*
 * No archive is empty, or ends within its magic number: what a full disk or
 * a crash left of one must not pass for a log without lines.
 */
static bool
is_stub(const struct codec_source *c)
{
	const char *name = c->base.name;

	if (c->len < sizeof(gzip_magic) && has_suffix(name, CODEC_GZIP))
		return memcmp(c->in, gzip_magic, c->len) == 0;
	if (c->len < sizeof(zstd_magic) && has_suffix(name, CODEC_ZSTD))
		return memcmp(c->in, zstd_magic, c->len) == 0;
	return false;
}

/* NULL, or why it cannot be read. */
static const char *
choose(struct codec_source *c)
{
	if (c->len >= sizeof(gzip_magic) &&
	    memcmp(c->in, gzip_magic, sizeof(gzip_magic)) == 0) {
		c->gunzip = gunzip_new();
		c->base.read = gzip_read;
	} else if (c->len >= sizeof(zstd_magic) && is_zstd(c->in)) {
		c->zstd = ZSTD_createDStream();
		if (c->zstd == NULL || ZSTD_isError(ZSTD_initDStream(c->zstd)))
			return "out of memory: a decoder";
		c->zstd_wants = ZSTD_START;
		c->base.read = zstd_read;
	} else if (is_stub(c)) {
		return "the archive is truncated";
	}
	return NULL;
}

struct source *
codec_wrap(struct source *raw)
{
	struct codec_source *c = xcalloc(1, sizeof(*c));
	const char *why;

	c->base.read = plain_read;
	c->base.close = codec_close;
	c->base.name = xstrdup(raw->name);
	c->base.stored_size = raw->stored_size;
	c->base.wait_fd = raw->wait_fd;
	c->raw = raw;
	c->in = xmalloc(IN_SIZE);
	if (sniff(c, CODEC_MAGIC_MAX) == -1 || sniff_foreign(c, &why) == -1) {
		codec_close(&c->base);
		return NULL;
	}
	if (why == NULL)
		why = choose(c);
	if (why != NULL) {
		msg_error("%s: %s", c->base.name, why);
		codec_close(&c->base);
		return NULL;
	}
	return &c->base;
}

struct source *
codec_open(const char *path)
{
	struct source *raw = source_open(path);

	return raw != NULL ? codec_wrap(raw) : NULL;
}

struct codec_writer {
	enum codec codec;
	bool open; /* a member or frame has begun */
	z_stream z;
	ZSTD_CCtx *zstd;
};

/* Speed over size: 1 is gzip's fastest, 3 zstd's own default. */
#define GZIP_LEVEL 1
#define ZSTD_LEVEL 3

struct codec_writer *
codec_writer_new(enum codec codec, int level)
{
	struct codec_writer *w = xcalloc(1, sizeof(*w));
	bool ok = true;

	w->codec = codec;
	if (codec == CODEC_GZIP) {
		ok =
		    deflateInit2(&w->z, level != 0 ? level : GZIP_LEVEL,
			Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK;
	} else if (codec == CODEC_ZSTD) {
		w->zstd = ZSTD_createCCtx();
		ok = w->zstd != NULL &&
		     !ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd,
			 ZSTD_c_compressionLevel,
			 level != 0 ? level : ZSTD_LEVEL)) &&
		     !ZSTD_isError(ZSTD_CCtx_setParameter(
			 w->zstd, ZSTD_c_checksumFlag, 1));
	}
	if (!ok)
		msg_die(EV_EXIT_FAIL, "out of memory: an encoder");
	return w;
}

static int
gzip_put(struct codec_writer *w, struct out *o, int flush)
{
	size_t room;
	int r;

	do {
		w->z.next_out = (unsigned char *)out_reserve(o, WRITE_CHUNK);
		w->z.avail_out = (unsigned)WRITE_CHUNK;
		r = deflate(&w->z, flush);
		if (r == Z_STREAM_ERROR) {
			msg_error("%s: deflate failed", o->name);
			return -1;
		}
		room = w->z.avail_out;
		out_advance(o, WRITE_CHUNK - room);
	} while (room == 0);
	return o->err == 0 ? 0 : -1;
}

static int
zstd_put(struct codec_writer *w, struct out *o, const void *p, size_t n,
    ZSTD_EndDirective end)
{
	ZSTD_inBuffer in = { p, n, 0 };
	ZSTD_outBuffer out;
	size_t left;

	do {
		out = (ZSTD_outBuffer){ out_reserve(o, WRITE_CHUNK),
			WRITE_CHUNK, 0 };
		left = ZSTD_compressStream2(w->zstd, &out, &in, end);
		if (ZSTD_isError(left)) {
			msg_error(
			    "%s: zstd: %s", o->name, ZSTD_getErrorName(left));
			return -1;
		}
		out_advance(o, out.pos);
	} while (end == ZSTD_e_end ? left != 0 : in.pos < in.size);
	return o->err == 0 ? 0 : -1;
}

int
codec_writer_put(struct codec_writer *w, struct out *o, const void *p, size_t n)
{
	const unsigned char *q = p;
	size_t step;

	if (n == 0)
		return 0;
	w->open = true;
	switch (w->codec) {
	case CODEC_GZIP:
		while (n > 0) {
			step = n < ZLIB_STEP ? n : ZLIB_STEP;
			w->z.next_in = (z_const unsigned char *)q;
			w->z.avail_in = (unsigned)step;
			if (gzip_put(w, o, Z_NO_FLUSH) == -1)
				return -1;
			q += step;
			n -= step;
		}
		return 0;
	case CODEC_ZSTD:
		return zstd_put(w, o, p, n, ZSTD_e_continue);
	case CODEC_NONE:
	case CODEC_COUNT:
	default:
		out_put(o, p, n);
		return o->err == 0 ? 0 : -1;
	}
}

int
codec_writer_finish(struct codec_writer *w, struct out *o)
{
	int r = 0;

	if (!w->open)
		return 0;
	w->open = false;
	if (w->codec == CODEC_GZIP) {
		w->z.next_in = NULL;
		w->z.avail_in = 0;
		r = gzip_put(w, o, Z_FINISH);
		if (deflateReset(&w->z) != Z_OK)
			r = -1;
	} else if (w->codec == CODEC_ZSTD) {
		r = zstd_put(w, o, NULL, 0, ZSTD_e_end);
	}
	return r;
}

void
codec_writer_free(struct codec_writer *w)
{
	if (w == NULL)
		return;
	if (w->codec == CODEC_GZIP)
		deflateEnd(&w->z);
	if (w->zstd != NULL)
		ZSTD_freeCCtx(w->zstd);
	free(w);
}
