load helper
load sql-helper
load pipeline-helper

sql=$SRC/share/sql

# The newest server that Debian installed, else the PATH's.
pg_bindir() {
	local dir

	for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
		[ -x "$dir/initdb" ] && echo "$dir" && return
	done
	dir=$(command -v initdb) && dirname "$dir"
}

# A server refuses to run as root; Debian's package makes its user.
as_server() {
	if [ "$(id -u)" -eq 0 ]; then
		runuser -u postgres -- "$@"
	else
		"$@"
	fi
}

# Why there is no server, if there is none.
pg_missing() {
	pg_bindir >/dev/null || echo 'no initdb (Debian: postgresql)'
	command -v psql >/dev/null ||
		echo 'no psql (Debian: postgresql-client)'
	if [ "$(id -u)" -eq 0 ] && ! id postgres >/dev/null 2>&1; then
		echo 'as root, and there is no user postgres'
	fi
}

prepare() {
	need zstd
	[ -n "${EV_PGDIR-}" ] || skip "$(pg_missing)"
}

setup_file() {
	local bin

	[ -z "$(pg_missing)" ] || return 0
	bin=$(pg_bindir)
	# A socket's path is short, and the server's user must reach it.
	EV_PGDIR=$(mktemp -d /tmp/ev-pg.XXXXXX)
	export EV_PGDIR PGHOST=$EV_PGDIR PGUSER=test PGDATABASE=postgres
	unset PGPORT PGSERVICE PGOPTIONS
	cd "$EV_PGDIR"
	if [ "$(id -u)" -eq 0 ]; then
		chown postgres "$EV_PGDIR"
	fi
	as_server "$bin/initdb" -D "$EV_PGDIR/data" -U test -A trust \
	    -E UTF8 --locale=C -N >initdb.log || { cat initdb.log; return 1; }
	as_server "$bin/pg_ctl" -s -w -D "$EV_PGDIR/data" -l "$EV_PGDIR/log" \
	    -o "-k $EV_PGDIR -c listen_addresses='' -c fsync=off -c jit=off" \
	    start ||
	    { cat "$EV_PGDIR/log"; return 1; }
}

teardown_file() {
	[ -n "${EV_PGDIR-}" ] || return 0
	as_server "$(pg_bindir)/pg_ctl" -s -D "$EV_PGDIR/data" -m immediate stop ||
		true
	rm -rf "$EV_PGDIR"
}

# A database of the test's own, with the table and SCRIPT...
database() {
	local script

	export PGDATABASE=test$BATS_TEST_NUMBER
	psql -X -q -d postgres -c "CREATE DATABASE $PGDATABASE"
	for script in "$sql/postgresql.sql" "$@"; do
		PGOPTIONS='-c client_min_messages=warning' \
		    psql -X -q -v ON_ERROR_STOP=1 -f "$script"
	done
}

pg() {
	psql -X -q -c "COPY ($1) TO STDOUT"
}

events() {
	pg 'SELECT * FROM core.fct_website_events' | as_loaded
}

@test "PostgreSQL copies every byte of the part files, plain, gzip and zstd" {
	facts=$(hostile)
	database
	runs 0 "$sql/load-postgresql" "$facts"
	as_stored "$facts" >stored
	events >loaded
	same stored loaded
}

@test "loading a day again replaces it, and loads no other" {
	facts=$(hostile)
	database
	"$sql/load-postgresql" "$facts" 2026-11-20 2026-11-21
	"$sql/load-postgresql" "$facts" 2026-11-21
	as_stored "$facts" | grep '	2026-11-2[01]$' >stored
	events >loaded
	same stored loaded
}

