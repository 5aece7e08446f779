#include "config.h"

#include "parse/reason.h"

#include <stddef.h>

const char *const reason_names[REASON_COUNT] = {
	NULL,
	"nul",
	"too_long",
	"quote",
	"escape",
	"time",
	"status",
	"bytes",
	"address",
	"number",
	"format",
};

const char *const reason_help[REASON_COUNT] = {
	NULL,
	"a NUL byte inside the line",
	"longer than 1 MiB",
	"a quote of the format is missing",
	"bytes that nginx would have escaped otherwise",
	"no valid time",
	"no three-digit status",
	"no count of bytes",
	"no IP address",
	"no number",
	"the format's literals are missing",
};
