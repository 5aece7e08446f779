#!/bin/sh
# agg.sh [EVENTS]: ev-agg against wc -l and mawk on the same events, 2.5
# million unless told; and from the log on, with ev-parse and ev-enrich before
# it, against GoAccess and DuckDB where they are installed.  EV_BIN as in the
# tests, EV_NPM for DuckDB, EV_TEST_MMDB for countries.
#
# Five rounds, in each of which every command runs once, GoAccess but once: the
# wall of each is the median, and a ratio is the median of the five rounds'
# ratios, so that what else the machine does meets both sides.  Each number to
# reach is printed with its limit, and ok or MISSED.  Three programs side by
# side need idle processors; where there are none, EV_BENCH_RUN='chrt -r 10'
# before all commands takes them.
#
# DuckDB takes the log apart and counts it by status, path and referrer, on two
# threads; ours counts by six fields, knows country, agent and bots, and tells
# visitors apart.
set -eu
. "$(dirname "$0")/lib"
n=${1:-2500000}
EV_DATADIR=${EV_DATADIR:-$t/../../share}
export EV_DATADIR

awk -v n="$n" 'BEGIN {
	srand(42)
	split("landing_page page_view page_view page_view signup purchase " \
	    "watch_video other", action, " ")
	split("\\N DE US FR GB NO JP BR IN", country, " ")
	split("\\N Apple Samsung Google Xiaomi", brand, " ")
	split("xx.com www.xx.com xxx.com", host, " ")
	split("Google LinkedIn Substack Bing t.co news", referrer, " ")
	for (i = 0; i < n; i++) {
		v = int(rand() * n / 8)
		r = int(rand() * 8)
		printf "\\N\t%d%09d\t%s\t%s\t%s\t%s\t2026-11-01 %02d:%02d:%02d" \
		    "\tbody_bytes_sent=%d%s&browser=%s&http_referer=" \
		    "https://www.example.com/some/path/%d&os=Linux%s" \
		    "&request_method=GET&request_time=0.0%d&status=%d" \
		    "&uri=/lessons/%d/video\t2026-11-01\n",
		    v % 900 + 100, v, host[1 + int(rand() * 3)],
		    country[1 + int(rand() * 9)], brand[1 + int(rand() * 5)],
		    action[1 + int(rand() * 8)], i / n * 24, rand() * 60,
		    rand() * 60, rand() * 50000,
		    rand() < .14 ? "&bot=ua&bot_class=declared" : "",
		    rand() < .7 ? "Chrome" : "Firefox", rand() * 1000,
		    r < 6 ? "&referrer=" referrer[r + 1] \
		    "&referrer_medium=search" : "", rand() * 100,
		    rand() < .95 ? 200 : 404, rand() * 500
	}
}' >"$dir/events.tsv"
cat >"$dir/seven.yaml" <<'END'
metrics:
  events: {count: events}
  country: {count: events, by: dim_country}
  brand: {count: events, by: dim_device_brand}
  browser: {count: events, by: browser}
  referrer: {count: events, by: referrer}
  status: {count: events, by: status}
  uri: {count: events, by: uri}
  visitors: {distinct: logged_out_user_id}
END

# Hits by status, by uri and by referrer, out of the log itself.
cat >"$dir/duckdb.mjs" <<'END'
import { createRequire } from 'node:module';
const require = createRequire(`${process.env.EV_NPM}/x.js`);
const { DuckDBInstance } = require('@duckdb/node-api');
const db = await (await DuckDBInstance.create(':memory:',
    { threads: '2' })).connect();
await db.run(`CREATE TABLE log AS SELECT regexp_extract(line, '^(\\S+) \\S+ ' ||
    '(\\S+) \\[([^\\]]+)\\] "(\\S+) ([^ ?"]*)[^"]*" (\\d+) (\\d+) "([^"]*)" ' ||
    '"([^"]*)"', ['addr', 'who', 'at', 'method', 'uri', 'status', 'bytes',
    'ref', 'agent']) AS x FROM read_csv('log', columns = {line: 'VARCHAR'},
    delim = chr(1), quote = '', escape = '', header = false,
    auto_detect = false)`);
for (const by of ['status', 'uri', 'ref']) {
	const r = await db.runAndReadAll(`SELECT x.${by}, count(*) FROM log
	    GROUP BY ALL ORDER BY ALL`);
	console.log(r.getRows().length);
}
END

