/* Configs of any bytes: accepted or refused, never a crash. */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "conf/conf.h"

#include "memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
/* Settings live to the end of the program and are not freed. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char path[] = "/tmp/ev-fuzz-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1 || write(fd, data, n) != (ssize_t)n)
		abort();
	close(fd);
	(void)conf_load(path);
	unlink(path);
	return 0;
}
