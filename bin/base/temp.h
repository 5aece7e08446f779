/*
 * temp: files that are there whole under their name, or not at all.
 *
 *	fd = temp_create("metrics/2026-11-21.tsv", &path);
 *	... write fd, close it ...
 *	temp_commit(path, "metrics/2026-11-21.tsv");   or temp_discard(path)
 *
 * The file is made beside the final name, so that rename(2) is atomic.  A
 * temporary that was neither committed nor discarded goes when the program
 * exits or dies of SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE or a resource
 * limit; SIGKILL leaves it, under a name that begins with "." and ends in
 * ".tmp".
 */
#ifndef EV_BASE_TEMP_H
#define EV_BASE_TEMP_H

/*
 * A descriptor, and the temporary's name (owned by this module until
 * commit or discard); -1 on error (reported).  Mode 0666 less the umask.
 */
int temp_create(const char *final, const char **path);
/* fsyncs the file's directory too; 0, or -1 (reported). */
int temp_commit(const char *path, const char *final);
void temp_discard(const char *path);

#endif
