# The config and the daily job are what a site starts from; the rest makes the
# example.
growthdir = $(docdir)/examples/growth
dist_growth_DATA = \
	examples/growth/Makefile \
	examples/growth/growth.yaml
EXTRA_DIST += \
	examples/growth/agents.tsv \
	examples/growth/answers \
	examples/growth/mklog \
	examples/growth/networks.tsv \
	examples/growth/newsite \
	examples/growth/run
