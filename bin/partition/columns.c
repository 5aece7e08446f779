#include "config.h"

#include "partition/columns.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/event.h"
#include "base/msg.h"
#include "base/strbuf.h"

static const char *const types[EV_COLUMNS] = {
	[EV_USER_ID] = "BIGINT",
	[EV_LOGGED_OUT_USER_ID] = "BIGINT",
	[EV_DIM_HOSTNAME] = "STRING",
	[EV_DIM_COUNTRY] = "STRING",
	[EV_DIM_DEVICE_BRAND] = "STRING",
	[EV_ACTION_TYPE] = "STRING",
	[EV_EVENT_TIMESTAMP] = "TIMESTAMP",
	[EV_OTHER_PROPERTIES] = "MAP<STRING,STRING>",
	[EV_DS] = "STRING",
};

static void
describe(struct strbuf *sb, const struct conf_partition *conf)
{
	size_t i;

	for (i = 0; i < EV_DS; i++)
		strbuf_addf(
		    sb, "%s\t%s\trow\n", event_column_names[i], types[i]);
	strbuf_adds(sb, "ds\tSTRING\tdirectory\n");
	for (i = 1; i < conf->by.n; i++)
		strbuf_addf(sb, "%s\tSTRING\tdirectory\n", conf->by.v[i].s);
}

/* Has the table's file these bytes?  1, 0, or -1 (reported). */
static int
is_same(const struct table *t, struct slice text)
{
	int fd = openat(t->fd, COLUMNS_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char buf[1024];
	size_t at = 0;
	ssize_t n = -1;

	while (fd != -1 && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || (size_t)n > text.n - at ||
		    memcmp(buf, text.p + at, (size_t)n) != 0)
			break;
		at += (size_t)n;
	}
	if (n == -1)
		table_fail(t, COLUMNS_FILE, errno);
	if (fd != -1)
		close(fd);
	return n == -1 ? -1 : n == 0 && at == text.n;
}

/* Whole and on the disk before it has its name; the stage's goes with it. */
static int
write_file(const struct table *t, const struct stage *s, struct slice text)
{
	if (stage_put(s, COLUMNS_FILE, text) == -1)
		return -1;
	if (linkat(s->fd, COLUMNS_FILE, t->fd, COLUMNS_FILE, 0) == -1)
		return table_fail(t, COLUMNS_FILE, errno);
	return 0;
}

int
columns_put(const struct table *t, const struct stage *s,
    const struct conf_partition *conf)
{
	struct strbuf sb = STRBUF_INIT;
	int r;

	describe(&sb, conf);
	if (faccessat(t->fd, COLUMNS_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == -1 &&
	    errno == ENOENT) {
		r = write_file(t, s, strbuf_slice(&sb));
	} else {
		r = is_same(t, strbuf_slice(&sb));
		if (r == 0)
			msg_error("%s/%s: the table has other columns or "
				  "partitions than the config",
			    t->root, COLUMNS_FILE);
		r = r == 1 ? 0 : -1;
	}
	strbuf_release(&sb);
	/*
	 * Before the commit, or a batch could be there for good and its
	 * columns not; and where the file was there, too, for who made it
	 * may have died before this.
	 */
	return r == 0 ? table_sync(t, t->fd, "") : -1;
}
