load helper
load sql-helper
load pipeline-helper

prepare() {
	need node zstd
	[ -d "${EV_NPM-}/node_modules/@duckdb/node-api" ] ||
		skip 'no @duckdb/node-api under $EV_NPM/node_modules'
}

sql=$SRC/share/sql

# duckdb FACTS QUERY [SCRIPT...]
duckdb() {
	local facts=$1 query=$2
	shift 2

	node "$T/sql-duckdb.mjs" "$facts" "$query" "$sql/duckdb.sql" "$@"
}

@test "DuckDB reads every byte of the part files, plain, gzip and zstd" {
	facts=$(hostile)
	as_stored "$facts" >stored
	duckdb "$facts" 'FROM core.fct_website_events' | as_loaded >loaded
	same stored loaded
	[ "$(wc -l <loaded)" -gt 3500 ]
}

@test "DuckDB gives the columns the types of the record" {
	runs 0 duckdb "$(hostile)" \
	    'SELECT name, type FROM
	    pragma_table_info($$core.fct_website_events$$)'
	cat >want <<-EOF
	user_id	BIGINT
	logged_out_user_id	BIGINT
	dim_hostname	VARCHAR
	dim_country	VARCHAR
	dim_device_brand	VARCHAR
	action_type	VARCHAR
	event_timestamp	TIMESTAMP
	other_properties	VARCHAR
	ds	VARCHAR
	EOF
	same want out
}

@test "a DuckDB that groups wrongly is refused" {
	echo "CREATE MACRO version() AS 'v1.4.10';" >old.sql
	runs 1 node "$T/sql-duckdb.mjs" . 'SELECT 1' old.sql "$sql/duckdb.sql"
	has err 'DuckDB 1.5 or newer is needed, this is v1.4.10'
	echo "CREATE MACRO version() AS 'v1.10.0-dev7';" >new.sql
	runs 0 node "$T/sql-duckdb.mjs" "$(hostile)" 'SELECT 1' new.sql \
	    "$sql/duckdb.sql"
}

@test "DuckDB makes a MAP of the map column and loses nothing" {
	facts=$(hostile)
	as_stored "$facts" >stored
	duckdb "$facts" "SELECT * REPLACE (array_to_string([
	    e.key || '=' || e.value FOR e IN
	    map_entries(core.props(other_properties))], '&')
	    AS other_properties) FROM core.fct_website_events" |
	    as_loaded >loaded
	same stored loaded
}

@test "DuckDB's core functions take maps and dimensions apart as documented" {
	functions_expected >want
	runs 0 duckdb "$(hostile)" "$(functions_query)"
	same want out
}

@test "DuckDB decodes what is text, and nothing else" {
	facts=$(hostile)
	decoded "$facts" >want
	duckdb "$facts" "SELECT md5(core.decode(
	    core.prop(other_properties, 'referrer')))
	    FROM core.fct_website_events" | sort >got
	same want got
}

@test "DuckDB's views of the growth config give ev-agg's rows" {
	facts=$(hostile)
	metrics_of "$SRC/examples/growth/growth.yaml" "$facts" >want
	duckdb "$facts" 'FROM metrics.daily_metrics' "$sql/views.sql" |
	    as_metrics >got
	same want got
	[ "$(wc -l <got)" -gt 5000 ]
}

@test "DuckDB's views of every form of a metric give ev-agg's rows" {
	facts=$(hostile)
	metrics_of "$T/sql-metrics.yaml" "$facts" >want
	"$sql/mkviews" "$T/sql-metrics.yaml" >views.sql
	duckdb "$facts" 'FROM metrics.daily_metrics' views.sql |
	    as_metrics >got
	same want got
}

@test "DuckDB's views of numbers, logic and periods give ev-agg's rows" {
	"$sql/mkviews" "$T/sql-measures.yaml" >views.sql
	for facts in "$(hostile)" "$(numbers)"; do
		metrics_over "$T/sql-measures.yaml" "$facts" >want
		duckdb "$facts" 'FROM metrics.daily_metrics' views.sql |
		    as_metrics >got
		same want got
	done
	# Each of them has a number that is not 0.
	awk -F '\t' '$4 != "\\N" && $4 != 0 { print $2 }' got | sort -u >some
	[ "$(wc -l <some)" -eq "$(cut -f 2 got | sort -u | grep -vc mean_of_text)" ]
}

