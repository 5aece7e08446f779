#!/bin/sh
# partition.sh [EVENTS]: ev-partition against wc -l and gzip -1 on the same
# events, 2.5 million unless told, in memory, and with what fsync costs on a
# disk: in $EV_BENCH_DISK, else $TMPDIR.  EV_BIN as in the tests.
#
# The numbers to reach: plain, 3 days, 6 wc -l (aim 4.5); zstd twice as fast
# as gzip -1 of the same bytes; 300 days 1.5 times the time of 3, in 128 MiB.
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

# once CMD...: runs it on an empty table; seconds and KB are appended to time.
once() {
	rm -rf "$dir/facts" "$disk/facts"
	/usr/bin/time -f '%e %M' -a -o "$dir/time" "$@" >"$dir/out"
}

# row NAME GOAL BASE CMD...: CMD in turn with the command line BASE, five times
# after one that does not count: the median of its times, its memory, and of
# the ratios; over: more than GOAL.
row() {
	name=$1 goal=$2 base=$3
	shift 3
	rm -f "$dir/time"
	for i in 0 1 2 3 4 5; do
		once $base
		once "$@"
	done
	awk 'NR > 2' "$dir/time" | awk 'NR % 2 { base = $1; next }
		{ print $1 / base, $1, $2 }' | sort -n >"$dir/pairs"
	awk -v name="$name" -v goal="$goal" '
		{ ratio[NR] = $1; sum[NR] = $2; kb = $3 > kb ? $3 : kb }
		END {
			for (i = 1; i <= NR; i++)
				for (k = i + 1; k <= NR; k++)
					if (sum[k] < sum[i]) {
						t = sum[i]; sum[i] = sum[k]; sum[k] = t
					}
			printf "%-34s %6.2f s %7d KB  %5.2f", name,
			    sum[3], kb, ratio[3]
			if (goal != "-")
				printf "  of %s%s", goal,
				    (ratio[3] > goal ? ", over" : "")
			print ""
		}' "$dir/pairs"
}

disk=${EV_BENCH_DISK:-${TMPDIR:-/tmp}}
disk=$(mktemp -d "$disk/ev-bench.XXXXXX")
trap 'rm -rf "$dir" "$disk"' EXIT INT TERM
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
