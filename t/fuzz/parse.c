/*
 * Log lines of any bytes, in a few formats: a line becomes one record that
 * the reader takes and whose map is sorted, or it is refused.
 */
#include "config.h"

#include "base/map.h"
#include "base/msg.h"
#include "base/reader.h"
#include "base/text.h"
#include "parse/record.h"

#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const formats[] = {
	"combined",
	"$host $remote_addr - $remote_user [$time_local] \"$request\" $status "
	"$body_bytes_sent \"$http_referer\" \"$http_user_agent\" "
	"\"$http_cookie\" $request_time",
	"escape=json {\"t\":\"$time_iso8601\",\"m\":$msec,\"r\":\"$request\","
	"\"s\":$status,\"h\":\"$host\",\"a\":\"$remote_addr\"}",
	"$msec\t$remote_addr\t$request\t$upstream_addr",
};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static struct record *
make(const char *format)
{
	static const struct conf conf;
	struct strbuf why = STRBUF_INIT;
	struct plan *plan = plan_new(&conf, format, &why);

	if (plan == NULL)
		msg_die(2, "%s", why.buf);
	return record_new(plan,
	    rules_new(conf_actions_in_force(&conf.actions)));
}

static void
check(struct event_reader *r, const struct out *o)
{
	struct source *src = memory_source((uint8_t *)o->buf, o->len, 4096);
	struct slice last = SLICE_NULL, rest;
	struct map_pair pair;
	struct event ev;
	int i;

	event_reader_attach(r, src);
	if (event_reader_next(r, &ev) != 1)
		abort();
	for (i = EV_DIM_HOSTNAME; i <= EV_ACTION_TYPE; i++)
		if (ev.col[i].p != NULL && !text_valid(ev.col[i], TEXT_COLUMN))
			abort();
	rest = ev.col[EV_OTHER_PROPERTIES];
	while (map_next(&rest, &pair)) {
		if (pair.val.p == NULL || !text_valid(pair.key, TEXT_MAP) ||
		    !text_valid(pair.val, TEXT_MAP))
			abort();
		if (last.p != NULL && slice_cmp(last, pair.key) >= 0)
			abort();
		last = pair.key;
	}
	if (event_reader_next(r, &ev) != 0)
		abort();
	source_close(src);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct record *rec[FORMATS];
	static struct event_reader reader;
	static struct out o;
	static char *line;
	enum reason reason;
	size_t f;

	if (n < 1 || n > 1 << 16)
		return 0;
	if (rec[0] == NULL) {
		for (f = 0; f < FORMATS; f++)
			rec[f] = make(formats[f]);
		event_reader_init(&reader);
		out_init_fd(&o, -1, "nowhere");
		line = xmalloc((1 << 16) + SCAN_PAD);
	}
	f = data[0] % FORMATS;
	memcpy(line, data + 1, n - 1);
	/* What stands behind a line in the buffer is the next one. */
	memset(line + n - 1, data[0], SCAN_PAD);
	if (memchr(line, '\n', n - 1) != NULL)
		return 0;
	o.len = 0;
	if (record_line(rec[f], slice_of(line, n - 1), &o, &reason) ==
	    RECORD_EVENT)
		check(&reader, &o);
	return 0;
}
