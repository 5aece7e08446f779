/*
 * row: one row of the output, out of what is known of it.
 *
 *	row_writer_init(&rw, anonymize, &referrer);
 *	row_write(&rw, &row, &out);
 *
 * Columns and pairs that stay are copied as they are written, many in one
 * piece; what is derived is there as finished text and is copied in between,
 * where shape.h says.  A row of which a value changes (an argument that is
 * denied, an address of which a part stays) takes a longer way, step by step.
 *
 * Texts are copied in blocks: of each text of a row ROW_COPY bytes from its
 * first and from its last on must be readable.
 */
#ifndef EV_ENRICH_ROW_H
#define EV_ENRICH_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/event.h"
#include "base/out.h"
#include "base/slice.h"
#include "conf/enrich.h"
#include "enrich/agent.h"
#include "enrich/campaign.h"
#include "enrich/client.h"
#include "enrich/referrer.h"
#include "enrich/shape.h"

#define ROW_COPY 128

/*
 * A longer address is not scrubbed, it leaves: a line of a log has 1 MiB,
 * encoded 3 MiB at most, and memory is bounded.
 */
#define ROW_URL_MAX ((size_t)4 << 20)

/* All slices are borrowed.  From client on only when it is not enriched. */
struct row {
	const char *base; /* of its places (event.h) */
	const struct event_row *ev;
	const struct shape *shape;
	struct shape_map map;
	bool has_id;
	struct slice referer;
	const struct referral *referral;
	struct client_query query;
	const struct client *client;
	const struct agent *agent;
	struct slice host;	  /* as it is written */
	struct campaign campaign; /* where the shape has one */
	/* The derived pairs of the referrer: all, one behind the other in one
	 * text or two; and those of medium and source. */
	struct slice source[2], medium, source_name;
};

typedef char *row_write_fn(char *p, const struct row *row);

struct row_writer {
	const struct conf_anonymize *anonymize;
	struct referrer *referrer;
	row_write_fn *pieces; /* the fastest that this machine has */
};

void row_writer_init(struct row_writer *rw,
    const struct conf_anonymize *anonymize, struct referrer *referrer);
void row_write(
    const struct row_writer *rw, const struct row *row, struct out *o);

#endif
