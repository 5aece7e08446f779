/*
 * Event streams of any bytes: what the reader takes for a record, written
 * again, is read as the same record.
 */
#include "config.h"

#include "base/map.h"
#include "base/msg.h"
#include "base/reader.h"

#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
walk(struct slice map)
{
	struct map_pair pair;
	size_t bytes = map.n;

	while (map_next(&map, &pair)) {
		if (pair.key.n > bytes || pair.val.n > bytes)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct event_reader r, again;
	struct event ev, same;
	struct source *src, *copy;
	struct out o;
	int i;

	if (n < 1)
		return 0;
	src = memory_source(data + 1, n - 1, data[0]);
	event_reader_init(&r);
	event_reader_init(&again);
	event_reader_attach(&r, src);
	out_init_fd(&o, -1, "nowhere");
	while (event_reader_next(&r, &ev) == 1) {
		walk(ev.col[EV_OTHER_PROPERTIES]);
		o.len = 0;
		event_put(&o, &ev);
		copy = memory_source((const uint8_t *)o.buf, o.len, 7);
		event_reader_attach(&again, copy);
		if (event_reader_next(&again, &same) != 1)
			abort();
		for (i = 0; i < EV_COLUMNS; i++)
			if (!slice_eq(ev.col[i], same.col[i]))
				abort();
		source_close(copy);
	}
	(void)marks_state(&r.marks);
	o.len = 0;
	mark_put_end(&o, &r.marks, r.marks.rows_read);
	free(o.buf);
	event_reader_release(&r);
	event_reader_release(&again);
	source_close(src);
	return 0;
}
