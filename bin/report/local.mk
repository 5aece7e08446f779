noinst_LIBRARIES += libreport.a
libreport_a_CFLAGS = $(AM_CFLAGS) $(SODIUM_CFLAGS)
libreport_a_SOURCES = \
	bin/report/amount.c bin/report/amount.h \
	bin/report/assets.h \
	bin/report/causes.c bin/report/causes.h \
	bin/report/chart.c bin/report/chart.h \
	bin/report/country.c bin/report/country.h \
	bin/report/figure.c bin/report/figure.h \
	bin/report/html.c bin/report/html.h \
	bin/report/label.c bin/report/label.h \
	bin/report/page.c bin/report/page.h \
	bin/report/panel.c bin/report/panel.h \
	bin/report/panel_alarm.c \
	bin/report/panel_answers.c \
	bin/report/panel_fields.c \
	bin/report/panel_health.c \
	bin/report/panel_series.c \
	bin/report/phrase.c bin/report/phrase.h \
	bin/report/roles.c bin/report/roles.h \
	bin/report/table.c bin/report/table.h \
	bin/report/text.c \
	bin/report/utf8.c bin/report/utf8.h \
	bin/report/verdicts.c bin/report/verdicts.h
nodist_libreport_a_SOURCES = report-assets.c

# The style sheet and the script as C strings.
EXTRA_DIST += share/report.css share/report.js
CLEANFILES += report-assets.c
report-assets.c: share/report.css share/report.js
	$(AM_V_GEN)for a in style:css script:js; do \
	    echo "extern const char asset_$${a%:*}[];"; \
	    echo "const char asset_$${a%:*}[] ="; \
	    sed 's/[\\"]/\\&/g; s/^/"/; s/$$/\\n"/' \
		$(srcdir)/share/report.$${a#*:}; \
	    echo ';'; \
	done >$@.tmp && mv $@.tmp $@

bin_PROGRAMS += ev-report
ev_report_SOURCES = bin/ev-report.c
ev_report_LDADD = libreport.a libhistory.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO) $(SODIUM_LIBS) -lm
