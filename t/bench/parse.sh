#!/bin/sh
# parse.sh [LINES]: what ev-parse costs, against mawk, wc -l, zcat and DuckDB on
# the same log, half a million lines of mkbench unless told (the numbers to
# reach are for 2500000); medians of five runs, in turn, so that a busy machine
# slows all.  EV_BIN as in the tests; DuckDB where EV_NPM has it.
#
# The numbers to reach, in units of mawk: 0.25 in the order of time, 1.5 times
# that shuffled, 2 times that for escape=json, 1.1 times that where each line
# has its own address and agent; a fifth of mawk's split columns, a tenth of
# DuckDB's; of x.gz 0.3 of zcat x.gz | wc -l; at most 8 MiB of memory.
set -eu
n=${1:-500000}
t=$(cd "$(dirname "$0")" && pwd)
PATH=${EV_BIN:-$t/../..}:$PATH
LC_ALL=C
export PATH LC_ALL
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
json='escape=json {"time":"$time_iso8601","addr":"$remote_addr","request":"$request","status":$status,"bytes":$body_bytes_sent,"referer":"$http_referer","agent":"$http_user_agent"}'
columns='{n+=length($1)+length($4)+length($7)+length($9)+length($12)}'

for kind in time shuffled unique json; do
	perl "$t/mkbench" "$n" $kind >"$dir/$kind.log"
done
gzip -c "$dir/time.log" >"$dir/time.gz"

# DuckDB on one thread: the same columns out of each line, and summed.
cat >"$dir/duckdb.mjs" <<'END'
import { createRequire } from 'node:module';
const require = createRequire(`${process.env.EV_NPM}/x.js`);
const { DuckDBInstance } = require('@duckdb/node-api');
const db = await (await DuckDBInstance.create(':memory:',
    { threads: '1' })).connect();
const r = await db.runAndReadAll(`SELECT sum(length(p[1]) + length(p[4]) +
    length(p[7]) + length(p[9]) + length(p[12])) FROM (
	SELECT string_split(line, ' ') p FROM read_csv('${process.argv[2]}',
	    columns = {line: 'VARCHAR'}, delim = chr(1), quote = '',
	    escape = '', header = false, auto_detect = false))`);
console.log(r.getRows()[0][0].toString());
END
duckdb=
if [ -n "${EV_NPM-}" ] && node "$dir/duckdb.mjs" "$dir/time.log" >/dev/null
then
	duckdb=duckdb
fi

# run LABEL CMD...: wall nanoseconds, a line of the file LABEL
run() {
	label=$1
	shift
	start=$(date +%s%N)
	"$@" >/dev/null
	end=$(date +%s%N)
	echo $((end - start)) >>"$dir/$label"
}

for i in 1 2 3 4 5; do
	run mawk mawk '{n+=NF}' "$dir/time.log"
	run wc wc -l "$dir/time.log"
	run columns mawk "$columns" "$dir/time.log"
	[ -z "$duckdb" ] || run duckdb node "$dir/duckdb.mjs" "$dir/time.log"
	run zcat-wc sh -c "zcat $dir/time.gz | wc -l"
	for kind in time shuffled unique; do
		run "parse-$kind" ev-parse -q "$dir/$kind.log"
	done
	run parse-j1 ev-parse -q -j 1 "$dir/time.log"
	run parse-json ev-parse -q --format "$json" "$dir/json.log"
	run parse-gz ev-parse -q "$dir/time.gz"
done

median() {
	sort -n "$dir/$1" | sed -n 3p
}
base=$(median mawk)
gz=$(median zcat-wc)
for label in mawk wc columns $duckdb zcat-wc parse-time parse-j1 parse-shuffled \
    parse-unique parse-json parse-gz; do
	median "$label" | awk -v l="$label" -v b="$base" -v n="$n" -v gz="$gz" '{
		printf "%-15s %7.3f s  %5.2f mawk  %4.0f ns a line%s\n", l,
		    $1 / 1e9, $1 / b, $1 / n,
		    l == "parse-gz" ? sprintf("  %.2f zcat | wc", $1 / gz) : ""
	    }'
done
if command -v /usr/bin/time >/dev/null; then
	/usr/bin/time -f 'peak memory %M KiB' ev-parse -q "$dir/time.log" \
	    2>&1 >/dev/null
fi
