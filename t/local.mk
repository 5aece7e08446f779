check_PROGRAMS += base-test
base_test_SOURCES = t/base.c
base_test_LDADD = libconf.a libio.a libbase.a $(LIBS_CONF) $(LIBS_IO)

check_PROGRAMS += render
render_SOURCES = t/render.c
render_LDADD = libparse.a libconf.a libio.a libbase.a $(LIBS_CONF) $(LIBS_IO)

# ev-parse without vectors, and the vectors alone.
check_PROGRAMS += parse-plain scan-test
parse_plain_SOURCES = bin/ev-parse.c bin/base/text.c $(libparse_a_SOURCES)
parse_plain_CPPFLAGS = $(AM_CPPFLAGS) -DSCAN_PLAIN
parse_plain_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS)
parse_plain_LDADD = libfacts.a libconf.a libio.a libbase.a $(LIBS_CONF) $(LIBS_IO)
scan_test_SOURCES = t/scan.c
scan_test_LDADD = libparse.a

# Pieces of ev-agg, and the error of HyperLogLog.
check_PROGRAMS += agg-test hll-test
agg_test_SOURCES = t/agg.c
agg_test_LDADD = libagg.a libconf.a libio.a libbase.a $(LIBS_CONF) $(LIBS_IO) -lm
hll_test_SOURCES = t/hll.c
hll_test_LDADD = libagg.a libio.a libbase.a $(LIBS_CONF) $(LIBS_IO) -lm

# Damaged lines.
check_PROGRAMS += parse-hostile
parse_hostile_SOURCES = t/parse-hostile.c

# ev-parse whose threads have blocks of some lines.
check_PROGRAMS += parse-small
parse_small_SOURCES = bin/ev-parse.c bin/base/ahead.c bin/base/inbuf.c
parse_small_CPPFLAGS = $(AM_CPPFLAGS) -DAHEAD_SIZE=700 -DAHEAD_CARRY=300 \
	-DAHEAD_MIN=1 -DINBUF_SIZE=600
parse_small_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS)
parse_small_LDADD = libparse.a libfacts.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO)

# ev-enrich the same way.
check_PROGRAMS += enrich-small
enrich_small_SOURCES = bin/ev-enrich.c bin/base/ahead.c bin/base/inbuf.c
enrich_small_CPPFLAGS = $(parse_small_CPPFLAGS)
enrich_small_CFLAGS = $(ev_enrich_CFLAGS)
enrich_small_LDADD = $(ev_enrich_LDADD)

# ev-guard's judgement on a site whose truth is known.
check_PROGRAMS += guard-sim
guard_sim_SOURCES = t/guard-sim.c t/guard-random.c t/guard-random.h
guard_sim_LDADD = libguard.a libhistory.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO) -lm

# Metric rows of a site to which one thing happens.
check_PROGRAMS += guard-causes
guard_causes_SOURCES = t/guard-causes.c t/guard-random.c t/guard-random.h
guard_causes_LDADD = libbase.a -lm

# Sixteen sites of ten years for each row of the table in ev-guard(1).
soak-guard: all guard-sim
	./guard-sim 16 9
	cd $(srcdir) && EV_GUARD_SEEDS=200 EV_BIN='$(abs_builddir)' prove -v \
	    -e '$(BATS) --tap' t/5030-guard-health.bats

.PHONY: soak-guard

# Hours of what t/run does in minutes.
soak-parse: all test-programs
	cd $(srcdir) && EV_SOAK=1 EV_BIN='$(abs_builddir)' prove -v \
	    -e '$(BATS) --tap' t/1600-parse-vector.bats \
	    t/1700-parse-million.bats

soak-partition: all test-programs
	cd $(srcdir) && EV_SOAK=1 EV_KILLS=10000 EV_HOSTS=1000000 \
	    EV_BIN='$(abs_builddir)' prove -v -e '$(BATS) --tap' \
	    t/3000-partition.bats t/3100-partition-kill.bats \
	    t/3110-partition-power.bats t/3400-partition-by.bats

soak-enrich: all test-programs
	cd $(srcdir) && EV_SOAK=1 EV_BIN='$(abs_builddir)' prove -v \
	    -e '$(BATS) --tap' t/2050-enrich-country.bats

soak-agg: all test-programs
	cd $(srcdir) && EV_SOAK=1 EV_AGG_TREES=$${EV_AGG_TREES:-2000} \
	    EV_AGG_SEEDS=$${EV_AGG_SEEDS:-1000} \
	    EV_AGG_SQL_SEEDS=$${EV_AGG_SQL_SEEDS:-200} \
	    EV_BIN='$(abs_builddir)' prove -v \
	    -e '$(BATS) --tap' t/4030-agg-random.bats t/4050-agg-merge.bats \
	    t/4055-agg-approx.bats t/4060-agg-sql.bats

.PHONY: soak-parse soak-partition soak-enrich soak-agg

# All of t/: a test that is not in the tarball is a test that is not run.
EXTRA_DIST += t
dist-hook:
	find $(distdir)/t -name '*.o' -o -name .dirstamp -o -name .deps | \
	    xargs rm -rf

# Fuzzing: clang's libFuzzer with ASan and UBSan over the sources themselves.
# EV_FUZZ_SECONDS for each harness; finds stay in fuzz-NAME/.  Settings of a
# config live as long as the process, hence its memory.
FUZZ = agg codec conf manifest parse reader report
FUZZ_CC = clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all -DHAVE_CONFIG_H -DEV_DATADIR='"$(pkgdatadir)"'
FUZZ_LIBS = $(LIBS_CONF) $(LIBS_IO) $(SODIUM_LIBS) -lm
EV_FUZZ_SECONDS = 60
# From nothing it does not find a key of the config in hours.
FUZZ_CONFIGS = $(srcdir)/examples/growth/growth.yaml,$(srcdir)/t/agg-every.yaml,$(srcdir)/t/sql-measures.yaml,$(srcdir)/t/sql-metrics.yaml,$(srcdir)/t/sql-visits.yaml

fuzz: report-assets.c
	set -e; for t in $(FUZZ); do \
	    case $$t in \
	    agg | parse) extra="$(srcdir)/bin/$$t/*.c $(srcdir)/bin/facts/*.c" ;; \
	    report) extra="$(srcdir)/bin/report/*.c $(srcdir)/bin/history/*.c report-assets.c" ;; \
	    manifest) extra='$(srcdir)/bin/facts/*.c' ;; \
	    *) extra= ;; \
	    esac; \
	    rss=1024 seeds=; \
	    test $$t != conf || { rss=16384; seeds=-seed_inputs=$(FUZZ_CONFIGS); }; \
	    $(FUZZ_CC) -I. -I$(srcdir)/bin -I$(srcdir)/t/fuzz \
		-o fuzz-$$t-run $(srcdir)/t/fuzz/$$t.c \
		$(srcdir)/bin/base/*.c $(srcdir)/bin/io/*.c \
		$(srcdir)/bin/conf/*.c $$extra $(FUZZ_LIBS); \
	    mkdir -p fuzz-$$t; \
	    ./fuzz-$$t-run -max_total_time=$(EV_FUZZ_SECONDS) -close_fd_mask=2 \
		-rss_limit_mb=$$rss -print_final_stats=1 $$seeds fuzz-$$t; \
	done

.PHONY: fuzz
