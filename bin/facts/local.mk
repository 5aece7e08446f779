noinst_LIBRARIES += libfacts.a
libfacts_a_CFLAGS = $(AM_CFLAGS)
libfacts_a_SOURCES = \
	bin/facts/catalog.c bin/facts/catalog.h \
	bin/facts/json.c bin/facts/json.h \
	bin/facts/manifest.c bin/facts/manifest.h \
	bin/facts/table.c bin/facts/table.h
