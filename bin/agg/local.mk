noinst_LIBRARIES += libagg.a
libagg_a_CFLAGS = $(AM_CFLAGS)
libagg_a_SOURCES = \
	bin/agg/adhoc.c bin/agg/adhoc.h \
	bin/agg/dict.c bin/agg/dict.h \
	bin/agg/fields.c bin/agg/fields.h \
	bin/agg/index.c bin/agg/index.h \
	bin/agg/inputs.c bin/agg/inputs.h \
	bin/agg/pairs.c bin/agg/pairs.h \
	bin/agg/plan.c bin/agg/plan.h \
	bin/agg/ratio.c bin/agg/ratio.h \
	bin/agg/rows.c bin/agg/rows.h \
	bin/agg/tally.c bin/agg/tally.h \
	bin/agg/unfilled.c bin/agg/unfilled.h

bin_PROGRAMS += ev-agg
ev_agg_SOURCES = bin/ev-agg.c
ev_agg_LDADD = libagg.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO)
