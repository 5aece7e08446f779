#!/bin/sh
# parse.sh [LINES]: what ev-parse costs against mawk, wc, zcat and DuckDB on the
# same log of mkbench, 2.5 million lines unless told (half a million take a
# minute, and the start of each program then counts).  EV_BIN as in the tests;
# DuckDB where EV_NPM has it.
#
# Five rounds, in each of which every command runs once: the wall of each is
# the median, and a ratio is the median of the five rounds' ratios, so that what
# else the machine does meets both sides.  Each number to reach is printed
# with its limit, and ok or MISSED.  Threads need idle processors: where there
# are none, EV_BENCH_RUN='chrt -f 10' before all commands takes them.
#
# The peers that split deliver what of ev-parse's columns comes from the line
# as it stands, as TSV: address, time, method, path as sent, status, bytes,
# referrer and agent.  mawk takes the line apart at the quotes, and three of
# the pieces at blanks; it drops what has not six quotes, as ev-parse rejects
# it.  DuckDB, on one thread, does so in three ways, to the same bytes of a good
# line: by string_split() like mawk; by read_csv() with blanks and quotes, which
# is the fastest, and drops irregular lines in silence (the rows of each are
# printed); and by regexp_extract().  The first two, the fastest, are those to
# beat, their start not counted.  "sum" only adds up the lengths of read_csv()'s
# columns: what DuckDB needs that delivers nothing.
#
# What ev-parse writes is more: the path normalised too, arguments and action by
# the rules, the time parsed and in UTC, types checked, all of it escaped for
# the map; and the digest and chunk hashes of the log.  It uses as many threads
# as it does unless told, and -j 1 is printed beside it.
set -eu
. "$(dirname "$0")/lib"
n=${1:-2500000}
json='escape=json {"time":"$time_iso8601","addr":"$remote_addr","request":"$request","status":$status,"bytes":$body_bytes_sent,"referer":"$http_referer","agent":"$http_user_agent"}'
columns='NF == 7 {
	split($1, a, " "); split($2, r, " "); split($3, s, " ")
	print a[1], substr(a[4], 2), r[1], r[2], s[1], s[2], $4, $6
}'

for kind in time shuffled unique json; do
	perl "$t/mkbench" "$n" $kind >"$dir/$kind.log"
done
gzip -c "$dir/time.log" >"$dir/time.gz"

# duckdb.mjs FORM LOG: the rows and the nanoseconds of the query.
cat >"$dir/duckdb.mjs" <<'END'
import { createRequire } from 'node:module';
const require = createRequire(`${process.env.EV_NPM}/x.js`);
const { DuckDBInstance } = require('@duckdb/node-api');
const [, , form, log] = process.argv;
const db = await (await DuckDBInstance.create(':memory:',
    { threads: '1' })).connect();
const lines = `read_csv('${log}', columns = {line: 'VARCHAR'},
    delim = chr(1), quote = '', escape = '', header = false,
    auto_detect = false)`;
const fields = ['addr', 'i', 'u', 'ts', 'z', 'r', 'status', 'bytes', 'ref',
    'agent'].map(f => `${f}: 'VARCHAR'`);
const csv = `read_csv('${log}', columns = {${fields}}, delim = ' ',
    quote = '"', escape = '\\', header = false, auto_detect = false,
    strict_mode = false, ignore_errors = true)`;
const regex = '^(\\S+) \\S+ \\S+ \\[(\\S+) [^]]*\\] "(\\S+) (\\S+)[^"]*" ' +
    '(\\d+) (\\d+) "([^"]*)" "([^"]*)"';
const copy = select => `COPY (${select}) TO '/dev/null' (FORMAT csv,
    DELIMITER '\t', HEADER false, QUOTE '', ESCAPE '')`;
