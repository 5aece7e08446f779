/*
 * manifest: what one commit added to the table, as JSON.
 *
 *	manifest_write(&m, &sb);
 *	manifest_read(&m, text, &why);
 *	manifest_release(&m);
 *
 * A manifest says what was read (sources), by which settings it became
 * events, and where these lie (parts).  It holds no time, no host and no
 * random name: the same input gives the same bytes.
 *
 * {
 * "version": 1,
 * "sequence": 7,                  also its file name, 0000000007.json
 * "batch": 32 hex digits          identity of the content
 * "revision": 0,                  of the batch; 1 after one --rebuild
 * "identity": "sources",          or "rows", with --no-marks; "parts" where
 *	parts were joined, "drop" where a day was dropped
 * "replaces": [SEQUENCE, ...],    these manifests are void
 * "removes": [PATH, ...],         parts of older manifests that are void
 * "dropped": [DIRECTORY, ...],    days of which the batch has no rows any
 *	more: they were dropped before it was rebuilt; absent without any
 * "sources": [{"hash", "length", "from", "to", "name", "coarse", "fine",
 *	"lines"}, ...],
 * "replays": [{"hash", "length", "from", "to", "name", "settings", "in",
 *	"rest"}, ...],          absent where there are none
 * "parts": [{"path", "staged", "rows", "bytes", "hash", "text_bytes",
 *	"text_hash", "origins"}, ...],
 * "counters": {"rows": N, ...},   of the end mark
 * "settings": ["enrich:HEX", ...], "key": [...], "database": [...]
 * }
 *
 * path and staged are relative to the root; a part that is not in place
 * yet is under staged.  hash and bytes are the file's, text_hash and
 * text_bytes those of its rows decompressed.  Hashes are io/digest.h's.
 * coarse, fine and lines are the chunks (io/chunks.h) of the range from..to,
 * 16 hex digits each, one behind the other; what is absent has none.
 * "origins" of a part are the manifests whose rows were joined in it, as
 * runs in their order, [[SEQUENCE, ROWS], ...]; without them the rows are the
 * batch's own.  They belong to their origins wherever they are.
 * A replay is of that source, rejects that were lines of it by settings,
 * read again: the digests tell which lines were read, and which are left.
 * Texts are percent-encoded as in ev-events(5), so any bytes fit.  Lists of
 * texts are sorted bytewise, parts by their directory.  Keys that are unknown
 * are skipped on reading; a change that a reader must not miss gets a new
 * version.
 */
#ifndef EV_FACTS_MANIFEST_H
#define EV_FACTS_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/strbuf.h"
#include "io/chunks.h"
#include "io/digest.h"

#define MANIFEST_VERSION 1
/* Of a sequence number, in the names of manifests and of their stages. */
#define SEQUENCE_DIGITS 10
#define SEQUENCE_MAX UINT64_C(9999999999)
/* How much of the batch's name stands in file names and messages. */
#define BATCH_SHORT 16

/* Of one level, in the order of the log. */
struct manifest_chunks {
	uint64_t *v;
	size_t n;
};

struct manifest_source {
	char hash[DIGEST_HEX + 1];
	uint64_t length; /* of what hash is the hash of */
	uint64_t from;	 /* the range that was consumed */
	uint64_t to;
	char *name; /* for messages, percent-encoded */
	struct manifest_chunks chunks[CHUNKS_LEVELS];
};

struct manifest_replay {
	struct manifest_source of; /* without chunks */
	char *settings;		   /* by which they were rejected, encoded */
	char in[DIGEST_HEX + 1];   /* which lines were read */
	char rest[DIGEST_HEX + 1]; /* which of them were rejected again */
};

/* So many rows, one behind the other, that are another manifest's. */
struct manifest_run {
	uint64_t sequence;
	uint64_t rows;
};

/* The runs of a part, from its first row to its last; none: its own rows. */
struct manifest_origins {
	struct manifest_run *v;
	size_t n, cap;
};

struct manifest_part {
	char *dir;	 /* ds=..., before it has a path; else NULL */
	unsigned number; /* of its file in the stage, likewise */
	unsigned split;	 /* of several in one directory, likewise */
	char *path;	 /* ds=.../part-BATCH.tsv */
	char *staged;	 /* _stage/SEQUENCE/NUMBER */
	uint64_t rows;
	uint64_t bytes;
	char hash[DIGEST_HEX + 1];
	uint64_t text_bytes;
	char text_hash[DIGEST_HEX + 1];
	struct manifest_origins origins;
};

struct manifest_counter {
	char *name;
	uint64_t value;
};

/* Strings, sorted, each once. */
struct manifest_texts {
	char **v;
	size_t n, cap;
};

/* What the batch is the digest of. */
enum manifest_identity {
	MANIFEST_SOURCES,
	MANIFEST_ROWS,
	MANIFEST_PARTS, /* joined: those that it removes */
	MANIFEST_DROP	/* what a day had, which it removes */
};

struct manifest {
	uint64_t sequence;
	char batch[DIGEST_HEX + 1];
	uint64_t revision;
	enum manifest_identity identity;
	uint64_t *replaces;
	size_t nreplaces;
	struct manifest_texts removes;	 /* paths */
	struct manifest_texts dropped;	 /* "ds=YYYY-MM-DD" */
	struct manifest_source *sources; /* sorted */
	size_t nsources;
	struct manifest_replay *replays; /* sorted */
	size_t nreplays;
	struct manifest_part *parts; /* by directory, then as they came */
	size_t nparts;
	struct manifest_counter *counters;
	size_t ncounters;
	struct manifest_texts settings;
	struct manifest_texts keys;
	struct manifest_texts databases;
};

#define MANIFEST_INIT ((struct manifest){ 0 })

void manifest_release(struct manifest *m);
void manifest_write(const struct manifest *m, struct strbuf *sb);
/* 0, or -1 with why, a constant text; m is then as after MANIFEST_INIT. */
int manifest_read(struct manifest *m, struct slice text, const char **why);

/* Keeps the texts sorted and each once. */
void manifest_texts_add(struct manifest_texts *t, struct slice s);
void manifest_texts_release(struct manifest_texts *t);
bool manifest_texts_eq(
    const struct manifest_texts *a, const struct manifest_texts *b);
/* One row more, of that manifest. */
void manifest_origins_add(struct manifest_origins *o, uint64_t sequence);

/* Adds them to a message: "a, b", or "none". */
void manifest_texts_list(struct strbuf *sb, const struct manifest_texts *t);

/* 16 hex digits a chunk, appended; and back: 0, or -1 when they are none. */
void manifest_chunks_put(struct strbuf *sb, const uint64_t *v, size_t n);
int manifest_chunks_take(struct manifest_chunks *c, struct slice hex);

/* By hash, length, range and name: the order of m->sources. */
int manifest_source_cmp(const void *a, const void *b);
/* By source, then by in: the order of m->replays. */
int manifest_replay_cmp(const void *a, const void *b);

#endif
