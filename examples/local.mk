# The config, the daily job and the answers are what a site starts from; the
# rest makes the example.
growthdir = $(docdir)/examples/growth
dist_growth_DATA = \
	examples/growth/Makefile \
	examples/growth/growth.yaml
dist_growth_SCRIPTS = \
	examples/growth/answers
EXTRA_DIST += \
	examples/growth/agents.tsv \
	examples/growth/mklog \
	examples/growth/networks.tsv \
	examples/growth/newsite \
	examples/growth/run
