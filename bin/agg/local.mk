noinst_LIBRARIES += libagg.a
libagg_a_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS)
libagg_a_SOURCES = \
	bin/agg/adhoc.c bin/agg/adhoc.h \
	bin/agg/cell.c bin/agg/cell.h \
	bin/agg/collect.c bin/agg/collect.h \
	bin/agg/conds.c bin/agg/conds.h \
	bin/agg/decimal.c bin/agg/decimal.h \
	bin/agg/dict.c bin/agg/dict.h \
	bin/agg/dims.c bin/agg/dims.h \
	bin/agg/extra.c bin/agg/extra.h \
	bin/agg/fields.c bin/agg/fields.h \
	bin/agg/fold.c bin/agg/fold.h \
	bin/agg/hll.c bin/agg/hll.h \
	bin/agg/index.c bin/agg/index.h \
	bin/agg/inputs.c bin/agg/inputs.h \
	bin/agg/intake.c bin/agg/intake.h \
	bin/agg/key.c bin/agg/key.h \
	bin/agg/keysort.c bin/agg/keysort.h \
	bin/agg/pairs.c bin/agg/pairs.h \
	bin/agg/pieces.c bin/agg/pieces.h \
	bin/agg/period.c bin/agg/period.h \
	bin/agg/plan.c bin/agg/plan.h \
	bin/agg/ratio.c bin/agg/ratio.h \
	bin/agg/rows.c bin/agg/rows.h \
	bin/agg/rowset.h \
	bin/agg/set.c bin/agg/set.h \
	bin/agg/sketch.c bin/agg/sketch.h \
	bin/agg/sorter.c bin/agg/sorter.h \
	bin/agg/state.c bin/agg/state.h \
	bin/agg/tally.c bin/agg/tally.h \
	bin/agg/top.c bin/agg/top.h \
	bin/agg/unfilled.c bin/agg/unfilled.h \
	bin/agg/visits.c bin/agg/visits.h \
	bin/agg/worker.c bin/agg/worker.h

bin_PROGRAMS += ev-agg
ev_agg_SOURCES = bin/ev-agg.c
ev_agg_LDADD = libagg.a libfacts.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO) -lm