const query = {
	csv: copy(`SELECT addr, substr(ts, 2), split_part(r, ' ', 1),
	    split_part(r, ' ', 2), status, bytes, ref, agent FROM ${csv}`),
	split: copy(`SELECT a[1], substr(a[4], 2), r[1], r[2], s[2], s[3],
	    p[4], p[6] FROM (SELECT p, string_split(p[1], ' ') a,
		string_split(p[2], ' ') r, string_split(p[3], ' ') s
	    FROM (SELECT string_split(line, '"') p FROM ${lines}))`),
	regex: copy(`SELECT x.* FROM (SELECT regexp_extract(line, '${regex}',
	    ['addr', 'ts', 'method', 'uri', 'status', 'bytes', 'ref', 'agent'])
	    x FROM ${lines})`),
	sum: `SELECT count(*), sum(length(addr) + length(ts) + length(r) +
	    length(status) + length(bytes) + length(ref) + length(agent))
	    FROM ${csv}`,
}[form];
const start = performance.now();
const rows = (await db.runAndReadAll(query)).getRows()[0][0];
console.log(`${rows} ${Math.round((performance.now() - start) * 1e6)}`);
END

# duckdb FORM: its rows, and its time as run() has it.
duckdb() {
	# shellcheck disable=SC2086
	$EV_BENCH_RUN node "$dir/duckdb.mjs" "$1" "$dir/time.log" >"$dir/answer" || return
	sed 's/ .*//' "$dir/answer" >"$dir/rows-$1"
	sed 's/.* //' "$dir/answer" >>"$dir/duckdb-$1"
}

# round: those next to each other that are compared
round() {
	run wc wc -l "$dir/time.log"
	run mawk mawk '{n+=NF}' "$dir/time.log"
	for kind in time unique shuffled; do
		run "parse-$kind" ev-parse -q "$dir/$kind.log"
	done
	run parse-json ev-parse -q --format "$json" "$dir/json.log"
	run parse-j1 ev-parse -q -j 1 "$dir/time.log"
	run mawk-columns mawk -F'"' -v OFS='\t' "$columns" "$dir/time.log"
	run zcat-wc sh -c "zcat $dir/time.gz | wc -l"
	run parse-gz ev-parse -q "$dir/time.gz"
	[ -z "$peers" ] || for form in csv split; do
		duckdb $form
	done
}

# Both are slow, and are there to be known: once.
peers=
if [ -n "${EV_NPM-}" ] && duckdb regex 2>/dev/null && duckdb sum; then
	peers='duckdb-csv duckdb-split'
fi
for _ in 1 2 3 4 5; do
	round
done

# rows LABEL: what DuckDB's form gave
rows() {
	[ ! -f "$dir/rows-${1#duckdb-}" ] || cat "$dir/rows-${1#duckdb-}"
}

echo "lines $n, bytes $(($(wc -c <"$dir/time.log") / n)) a line"
for label in wc mawk mawk-columns $peers ${peers:+duckdb-regex duckdb-sum} \
    zcat-wc parse-time parse-j1 parse-shuffled parse-unique parse-json \
    parse-gz; do
	log=$dir/${label#parse-}.log
	[ -f "$log" ] || log=$dir/time.log
	median <"$dir/$label" | awk -v l="$label" -v n="$n" \
	    -v bytes="$(wc -c <"$log")" -v rows="$(rows "$label")" '{
		printf "%-15s %7.3f s  %5.0f ns a line  %5.2f ns a byte%s\n",
		    l, $1 / 1e9, $1 / n, $1 / bytes,
		    rows != "" ? "  " rows " rows" : ""
	    }'
done

# The most memory of any of them.
peak() {
	for kind in time unique json; do
		format=combined
		[ $kind != json ] || format=$json
		/usr/bin/time -f %M ev-parse -q --format "$format" \
		    "$dir/$kind.log" 2>&1 >/dev/null
	done | sort -n | tail -n 1 | awk '{ printf "%.1f\n", $1 / 1024 }'
}

gate "$(ratio parse-time mawk)" '<= 0.25' "of mawk '{n+=NF}'"
gate "$(ratio parse-shuffled parse-time)" '<= 1.5' 'where times are shuffled'
gate "$(ratio parse-json parse-time)" '<= 2' 'of escape=json'
gate "$(ratio parse-unique parse-time)" '<= 1.1' \
    'where each line has its own address and agent'
gate "$(ratio mawk-columns parse-time)" '>= 5' 'mawk splitting the columns'
[ -z "$peers" ] || for peer in $peers; do
	gate "$(ratio "$peer" parse-time)" '>= 10' \
	    "DuckDB splitting them, on one thread: $peer"
done
gate "$(ratio parse-gz zcat-wc)" '<= 0.3' 'of zcat x.gz | wc -l'
if [ -x /usr/bin/time ]; then
	gate "$(peak)" '<= 8' 'MiB of memory'
fi