# The ten panels of GoAccess, each with hits, visitors and bytes.
{
	echo 'metrics:'
	while read -r panel by where; do
		w=
		[ -z "$where" ] || w=", where: {$where}"
		b=
		[ "$by" = - ] || b=", by: [$by]"
		echo "  ${panel}_hits: {count: events$b$w}"
		echo "  ${panel}_visitors: {distinct: logged_out_user_id$b$w}"
		echo "  ${panel}_bytes: {sum: body_bytes_sent$b$w}"
	done <<-'END'
	visitors -
	requests uri
	static uri action_type: static
	not_found uri status: 404
	hosts logged_out_user_id
	os os
	browsers browser
	sites referrer
	status status
	geo dim_country
	END
} >"$dir/panels.yaml"

# row LABEL UNIT WHAT
row() {
	printf '%-34s %7.3f s %7.2f\n' "$3" \
	    "$(median <"$dir/$1" | awk '{ print $1 / 1e9 }')" "$(ratio "$1" "$2")"
}

events=$dir/events.tsv
for _ in 1 2 3 4 5; do
	run wc wc -l "$events"
	run mawk mawk '{n+=NF} END {print n}' "$events"
	run one ev-agg --count --by dim_country "$events"
	run seven ev-agg -c "$dir/seven.yaml" "$events"
	run default env EV_CONFIG= ev-agg -q "$events"
	run panels ev-agg -q -c "$dir/panels.yaml" "$events"
done
printf '%d events, %d MB; in units of wc -l\n' "$n" \
    "$(($(wc -c <"$events") / 1000000))"
row wc wc 'wc -l'
row mawk wc 'mawk {n+=NF}'
row one wc 'one count by one column'
row seven wc 'seven counts, distinct visitors'
row default wc 'the default metrics'
row panels wc 'the ten panels of GoAccess'
gate "$(ratio one wc)" '<= 4' 'of wc -l, one count by one column'
gate "$(ratio seven wc)" '<= 14' 'of wc -l, seven counts and distinct visitors'

rm "$events"
ev-enrich -q --new-key "$dir/key"
{
	cat "$dir/seven.yaml"
	echo 'enrich:'
	echo '  visitor: {key_file: key}'
	[ -z "${EV_TEST_MMDB-}" ] || echo "  country: {database: $EV_TEST_MMDB}"
} >"$dir/log.yaml"
EV_CONFIG=$dir/log.yaml
export EV_CONFIG
cd "$dir"

# What each needs, in KB, is a line of mem.
ours='/usr/bin/time -a -o mem -f %M ev-parse -q log |
    /usr/bin/time -a -o mem -f %M ev-enrich -q |
    /usr/bin/time -a -o mem -f %M ev-agg -q'
goaccess="goaccess --no-progress -o x.json --log-format=COMBINED \
    --no-global-config ${EV_TEST_MMDB:+--geoip-database=$EV_TEST_MMDB} log"

# The rows and gates of one kind of log.
from_log() {
	kind=$1 limit=$2
	perl "$t/mkbench" "$n" "$kind" >log
	for _ in 1 2 3 4 5; do
		rm -f mem
		run "ev-$kind" sh -c "$ours"
		[ -z "$duckdb" ] || run duckdb node duckdb.mjs
	done
	echo "$n lines, $kind, from the log on; in units of ours"
	row "ev-$kind" "ev-$kind" 'parse | enrich | agg'
	if [ -n "$duckdb" ]; then
		row duckdb "ev-$kind" 'DuckDB, three of the tables'
		gate "$(ratio duckdb "ev-$kind")" '>= 5' 'times as fast as DuckDB'
	fi
	command -v goaccess >/dev/null || return 0
	run "goaccess-$kind" /usr/bin/time -o mem-goaccess -f %M \
	    sh -c "$goaccess" 2>goaccess.err
	row "goaccess-$kind" "ev-$kind" GoAccess
	gate "$(ratio "goaccess-$kind" "ev-$kind")" ">= $limit" \
	    "times as fast as GoAccess, $kind"
	gate "$(awk '{ sum += $1 } END { printf "%.1f\n", sum / 1024 }' mem)" \
	    "<= $(tail -n 1 mem-goaccess | awk '{ printf "%.1f\n", $1 / 1024 }')" \
	    'MiB, all three, where GoAccess needs that, '"$kind"
}

duckdb=
[ -z "${EV_NPM-}" ] || duckdb=yes
from_log time 25
duckdb=
from_log unique 6
