/*
 * table: a fact table's directory, and the lock of those who change it.
 *
 *	if (table_open(&t, "facts") == -1) ...       creates what is missing
 *	r = table_lock(&t, seconds);                 1 ours, 0 busy, -1 error
 *	...
 *	table_unlock(&t);
 *	table_close(&t);
 *
 *	ROOT/ds=YYYY-MM-DD/part-BATCH.tsv[.gz|.zst]  the data
 *	ROOT/_manifests/SEQUENCE.json                what was committed
 *	ROOT/_stage/RANDOM/, ROOT/_stage/SEQUENCE/   what is on its way
 *	ROOT/_columns.tsv                            what its columns are
 *	ROOT/_lock                                   flock(2)ed by the writer
 *
 * Readers that glob skip names that begin with "_", as Hive does.
 *
 * Paths below the root are opened component by component and never through
 * a symbolic link, so nothing is written outside of it.  The root itself
 * may be one: that is the caller's word.
 */
#ifndef EV_FACTS_TABLE_H
#define EV_FACTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define TABLE_STAGES "_stage"
#define TABLE_MANIFESTS "_manifests"
#define TABLE_LOCK "_lock"

struct table {
	const char *root; /* as given, for messages; borrowed */
	int fd;		  /* of the root */
	int stages;	  /* of _stage */
	int manifests;	  /* of _manifests */
	int lock;	  /* of _lock */
};

/*
 * Makes the root, but not its parents: a parent that is missing is a typing
 * error or a disk that is not mounted.  0, or -1 (reported).
 */
int table_open(struct table *t, const char *root);
/*
 * To read: nothing is made, and the lock and the stages are not there.  1, 0
 * when there is no such directory or it has no manifests, -1 (reported).
 */
int table_open_read(struct table *t, const char *root);
void table_close(struct table *t);

/* Waits up to seconds for the lock: 1 it is ours, 0 busy, -1 (reported). */
int table_lock(struct table *t, unsigned seconds);
void table_unlock(struct table *t);

/*
 * The directory that path's last component stands in, and that component
 * in *leaf, which points into path.  With create, missing directories are
 * made; the caller syncs the root.  A descriptor, or -1 with errno.
 */
int table_open_parent(
    const struct table *t, const char *path, bool create, const char **leaf);

/* The file of that path, to read; a descriptor, or -1 with errno. */
int table_open_file(const struct table *t, const char *path);

/* fsync; a file system without anything to sync (EINVAL) counts as done. */
int table_sync(const struct table *t, int fd, const char *name);

/* "ROOT/NAME: strerror"; always -1. */
int table_fail(const struct table *t, const char *name, int errnum);

/* All n bytes, or -1 with errno. */
int table_write(int fd, const void *p, size_t n);

#endif
