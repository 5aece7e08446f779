noinst_LIBRARIES += libagg.a
libagg_a_CFLAGS = $(AM_CFLAGS)
libagg_a_SOURCES =

bin_PROGRAMS += ev-agg
ev_agg_SOURCES = bin/ev-agg.c
ev_agg_LDADD = libagg.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO)
