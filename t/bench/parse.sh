#!/bin/sh
# parse.sh [LINES]: what ev-parse costs, against mawk and wc -l on the same
# log, half a million lines of mkbench unless told (the issue's figure is for
# 2500000); medians of five runs, in turn, so that a busy machine slows all.
# EV_BIN as in the tests.
#
# The numbers to reach, in units of mawk: 0.25 in the order of time, 1.5 times
# that shuffled, 2 times that for escape=json, 1.1 times that where each line
# has its own address and agent.
set -eu
n=${1:-500000}
t=$(cd "$(dirname "$0")" && pwd)
PATH=${EV_BIN:-$t/../..}:$PATH
LC_ALL=C
export PATH LC_ALL
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
json='escape=json {"time":"$time_iso8601","addr":"$remote_addr","request":"$request","status":$status,"bytes":$body_bytes_sent,"referer":"$http_referer","agent":"$http_user_agent"}'

for kind in time shuffled unique json; do
	perl "$t/mkbench" "$n" $kind >"$dir/$kind.log"
done

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
	run columns mawk '{n+=length($1)+length($4)+length($7)+length($9)+length($12)}' "$dir/time.log"
	for kind in time shuffled unique; do
		run "parse-$kind" ev-parse -q "$dir/$kind.log"
	done
	run parse-json ev-parse -q --format "$json" "$dir/json.log"
done

base=$(sort -n "$dir/mawk" | sed -n 3p)
for label in mawk wc columns parse-time parse-shuffled parse-unique parse-json; do
	sort -n "$dir/$label" | sed -n 3p |
	    awk -v l="$label" -v b="$base" -v n="$n" '{
		printf "%-15s %7.3f s  %5.2f mawk  %4.0f ns a line\n", l,
		    $1 / 1e9, $1 / b, $1 / n }'
done
