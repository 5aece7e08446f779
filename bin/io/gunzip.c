#include "config.h"

#include "io/gunzip.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/msg.h"

/* Both libraries count in 32 bits. */
#define STEP_MAX ((size_t)1 << 30)

static size_t
at_most(size_t n)
{
	return n < STEP_MAX ? n : STEP_MAX;
}

#ifdef HAVE_ISAL

#include <isa-l/igzip_lib.h>

struct gunzip {
	struct inflate_state s;
};

struct gunzip *
gunzip_new(void)
{
	struct gunzip *g = xmalloc(sizeof(*g));

	isal_inflate_init(&g->s);
	g->s.crc_flag = ISAL_GZIP;
	return g;
}

void
gunzip_reset(struct gunzip *g)
{
	isal_inflate_reset(&g->s);
	g->s.crc_flag = ISAL_GZIP;
}

enum gunzip_status
gunzip_run(struct gunzip *g, const unsigned char **in, size_t *nin,
    unsigned char **out, size_t *nout)
{
	size_t give = at_most(*nin), room = at_most(*nout);
	int r;

	g->s.next_in = (uint8_t *)(uintptr_t)*in;
	g->s.avail_in = (uint32_t)give;
	g->s.next_out = *out;
	g->s.avail_out = (uint32_t)room;
	r = isal_inflate(&g->s);
	*in += give - g->s.avail_in;
	*nin -= give - g->s.avail_in;
	*out += room - g->s.avail_out;
	*nout -= room - g->s.avail_out;
	if (r < 0 || r == ISAL_NEED_DICT)
		return GUNZIP_CORRUPT;
	return g->s.block_state == ISAL_BLOCK_FINISH ? GUNZIP_END : GUNZIP_MORE;
}

void
gunzip_free(struct gunzip *g)
{
	free(g);
}

#else

#include <zlib.h>

/* A gzip header and trailer around the largest window. */
#define GZIP_WINDOW (15 + 16)

struct gunzip {
	z_stream z;
};

struct gunzip *
gunzip_new(void)
{
	struct gunzip *g = xcalloc(1, sizeof(*g));

	if (inflateInit2(&g->z, GZIP_WINDOW) != Z_OK)
		msg_die(EV_EXIT_FAIL, "out of memory: a gzip decoder");
	return g;
}

void
gunzip_reset(struct gunzip *g)
{
	inflateReset(&g->z);
}

enum gunzip_status
gunzip_run(struct gunzip *g, const unsigned char **in, size_t *nin,
    unsigned char **out, size_t *nout)
{
	size_t give = at_most(*nin), room = at_most(*nout);
	int r;

	g->z.next_in = (unsigned char *)(uintptr_t)*in;
	g->z.avail_in = (unsigned)give;
	g->z.next_out = *out;
	g->z.avail_out = (unsigned)room;
	r = inflate(&g->z, Z_NO_FLUSH);
	*in += give - g->z.avail_in;
	*nin -= give - g->z.avail_in;
	*out += room - g->z.avail_out;
	*nout -= room - g->z.avail_out;
	if (r == Z_STREAM_END)
		return GUNZIP_END;
	/* Z_BUF_ERROR: nothing to do for want of input or room. */
	return r == Z_OK || r == Z_BUF_ERROR ? GUNZIP_MORE : GUNZIP_CORRUPT;
}

void
gunzip_free(struct gunzip *g)
{
	if (g != NULL) {
		inflateEnd(&g->z);
		free(g);
	}
}

#endif
