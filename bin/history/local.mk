# What ev-guard and ev-report read: metric rows, and the words
# of verdicts and of their causes.
noinst_LIBRARIES += libhistory.a
libhistory_a_SOURCES = \
	bin/history/cause.c bin/history/cause.h \
	bin/history/history.c bin/history/history.h \
	bin/history/row.c bin/history/row.h \
	bin/history/verdict.c bin/history/verdict.h
