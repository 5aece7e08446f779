/*
 * gunzip: one member of a gzip file, by ISA-L where it is there, else zlib.
 *
 *	struct gunzip *g = gunzip_new();
 *	gunzip_reset(g);                       before each member
 *	status = gunzip_run(g, &in, &nin, &out, &nout);
 *	gunzip_free(g);
 *
 * gunzip_run() moves in and out on by what it consumed and produced, and
 * returns when either is used up, the member ends (its length and checksum
 * proven) or is found to be corrupt; what was decoded before is in out, if
 * that had room for GUNZIP_ROOM bytes.  Without input it gives what it has
 * held back.  RFC 1952.
 */
#ifndef EV_IO_GUNZIP_H
#define EV_IO_GUNZIP_H

#include <stddef.h>

/* ISA-L decodes so much before it looks at out, rounded up. */
#define GUNZIP_ROOM ((size_t)96 << 10)

enum gunzip_status { GUNZIP_MORE, GUNZIP_END, GUNZIP_CORRUPT };

struct gunzip;

struct gunzip *gunzip_new(void);
void gunzip_reset(struct gunzip *g);
enum gunzip_status gunzip_run(struct gunzip *g, const unsigned char **in,
    size_t *nin, unsigned char **out, size_t *nout);
/* NULL is fine. */
void gunzip_free(struct gunzip *g);

#endif
