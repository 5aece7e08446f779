/* partition: how the fact table lies on disk. */
#ifndef EV_CONF_PARTITION_H
#define EV_CONF_PARTITION_H

#include "conf/read.h"

/* Beyond ds; each multiplies the number of parts. */
#define CONF_BY_MAX 4
/* Values of one column in one batch; the default is 100. */
#define CONF_MOST_MAX 10000

struct conf_partition {
	struct conf_list by;	   /* ds first; columns and properties */
	struct conf_list allow;	   /* further values are _other; none: any */
	uint64_t most;		   /* values of one column, 0: the default */
	struct conf_text compress; /* none, gzip or zstd */
	uint64_t rows_per_part;	   /* 0: any number */
};

conf_read_fn conf_read_partition;

#endif
