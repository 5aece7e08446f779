# What ev-guard and ev-report read: metric rows, and the words
# of verdicts.
noinst_LIBRARIES += libhistory.a
libhistory_a_SOURCES = \
	bin/history/history.c bin/history/history.h \
	bin/history/row.c bin/history/row.h \
	bin/history/verdict.c bin/history/verdict.h
