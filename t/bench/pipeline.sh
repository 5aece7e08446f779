#!/bin/sh
# pipeline.sh [LINES]: the whole way of a log, against mawk '{n+=NF}' on it.
#
# Half a million lines of mkbench unless told (the figures of the notes are
# for 2500000), in memory; medians of five runs, in turn, so that a busy machine
# slows all alike.  EV_BIN as in the tests; EV_TEST_MMDB for countries;
# EV_BENCH_DISK, else TMPDIR, for what fsync costs on a disk.
#
# The number to reach: parse | enrich | partition in 1.4 mawk, aim for 0.9.
set -eu
n=${1:-500000}
t=$(cd "$(dirname "$0")" && pwd)
PATH=${EV_BIN:-$t/../..}:$PATH
EV_DATADIR=$t/../../share
LC_ALL=C
export PATH EV_DATADIR LC_ALL
shm=/dev/shm
[ -d $shm ] && [ -w $shm ] || shm=${TMPDIR:-/tmp}
dir=$(mktemp -d $shm/ev-bench.XXXXXX)
disk=$(mktemp -d "${EV_BENCH_DISK:-${TMPDIR:-/tmp}}/ev-bench.XXXXXX")
trap 'rm -rf "$dir" "$disk"' EXIT INT TERM

perl "$t/mkbench" "$n" time >"$dir/log"
ev-enrich -q --new-key "$dir/key"
{
	echo "enrich:"
	echo "  visitor: {key_file: key}"
	[ -z "${EV_TEST_MMDB:-}" ] ||
	    echo "  country: {database: $EV_TEST_MMDB}"
} >"$dir/c.yaml"
EV_CONFIG=$dir/c.yaml
export EV_CONFIG

# run LABEL COMMAND: wall nanoseconds, a line of the file LABEL
run() {
	start=$(date +%s%N)
	sh -c "$2" >/dev/null
	end=$(date +%s%N)
	echo $((end - start)) >>"$dir/$1"
}

cd "$dir"
ev-parse -q log | ev-enrich -q >events
for i in 1 2 3 4 5; do
	run mawk "mawk '{n+=NF}' log"
	run wc "wc -l log"
	run parse "ev-parse -q log"
	run enrich "ev-parse -q log | ev-enrich -q"
	rm -rf facts
	run partition "ev-parse -q log | ev-enrich -q | ev-partition -q facts"
	rm -rf "$disk/facts"
	run fsynced "ev-parse -q log | ev-enrich -q | ev-partition -q $disk/facts"
	run agg "ev-agg -q events"
done

base=$(sort -n mawk | sed -n 3p)
while read -r label what; do
	sort -n "$label" | sed -n 3p |
	    awk -v w="$what" -v b="$base" -v n="$n" '{
		printf "%-30s %7.3f s  %5.2f mawk  %5.0f ns a line\n", w,
		    $1 / 1e9, $1 / b, $1 / n }'
done <<END
mawk mawk {n+=NF}
wc wc -l
parse parse
enrich parse | enrich
partition parse | enrich | partition
fsynced the same on a disk
agg agg
END
