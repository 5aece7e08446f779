noinst_LIBRARIES += libio.a
libio_a_CFLAGS = $(AM_CFLAGS) $(ISAL_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS) \
	$(XXHASH_CFLAGS)
libio_a_SOURCES = \
	bin/io/chunks.c bin/io/chunks.h \
	bin/io/codec.c bin/io/codec.h \
	bin/io/digest.c bin/io/digest.h \
	bin/io/gunzip.c bin/io/gunzip.h
