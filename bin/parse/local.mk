noinst_LIBRARIES += libparse.a
libparse_a_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS)
libparse_a_SOURCES = \
	bin/parse/client.c bin/parse/client.h \
	bin/parse/common.c bin/parse/common.h \
	bin/parse/explain.c bin/parse/explain.h \
	bin/parse/guess.c bin/parse/guess.h \
	bin/parse/host.c bin/parse/host.h \
	bin/parse/ident.c bin/parse/ident.h \
	bin/parse/ipv4.h \
	bin/parse/literal.c bin/parse/literal.h \
	bin/parse/order.c bin/parse/order.h \
	bin/parse/parse.c bin/parse/parse.h \
	bin/parse/plan.c bin/parse/plan.h \
	bin/parse/purpose.c bin/parse/purpose.h \
	bin/parse/quick.c bin/parse/quick.h \
	bin/parse/reason.c bin/parse/reason.h \
	bin/parse/record.c bin/parse/record.h \
	bin/parse/rejects.c bin/parse/rejects.h \
	bin/parse/replay.c bin/parse/replay.h \
	bin/parse/request.c bin/parse/request.h \
	bin/parse/resume.c bin/parse/resume.h \
	bin/parse/rules.c bin/parse/rules.h \
	bin/parse/scan.c bin/parse/scan.h \
	bin/parse/schema.c bin/parse/schema.h \
	bin/parse/split.c bin/parse/split.h \
	bin/parse/unescape.c bin/parse/unescape.h \
	bin/parse/user.c bin/parse/user.h \
	bin/parse/when.c bin/parse/when.h

bin_PROGRAMS += ev-parse
ev_parse_SOURCES = bin/ev-parse.c
ev_parse_LDADD = libparse.a libfacts.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO)
