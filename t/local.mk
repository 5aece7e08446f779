check_PROGRAMS += base-test
base_test_SOURCES = t/base.c
base_test_LDADD = libconf.a libio.a libbase.a $(LIBS_CONF) $(LIBS_IO)

EXTRA_DIST += t/run t/setup t/helper.bash
