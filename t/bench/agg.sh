#!/bin/sh
# agg.sh [EVENTS]: ev-agg against wc -l and mawk on the same events, 2.5
# million unless told, the best of three runs each; and from the log on, with
# ev-parse and ev-enrich before it, against GoAccess and DuckDB where they are
# installed.  EV_BIN as in the tests, EV_NPM for DuckDB, EV_TEST_MMDB for
# countries.
#
# The numbers to reach, in units of wc -l: one count by one column 4; counts
# by six fields and distinct visitors in one pass 14.  From the log on: 25
# times as fast as GoAccess, 6 times where every line is another client and
# agent, with less memory; 5 times as fast as DuckDB on two threads.
set -eu
n=${1:-2500000}
PATH=${EV_BIN:-$(cd "$(dirname "$0")/../.." && pwd)}:$PATH
EV_DATADIR=${EV_DATADIR:-$(cd "$(dirname "$0")/../../share" && pwd)}
LC_ALL=C
export PATH EV_DATADIR LC_ALL
bench=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM

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

# best CMD...: the shortest of three, in milliseconds
best() {
	best=
	for _ in 1 2 3; do
		start=$(date +%s%N)
		"$@" <"$dir/events.tsv" >/dev/null
		t=$((($(date +%s%N) - start) / 1000000))
		if [ -z "$best" ] || [ "$t" -lt "$best" ]; then
			best=$t
		fi
	done
}

row() {
	name=$1
	shift
	best "$@"
	[ -n "${unit-}" ] || unit=$best
	awk -v name="$name" -v t="$best" -v u="$unit" \
	    'BEGIN { printf "%-34s %6d ms %7.2f\n", name, t, t / u }'
}

printf '%d events, %d MB; in units of wc -l\n' "$n" \
    "$(($(wc -c <"$dir/events.tsv") / 1000000))"
row 'wc -l' wc -l
row 'mawk {n+=NF}' mawk '{n+=NF} END {print n}'
row 'one count by one column' ev-agg --count --by dim_country
row 'seven counts, distinct visitors' ev-agg -c "$dir/seven.yaml"
row 'the default metrics' env EV_CONFIG= ev-agg -q
row 'the ten panels of GoAccess' ev-agg -q -c "$dir/panels.yaml"

rm "$dir/events.tsv"
ev-enrich -q --new-key "$dir/key"
{
	cat "$dir/seven.yaml"
	echo 'enrich:'
	echo '  visitor: {key_file: key}'
	[ -z "${EV_TEST_MMDB-}" ] || echo "  country: {database: $EV_TEST_MMDB}"
} >"$dir/log.yaml"
EV_CONFIG=$dir/log.yaml
export EV_CONFIG

# whole LABEL CMD: wall seconds and peak memory of a shell command
whole() {
	env time -f '%e %M' -o "$dir/time" sh -c "$2" >/dev/null 2>&1 || return 0
	tail -n 1 "$dir/time" | {
		read -r seconds kb
		[ "$1" != ev ] || echo "$seconds" >"$dir/ev"
		awk -v l="$3" -v s="$seconds" -v k="$kb" -v e="$(cat "$dir/ev")" \
		    'BEGIN { printf "%-34s %8.2f s %6.0f MB %6.1f times\n", l, s,
			k / 1024, s / e }'
	}
}

cd "$dir"
for kind in time unique; do
	perl "$bench/mkbench" "$n" "$kind" >log
	echo "$n lines, $kind, from the log on"
	whole ev 'ev-parse -q log | ev-enrich -q | ev-agg -q' \
	    'parse | enrich | agg'
	if command -v goaccess >/dev/null; then
		whole goaccess "goaccess --no-progress -o x.json \
		    --log-format=COMBINED --no-global-config \
		    ${EV_TEST_MMDB:+--geoip-database=$EV_TEST_MMDB} log" GoAccess
	fi
	[ -n "${EV_NPM-}" ] && [ "$kind" = time ] || continue
	whole duckdb 'node duckdb.mjs' 'DuckDB, three of the tables'
done
