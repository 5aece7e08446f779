/* Archives of any bytes: the decoders end, within their bounds. */
#include "config.h"

#include "io/codec.h"

#include "memory.h"

/* A bomb need not be unpacked whole to show that memory is flat. */
#define ENOUGH ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct source *src;
	char buf[4096];
	size_t total = 0;
	ssize_t got;

	if (n < 1)
		return 0;
	src = codec_wrap(memory_source(data + 1, n - 1, data[0]));
	if (src == NULL)
		return 0;
	while ((got = source_read(src, buf, sizeof(buf))) > 0 &&
	    total < ENOUGH)
		total += (size_t)got;
	/* An error stays one. */
	if (got == -1 && source_read(src, buf, sizeof(buf)) != -1)
		abort();
	source_close(src);
	return 0;
}
