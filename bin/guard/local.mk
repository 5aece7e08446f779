noinst_LIBRARIES += libguard.a
libguard_a_SOURCES = \
	bin/guard/baseline.c bin/guard/baseline.h \
	bin/guard/budget.h \
	bin/guard/command.c bin/guard/command.h \
	bin/guard/delivery.c bin/guard/delivery.h \
	bin/guard/dist.c bin/guard/dist.h \
	bin/guard/health.c bin/guard/health.h \
	bin/guard/judge.c bin/guard/judge.h \
	bin/guard/notify.c bin/guard/notify.h \
	bin/guard/split.c bin/guard/split.h \
	bin/guard/state.c bin/guard/state.h \
	bin/guard/tracks.c bin/guard/tracks.h \
	bin/guard/why.c bin/guard/why.h

bin_PROGRAMS += ev-guard
ev_guard_SOURCES = bin/ev-guard.c
ev_guard_LDADD = libguard.a libfacts.a libhistory.a libconf.a libio.a \
	libbase.a $(LIBS_CONF) $(LIBS_IO) -lm
