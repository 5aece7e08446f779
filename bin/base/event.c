#include "config.h"

#include "base/event.h"

const char *const event_column_names[EV_COLUMNS] = {
	[EV_USER_ID] = "user_id",
	[EV_LOGGED_OUT_USER_ID] = "logged_out_user_id",
	[EV_DIM_HOSTNAME] = "dim_hostname",
	[EV_DIM_COUNTRY] = "dim_country",
	[EV_DIM_DEVICE_BRAND] = "dim_device_brand",
	[EV_ACTION_TYPE] = "action_type",
	[EV_EVENT_TIMESTAMP] = "event_timestamp",
	[EV_OTHER_PROPERTIES] = "other_properties",
	[EV_DS] = "ds",
};

int
event_column_find(struct slice name)
{
	int i;

	for (i = 0; i < EV_COLUMNS; i++)
		if (slice_is(name, event_column_names[i]))
			return i;
	return -1;
}

void
event_put_header(struct out *o)
{
	int i;

	for (i = 0; i < EV_COLUMNS; i++) {
		out_puts(o, event_column_names[i]);
		out_putc(o, i + 1 < EV_COLUMNS ? '\t' : '\n');
	}
}

void
event_put(struct out *o, const struct event *ev)
{
	out_put_slice(o, ev->text);
	if (!event_has_ds(ev)) {
		out_putc(o, '\t');
		out_put_slice(o, ev->col[EV_DS]);
	}
	out_putc(o, '\n');
}
