dist_pkgdata_DATA += \
	share/bots-imported.tsv \
	share/bots.tsv \
	share/ev.awk \
	share/referrers-imported.tsv \
	share/referrers.tsv
dist_pkgdata_SCRIPTS += \
	share/import-bots \
	share/import-referrers
sqldir = $(pkgdatadir)/sql
dist_sql_DATA = \
	share/sql/duckdb.sql \
	share/sql/hive.sql \
	share/sql/postgresql.sql \
	share/sql/views-hive.sql \
	share/sql/views.sql
dist_sql_SCRIPTS = \
	share/sql/load-postgresql \
	share/sql/mkviews
