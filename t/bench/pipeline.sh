#!/bin/sh
# pipeline.sh [LINES]: the whole way of a log, against mawk '{n+=NF}' on it.
#
# Half a million lines of mkbench unless told (the figures of the notes are
# for 2500000), in memory; medians of five rounds, in each of which every command
# runs once, so that a busy machine slows all alike.  EV_BIN as in the tests;
# EV_TEST_MMDB for countries; EV_BENCH_DISK, else TMPDIR, for what fsync costs on
# a disk.
#
# The number to reach: parse | enrich | partition in 1.4 mawk, aim for 0.9.
set -eu
n=${1:-500000}
. "$(dirname "$0")/disk"
EV_DATADIR=$t/../../share
export EV_DATADIR

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

ev-parse -q "$dir/log" | ev-enrich -q >"$dir/events"
cd "$dir"
for _ in 1 2 3 4 5; do
	run mawk mawk '{n+=NF}' log
	run wc wc -l log
	run parse ev-parse -q log
	run enrich sh -c 'ev-parse -q log | ev-enrich -q'
	rm -rf facts
	run partition sh -c \
	    'ev-parse -q log | ev-enrich -q | ev-partition -q facts'
	rm -rf "$disk/facts"
	run fsynced sh -c \
	    'ev-parse -q log | ev-enrich -q | ev-partition -q "$1"' \
	    sh "$disk/facts"
	run agg ev-agg -q events
done

while read -r label what; do
	echo "$(median <"$label") $(ratio "$label" mawk)" |
	    awk -v w="$what" -v n="$n" '{
		printf "%-30s %7.3f s  %5.2f mawk  %5.0f ns a line\n", w,
		    $1 / 1e9, $2, $1 / n }'
done <<END
mawk mawk {n+=NF}
wc wc -l
parse parse
enrich parse | enrich
partition parse | enrich | partition
fsynced the same on a disk
agg agg
END
gate "$(ratio partition mawk)" '<= 1.4' 'parse | enrich | partition, of mawk (aim 0.9)'
