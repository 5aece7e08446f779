noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	bin/base/ahead.c bin/base/ahead.h \
	bin/base/alloc.c bin/base/alloc.h \
	bin/base/crew.c bin/base/crew.h \
	bin/base/event.c bin/base/event.h \
	bin/base/fetch.h \
	bin/base/hash.c bin/base/hash.h \
	bin/base/inbuf.c bin/base/inbuf.h \
	bin/base/lines.c bin/base/lines.h \
	bin/base/lock.c bin/base/lock.h \
	bin/base/map.c bin/base/map.h \
	bin/base/mark.c bin/base/mark.h \
	bin/base/msg.c bin/base/msg.h \
	bin/base/number.c bin/base/number.h \
	bin/base/options.c bin/base/options.h \
	bin/base/out.c bin/base/out.h \
	bin/base/places.c bin/base/places.h \
	bin/base/processors.c bin/base/processors.h \
	bin/base/progress.c bin/base/progress.h \
	bin/base/reader.c bin/base/reader.h \
	bin/base/slice.h \
	bin/base/source.c bin/base/source.h \
	bin/base/strbuf.c bin/base/strbuf.h \
	bin/base/temp.c bin/base/temp.h \
	bin/base/text.c bin/base/text.h \
	bin/base/utc.c bin/base/utc.h
