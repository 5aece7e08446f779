noinst_LIBRARIES += libenrich.a
libenrich_a_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS) \
	$(SODIUM_CFLAGS) $(PSL_CFLAGS)
libenrich_a_SOURCES = \
	bin/enrich/address.c bin/enrich/address.h \
	bin/enrich/agent.c bin/enrich/agent.h \
	bin/enrich/bots.c bin/enrich/bots.h \
	bin/enrich/cache.c bin/enrich/cache.h \
	bin/enrich/campaign.c bin/enrich/campaign.h \
	bin/enrich/client.c bin/enrich/client.h \
	bin/enrich/common.c bin/enrich/common.h \
	bin/enrich/country.c bin/enrich/country.h \
	bin/enrich/datafile.c bin/enrich/datafile.h \
	bin/enrich/derived.h \
	bin/enrich/enrich.c bin/enrich/enrich.h \
	bin/enrich/explain.c bin/enrich/explain.h \
	bin/enrich/geo.c bin/enrich/geo.h \
	bin/enrich/keyring.c bin/enrich/keyring.h \
	bin/enrich/literal.c bin/enrich/literal.h \
	bin/enrich/mmdb.c bin/enrich/mmdb.h \
	bin/enrich/policy.c bin/enrich/policy.h \
	bin/enrich/prefilter.c bin/enrich/prefilter.h \
	bin/enrich/referrer.c bin/enrich/referrer.h \
	bin/enrich/row.c bin/enrich/row.h \
	bin/enrich/rules.c bin/enrich/rules.h \
	bin/enrich/scrub.c bin/enrich/scrub.h \
	bin/enrich/shape.c bin/enrich/shape.h \
	bin/enrich/sources.c bin/enrich/sources.h \
	bin/enrich/term.c bin/enrich/term.h \
	bin/enrich/uap.c bin/enrich/uap.h \
	bin/enrich/uapfile.c bin/enrich/uapfile.h \
	bin/enrich/visitor.c bin/enrich/visitor.h

bin_PROGRAMS += ev-enrich
ev_enrich_SOURCES = bin/ev-enrich.c
ev_enrich_CFLAGS = $(AM_CFLAGS) $(PSL_CFLAGS)
ev_enrich_LDADD = libenrich.a libconf.a libio.a libbase.a \
	$(LIBS_CONF) $(LIBS_IO) $(SODIUM_LIBS) $(PSL_LIBS)

check_PROGRAMS += enrich-uap
enrich_uap_SOURCES = t/enrich-uap.c
enrich_uap_LDADD = libenrich.a libconf.a libbase.a $(LIBS_CONF)

# What the rules' budget was chosen by; see there.
check_PROGRAMS += enrich-worst
enrich_worst_SOURCES = t/enrich-worst.c
enrich_worst_LDADD = libenrich.a libconf.a libbase.a $(LIBS_CONF)

# Beside the library whose answers ours must be.
if MAXMINDDB
check_PROGRAMS += enrich-country
enrich_country_SOURCES = t/enrich-country.c
enrich_country_CFLAGS = $(AM_CFLAGS) $(MAXMINDDB_CFLAGS)
enrich_country_LDADD = libenrich.a libconf.a libbase.a $(LIBS_CONF) \
	$(MAXMINDDB_LIBS)
endif
