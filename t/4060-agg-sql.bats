#!/usr/bin/env bats
# Random metrics over random events, computed by DuckDB as well.
# EV_AGG_SQL_SEEDS: how often, with 15 metrics each.

load helper

@test "300 random metrics of every form equal SQL's over the same events" {
	need perl node
	[ -d "${EV_NPM:-/nowhere}/node_modules/@duckdb" ] ||
	    skip 'DuckDB is not installed'
	for seed in $(seq "${EV_AGG_SQL_SEEDS:-20}"); do
		perl "$T/agg-sql.pl" "$seed" 15
		node "$T/sql-duckdb.mjs" . 'FROM rows' query.sql >theirs \
		    2>sql.err || {
			cat sql.err
			echo "seed $seed"
			return 1
		}
		runs 0 ev-agg -q $(cat options) -c metrics.yaml events.tsv
		cp out ours
		runs 0 perl "$T/agg-compare.pl" about ours theirs || {
			echo "seed $seed"
			return 1
		}
	done
}
