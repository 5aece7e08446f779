check_PROGRAMS += base-test
base_test_SOURCES = t/base.c
base_test_LDADD = libconf.a libio.a libbase.a $(LIBS_CONF) $(LIBS_IO)

EXTRA_DIST += t/run t/setup t/helper.bash

# Fuzzing: clang's libFuzzer with ASan and UBSan over the sources themselves.
# EV_FUZZ_SECONDS for each harness; finds stay in fuzz-NAME/.
FUZZ = codec conf parse reader
FUZZ_CC = clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all -DHAVE_CONFIG_H -DEV_DATADIR='"$(pkgdatadir)"'
FUZZ_LIBS = $(LIBS_CONF) $(LIBS_IO)
EV_FUZZ_SECONDS = 60

fuzz:
	set -e; for t in $(FUZZ); do \
	    extra=; test $$t != parse || extra='$(srcdir)/bin/parse/*.c'; \
	    $(FUZZ_CC) -I. -I$(srcdir)/bin -I$(srcdir)/t/fuzz \
		-o fuzz-$$t-run $(srcdir)/t/fuzz/$$t.c \
		$(srcdir)/bin/base/*.c $(srcdir)/bin/io/*.c \
		$(srcdir)/bin/conf/*.c $$extra $(FUZZ_LIBS); \
	    mkdir -p fuzz-$$t; \
	    ./fuzz-$$t-run -max_total_time=$(EV_FUZZ_SECONDS) -close_fd_mask=2 \
		-rss_limit_mb=1024 -print_final_stats=1 fuzz-$$t; \
	done

.PHONY: fuzz
EXTRA_DIST += t/fuzz/memory.h t/fuzz/codec.c t/fuzz/conf.c t/fuzz/parse.c \
	t/fuzz/reader.c
