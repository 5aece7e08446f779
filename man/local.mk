dist_man_MANS += \
	man/ev-agg.1 \
	man/ev-enrich.1 \
	man/ev-events.5 \
	man/ev-guard.1 \
	man/ev-parse.1 \
	man/ev-partition.1 \
	man/ev-report.1 \
	man/ev.7 \
	man/ev.yaml.5
