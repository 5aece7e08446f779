noinst_LIBRARIES += libenrich.a
libenrich_a_CFLAGS = $(AM_CFLAGS)
libenrich_a_SOURCES =

bin_PROGRAMS += ev-enrich
ev_enrich_SOURCES = bin/ev-enrich.c
ev_enrich_LDADD = libenrich.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO)
