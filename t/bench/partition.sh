#!/bin/sh
# partition.sh [EVENTS]: ev-partition against wc -l on the same events, 2.5
# million unless told, the best of three runs each, in memory; EV_BIN as in
# the tests.  EV_BENCH_DISK names a directory on a disk, where the same is
# done with what fsync costs there.
#
# The numbers to reach: plain, 3 days, 6 wc -l (aim 4.5); zstd twice as fast
# as gzip -1 of the same bytes; 300 days 1.5 times the time of 3.
set -eu
n=${1:-2500000}
PATH=${EV_BIN:-$(cd "$(dirname "$0")/../.." && pwd)}:$PATH
LC_ALL=C
export PATH LC_ALL
shm=/dev/shm
[ -d $shm ] && [ -w $shm ] || shm=${TMPDIR:-/tmp}
dir=$(mktemp -d $shm/ev-bench.XXXXXX)
trap 'rm -rf "$dir"' EXIT INT TERM

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

# best CMD...: seconds of the fastest of three runs.
best() {
	for i in 1 2 3; do
		rm -rf "$dir/facts" ${EV_BENCH_DISK:+"$EV_BENCH_DISK/ev-bench"}
		/usr/bin/time -f '%e %M' -a -o "$dir/time" "$@" >"$dir/out"
	done
	sort -n "$dir/time" | head -n 1
	rm "$dir/time"
}

# row NAME BASE CMD...: its time and memory, and the time in units of BASE.
row() {
	name=$1 base=$2
	shift 2
	best "$@" | awk -v name="$name" -v base="$base" '{
		printf "%-28s %6.2f s %8d KB", name, $1, $2
		if (base > 0)
			printf "  %5.2f", $1 / base
		printf "\n" }'
}

put='ev-partition -q'
printf 'partition: {compress: zstd}\n' >"$dir/zstd.yaml"
printf 'partition: {compress: gzip}\n' >"$dir/gzip.yaml"
events 3 >"$dir/3"
events 300 >"$dir/300"
wc=$(best wc -l "$dir/3" | cut -d' ' -f1)
plain=$(best $put "$dir/facts" "$dir/3" | cut -d' ' -f1)
gzip1=$(best gzip -1 -c "$dir/3" | cut -d' ' -f1)

echo "$n events, $(wc -c <"$dir/3") bytes"
row 'wc -l' 0 wc -l "$dir/3"
row '3 days (wc -l)' "$wc" $put "$dir/facts" "$dir/3"
row '300 days (3 days)' "$plain" $put "$dir/facts" "$dir/300"
row 'gzip -1' 0 gzip -1 -c "$dir/3"
row '3 days, gzip (gzip -1)' "$gzip1" $put -c "$dir/gzip.yaml" "$dir/facts" "$dir/3"
row '3 days, zstd (gzip -1)' "$gzip1" $put -c "$dir/zstd.yaml" "$dir/facts" "$dir/3"
row '300 days, zstd (gzip -1)' "$gzip1" $put -c "$dir/zstd.yaml" "$dir/facts" "$dir/300"
[ -n "${EV_BENCH_DISK:-}" ] || exit 0
row '3 days, disk (memory)' "$plain" $put "$EV_BENCH_DISK/ev-bench" "$dir/3"
row '300 days, disk (memory)' "$plain" $put "$EV_BENCH_DISK/ev-bench" "$dir/300"
rm -rf "$EV_BENCH_DISK/ev-bench"
