noinst_LIBRARIES += libpartition.a
libpartition_a_CFLAGS = $(AM_CFLAGS)
libpartition_a_SOURCES =

bin_PROGRAMS += ev-partition
ev_partition_SOURCES = bin/ev-partition.c
ev_partition_LDADD = libpartition.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO)
