#!/bin/sh
# partition.sh [EVENTS]: ev-partition against wc -l and gzip -1 on the same
# events, 2.5 million unless told, in memory, and with what fsync costs on a
# disk: in $EV_BENCH_DISK, else $TMPDIR.  EV_BIN as in the tests.
#
# The numbers to reach: plain, 3 days, 6 wc -l (aim 4.5); zstd twice as fast
# as gzip -1 of the same bytes; 300 days 1.5 times the time of 3, in 128 MiB.
set -eu
n=${1:-2500000}
. "$(dirname "$0")/disk"

# events DAYS: in the order of time, but every 16th of a random day.
events() {
	awk -v n="$n" -v days="$1" 'BEGIN {
		srand(42)
		for (i = 0; i < days; i++)
			day[i] = sprintf("20%02d-%02d-%02d", 10 + int(i / 336),
			    int(i / 28) % 12 + 1, i % 28 + 1)
		print "#begin\tversion=1"
		for (i = 0; i < n; i++) {
			v = int(rand() * n / 8)
			d = day[i % 16 ? int(i / n * days) : int(rand() * days)]
			printf "\\N\t%d%09d\txx.com\tDE\tApple\tpage_view\t%s" \
			    " %02d:%02d:%02d\tbody_bytes_sent=%d&browser=" \
			    "Chrome&http_referer=https://www.example.com/%d" \
			    "&os=Linux&request_method=GET&request_time=0.0%d" \
			    "&status=200&uri=/lessons/%d/video\t%s\n",
			    v % 900 + 100, v, d, rand() * 24, rand() * 60,
			    rand() * 60, rand() * 50000, rand() * 1000,
			    rand() * 50, rand() * 500, d
		}
		printf "#end\trows=%d\tenriched=%d\tsource=%032d,1,0,1,x\n",
		    n, n, 1
	}'
}

# empty CMD...: runs it on an empty table
empty() {
	rm -rf "$dir/facts" "$disk/facts"
	"$@"
}

# row NAME LIMIT BASE CMD...: CMD in turn with the command line BASE, five
# rounds after one that does not count, but tells the memory of CMD.
row() {
	name=$1 limit=$2 base=$3
	shift 3
	rm -f "$dir/base" "$dir/ours"
	# shellcheck disable=SC2086
	empty $base >/dev/null
	empty /usr/bin/time -f %M -o "$dir/kb" "$@" >/dev/null
	for _ in 1 2 3 4 5; do
		# shellcheck disable=SC2086
		empty run base $base
		empty run ours "$@"
	done
	awk -v name="$name" -v ns="$(median <"$dir/ours")" \
	    -v ratio="$(ratio ours base)" '{
		printf "%-30s %7.3f s  %5.2f  %6.1f MiB\n", name, ns / 1e9,
		    ratio, $1 / 1024 }' "$dir/kb"
	[ "$limit" = - ] ||
		gate "$(ratio ours base)" "<= $limit" "$name" >>"$dir/gates"
	gate "$(awk '{ print $1 / 1024 }' "$dir/kb")" '<= 128' \
	    "MiB of memory: $name" >>"$dir/gates"
}

put="ev-partition -q $dir/facts"
printf 'partition: {compress: zstd}\n' >"$dir/zstd.yaml"
printf 'partition: {compress: gzip}\n' >"$dir/gzip.yaml"
events 3 >"$dir/3"
events 300 >"$dir/300"

echo "$n events, $(wc -c <"$dir/3") bytes; each in turn with what is in brackets"
row '3 days (wc -l)' 6 "wc -l $dir/3" $put "$dir/3"
row '300 days (3 days)' 1.5 "$put $dir/3" $put "$dir/300"
row '3 days, zstd (gzip -1)' 0.5 "gzip -1 -c $dir/3" $put -c "$dir/zstd.yaml" "$dir/3"
row '3 days, gzip (gzip -1)' - "gzip -1 -c $dir/3" $put -c "$dir/gzip.yaml" "$dir/3"
row '300 days, zstd (3 days, zstd)' 1.5 "$put -c $dir/zstd.yaml $dir/3" $put -c "$dir/zstd.yaml" "$dir/300"
row '3 days, fsynced (in memory)' - "$put $dir/3" ev-partition -q "$disk/facts" "$dir/3"
row '300 days, fsynced (in memory)' - "$put $dir/300" ev-partition -q "$disk/facts" "$dir/300"
cat "$dir/gates"
