/*
 * parts: events into one file a partition, in a stage.
 *
 *	parts_init(&ps, &stage, &conf.partition, CODEC_ZSTD, &r);
 *	while (... event_reader_next(&r, &ev) == 1)
 *		if (parts_put(&ps, &ev) == -1) ...         reported
 *	if (parts_finish(&ps, &manifest) == -1) ...        flushed, fsynced
 *	parts_release(&ps);
 *
 * A part holds columns 1 to 8 of its events in the order of the stream; ds
 * is in the directory's name only.  (A further column that the table is
 * partitioned by stays, for in the directory _other it is not known.)  With
 * rows_per_part a partition has as many parts as that takes.  Each one has a
 * buffer.  A buffer that is full goes to its file; when all buffers together
 * pass PARTS_MEMORY, the fullest one goes.  So a file grows by large pieces,
 * however many days are interleaved; and since where a piece ends depends on
 * nothing but the input, so do the bytes of a compressed part, where each piece
 * is a frame or member of its own, made by one shared compressor.
 */
#ifndef EV_PARTITION_PARTS_H
#define EV_PARTITION_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/hash.h"
#include "base/out.h"
#include "base/reader.h"
#include "facts/manifest.h"
#include "io/codec.h"
#include "partition/place.h"
#include "partition/stage.h"

/*
 * Of rows in one piece, by what t/bench/partition.sh measures: a plain one is
 * best while the buffers of many partitions stay in the cache (300 days take
 * 0.88 of the processor's time with 64 KiB for 256), a compressed one is as
 * much as a frame needs to pack well.
 */
#define PARTS_PIECE_PLAIN ((size_t)64 << 10)
#define PARTS_PIECE_PACKED ((size_t)256 << 10)
/* What the buffers of all partitions may take together. */
#define PARTS_MEMORY ((size_t)64 << 20)
/*
 * Of one batch.  nginx was first released in October 2004, so a log that
 * holds more days than this has a broken clock.
 */
#define PARTS_MAX 16384

struct part;

struct parts {
	const struct stage *stage;
	struct place place;
	size_t piece;
	uint64_t rows_per_part;		   /* 0: any number */
	unsigned first_number;		   /* of a part's file in the stage */
	const struct event_reader *reader; /* where rows come from: messages */
	struct codec_writer *writer; /* shared by all parts; NULL: plain */
	struct out packed;	     /* one compressed piece, in memory */
	struct part **v;	     /* in the order of their first rows */
	size_t n, cap;
	uint32_t *slots; /* hash table of indices into v, from 1 */
	size_t nslots;	 /* a power of two */
	struct hash_key key;
	struct part *last; /* of the previous row */
	size_t memory;	   /* allocated to all buffers */
	size_t open;	   /* descriptors in use */
	size_t max_open;
	uint64_t pieces; /* written so far, a clock for the descriptors */
};

void parts_init(struct parts *ps, const struct stage *stage,
    const struct conf_partition *conf, enum codec codec,
    const struct event_reader *reader);
/* 0, or -1 when ds is no day, or not the event's, or a write failed. */
int parts_put(struct parts *ps, const struct event *ev);
/* The same of a row that is that manifest's, which the part remembers. */
int parts_put_of(struct parts *ps, const struct event *ev, uint64_t sequence);
/*
 * Writes out and fsyncs all; adds them to m->parts, sorted, without their
 * paths, which need the batch's name (publish.h).
 */
int parts_finish(struct parts *ps, struct manifest *m);
void parts_release(struct parts *ps);

#endif
