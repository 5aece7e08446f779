noinst_LIBRARIES += libparse.a
libparse_a_CFLAGS = $(AM_CFLAGS)
libparse_a_SOURCES =

bin_PROGRAMS += ev-parse
ev_parse_SOURCES = bin/ev-parse.c
ev_parse_LDADD = libparse.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO)
