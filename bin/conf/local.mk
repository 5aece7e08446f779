noinst_LIBRARIES += libconf.a
libconf_a_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS) $(PCRE2_CFLAGS)
libconf_a_SOURCES = \
	bin/conf/actions.c bin/conf/actions.h \
	bin/conf/conf.c bin/conf/conf.h \
	bin/conf/draft.c bin/conf/draft.h \
	bin/conf/enrich.c bin/conf/enrich.h \
	bin/conf/format.c bin/conf/format.h \
	bin/conf/guard.c bin/conf/guard.h \
	bin/conf/layout.c bin/conf/layout.h \
	bin/conf/log.c bin/conf/log.h \
	bin/conf/measure.c \
	bin/conf/metrics.c bin/conf/metrics.h \
	bin/conf/nginx.c bin/conf/nginx.h \
	bin/conf/nginxlex.c bin/conf/nginxlex.h \
	bin/conf/nginxpick.c \
	bin/conf/partition.c bin/conf/partition.h \
	bin/conf/presets.c \
	bin/conf/properties.c bin/conf/properties.h \
	bin/conf/read.c bin/conf/read.h \
	bin/conf/report.c bin/conf/report.h \
	bin/conf/site.c bin/conf/site.h \
	bin/conf/unnamed.c \
	bin/conf/where.c bin/conf/where.h \
	bin/conf/yaml.c bin/conf/yaml.h