@test "a part that cannot be read whole leaves the day as it was" {
	database
	cp -r "$(hostile)" facts
	"$sql/load-postgresql" facts
	events >before
	for part in facts/ds=2026-11-21/part-*.gz facts/ds=2026-11-22/part-*.zst
	do
		head -c 6000 "$part" >cut
		mv cut "$part"
		day=${part#facts/ds=}
		runs 1 "$sql/load-postgresql" facts "${day%%/*}"
		has_line err "load-postgresql: ${part%/*}: not loaded"
		events >after
		same before after
	done
}

@test "a day without parts is an empty day, and a stray file is refused" {
	database
	mkdir -p facts/ds=2026-11-20 facts/ds=2026-11-21 facts/_manifests
	runs 0 "$sql/load-postgresql" facts
	runs 0 pg 'SELECT count(*) FROM core.fct_website_events'
	[ "$output" = 0 ]
	touch "facts/ds=2026-11-21/part-';id"
	runs 1 "$sql/load-postgresql" facts
	has_line err \
	    "load-postgresql: facts/ds=2026-11-21/part-';id: no part file"
	rm facts/ds=2026-11-21/*
	touch facts/ds=2026-11-21/notes
	runs 1 "$sql/load-postgresql" facts
	has_line err \
	    "load-postgresql: facts/ds=2026-11-21/notes: no part file"
}

@test "load-postgresql says what is wrong with its arguments" {
	mkdir empty
	runs 2 "$sql/load-postgresql"
	has_line err 'usage: load-postgresql ROOT [DAY...]'
	runs 2 "$sql/load-postgresql" none
	has_line err 'load-postgresql: none: no such directory'
	runs 1 "$sql/load-postgresql" empty
	has_line err 'load-postgresql: empty: no ds=YYYY-MM-DD directory'
	runs 2 "$sql/load-postgresql" empty 2026-1-1
	has_line err 'load-postgresql: 2026-1-1: no day, YYYY-MM-DD'
	runs 2 "$sql/load-postgresql" empty 2026-01-01
	has_line err 'load-postgresql: empty/ds=2026-01-01: no such directory'
}

@test "PostgreSQL's core functions take maps and dimensions apart as documented" {
	database
	functions_expected >want
	runs 0 pg "$(functions_query)"
	same want out
	# NUL is valid UTF-8, but no text of PostgreSQL.
	runs 0 pg "SELECT core.decode('%00')"
	[ "$output" = '\N' ]
	runs 0 psql -X -A -t -c "SELECT core.props('a=1&b=&c=x%3Dy&d'),
	    core.props(''), core.props(NULL)"
	[ "$output" = \
	    '{"a": "1", "b": "", "c": "x%3Dy", "d": null}|{}|' ]
}

# A NUL is no text of PostgreSQL; and several workers must be able to ask.
@test "PostgreSQL decodes what is text, and nothing else, in parallel" {
	facts=$(hostile)
	decoded "$facts" none >want
	database
	"$sql/load-postgresql" "$facts"
	PGOPTIONS='-c parallel_setup_cost=0 -c parallel_tuple_cost=0
	    -c min_parallel_table_scan_size=0' pg "SELECT md5(core.decode(
	    core.prop(other_properties, 'referrer')))
	    FROM core.fct_website_events" | sort >got
	same want got
}

@test "PostgreSQL's views of the growth config give ev-agg's rows" {
	facts=$(hostile)
	metrics_of "$SRC/examples/growth/growth.yaml" "$facts" >want
	database "$sql/views.sql"
	"$sql/load-postgresql" "$facts"
	pg 'SELECT * FROM metrics.daily_metrics' | as_metrics >got
	same want got
}

@test "PostgreSQL's views of every form of a metric give ev-agg's rows" {
	facts=$(hostile)
	metrics_of "$T/sql-metrics.yaml" "$facts" >want
	"$sql/mkviews" "$T/sql-metrics.yaml" >views.sql
	database views.sql views.sql
	"$sql/load-postgresql" "$facts"
	pg 'SELECT * FROM metrics.daily_metrics' | as_metrics >got
	same want got
}

@test "PostgreSQL's views of numbers, logic and periods give ev-agg's rows" {
	"$sql/mkviews" "$T/sql-measures.yaml" >views.sql
	for facts in "$(hostile)" "$(numbers)"; do
		database views.sql
		metrics_over "$T/sql-measures.yaml" "$facts" >want
		"$sql/load-postgresql" "$facts"
		pg 'SELECT * FROM metrics.daily_metrics' | as_metrics >got
		same want got
		psql -X -q -d postgres -c "DROP DATABASE $PGDATABASE"
	done
}

@test "PostgreSQL's exact counts are those that ev-agg estimates, within its error" {
	facts=$(numbers)
	estimates_of "$facts" >approx.yaml
	"$sql/mkviews" approx.yaml >views.sql
	database views.sql
	"$sql/load-postgresql" "$facts"
	pg 'SELECT * FROM metrics.daily_metrics' | as_metrics >got
	same want got
	near_estimates got
}

@test "PostgreSQL's views of what visitors do in time give ev-agg's rows" {
	"$sql/mkviews" "$T/sql-visits.yaml" >views.sql
	for facts in "$(hostile)" "$(numbers)"; do
		database views.sql
		metrics_over "$T/sql-visits.yaml" "$facts" >want
		"$sql/load-postgresql" "$facts"
		pg 'SELECT * FROM metrics.daily_metrics' | as_metrics >got
		same want got
		psql -X -q -d postgres -c "DROP DATABASE $PGDATABASE"
	done
}

@test "PostgreSQL recomputes every metric of the growth example" {
	need_filters
	need_mmdb
	site=$(growth_site)
	database "$sql/views.sql"
	"$sql/load-postgresql" "$site/facts"
	as_stored "$site/facts" >stored
	events >loaded
	same stored loaded
	cat "$site"/metrics/*.tsv | as_metrics >want
	pg 'SELECT * FROM metrics.daily_metrics' | as_metrics >got
	same want got
	[ "$(cut -f1 got | uniq | wc -l)" -eq 28 ]
}
