/* partition: how the fact table lies on disk. */
#ifndef EV_CONF_PARTITION_H
#define EV_CONF_PARTITION_H

#include "conf/read.h"

struct conf_partition {
	struct conf_list by;	   /* ds, so far */
	struct conf_text compress; /* none, gzip or zstd */
};

conf_read_fn conf_read_partition;

#endif
