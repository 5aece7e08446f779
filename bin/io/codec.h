/*
 * codec: gzip and zstd, read and written; the only code that knows them.
 *
 * Reading: codec_open() looks at the first bytes, not at the file's name,
 * and returns a source of the decompressed bytes; gzip of several members
 * and zstd of several frames read as one.  A truncated or corrupt archive
 * delivers all that could be decoded, then -1 (reported).  Only where there
 * are no bytes to look at does the name count: an empty .gz is truncated.
 * Other archives are an error: read as text, their bytes would be rejects.
 *
 * Writing: a struct codec_writer compresses what it is given and hands the
 * result to an out.  Each codec_writer_finish() ends a member or frame, so
 * that the outputs concatenate.
 */
#ifndef EV_IO_CODEC_H
#define EV_IO_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/out.h"
#include "base/slice.h"
#include "base/source.h"

enum codec { CODEC_NONE, CODEC_GZIP, CODEC_ZSTD, CODEC_COUNT };

struct codec_info {
	const char *name;   /* as in the config: none, gzip, zstd */
	const char *suffix; /* "", ".gz", ".zst" */
};
extern const struct codec_info codec_infos[CODEC_COUNT];

/* The codec of that name, or -1. */
int codec_find(struct slice name);

/* So many bytes tell an archive from anything else. */
#define CODEC_MAGIC_MAX 4
/* Does a file that begins with these CODEC_MAGIC_MAX bytes hold one? */
bool codec_begins(const void *p);

/* NULL or "-" is stdin; NULL on error (reported). */
struct source *codec_open(const char *path);
/* Takes raw, which is closed with the result (on failure at once). */
struct source *codec_wrap(struct source *raw);

struct codec_writer;

/* level 0 is the codec's default. Never fails (allocation aside). */
struct codec_writer *codec_writer_new(enum codec codec, int level);
/* 0, or -1 on a compressor's or the out's error (reported). */
int codec_writer_put(
    struct codec_writer *w, struct out *o, const void *p, size_t n);
int codec_writer_finish(struct codec_writer *w, struct out *o);
void codec_writer_free(struct codec_writer *w);

#endif
