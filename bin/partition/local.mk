noinst_LIBRARIES += libpartition.a
libpartition_a_CFLAGS = $(AM_CFLAGS)
libpartition_a_SOURCES = \
	bin/partition/columns.c bin/partition/columns.h \
	bin/partition/decide.c bin/partition/decide.h \
	bin/partition/identity.c bin/partition/identity.h \
	bin/partition/joined.c bin/partition/joined.h \
	bin/partition/keep.c bin/partition/keep.h \
	bin/partition/list.c bin/partition/list.h \
	bin/partition/overlap.c bin/partition/overlap.h \
	bin/partition/parts.c bin/partition/parts.h \
	bin/partition/place.c bin/partition/place.h \
	bin/partition/publish.c bin/partition/publish.h \
	bin/partition/recover.c bin/partition/recover.h \
	bin/partition/rejoin.c bin/partition/rejoin.h \
	bin/partition/stage.c bin/partition/stage.h \
	bin/partition/verify.c bin/partition/verify.h

bin_PROGRAMS += ev-partition
ev_partition_SOURCES = bin/ev-partition.c
ev_partition_LDADD = libpartition.a libfacts.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO)
