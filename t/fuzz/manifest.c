/*
 * Manifests of any bytes: refused, or read and written again as a form that
 * stays the same.
 */
#include "config.h"

#include "base/msg.h"
#include "facts/manifest.h"

#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What recovery relies on: a directory and a file in it, both named. */
static void
check_paths(const struct manifest *m)
{
	const char *slash;
	size_t i;

	for (i = 0; i < m->nparts; i++) {
		slash = strrchr(m->parts[i].path, '/');
		if (slash == NULL || slash[1] == '\0')
			abort();
		slash = strrchr(m->parts[i].staged, '/');
		if (slash == NULL || slash[1] == '\0')
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	struct manifest m;
	const char *why = NULL;

	if (manifest_read(&m, slice_of((const char *)data, n), &why) == -1) {
		if (why == NULL)
			abort();
		return 0;
	}
	check_paths(&m);
	manifest_write(&m, &once);
	manifest_release(&m);
	if (manifest_read(&m, strbuf_slice(&once), &why) == -1)
		msg_die(3, "%s: %s", why, once.buf);
	manifest_write(&m, &twice);
	manifest_release(&m);
	if (!slice_eq(strbuf_slice(&once), strbuf_slice(&twice)))
		abort();
	strbuf_release(&once);
	strbuf_release(&twice);
	return 0;
}