@test "DuckDB's views of what visitors do in time give ev-agg's rows" {
	"$sql/mkviews" "$T/sql-visits.yaml" >views.sql
	for facts in "$(hostile)" "$(numbers)"; do
		metrics_over "$T/sql-visits.yaml" "$facts" >want
		duckdb "$facts" 'FROM metrics.daily_metrics' views.sql |
		    as_metrics >got
		same want got
	done
	# Each of them has a number that is not 0.
	awk -F '\t' '$4 != "\\N" && $4 != 0 { print $2 }' got | sort -u >some
	[ "$(wc -l <some)" -eq "$(grep -c '^  [a-z_]*:' "$T/sql-visits.yaml")" ]
}

@test "DuckDB's exact counts are those that ev-agg estimates, within its error" {
	facts=$(numbers)
	estimates_of "$facts" >approx.yaml
	"$sql/mkviews" approx.yaml >views.sql
	duckdb "$facts" 'FROM metrics.daily_metrics' views.sql |
	    as_metrics >got
	same want got
	near_estimates got
}

@test "300 random metrics are the same in ev-agg and in SQL" {
	facts=$(hostile)
	as_stored "$facts" >stored
	for seed in 1 2 3 4 5 6; do
		perl "$T/sql-random.pl" $seed 50 <stored >config.yaml
		metrics_of config.yaml "$facts" >want
		"$sql/mkviews" config.yaml >views.sql
		duckdb "$facts" 'FROM metrics.daily_metrics' views.sql |
		    as_metrics >got
		same want got
	done
}

# Those of agg-sql.pl that have a view, with what their use or ratio needs.
with_views() {
	grep '^  m' "$1" | grep -v 'top:\|approx\|quantile\|regex' >some
	echo metrics:
	perl -ne 'BEGIN { open F, "some"; /^  (.*?):/ and $has{$1} = 1 while <F> }
	    print unless grep { !$has{$_} } /use: (.*?)[,}]/,
	    /ratio: \[(.*?), (.*?)\]/' some
}

@test "DuckDB's views of random metrics of every form give ev-agg's rows" {
	for seed in 1 2 3; do
		rm -rf facts
		perl "$T/agg-sql.pl" $seed 25
		grep -v '^#' events.tsv | awk -F '\t' -v OFS='\t' '{
			dir = "facts/ds=" $9
			if (!(dir in made))
				system("mkdir -p " dir)
			made[dir] = 1
			NF = 8
			print >(dir "/part-0000000000000000.tsv")
		}'
		with_views metrics.yaml >views.yaml
		[ "$(wc -l <views.yaml)" -gt 10 ]
		"$sql/mkviews" views.yaml >views.sql
		metrics_over views.yaml facts >want
		duckdb facts 'FROM metrics.daily_metrics' views.sql |
		    as_metrics >got
		same want got
	done
}

# DuckDB stands in for Hive: a MAP column, and a concat() that NULL makes NULL.
@test "the views for Hive give ev-agg's rows over a MAP column" {
	facts=$(hostile)
	metrics_of "$SRC/examples/growth/growth.yaml" "$facts" >want
	cat >hive.sql <<-'EOF'
	ALTER VIEW core.fct_website_events RENAME TO events;
	CREATE VIEW core.fct_website_events AS
	SELECT * REPLACE (core.props(other_properties) AS other_properties)
	FROM core.events;
	CREATE MACRO concat(a, b) AS a || b, (a, b, c) AS a || b || c,
		(a, b, c, d, e) AS a || b || c || d || e;
	-- Of the hour alone, which is all that the views ask.
	CREATE MACRO date_format(t, f) AS
		CASE WHEN f = 'HH' THEN strftime(t, '%H') END;
	EOF
	sed 's/^CREATE DATABASE/CREATE SCHEMA/' "$sql/views-hive.sql" >>hive.sql
	duckdb "$facts" 'FROM metrics.daily_metrics' hive.sql |
	    as_metrics >got
	same want got
}

@test "DuckDB reads and recomputes all of the growth example" {
	need_filters
	need_mmdb
	site=$(growth_site)
	as_stored "$site/facts" >stored
	duckdb "$site/facts" 'FROM core.fct_website_events' | as_loaded >loaded
	same stored loaded
	cat "$site"/metrics/*.tsv | as_metrics >want
	duckdb "$site/facts" 'FROM metrics.daily_metrics' "$sql/views.sql" |
	    as_metrics >got
	same want got
	[ "$(cut -f1 got | uniq | wc -l)" -eq 28 ]
}
